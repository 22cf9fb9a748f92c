"""What a change means for somebody: the noun that ``review/consequences/`` finds and gates judge."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Severity(StrEnum):
    """What a consequence deserves when no policy says otherwise."""

    NOTE = "note"
    ASK = "ask"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Consequence:
    """One consequence of the change at ``place`` (the path below the root stack, ``Data/UsersTable``).

    ``kind`` is the name of its finder's module (``data``, ``access``, ``network`` ...), ``text`` one sentence for people,
    ``details`` further lines (a policy's statements, counts), already without secrets.
    """

    kind: str
    place: str
    severity: Severity
    text: str
    details: tuple[str, ...] = ()

    def told(self, hide: Callable[[str], str]) -> Consequence:
        """The same in words that went through ``hide``, which takes secrets out."""
        return replace(self, text=hide(self.text), details=tuple(map(hide, self.details)))


_WORST_FIRST = (Severity.REFUSE, Severity.ASK, Severity.NOTE)


def worst_first(consequences: Iterable[Consequence]) -> tuple[Consequence, ...]:
    """In the order for reading: by severity, then by place and kind."""
    return tuple(sorted(consequences, key=lambda each: (_WORST_FIRST.index(each.severity), each.place, each.kind)))
