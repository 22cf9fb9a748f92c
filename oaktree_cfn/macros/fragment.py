"""A fragment of a template as a macro gets it, and what can be wrong with one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

Fragment = Mapping[str, Any]

MOST_RESOURCES = 500
"""Resources of one template (CloudFormation quotas)."""

MOST_CHARACTERS = 1_000_000
"""Characters of text in a fragment; a template in S3 may have 1 MB (CloudFormation quotas)."""

DEEPEST = 64
"""Levels of nesting that are read, as when a template is read."""

MOST_FAULTS = 25
"""Faults that are told at once. CloudFormation keeps about as many lines, and to word each takes its time."""

_SCALARS = frozenset({bool, int, float, type(None)})


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a fragment: where (``Resources/Web/Properties/Cpu``), what, and how to mend it."""

    path: str
    message: str
    fix: str = ""

    def __str__(self) -> str:
        stop = " " if self.message.endswith("?") else ". "
        return f"{self.path}: {self.message}" + (f"{stop}{self.fix}" if self.fix else "")


class BadFragment(Exception):
    """A fragment that cannot be expanded, with everything that is wrong with it, or the first that are."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(islice(faults, MOST_FAULTS))
        super().__init__("\n".join(str(fault) for fault in self.faults))


def refuse(path: str, message: str, fix: str = "") -> BadFragment:
    """The exception for a single fault."""
    return BadFragment([Fault(path, message, fix)])


def bound(fragment: Any) -> None:
    """Refuse a fragment that is too large, too deep or no plain data. Raises BadFragment.

    Types are compared exactly, as JSON gives them: this loop is most of what an unchanged template costs.
    """
    characters, depth, level = 0, 0, [fragment]
    while level:
        if depth > DEEPEST:
            raise refuse("template", f"it is nested deeper than {DEEPEST} levels")
        below: list[Any] = []
        for value in level:
            kind = type(value)
            if kind is str:
                characters += len(value)
            elif kind is dict:
                below += value
                below += value.values()
            elif kind is list:
                below += value
            elif kind not in _SCALARS:
                raise refuse("template", f"it holds a {type(value).__name__}, which no template can")
        if characters > MOST_CHARACTERS:
            raise refuse("template", f"it has more than {MOST_CHARACTERS} characters of text")
        depth, level = depth + 1, below


def meant(name: str, known: Iterable[str]) -> str:
    """``; did you mean Cpu?`` where one of the known names is near, else nothing."""
    import difflib  # nobody needs it where all is well, and every cold start would pay for it

    near = difflib.get_close_matches(name[:100], list(known), 1, 0.6)
    return f"; did you mean {near[0]}?" if near else ""


def mapping(value: Any, path: str) -> Mapping[str, Any]:
    """The value, which must be a map from text. Raises BadFragment."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise refuse(path, "it is not a map")
    return value


def resources(template: Fragment) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Logical id and body of every resource. Raises BadFragment for what is no resource at all."""
    for title, body in mapping(template.get("Resources", {}), "Resources").items():
        yield title, mapping(body, f"Resources/{title}")
