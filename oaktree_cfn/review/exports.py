"""The export guard: which exports an update takes away or changes, and who would break. Pure.

CloudFormation refuses both while anyone imports them, but only when it gets there: at the end of an update that is then
rolled back. Knowing it before costs nothing. The way out has three steps: freeze the old value, move the consumers to the
new one, drop it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.values import UNKNOWN

KIND = "exports"


class Fate(StrEnum):
    """What becomes of an export."""

    REMOVED = "removed"
    CHANGED = "changed"
    MAY_CHANGE = "may change"


@dataclass(frozen=True, slots=True)
class ExportChange:
    """One export that does not stay as it is. ``after`` is None when it goes or cannot be told."""

    name: str
    fate: Fate
    before: str
    after: str | None = None

    @property
    def place(self) -> str:
        """How it is named on the command line: ``exports/oaktree-dev-VpcId``."""
        return f"{KIND}/{self.name}"


def export_changes(
    before: Mapping[str, Any], after: Mapping[str, Any], values: Mapping[str, str] | None = None
) -> tuple[ExportChange, ...]:
    """Exports that go or change, by name. ``values`` are the real values of today, where they are known."""
    shown = values or {}
    return tuple(_changes(before, after, shown))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], values: Mapping[str, str]) -> Iterator[ExportChange]:
    for name, value in sorted(before.items()):
        today = values.get(name, str(value))
        if name not in after:
            yield ExportChange(name, Fate.REMOVED, today)
        elif after[name] is UNKNOWN or value is UNKNOWN:
            yield ExportChange(name, Fate.MAY_CHANGE, today)
        elif after[name] not in (value, values.get(name)):
            yield ExportChange(name, Fate.CHANGED, today, str(after[name]))


def weak_consequences(
    changes: tuple[ExportChange, ...], found: Mapping[str, tuple[str, ...]]
) -> tuple[Consequence, ...]:
    """What the changes of outputs mean for templates that read them with Fn::GetStackOutput; others are no matter."""
    return tuple(_weak(change, found[change.name]) for change in changes if change.name in found)


def _weak(change: ExportChange, users: tuple[str, ...]) -> Consequence:
    text = f"the output {change.name} {_verb(change)}, but {', '.join(users)} reads it with Fn::GetStackOutput"
    unlocked = (
        "nothing locks such a read: CloudFormation would let this through, and the reader fails at its next update"
    )
    return Consequence(KIND, f"outputs/{change.name}", Severity.REFUSE, text, (unlocked,))


def consequences(
    changes: tuple[ExportChange, ...], importers: Mapping[str, tuple[str, ...]]
) -> tuple[Consequence, ...]:
    """What each change means: refused where somebody imports it, with the consumers named and the way out."""
    return tuple(_consequence(change, importers.get(change.name, ())) for change in changes)


def _consequence(change: ExportChange, users: tuple[str, ...]) -> Consequence:
    to = f" to {change.after}" if change.after is not None else ""
    if not users:
        text = f"the export {change.name} {_verb(change)}{to}; nobody imports it"
        return Consequence(KIND, change.place, Severity.NOTE, text)
    text = f"the export {change.name} {_verb(change)}{to}, but {_names(users)} it: CloudFormation would roll this back"
    return Consequence(KIND, change.place, Severity.REFUSE, text, way_out(change, users))


def _verb(change: ExportChange) -> str:
    return {Fate.REMOVED: "goes", Fate.CHANGED: "changes", Fate.MAY_CHANGE: "gets a new value"}[change.fate]


def _names(users: tuple[str, ...]) -> str:
    return f"{', '.join(users)} {'imports' if len(users) == 1 else 'import'}"


def way_out(change: ExportChange, users: tuple[str, ...]) -> tuple[str, ...]:
    """The three steps that lead to the change without breaking anybody."""
    return (
        f'1. freeze it: put "{change.name}" = "{change.before}" under [frozen_exports] in the environment file, and deploy',
        f"2. move {', '.join(users)} to another value, and deploy {'it' if len(users) == 1 else 'them'}",
        "3. drop it: take the line out of [frozen_exports], and deploy (`oaktree exports` shows when nobody imports it)",
    )


def readers(trees: Mapping[str, Tree], stack_name: str) -> dict[str, tuple[str, ...]]:
    """Output name -> the templates (by the names given) that read it from a stack with Fn::GetStackOutput.

    Such a read locks nothing, so CloudFormation does not know of it: only templates at hand can tell.
    """
    found: dict[str, list[str]] = {}
    for name, tree in trees.items():
        outputs = {output for _, each in tree.walk() for output in _read(each.template, stack_name)}
        for output in sorted(outputs):
            found.setdefault(output, []).append(name)
    return {output: tuple(names) for output, names in found.items()}


def _read(value: Any, stack_name: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        inner = value.get("Fn::GetStackOutput")
        if (
            isinstance(inner, Mapping)
            and inner.get("StackName") == stack_name
            and isinstance(inner.get("OutputName"), str)
        ):
            yield inner["OutputName"]
        for item in value.values():
            yield from _read(item, stack_name)
    elif isinstance(value, list):
        for item in value:
            yield from _read(item, stack_name)
