"""Secrets Manager and Parameter Store: whether what a task is to be told is there. No value leaves this module."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial

from oaktree_cfn.aws.connection import Connection, together
from oaktree_cfn.errors import AwsError

_MOST_NAMES = 10
"""Names that GetParameters takes at once."""


class Secrets:
    """Every call of Secrets Manager and of Parameter Store that OakTree makes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def exists(self, secret: str) -> bool:
        """Whether there is a secret of that name or ARN that is not to be deleted."""
        try:
            found = self._connection.call("secretsmanager", "describe_secret", SecretId=secret)
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return False
            raise
        return "DeletedDate" not in found

    def keys(self, secret: str, stage: str = "", version: str = "") -> frozenset[str] | None:
        """The keys of a secret's JSON; None when it is none, or has no such version. Needs the right to read it."""
        which = {"VersionStage": stage} if stage else {"VersionId": version} if version else {}
        try:
            found = self._connection.call("secretsmanager", "get_secret_value", SecretId=secret, **which)
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return None
            raise
        try:
            content = json.loads(found.get("SecretString") or "")
        except ValueError:
            return None
        return frozenset(content) if isinstance(content, dict) else None

    def missing_parameters(self, names: Iterable[str]) -> frozenset[str]:
        """Those of these names or ARNs that Parameter Store does not have."""
        asked = sorted(set(names))
        parts = [asked[start : start + _MOST_NAMES] for start in range(0, len(asked), _MOST_NAMES)]
        return frozenset().union(*together(*[partial(self._missing, part) for part in parts]))

    def _missing(self, names: list[str]) -> frozenset[str]:
        return frozenset(self._connection.call("ssm", "get_parameters", Names=names).get("InvalidParameters", ()))
