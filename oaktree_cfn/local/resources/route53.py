"""Hosted zones and the records in them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from oaktree_cfn.local.handler import Handler, Made, NotPlayed, Properties, Request
from oaktree_cfn.local.resources.service import already_gone, call, refusal
from oaktree_cfn.local.resources.shapes import differ, given, known, only, tag_change
from oaktree_cfn.local.resources.tagging import in_order

Values = dict[str, Any]

_KIND = {"ResourceType": "hostedzone"}


class HostedZone(Handler):
    """A public hosted zone; ``Ref`` is its id. Deletion fails while it holds records of its own."""

    type = "AWS::Route53::HostedZone"
    supported = frozenset({"HostedZoneConfig.Comment", "HostedZoneTags", "Name"})

    def create(self, properties: Properties, request: Request) -> Made:
        route53, config = request.client("route53"), properties.get("HostedZoneConfig") or {}
        found = call(
            route53,
            "create_hosted_zone",
            Name=properties["Name"],
            CallerReference=str(uuid.uuid4()),
            HostedZoneConfig=given(config, "Comment") or None,
        )
        zone = found["HostedZone"]["Id"].rpartition("/")[2]
        _retag(route53, zone, {}, properties)
        return Made(zone, {"Id": zone, "NameServers": found["DelegationSet"]["NameServers"]})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        route53 = request.client("route53")
        if differ(before, after, "HostedZoneConfig"):
            comment = (after.get("HostedZoneConfig") or {}).get("Comment")
            if comment is None:
                raise NotPlayed(self.type, "HostedZoneConfig", "moto keeps the comment")
            call(route53, "update_hosted_zone_comment", Id=made.physical_id, Comment=comment)
        _retag(route53, made.physical_id, before, after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("NoSuchHostedZone"):
            call(request.client("route53"), "delete_hosted_zone", Id=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        route53, zone = request.client("route53"), made.physical_id
        found = call(route53, "get_hosted_zone", Id=zone)["HostedZone"]
        tags = call(route53, "list_tags_for_resource", **_KIND, ResourceId=zone)["ResourceTagSet"].get("Tags")
        return known(
            {
                "Name": _as_written(found["Name"], properties),
                "HostedZoneConfig": known(given(found.get("Config", {}), "Comment")),
                "HostedZoneTags": in_order(tags, {"Tags": properties.get("HostedZoneTags")}),
            }
        )


def _retag(route53: Any, zone: str, before: Properties, after: Properties) -> None:
    old, new = ({"Tags": version.get("HostedZoneTags")} for version in (before, after))
    changed, removed = tag_change(old, new)
    if changed or removed:
        changes = {"AddTags": changed or None, "RemoveTagKeys": removed or None}
        call(route53, "change_tags_for_resource", **_KIND, ResourceId=zone, **changes)


_VALUES = ("AliasTarget", "SetIdentifier", "TTL", "Weight")


class RecordSet(Handler):
    """A record; ``Ref`` is its name."""

    type = "AWS::Route53::RecordSet"
    supported = frozenset({*_VALUES, "HostedZoneId", "Name", "ResourceRecords", "Type"})
    not_kept: ClassVar[Mapping[str, str]] = {"Comment": "write-only: said of the change, not of the record"}

    def create(self, properties: Properties, request: Request) -> Made:
        if _record(properties, request):
            name, kind = _with_dot(properties["Name"]), properties["Type"]
            message = f"[Tried to create resource record set [name='{name}', type='{kind}'] but it already exists]"
            raise refusal("InvalidChangeBatch", message, "ChangeResourceRecordSets")
        _change(request, properties, ("CREATE", properties))
        return Made(properties["Name"])

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        changes = [("UPSERT", after)]
        if differ(before, after, "Name", "Type", "SetIdentifier"):
            changes = [("DELETE", before), ("CREATE", after)]
        _change(request, after, *changes)
        return Made(after["Name"])

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("NoSuchHostedZone"):
            if _record(properties, request):
                _change(request, properties, ("DELETE", properties))

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        found = only(_record(properties, request))
        return known(
            {
                **given(found, *_VALUES, "Type"),
                "TTL": str(found["TTL"]) if "TTL" in found else None,  # text in a template, a number in the service
                "HostedZoneId": properties["HostedZoneId"],
                "Name": _as_written(found["Name"], properties),
                "ResourceRecords": [item["Value"] for item in found.get("ResourceRecords", [])],
            }
        )


def _change(request: Request, properties: Properties, *changes: tuple[str, Properties]) -> None:
    batch = [{"Action": action, "ResourceRecordSet": _sent(record)} for action, record in changes]
    zone, comment = properties["HostedZoneId"], properties.get("Comment")
    change = known({"Changes": batch, "Comment": comment})
    call(request.client("route53"), "change_resource_record_sets", HostedZoneId=zone, ChangeBatch=change)


def _sent(record: Properties) -> Values:
    values = [{"Value": value} for value in record.get("ResourceRecords") or ()]
    return known({**given(record, *_VALUES, "Name", "Type"), "ResourceRecords": values})


def _record(properties: Properties, request: Request) -> list[Values]:
    """The record as the zone has it: none or one."""
    pages = request.client("route53").get_paginator("list_resource_record_sets")
    wanted = (_with_dot(properties["Name"]), properties["Type"], properties.get("SetIdentifier"))
    found = (record for page in pages.paginate(HostedZoneId=properties["HostedZoneId"]) for record in page["ResourceRecordSets"])  # fmt: skip
    return [each for each in found if (each["Name"], each["Type"], each.get("SetIdentifier")) == wanted]


def _with_dot(name: str) -> str:
    return name if name.endswith(".") else f"{name}."


def _as_written(name: str, properties: Properties) -> str:
    """A name as the template writes it: the last dot may be left out."""
    written = str(properties.get("Name", name))
    return written if _with_dot(written) == _with_dot(name) else name
