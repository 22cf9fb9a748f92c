"""Secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources.service import already_gone, call
from oaktree_cfn.local.resources.shapes import differ, given, known, tag_change
from oaktree_cfn.local.resources.tagging import in_order


class Secret(Handler):
    """A secret; ``Ref`` is its ARN. CloudFormation deletes one at once, without a recovery window."""

    type = "AWS::SecretsManager::Secret"
    supported = frozenset({"Description", "KmsKeyId", "Name", "SecretString", "Tags"})
    not_kept: ClassVar[Mapping[str, str]] = {"GenerateSecretString": "write-only: a value is generated from it"}

    def create(self, properties: Properties, request: Request) -> Made:
        secrets = request.client("secretsmanager")
        name = properties.get("Name") or request.name(512)
        plain = given(properties, "Description", "KmsKeyId", "Tags")
        text = _value(secrets, properties)
        arn = call(secrets, "create_secret", Name=name, SecretString=text, **plain)["ARN"]
        return Made(arn, {"Id": arn})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        secrets, arn = request.client("secretsmanager"), made.physical_id
        changed = differ(before, after, "SecretString", "GenerateSecretString")
        if changed or differ(before, after, "Description", "KmsKeyId"):
            # The value each time: moto forgets it when an update leaves it out.
            text = (
                _value(secrets, after) if changed else call(secrets, "get_secret_value", SecretId=arn)["SecretString"]
            )
            settings = {"Description": "", **given(after, "Description", "KmsKeyId")}
            call(secrets, "update_secret", SecretId=arn, SecretString=text, **settings)
        tags, removed = tag_change(before, after)
        if tags:
            call(secrets, "tag_resource", SecretId=arn, Tags=tags)
        if removed:
            call(secrets, "untag_resource", SecretId=arn, TagKeys=removed)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("ResourceNotFoundException"):
            secrets = request.client("secretsmanager")
            call(secrets, "delete_secret", SecretId=made.physical_id, ForceDeleteWithoutRecovery=True)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        secrets, arn = request.client("secretsmanager"), made.physical_id
        found = call(secrets, "describe_secret", SecretId=arn)
        text = call(secrets, "get_secret_value", SecretId=arn).get("SecretString")
        return known(
            {
                **given(found, "KmsKeyId", "Name"),
                "Description": found.get("Description") or None,
                "SecretString": text if "SecretString" in properties else None,
                "Tags": in_order(found.get("Tags"), properties),
            }
        )


def _value(secrets: Any, properties: Properties) -> str:
    """The secret text given, or one generated: alone, or under a key of a JSON template."""
    if properties.get("SecretString") is not None:
        return str(properties["SecretString"])
    wanted = dict(properties.get("GenerateSecretString") or {})
    template, key = wanted.pop("SecretStringTemplate", None), wanted.pop("GenerateStringKey", None)
    password = str(call(secrets, "get_random_password", **wanted)["RandomPassword"])
    return json.dumps({**json.loads(template), key: password}) if template and key else password
