"""What a change set would do, in the order in which a reader should worry. Pure.

A ``Review`` is made from the change-set tree alone. Nothing of the tree is lost on the way: what changes is an
``Entry``; what CloudFormation names without being able to say that it changes is an entry that is not ``certain``; a
nested stack's own Modify is folded into what changes inside it, and kept in ``untouched`` when nothing does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from oaktree_cfn.models import STACK_TYPE, Change, ChangeSet, Detail
from oaktree_cfn.review.consequence import Consequence
from oaktree_cfn.review.redact import Redactor

TASK_DEFINITION = "AWS::ECS::TaskDefinition"
NEW_REVISION = "new revision"


class Action(StrEnum):
    """What happens to a resource, in one word each."""

    ADD = "add"
    MODIFY = "modify"
    MAY_REPLACE = "may replace"
    REPLACE = "replace"
    REMOVE = "remove"
    IMPORT = "import"
    UNKNOWN = "unknown"


_RISK = {
    Action.UNKNOWN: 6,
    Action.REMOVE: 5,
    Action.REPLACE: 5,
    Action.MAY_REPLACE: 4,
    Action.MODIFY: 2,
    Action.IMPORT: 1,
    Action.ADD: 0,
}

_KNOWN_POLICIES = frozenset(
    {"", "Delete", "Retain", "Snapshot", "ReplaceAndDelete", "ReplaceAndRetain", "ReplaceAndSnapshot"}
)
_KNOWN_SOURCES = frozenset(
    {
        "",
        "ResourceReference",
        "ParameterReference",
        "ResourceAttribute",
        "DirectModification",
        "Automatic",
        "NoModification",
    }
)
_REPLACEMENTS = {"True": Action.REPLACE, "Conditional": Action.MAY_REPLACE, "False": Action.MODIFY, "": Action.MODIFY}


class Label(StrEnum):
    """How much of what CloudFormation says of a change is so.

    CONDITIONAL: whether it happens hangs on a value known only later. NOISE: it cannot happen, because the value that
    feeds it cannot change; claimed only when both templates were at hand.
    """

    REAL = "real"
    CONDITIONAL = "conditional"
    NOISE = "noise"


@dataclass(frozen=True, slots=True)
class PropertyChange:
    """One value that changes. ``None`` on a side: absent there, or not told (``told`` is false when neither is)."""

    name: str
    before: str | None = None
    after: str | None = None
    recreates: str = ""
    causes: tuple[str, ...] = ()
    told: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource that would change, at its path below the root stack."""

    path: tuple[str, ...]
    action: Action
    type: str
    physical_id: str = ""
    properties: tuple[PropertyChange, ...] = ()
    policy: str = ""
    note: str = ""
    certain: bool = True
    label: Label = Label.REAL
    why: str = ""

    @property
    def place(self) -> str:
        """The path as people type it (``Data/UsersTable``)."""
        return "/".join(self.path)

    @property
    def risk(self) -> int:
        """How much a reader should worry, by the action alone: 6 is the worst."""
        if self.note == NEW_REVISION:
            return _RISK[Action.MODIFY]
        return _RISK[self.action] if self.certain else 1


@dataclass(frozen=True, slots=True)
class Part:
    """One change set of the tree, beside its changes: whose it is (``place``, empty for the root's) and how it came out."""

    place: str
    stack_name: str
    change_set_id: str
    status: str
    reason: str = ""
    sound: bool = True

    @classmethod
    def of(cls, path: Iterable[str], change_set: ChangeSet, redact: Redactor) -> Part:
        """From the change set. Sound is one that is complete, or that FAILED only because nothing would change."""
        sound = change_set.status == "CREATE_COMPLETE" or change_set.no_change
        reason = redact("", change_set.reason) or ""
        return cls("/".join(path), change_set.stack_name, change_set.id, change_set.status, reason, sound)


@dataclass(frozen=True, slots=True)
class Review:
    """A change set for people.

    ``entries`` stand worst first; ``untouched`` are nested stacks in which nothing changes; ``consequences`` are what
    the changes mean; ``remarks`` are sentences about the whole (a prediction that CloudFormation disagrees with);
    ``parts`` are the change sets it was made from, the root's first.
    """

    stack_name: str
    stack_id: str
    change_set_id: str
    entries: tuple[Entry, ...] = ()
    untouched: tuple[str, ...] = ()
    creates: bool = False
    consequences: tuple[Consequence, ...] = ()
    remarks: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()


def review(change_set: ChangeSet, *, creates: bool = False, secrets: Iterable[str] = ()) -> Review:
    """The review of a change set. ``creates``: its stack does not exist yet; ``secrets``: values never to be shown."""
    changes = list(change_set.walk())
    valued = any(change.before is not None or change.after is not None for _, change in changes)
    redact = Redactor.of((change for _, change in changes), secrets)
    entries = [_entry(path, change, redact, valued) for path, change in changes if not _folded(change)]
    untouched = ["/".join(path) for path, change in changes if _quiet(change)]
    return Review(
        stack_name=change_set.stack_name,
        stack_id=change_set.stack_id,
        change_set_id=change_set.id,
        entries=tuple(sorted(entries, key=lambda entry: (-entry.risk, entry.path))),
        untouched=tuple(untouched),
        creates=creates,
        parts=tuple(_parts(change_set, redact)),
    )


