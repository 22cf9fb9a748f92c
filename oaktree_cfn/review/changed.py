"""The leaves of a change-set tree, each with what it is before and after: what ``consequences/`` are found in. Pure.

Answers differ in how much they tell. With BeforeContext and AfterContext everything is there; where one was cut off, it is
the other one with the details' values laid over it; without either, only what the details carry is known. A property
that changes without its values being told is in ``untold``, and a finder that cares must not take it for unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from oaktree_cfn.models import Change, ChangeSet, Detail
from oaktree_cfn.review.action import Action, action_of, unknown
from oaktree_cfn.template.plain import at, parsed

INCOMPLETE = "include-property-values"
"""Stands in the StatusReason of an answer from which CloudFormation dropped values or whole changes."""

_COUNTERPART = {"before": "after", "after": "before"}


@dataclass(frozen=True, slots=True)
class Changed:
    """One resource in motion. ``before`` and ``after`` hold its sections (Properties, DeletionPolicy ...), empty where it
    is not there; ``untold`` names properties and sections that change without our being told how.
    """

    path: tuple[str, ...]
    change: Change
    action: Action
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    untold: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        """The path as people type it."""
        return "/".join(self.path)

    @property
    def name(self) -> str:
        """The logical id."""
        return self.path[-1] if self.path else ""

    @property
    def type(self) -> str:
        """The resource type."""
        return self.change.type

    @property
    def new(self) -> bool:
        """Whether nothing of it exists yet."""
        return self.action is Action.ADD

    @property
    def gone(self) -> bool:
        """Whether it leaves the stack."""
        return self.action is Action.REMOVE

    def was(self, *keys: str) -> Any:
        """The value of a property before; None where it is absent."""
        return at(self.before, "Properties", *keys)

    def will(self, *keys: str) -> Any:
        """The value of a property after; None where it is absent."""
        return at(self.after, "Properties", *keys)

    def differs(self, *keys: str) -> bool:
        """Whether a property is there on both sides of an existing resource with another value, or on one side only."""
        return not self.new and not self.gone and self.was(*keys) != self.will(*keys)


@dataclass(frozen=True, slots=True)
class Changes:
    """All resources in motion, and what is known of them from elsewhere.

    ``known`` says what an existing resource holds, by its place (``"1,204 items, 3 MB"``); ``account`` is the stack's own,
    empty when it cannot be told.
    """

    resources: tuple[Changed, ...]
    known: Mapping[str, str] = field(default_factory=dict)
    account: str = ""

    def __iter__(self) -> Iterator[Changed]:
        return iter(self.resources)

    @classmethod
    def of(cls, change_set: ChangeSet, known: Mapping[str, str] | None = None) -> Changes:
        """From a tree, real, saved or foretold. Nested stacks stand for themselves only where they come, go or are opaque."""
        walked = list(_walk(change_set))
        valued = any(_told(change) for _, change, _ in walked)
        found = (_changed(path, change, valued and not incomplete) for path, change, incomplete in walked)
        return cls(tuple(filter(None, found)), known or {}, _account(change_set.stack_id))


def _walk(change_set: ChangeSet, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Change, bool]]:
    incomplete = INCOMPLETE in change_set.reason
    for change in change_set.changes:
        yield (*path, change.logical_id), change, incomplete
        if change.nested is not None:
            yield from _walk(change.nested, (*path, change.logical_id))


def _told(change: Change) -> bool:
    return change.before is not None or change.after is not None


def _changed(path: tuple[str, ...], change: Change, trusted: bool) -> Changed | None:
    """None for what only looks touched: in a complete answer with values, a change without any keeps today's."""
    action = action_of(change)
    if action is Action.MODIFY and trusted and not _told(change) and not _valued(change) and not unknown(change):
        return None
    return Changed(
        path,
        change,
        action,
        before={} if action is Action.ADD else _side(change, "before"),
        after={} if action is Action.REMOVE else _side(change, "after"),
        untold=frozenset() if _told(change) else _untold(change),
    )


def _valued(change: Change) -> bool:
    return any(detail.before is not None or detail.after is not None for detail in change.details)


def _untold(change: Change) -> frozenset[str]:
    bare = (detail for detail in change.details if detail.before is None and detail.after is None)
    return frozenset(detail.name or detail.attribute for detail in bare)


def _side(change: Change, side: str) -> Mapping[str, Any]:
    context: Mapping[str, Any] | None = getattr(change, side)
    if context is not None:
        return context
    other = getattr(change, _COUNTERPART[side]) if change.action == "Modify" else None
    return _laid_over(other or {}, change.details, side)


def _laid_over(context: Mapping[str, Any], details: tuple[Detail, ...], side: str) -> Mapping[str, Any]:
    sections: Any = dict(context)
    for detail in details:
        value, opposite = getattr(detail, side), getattr(detail, _COUNTERPART[side])
        if value is not None or opposite is not None:
            sections = _with(sections, _keys(detail), parsed(value))
    return sections if isinstance(sections, Mapping) else {}


def _keys(detail: Detail) -> tuple[str, ...]:
    if detail.path.strip("/"):
        return tuple(key.replace("~1", "/").replace("~0", "~") for key in detail.path.strip("/").split("/"))
    return ("Properties", detail.name) if detail.name else (detail.attribute or "Properties",)


def _with(value: Any, keys: tuple[str, ...], new: Any) -> Any:
    """A copy of ``value`` with ``new`` at ``keys`` (None: absent). Lists that are known in part only are filled up."""
    if not keys:
        return new
    head, rest = keys[0], keys[1:]
    if isinstance(value, list) or (head.isdigit() and not isinstance(value, Mapping)):
        return _with_item(value if isinstance(value, list) else [], int(head) if head.isdigit() else 0, rest, new)
    inner = dict(value) if isinstance(value, Mapping) else {}
    inner[head] = _with(inner.get(head), rest, new)
    return {key: item for key, item in inner.items() if item is not None}


_MOST_ITEMS = 10_000


def _with_item(items: list[Any], index: int, rest: tuple[str, ...], new: Any) -> list[Any]:
    index = min(index, _MOST_ITEMS)  # a position is text from outside; no list of CloudFormation's is that long
    filled = [*items, *[None] * (index + 1 - len(items))]
    filled[index] = _with(filled[index], rest, new)
    while filled and filled[-1] is None:
        filled.pop()
    return filled


def _account(stack_id: str) -> str:
    parts = stack_id.split(":")
    return parts[4] if len(parts) > 5 and parts[4].isdigit() else ""
