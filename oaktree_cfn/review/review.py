"""What a change set would do, in the order in which a reader should worry. Pure.

A ``Review`` is made from the change-set tree alone. Nothing of the tree is lost on the way: what changes is an
``Entry``; what CloudFormation names without being able to say that it changes is an entry that is not ``certain``; a
nested stack's own Modify is folded into what changes inside it, and kept in ``untouched`` when nothing does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from oaktree_cfn.models import STACK_TYPE, Change, ChangeSet, Detail
from oaktree_cfn.review.action import REPLACING, action_of, strange, unknown
from oaktree_cfn.review.action import Action as Action  # part of this module's vocabulary
from oaktree_cfn.review.changed import INCOMPLETE, Changes
from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.review.consequences import find
from oaktree_cfn.review.redact import Redactor
from oaktree_cfn.review.standins import spoken

TASK_DEFINITION = "AWS::ECS::TaskDefinition"
NEW_REVISION = "new revision"
OFFLINE = "Offline plan: foretold from templates alone. No account was asked; what is deployed there may differ."


_RISK = {
    Action.UNKNOWN: 6,
    Action.REMOVE: 5,
    Action.REPLACE: 5,
    Action.MAY_REPLACE: 4,
    Action.MODIFY: 2,
    Action.IMPORT: 1,
    Action.ADD: 0,
}


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
    ``parts`` are the change sets it was made from, the root's first. ``offline``: foretold, and no account was asked.
    ``unchanged``: there is nothing to execute, not even an output.
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
    offline: bool = False
    unchanged: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """Its remarks, and first what it is when no account was asked."""
        return (OFFLINE, *self.remarks) if self.offline else self.remarks


def nothing(stack_name: str, stack_id: str) -> Review:
    """The review of a stack that already is what is wanted."""
    return Review(stack_name, stack_id, "", unchanged=True)


def review(
    change_set: ChangeSet,
    *,
    creates: bool = False,
    secrets: Iterable[str] = (),
    known: Mapping[str, str] | None = None,
) -> Review:
    """The review of a change set.

    ``creates``: its stack does not exist yet; ``secrets``: values never to be shown; ``known``: what existing resources
    hold, by place (``{"Data/UsersTable": "1,204 items"}``).
    """
    changes = list(change_set.walk())
    redact = Redactor.of_tree(change_set, secrets)
    parts = tuple(_parts(change_set, redact))
    whole = not any(INCOMPLETE in part.reason for part in parts)
    valued = whole and any(change.before is not None or change.after is not None for _, change in changes)
    entries = [_entry(path, change, redact, valued) for path, change in changes if not _folded(change)]
    untouched = ["/".join(path) for path, change in changes if _quiet(change)]
    found = find(Changes.of(change_set, known))
    return Review(
        stack_name=change_set.stack_name,
        stack_id=change_set.stack_id,
        change_set_id=change_set.id,
        entries=tuple(sorted(entries, key=lambda entry: (-entry.risk, entry.path))),
        untouched=tuple(untouched),
        creates=creates,
        consequences=tuple(_presentable(consequence, creates, redact) for consequence in found),
        parts=parts,
    )


def _presentable(consequence: Consequence, creates: bool, redact: Redactor) -> Consequence:
    """Without secrets, in a person's words; and where nothing exists yet there is nothing to refuse, only to ask about."""
    severity = Severity.ASK if creates and consequence.severity is Severity.REFUSE else consequence.severity
    return replace(consequence.told(lambda text: spoken(redact.text(text))), severity=severity)


def _parts(change_set: ChangeSet, redact: Redactor) -> Iterator[Part]:
    yield Part.of((), change_set, redact)
    for path, change in change_set.walk():
        if change.nested is not None:
            yield Part.of(path, change.nested, redact)


def _folded(change: Change) -> bool:
    """Whether an entry of its own would only repeat what the nested stack's leaves say, or that nothing happens in it."""
    ordinary = change.type == STACK_TYPE and action_of(change) in {Action.MODIFY, Action.ADD} and not strange(change)
    return ordinary and change.nested is not None and (bool(change.nested.changes) or change.nested.no_change)


def _quiet(change: Change) -> bool:
    return _folded(change) and change.nested is not None and not change.nested.changes


def _entry(path: tuple[str, ...], change: Change, redact: Redactor, valued: bool) -> Entry:
    action = Action.UNKNOWN if strange(change) else action_of(change)
    told = change.before is not None or change.after is not None
    return Entry(
        path=path,
        action=action,
        type=change.type,
        physical_id=redact.text(change.physical_id),
        properties=tuple(_properties(change, redact)),
        policy=redact.text(change.policy_action),
        note=redact.text(_note(change, action)),
        certain=told or not valued or action is not Action.MODIFY,
    )


def _note(change: Change, action: Action) -> str:
    if not (said := unknown(change)) and change.type == TASK_DEFINITION and action in REPLACING:
        return NEW_REVISION
    return said


# Properties


def _properties(change: Change, redact: Redactor) -> Iterator[PropertyChange]:
    groups: dict[str, list[Detail]] = {}
    for detail in change.details:
        groups.setdefault(_name(detail), []).append(detail)
    for name, details in groups.items():
        yield from _property(name, details, redact, change.type)


def _name(detail: Detail) -> str:
    """``HealthCheckPath``, ``Tags/0/Value``; the attribute where no property is meant (``DeletionPolicy``)."""
    path = detail.path.removeprefix("/").removeprefix("Properties/")
    return path or detail.name or detail.attribute


def _property(name: str, details: list[Detail], redact: Redactor, type_: str) -> Iterator[PropertyChange]:
    valued = next((detail for detail in details if detail.before is not None or detail.after is not None), None)
    causes = tuple(dict.fromkeys(redact.text(detail.causing_entity) for detail in details if detail.causing_entity))
    recreates = max((detail.requires_recreation for detail in details), key=_recreation, default="")
    if valued is None:
        yield PropertyChange(redact.text(name), None, None, recreates, causes, told=False)
        return
    for place, before, after in leaves(name, _parsed(valued.before), _parsed(valued.after)):
        values = redact(place, before, type_), redact(place, after, type_)
        yield PropertyChange(redact.text(place), *values, recreates, causes)


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
