"""Statements in policies: as few as they fit into, each within what IAM takes.

IAM counts characters without white space (IAM and AWS STS quotas). How long a name becomes is known on deployment only, so each is
counted at its longest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from oaktree_cfn.errors import InvalidInput

Statement = dict[str, Any]

MANAGED = 6_144
"""Characters of one managed policy."""
INLINE = 10_240
"""Characters of all inline policies of one role."""
ATTACHED = 10
"""Managed policies that one role may have, unless the account's quota was raised."""

LONGEST = {
    "AWS::Partition": len("aws-us-gov"),
    "AWS::Region": len("us-isof-south-1"),
    "AWS::AccountId": 12,
    "AWS::URLSuffix": len("csp.hci.ic.gov"),
    "Prefix": 28,
}
"""Characters of what ``Fn::Sub`` puts in, at most."""

_UNKNOWN = 128
_MARK = re.compile(r"\$\{([^!{}][^{}]*)\}")
_FRAME = len('{"Version":"2012-10-17","Statement":[]}')


def length(statement: Any) -> int:
    """Characters of a statement, without white space, with every name at its longest."""
    return len(json.dumps(_written(statement), separators=(",", ":"), ensure_ascii=False))


def packed(statements: Iterable[Statement], most: int = MANAGED) -> list[list[Statement]]:
    """The statements, in order, in as few policies as that takes. Raises InvalidInput for one that fits into none."""
    policies: list[list[Statement]] = []
    left = 0
    for statement in statements:
        needed = length(statement) + 1
        if needed > most - _FRAME:
            raise InvalidInput(
                f"The statement {statement.get('Sid', '')} is {needed:,} characters long; a policy may have {most:,}.",
                "Take the templates' resources of that type apart into several systems.",
            )
        if needed > left:
            policies.append([])
            left = most - _FRAME
        policies[-1].append(statement)
        left -= needed
    return policies


def _written(value: Any) -> Any:
    """As IAM will read it."""
    match value:
        case {"Fn::Sub": str() as text}:
            return _MARK.sub(lambda mark: "x" * LONGEST.get(mark[1], _UNKNOWN), text)
        case {"Ref": str()} | {"Fn::GetAtt": _} | {"Fn::If": _}:
            return "x" * _UNKNOWN
        case Mapping():
            return {key: _written(inner) for key, inner in value.items()}
        case list():
            return [_written(inner) for inner in value]
    return value
