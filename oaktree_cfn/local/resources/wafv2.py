"""Web ACLs, and the resources they guard."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, NotPlayed, Properties, Request
from oaktree_cfn.local.resources import tagging
from oaktree_cfn.local.resources.load_balancers import exists
from oaktree_cfn.local.resources.service import already_gone, call, refusal
from oaktree_cfn.local.resources.shapes import differ, given, known

_SETTINGS = ("DefaultAction", "Description", "Rules", "VisibilityConfig")
_GONE = "WAFNonexistentItemException"


class WebAcl(Handler):
    """A web ACL; ``Ref`` is ``name|id|scope``. Its rules are kept, requests never meet them."""

    type = "AWS::WAFv2::WebACL"
    supported = frozenset({*_SETTINGS, "Name", "Scope", "Tags"})

    def create(self, properties: Properties, request: Request) -> Made:
        waf, name, scope = request.client("wafv2"), properties.get("Name") or request.name(128), properties["Scope"]
        settings = given(properties, *_SETTINGS, "Tags")
        made = call(waf, "create_web_acl", Name=name, Scope=scope, **settings)["Summary"]
        found = call(waf, "get_web_acl", Name=name, Id=made["Id"], Scope=scope)["WebACL"]
        attributes = {"Arn": made["ARN"], "Id": made["Id"], **given(found, "Capacity", "LabelNamespace")}
        return Made("|".join((name, made["Id"], scope)), attributes)

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        waf = request.client("wafv2")
        for name in ("Description", "Rules"):
            if before.get(name) and not after.get(name):
                raise NotPlayed(self.type, name, "moto keeps what it is not given")
        if differ(before, after, *_SETTINGS):
            call(waf, "update_web_acl", **_identity(made), LockToken=_lock(waf, made), **given(after, *_SETTINGS))
        tagging.retag(waf, made.attributes["Arn"], before, after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        waf = request.client("wafv2")
        with already_gone(_GONE):
            call(waf, "delete_web_acl", **_identity(made), LockToken=_lock(waf, made))

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        waf = request.client("wafv2")
        found = call(waf, "get_web_acl", **_identity(made))["WebACL"]
        tags = _info(call(waf, "list_tags_for_resource", ResourceARN=made.attributes["Arn"]))
        return known(
            {
                **_in_template_words(given(found, *_SETTINGS)),
                **given(_identity(made), "Name", "Scope"),
                "Tags": tagging.in_order(tags, properties),
            }
        )


def _identity(made: Made) -> dict[str, str]:
    name, id_, scope = made.physical_id.split("|")
    return {"Name": name, "Id": id_, "Scope": scope}


def _lock(waf: Any, made: Made) -> str:
    return str(call(waf, "get_web_acl", **_identity(made))["LockToken"])


def _info(answer: dict[str, Any]) -> list[dict[str, str]]:
    return list(answer.get("TagInfoForResource", {}).get("TagList", []))


def _in_template_words(value: Any) -> Any:
    """CloudFormation writes ``Arn`` where the service writes ``ARN``; what was never set comes back as None."""
    if isinstance(value, dict):
        settled = {key: _in_template_words(item) for key, item in value.items() if item is not None}
        return {"Arn" if key == "ARN" else key: item for key, item in settled.items()}
    return [_in_template_words(item) for item in value] if isinstance(value, list) else value


class WebAclAssociation(Handler):
    """What a web ACL guards; ``Ref`` is ``resource|web ACL``. A resource has one web ACL at a time."""

    type = "AWS::WAFv2::WebACLAssociation"
    supported = frozenset({"ResourceArn", "WebACLArn"})

    def create(self, properties: Properties, request: Request) -> Made:
        waf, resource, acl = request.client("wafv2"), properties["ResourceArn"], properties["WebACLArn"]
        if not exists(resource, request):
            raise refusal(_GONE, "AWS WAF couldn't perform the operation because your resource doesn't exist", "AssociateWebACL")  # fmt: skip
        call(waf, "disassociate_web_acl", ResourceArn=resource)
        call(waf, "associate_web_acl", WebACLArn=acl, ResourceArn=resource)
        return Made(f"{resource}|{acl}")

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        return made  # both properties are create-only

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        resource, _, acl = made.physical_id.partition("|")
        if self._guard(resource, request) == acl:
            call(request.client("wafv2"), "disassociate_web_acl", ResourceArn=resource)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        resource, _, acl = made.physical_id.partition("|")
        if self._guard(resource, request) != acl:
            raise LookupError("the web ACL no longer guards the resource")
        return {"ResourceArn": resource, "WebACLArn": acl}

    @staticmethod
    def _guard(resource: str, request: Request) -> str:
        """The ARN of the web ACL that guards a resource, empty where none does."""
        found = call(request.client("wafv2"), "get_web_acl_for_resource", ResourceArn=resource).get("WebACL")
        return str(found["ARN"]) if found else ""
