"""Identity providers."""

from __future__ import annotations

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources.iam_policies import NO_SUCH_ENTITY
from oaktree_cfn.local.resources.service import already_gone, call
from oaktree_cfn.local.resources.shapes import as_sent, differ, given, known, tag_change
from oaktree_cfn.local.resources.tagging import in_order


class OidcProvider(Handler):
    """An identity provider, GitHub's for one; ``Ref`` is its ARN."""

    type = "AWS::IAM::OIDCProvider"
    supported = frozenset({"ClientIdList", "Tags", "ThumbprintList", "Url"})

    def create(self, properties: Properties, request: Request) -> Made:
        parameters = {"ThumbprintList": [], **given(properties, "Url", "ThumbprintList", "Tags")}
        clients = properties.get("ClientIdList")
        found = call(request.client("iam"), "create_open_id_connect_provider", ClientIDList=clients, **parameters)
        return Made(found["OpenIDConnectProviderArn"], {"Arn": found["OpenIDConnectProviderArn"]})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        iam, provider = request.client("iam"), {"OpenIDConnectProviderArn": made.physical_id}
        if differ(before, after, "ClientIdList"):
            # moto cannot change the list; the ARN follows from the address, so the provider made anew is the same one.
            self.delete(made, before, request)
            return self.create(after, request)
        if differ(before, after, "ThumbprintList"):
            thumbprints = after.get("ThumbprintList") or []
            call(iam, "update_open_id_connect_provider_thumbprint", **provider, ThumbprintList=thumbprints)
        changed, dropped = tag_change(before, after)
        if changed:
            call(iam, "tag_open_id_connect_provider", **provider, Tags=changed)
        if dropped:
            call(iam, "untag_open_id_connect_provider", **provider, TagKeys=dropped)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(*NO_SUCH_ENTITY):
            iam = request.client("iam")
            call(iam, "delete_open_id_connect_provider", OpenIDConnectProviderArn=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        iam = request.client("iam")
        found = call(iam, "get_open_id_connect_provider", OpenIDConnectProviderArn=made.physical_id)
        return known(
            {
                "Url": properties["Url"] if _host(properties["Url"]) == found["Url"] else found["Url"],
                "ClientIdList": as_sent(found.get("ClientIDList", []), properties.get("ClientIdList")),
                "ThumbprintList": as_sent(found.get("ThumbprintList", []), properties.get("ThumbprintList")),
                "Tags": in_order(found.get("Tags"), properties),
            }
        )


def _host(url: str) -> str:
    """IAM keeps a provider's address without its scheme."""
    return url.removeprefix("https://")
