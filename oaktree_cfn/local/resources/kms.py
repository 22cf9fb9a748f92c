"""Keys and their aliases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from oaktree_cfn.local.handler import Handler, Made, NotPlayed, Properties, Request
from oaktree_cfn.local.resources.service import already_gone, call, refusal, undone_on_failure
from oaktree_cfn.local.resources.shapes import differ, document, given, is_true, known, only, tag_change
from oaktree_cfn.local.resources.tagging import in_order

_FIXED = ("KeySpec", "KeyUsage", "MultiRegion", "Origin")


class Key(Handler):
    """A key; ``Ref`` is its id. A deletion is scheduled: AWS keeps the key, unusable, for 7 to 30 days."""

    type = "AWS::KMS::Key"
    supported = frozenset({"Description", "EnableKeyRotation", "Enabled", "KeyPolicy", "Tags", *_FIXED})
    not_kept: ClassVar[Mapping[str, str]] = {
        "PendingWindowInDays": "write-only: used at deletion",
        "RotationPeriodInDays": "moto's keys rotate once a year",
    }

    def create(self, properties: Properties, request: Request) -> Made:
        kms = request.client("kms")
        key = call(
            kms,
            "create_key",
            Policy=properties.get("KeyPolicy"),
            Tags=_tags(properties.get("Tags")) or None,
            **given(properties, "Description", *_FIXED),
        )["KeyMetadata"]
        made = Made(key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]})
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._switch(made, {}, properties, request)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        kms, key = request.client("kms"), made.physical_id
        for name in _FIXED:
            if differ(before, after, name):
                raise NotPlayed(self.type, name, "a key keeps what it was made with")
        if differ(before, after, "Description"):
            call(kms, "update_key_description", KeyId=key, Description=after.get("Description", ""))
        if differ(before, after, "KeyPolicy"):
            policy = after.get("KeyPolicy") or _default_policy(request.account)
            call(kms, "put_key_policy", KeyId=key, PolicyName="default", Policy=policy)
        self._switch(made, before, after, request)
        changed, removed = tag_change(before, after)
        if changed:
            call(kms, "tag_resource", KeyId=key, Tags=_tags(changed))
        if removed:
            call(kms, "untag_resource", KeyId=key, TagKeys=removed)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        kms, window = request.client("kms"), properties.get("PendingWindowInDays", 30)
        with already_gone("NotFoundException"):
            if _metadata(kms, made.physical_id)["KeyState"] != "PendingDeletion":
                call(kms, "schedule_key_deletion", KeyId=made.physical_id, PendingWindowInDays=window)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        kms, key = request.client("kms"), made.physical_id
        found = _metadata(kms, key)
        if found["KeyState"] == "PendingDeletion":
            raise refusal("NotFoundException", f"Key '{key}' is pending deletion", "DescribeKey")
        tags = call(kms, "list_resource_tags", KeyId=key).get("Tags", [])
        return known(
            {
                **given(found, "Description", "Enabled", *_FIXED),
                "EnableKeyRotation": call(kms, "get_key_rotation_status", KeyId=key)["KeyRotationEnabled"],
                "KeyPolicy": document(call(kms, "get_key_policy", KeyId=key, PolicyName="default")["Policy"]),
                "Tags": in_order({tag["TagKey"]: tag["TagValue"] for tag in tags}, properties),
            }
        )

    def _switch(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        """A disabled key cannot have its rotation changed, so rotation comes first."""
        kms, key = request.client("kms"), made.physical_id
        rotated, rotates = (is_true(version.get("EnableKeyRotation", False)) for version in (before, after))
        if rotated != rotates:
            call(kms, "enable_key_rotation" if rotates else "disable_key_rotation", KeyId=key)
        worked, works = (is_true(version.get("Enabled", True)) for version in (before, after))
        if worked != works:
            call(kms, "enable_key" if works else "disable_key", KeyId=key)


def _metadata(kms: Any, key: str) -> dict[str, Any]:
    return dict(call(kms, "describe_key", KeyId=key)["KeyMetadata"])


def _tags(tags: Any) -> list[dict[str, str]]:
    return [{"TagKey": tag["Key"], "TagValue": tag["Value"]} for tag in tags or ()]


def _default_policy(account: str) -> dict[str, Any]:
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": root,
        "Action": "kms:*",
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}


class Alias(Handler):
    """Another name of a key; ``Ref`` is the alias."""

    type = "AWS::KMS::Alias"
    supported = frozenset({"AliasName", "TargetKeyId"})

    def create(self, properties: Properties, request: Request) -> Made:
        call(request.client("kms"), "create_alias", **given(properties, "AliasName", "TargetKeyId"))
        return Made(properties["AliasName"])

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        call(request.client("kms"), "update_alias", **given(after, "AliasName", "TargetKeyId"))
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("NotFoundException"):
            call(request.client("kms"), "delete_alias", AliasName=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        kms = request.client("kms")
        aliases = call(kms, "list_aliases")["Aliases"]
        key = only([item["TargetKeyId"] for item in aliases if item["AliasName"] == made.physical_id])
        by_arn = str(properties.get("TargetKeyId", "")).startswith("arn:")
        return {"AliasName": made.physical_id, "TargetKeyId": _metadata(kms, key)["Arn"] if by_arn else key}
