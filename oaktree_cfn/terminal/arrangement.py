"""How every face arranges a review: signs and words, order, stacks, counts. What differs between faces is only their ink.

A face that arranges for itself would sooner or later leave something out; here it is decided once that nothing is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from oaktree_cfn.models import KNOWN_AFTER_APPLY
from oaktree_cfn.review.review import NEW_REVISION, Action, Entry, Label, PropertyChange, Review
from oaktree_cfn.terminal.words import count, printable

LONGEST_VALUE = 120
"""Characters of one value where room is scarce; the middle of a longer one is left out."""


class Tone(StrEnum):
    """How loudly a sign speaks. Faces turn it into colour, which only repeats the sign and its word."""

    ADD = "add"
    CHANGE = "change"
    DANGER = "danger"
    CALM = "calm"


@dataclass(frozen=True, slots=True)
class Sign:
    """A kind of change as one to two letters and a word."""

    letters: str
    word: str
    tone: Tone


SIGNS: Mapping[Action, Sign] = {
    Action.UNKNOWN: Sign("??", "unknown", Tone.DANGER),
    Action.REMOVE: Sign("-", "remove", Tone.DANGER),
    Action.REPLACE: Sign("!", "replace", Tone.DANGER),
    Action.MAY_REPLACE: Sign("!?", "may replace", Tone.DANGER),
    Action.MODIFY: Sign("~", "modify", Tone.CHANGE),
    Action.IMPORT: Sign("=", "import", Tone.CALM),
    Action.ADD: Sign("+", "add", Tone.ADD),
}
"""Worst first."""

REVISION = Sign("~", NEW_REVISION, Tone.CHANGE)

_SUMMARY = {
    Action.UNKNOWN: "unknown",
    Action.REMOVE: "to remove",
    Action.REPLACE: "to replace",
    Action.MAY_REPLACE: "may be replaced",
    Action.MODIFY: "to modify",
    Action.IMPORT: "to import",
    Action.ADD: "to add",
}
_LOSING = frozenset({Action.UNKNOWN, Action.REMOVE, Action.REPLACE, Action.MAY_REPLACE})


def sign(entry: Entry) -> Sign:
    """The sign an entry stands under; a new revision reads as what it is, and noise speaks calmly."""
    shown = REVISION if entry.note == NEW_REVISION else SIGNS[entry.action]
    return replace(shown, tone=Tone.CALM) if entry.label is Label.NOISE else shown


def losing(entry: Entry) -> bool:
    """Whether it removes, replaces, may replace, or is unknown: what no face may leave out, whatever its limits."""
    return entry.action in _LOSING


def alarming(entry: Entry) -> bool:
    """Whether a reader must look at it: it loses something, and is neither a new revision nor noise."""
    return losing(entry) and entry.note != NEW_REVISION and entry.label is not Label.NOISE


def marks(entry: Entry) -> tuple[str, ...]:
    """Sentences about the whole entry, below its name: doubts first."""
    touched = "" if entry.certain else "may be touched; its values stay as far as CloudFormation can tell"
    note = "" if entry.note == NEW_REVISION else entry.note
    return tuple(text for text in (_label(entry), touched, note, _left_over(entry)) if text)


def _label(entry: Entry) -> str:
    if entry.label is Label.REAL:
        return ""
    return f"{entry.label}: {entry.why}" if entry.why else str(entry.label)


def _left_over(entry: Entry) -> str:
    if entry.action is not Action.REMOVE or entry.policy not in {"Retain", "Snapshot"}:
        return ""
    return "stays in the account" if entry.policy == "Retain" else "leaves a snapshot"


# The whole, and its stacks


@dataclass(frozen=True, slots=True)
class Section:
    """One stack of the tree: its path below the root, empty for the root itself, and its entries, worst first."""

    path: tuple[str, ...]
    entries: tuple[Entry, ...]

    @property
    def name(self) -> str:
        """The path as people type it, empty for the root stack."""
        return "/".join(self.path)

    @property
    def risk(self) -> int:
        """The worst that happens in it."""
        return max((entry.risk for entry in self.entries), default=0)


def sections(review: Review) -> tuple[Section, ...]:
    """The stacks in which something happens, the one with the worst first; the root stack before its equals."""
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for entry in review.entries:
        groups.setdefault(entry.path[:-1], []).append(entry)
    found = [Section(path, tuple(entries)) for path, entries in groups.items()]
    return tuple(sorted(found, key=lambda section: (-section.risk, section.path)))


NOISE = "noise"
TOUCHED = "may be touched"


def word(entry: Entry) -> str:
    """The word an entry is counted and filtered under: its sign's, unless it is noise or may only be touched."""
    if entry.label is Label.NOISE:
        return NOISE
    return sign(entry).word if entry.certain else TOUCHED


WORDS = (*(each.word for each in SIGNS.values()), REVISION.word, TOUCHED, NOISE)
"""Every word, worst first."""


def counts(entries: Iterable[Entry]) -> dict[str, int]:
    """How many entries stand under which word, worst first; words that nothing stands under are left out."""
    numbers = Counter(map(word, entries))
    return {each: numbers[each] for each in WORDS if numbers[each]}


NOTHING = "nothing to change"
"""What the summary says where there is nothing to execute."""
NO_RESOURCE = "outputs, tags or metadata only"
"""What it says of a change set that changes no resource."""


def summary(review: Review) -> str:
    """One line: how many resources meet with what. Those that may only be touched are told apart, not counted."""
    numbers = counts(review.entries)
    parts = [f"{numbers[sign.word]} {_SUMMARY[action]}" for action, sign in SIGNS.items() if sign.word in numbers]
    if NEW_REVISION in numbers:
        parts.append(count(numbers[NEW_REVISION], NEW_REVISION))
    if NOISE in numbers:
        parts.append(f"{numbers[NOISE]} {NOISE}")
    return ", ".join(parts) or (NOTHING if review.unchanged else NO_RESOURCE)


# Values


def settles_later(change: PropertyChange) -> bool:
    """Whether there is nothing to compare yet, and nothing to fear from it."""
    return change.after == KNOWN_AFTER_APPLY and change.recreates != "Always"


def forces(change: PropertyChange, entry: Entry) -> bool:
    """Whether this value is why the resource is made anew."""
    return change.recreates == "Always" and entry.note != NEW_REVISION


def value(text: str | None, longest: int = LONGEST_VALUE) -> str:
    """One value on one line, harmless to print; ``(none)`` where there is none."""
    if text is None:
        return "(none)"
    shown = printable(text.replace(KNOWN_AFTER_APPLY, "(known after apply)")) or '""'
    return shortened(shown, longest)


def shortened(text: str, longest: int) -> str:
    """A text without its middle when it is longer than ``longest`` characters."""
    if len(text) <= longest:
        return text
    half = longest // 2
    return f"{text[:half]} … {text[-half:]}"
