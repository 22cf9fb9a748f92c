"""Certificates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from oaktree_cfn.local.handler import Handler, Made, NotPlayed, Properties, Request
from oaktree_cfn.local.resources.service import already_gone, call
from oaktree_cfn.local.resources.shapes import as_sent, differ, given, known, tag_change
from oaktree_cfn.local.resources.tagging import in_order

_TRANSPARENCY = "CertificateTransparencyLoggingPreference"


class Certificate(Handler):
    """A certificate; ``Ref`` is its ARN. Here nobody has to prove that the domain is theirs."""

    type = "AWS::CertificateManager::Certificate"
    supported = frozenset({_TRANSPARENCY, "DomainName", "SubjectAlternativeNames", "Tags"})
    not_kept: ClassVar[Mapping[str, str]] = {
        "DomainValidationOptions": "moto validates every domain at once",
        "ValidationMethod": "write-only: moto validates every domain at once",
    }

    def create(self, properties: Properties, request: Request) -> Made:
        settings = given(properties, "DomainName", "SubjectAlternativeNames", "Tags", "ValidationMethod")
        options = given(properties, _TRANSPARENCY) or None
        arn = call(request.client("acm"), "request_certificate", Options=options, **settings)["CertificateArn"]
        return Made(arn, {"CertificateArn": arn})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        acm, arn = request.client("acm"), made.physical_id
        if differ(before, after, _TRANSPARENCY):
            raise NotPlayed(self.type, _TRANSPARENCY, "moto has no UpdateCertificateOptions")
        changed, removed = tag_change(before, after)
        if changed:
            call(acm, "add_tags_to_certificate", CertificateArn=arn, Tags=changed)
        if removed:
            call(acm, "remove_tags_from_certificate", CertificateArn=arn, Tags=[{"Key": key} for key in removed])
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("ResourceNotFoundException"):
            call(request.client("acm"), "delete_certificate", CertificateArn=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        acm, arn = request.client("acm"), made.physical_id
        found: dict[str, Any] = call(acm, "describe_certificate", CertificateArn=arn)["Certificate"]
        declared = properties.get("SubjectAlternativeNames") or ()
        # The domain itself is always among the names, whether or not the template lists it there.
        others = [name for name in found["SubjectAlternativeNames"] if name != found["DomainName"] or name in declared]
        tags = call(acm, "list_tags_for_certificate", CertificateArn=arn).get("Tags")
        return known(
            {
                **given(found, "DomainName"),
                **given(found.get("Options", {}), _TRANSPARENCY),
                "SubjectAlternativeNames": as_sent(others, declared),
                "Tags": in_order(tags, properties),
            }
        )