def _parts(change_set: ChangeSet, redact: Redactor) -> Iterator[Part]:
    yield Part.of((), change_set, redact)
    for path, change in change_set.walk():
        if change.nested is not None:
            yield Part.of(path, change.nested, redact)


def _folded(change: Change) -> bool:
    """Whether an entry of its own would only repeat what the nested stack's leaves say, or that nothing happens in it."""
    ordinary = change.type == STACK_TYPE and _action(change) in {Action.MODIFY, Action.ADD} and not _strange(change)
    return ordinary and change.nested is not None and (bool(change.nested.changes) or change.nested.no_change)


def _quiet(change: Change) -> bool:
    return _folded(change) and change.nested is not None and not change.nested.changes


def _action(change: Change) -> Action:
    match change.action:
        case "Add":
            return Action.ADD
        case "Remove":
            return Action.REMOVE
        case "Import":
            return Action.IMPORT
        case "Modify":
            return _REPLACEMENTS.get(change.replacement, Action.UNKNOWN)
        case _:
            return Action.UNKNOWN


def _strange(change: Change) -> str:
    """The first value of CloudFormation's that we do not know, empty when we know them all."""
    if change.policy_action not in _KNOWN_POLICIES:
        return change.policy_action
    return next((detail.source for detail in change.details if detail.source not in _KNOWN_SOURCES), "")


def _entry(path: tuple[str, ...], change: Change, redact: Redactor, valued: bool) -> Entry:
    action, strange = _action(change), _strange(change)
    if strange:
        action = Action.UNKNOWN
    told = change.before is not None or change.after is not None
    return Entry(
        path=path,
        action=action,
        type=change.type,
        physical_id=change.physical_id,
        properties=tuple(_properties(change, redact)),
        policy=change.policy_action,
        note=_note(change, action, strange),
        certain=told or not valued or action is not Action.MODIFY,
    )


def _note(change: Change, action: Action, strange: str) -> str:
    if action is Action.UNKNOWN:
        shown = strange or f"{change.action} {change.replacement}".strip() or "no action"
        return f"CloudFormation says {shown!r}, which this version does not know"
    if change.type == TASK_DEFINITION and action in {Action.REPLACE, Action.MAY_REPLACE}:
        return NEW_REVISION
    if change.type == STACK_TYPE and change.nested is None and action is not Action.REMOVE:
        return "what changes inside is not known"
    return ""


# Properties


def _properties(change: Change, redact: Redactor) -> Iterator[PropertyChange]:
    groups: dict[str, list[Detail]] = {}
    for detail in change.details:
        groups.setdefault(_name(detail), []).append(detail)
    for name, details in groups.items():
        yield from _property(name, details, redact)


def _name(detail: Detail) -> str:
    """``HealthCheckPath``, ``Tags/0/Value``; the attribute where no property is meant (``DeletionPolicy``)."""
    path = detail.path.removeprefix("/").removeprefix("Properties/")
    return path or detail.name or detail.attribute


def _property(name: str, details: list[Detail], redact: Redactor) -> Iterator[PropertyChange]:
    valued = next((detail for detail in details if detail.before is not None or detail.after is not None), None)
    causes = tuple(dict.fromkeys(detail.causing_entity for detail in details if detail.causing_entity))
    recreates = max((detail.requires_recreation for detail in details), key=_recreation, default="")
    if valued is None:
        yield PropertyChange(name, None, None, recreates, causes, told=False)
        return
    for place, before, after in leaves(name, _parsed(valued.before), _parsed(valued.after)):
        yield PropertyChange(place, redact(place, before), redact(place, after), recreates, causes)


def _recreation(word: str) -> int:
    return {"": 0, "Never": 1, "Conditionally": 2, "Always": 3}.get(word, 4)


def _parsed(text: str | None) -> Any:
    """A JSON list or object as such; anything else stays the text it is."""
    if text is None or not text.startswith(("{", "[")):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text  # truncated by CloudFormation: shown as it came


def leaves(name: str, before: Any, after: Any) -> Iterator[tuple[str, str | None, str | None]]:
    """The innermost places where two values differ, so that one changed line of a long list is one line to read."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        inner = ((key, before.get(key), after.get(key)) for key in dict.fromkeys((*before, *after)))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        inner = ((str(index), one, other) for index, (one, other) in enumerate(zip(before, after, strict=True)))
    else:
        yield name, _text(before), _text(after)
        return
    different = [each for each in inner if each[1] != each[2]]
    if not different:
        yield name, _text(before), _text(after)
    for key, one, other in different:
        yield from leaves(f"{name}/{key}", one, other)


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
