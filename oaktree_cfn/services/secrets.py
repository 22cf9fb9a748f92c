"""Secrets of a container: ECS reads them when it starts the task, so no template, review or log ever holds one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from troposphere import Sub, ecs

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.grants import Grant

_TELLING = re.compile(r"(?i)(?:^|_)(password|passwd|pwd|secret|token|api_?key|private_?key|credentials?)(?:$|_)")
_HARMLESS = re.compile(r"(?i)_(arn|name|id|url|path|file|ttl|expiry|length|header|count|endpoint|region)s?$")


@dataclass(frozen=True, kw_only=True)
class SecretsManager:
    """A secret of AWS Secrets Manager, whole or one key of its JSON."""

    arn: Value = fields.arn(fields.REQUIRED, "ARN of the secret.", "secretsmanager")
    json_key: str | None = fields.known(
        fields.text(
            None, r"[ -9;-~]{1,255}", "a key of the secret's JSON", "Key of the secret's JSON whose value is wanted."
        )
    )
    kms_key: Value = fields.arn(None, "ARN of the key that encrypts the secret, where it is one of your own.", "kms")

    @property
    def value_from(self) -> Any:
        """As ECS wants it: ``<arn>:<json key>:<version stage>:<version id>``."""
        if self.json_key is None:
            return self.arn
        if isinstance(self.arn, str):
            return f"{self.arn}:{self.json_key}::"
        return Sub("${Secret}:" + self.json_key.replace("${", "${!") + "::", Secret=self.arn)

    def grants(self) -> Iterator[Grant]:
        """What the execution role needs to read it."""
        yield Grant("fetch", "secret", self.arn)
        if self.kms_key is not None:
            yield Grant("decrypt", "key", self.kms_key)


@dataclass(frozen=True, kw_only=True)
class ParameterStore:
    """A parameter of Systems Manager, best a SecureString."""

    arn: Value = fields.arn(fields.REQUIRED, "ARN of the parameter.", "ssm")
    kms_key: Value = fields.arn(None, "ARN of the key that encrypts the parameter, where it is one of your own.", "kms")

    @property
    def value_from(self) -> Any:
        """As ECS wants it."""
        return self.arn

    def grants(self) -> Iterator[Grant]:
        """What the execution role needs to read it."""
        yield Grant("fetch", "parameter", self.arn)
        if self.kms_key is not None:
            yield Grant("decrypt", "key", self.kms_key)


Secret = SecretsManager | ParameterStore


def in_container(secrets: Mapping[str, Secret]) -> list[ecs.Secret]:
    """The container's ``Secrets``."""
    return [ecs.Secret(Name=name, ValueFrom=secret.value_from) for name, secret in secrets.items()]


def grants(*maps: Mapping[str, Secret]) -> tuple[Grant, ...]:
    """What the execution role needs to read them all, each once."""
    found: list[Grant] = []
    for secret in (secret for secrets in maps for secret in secrets.values()):
        found += [grant for grant in secret.grants() if grant not in found]
    return tuple(found)


def in_the_open(environment: Mapping[str, Value]) -> Iterator[Problem]:
    """Variables that by their name hold a secret, and hold it in plain text. Never tells the value."""
    for name, value in environment.items():
        if _TELLING.search(name) and not _HARMLESS.search(name) and isinstance(value, str) and value:
            fix = "Keep it in Secrets Manager or Parameter Store and name it in secrets"
            yield Problem(f"environment.{name}", "it looks like a secret in plain text", fix)
