"""Secrets Manager and Parameter Store: whether what a task is to be told is there. No value leaves this module."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial

from oaktree_cfn.aws.connection import Connection, together
from oaktree_cfn.errors import AwsError

_MOST_NAMES = 50
"""Names that a filter of DescribeParameters takes."""


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
        """Those of these names or ARNs that the account's Parameter Store does not have.

        DescribeParameters tells no value, which GetParameters would: whoever may only look need not be able to read.
        """
        asked = {name: _plain(name) for name in names}
        plain = sorted(set(asked.values()))
        parts = [plain[start : start + _MOST_NAMES] for start in range(0, len(plain), _MOST_NAMES)]
        there = {name for found in together(*[partial(self._described, part) for part in parts]) for name in found}
        return frozenset(name for name, parameter in asked.items() if parameter not in there)

    def _described(self, names: list[str]) -> list[str]:
        filters = [{"Key": "Name", "Option": "Equals", "Values": names}]
        pages = self._connection.pages("ssm", "describe_parameters", ParameterFilters=filters)
        return [each["Name"] for page in pages for each in page["Parameters"]]


def _plain(name: str) -> str:
    """A parameter's name, of its ARN (``...:parameter/shop/key`` is ``/shop/key``) too."""
    if not name.startswith("arn:"):
        return name
    path = name.partition(":parameter/")[2]
    return f"/{path}" if "/" in path else path
