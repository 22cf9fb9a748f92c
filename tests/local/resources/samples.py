"""What a sample of a resource type is: rich properties, and the same resource after an in-place change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .ground import Ground

Values = dict[str, Any]
Sample = Callable[[Ground], "Life"]

TAGS = [{"Key": "project", "Value": "oaktree"}, {"Key": "environment", "Value": "dev"}]
OTHER_TAGS = [{"Key": "environment", "Value": "prod"}, {"Key": "owner", "Value": "platform"}]


@dataclass(frozen=True)
class Life:
    """The versions one resource goes through, each in place; the first is what it is created with."""

    versions: tuple[Values, ...]


def life(first: Values, *changes: Values) -> Life:
    """A resource and its changes. A change states what differs from the version before; None removes a property."""
    versions = [first]
    for change in changes:
        merged = {**versions[-1], **change}
        versions.append({key: value for key, value in merged.items() if value is not None})
    return Life(tuple(versions))
