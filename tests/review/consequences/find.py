"""What is found in a change set, short enough to compare with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oaktree_cfn.models import Change, ChangeSet
from oaktree_cfn.review.changed import Changes
from oaktree_cfn.review.consequence import Consequence
from oaktree_cfn.review.consequences import find
from tests.review.change_sets import plain

ACCOUNT = "123456789012"


def of(change_set: ChangeSet, kind: str, known: Mapping[str, str] | None = None) -> list[Consequence]:
    """The consequences of one kind."""
    return [each for each in find(Changes.of(change_set, known)) if each.kind == kind]


def said(change_set: ChangeSet, kind: str) -> list[tuple[str, str]]:
    """(severity, text) of every consequence of one kind, worst first."""
    return [(str(each.severity), each.text) for each in of(change_set, kind)]


def resource(properties: Any, **sections: Any) -> dict[str, Any]:
    return {"Properties": properties, **sections}


def modify(type_: str, before: Any, after: Any, **more: Any) -> Change:
    """An existing resource whose properties go from ``before`` to ``after``."""
    return Change("Modify", "Thing", type_, "phys-1", before=resource(before), after=resource(after), **more)


def add(type_: str, properties: Any, name: str = "Thing") -> Change:
    return Change("Add", name, type_, after=resource(properties))


def remove(type_: str, properties: Any, name: str = "Thing", **more: Any) -> Change:
    return Change("Remove", name, type_, "phys-1", before=resource(properties), **more)


def alone(change: Change) -> ChangeSet:
    stack = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/oaktree-dev/1"
    found = plain(change)
    return ChangeSet(found.id, found.name, stack, found.stack_name, found.status, changes=found.changes)
