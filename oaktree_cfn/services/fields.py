"""Typed fields: what each value of a description may be, said once.

A description (a web service, its scaling, a table) is a frozen dataclass whose fields are declared with the functions
below. A field knows its default, the values it takes and one sentence for people. From that come the check and its
message, the parameter that a template asks for it with, and whatever else needs to know what may be said.

A value may always be an intrinsic function (a reference, an import) instead of a literal: what it will be is known to
CloudFormation only, so only literals are checked. What decides which resources there are cannot wait for CloudFormation:
such a field is ``known``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from typing import Any

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services.when import When, the_part

Value = Any
"""Text, a number, a boolean, or an intrinsic function that gives one."""

_KIND, _SAYS, _KNOWN = "kind", "says", "known"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a description: the field's path (``WebService.memory``), what is wrong, how to mend it."""

    field: str
    message: str
    fix: str = ""

    def __str__(self) -> str:
        return ": ".join(part for part in (self.field, self.message) if part) + (f". {self.fix}" if self.fix else "")

    def below(self, path: str) -> Problem:
        """The same problem, seen from where the description stands."""
        return Problem(f"{path}.{self.field}" if self.field else path, self.message, self.fix)


# Kinds of values


@dataclass(frozen=True, slots=True)
class Number:
    """A number from ``low`` to ``high``, whole unless ``whole`` is false. Text of digits counts, as in templates."""

    low: float
    high: float
    whole: bool = True

    @property
    def says(self) -> str:
        """For the end of the sentence "it must be …"."""
        return f"a {'whole ' if self.whole else ''}number from {self.low} to {self.high}"

    def takes(self, value: Value) -> bool:
        """Whether a literal is one of them."""
        pattern = r"-?\d{1,15}" if self.whole else r"-?\d{1,15}(\.\d+)?"
        literal = isinstance(value, int | float | str) and not isinstance(value, bool)
        return literal and bool(re.fullmatch(pattern, str(value))) and self.low <= float(value) <= self.high


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few texts."""

    values: tuple[str, ...]
    constraint: str = ""

    @property
    def says(self) -> str:
        """For the end of the sentence "it must be …"."""
        return self.constraint or f"one of {', '.join(self.values)}"

    def takes(self, value: Value) -> bool:
        """Whether a literal is one of them; 256 counts as ``"256"``."""
        return not isinstance(value, bool) and str(value) in self.values


@dataclass(frozen=True, slots=True)
class Text:
    """A text whose whole matches ``pattern``, of at most ``longest`` characters."""

    pattern: str
    says: str
    longest: int = 4096

    def takes(self, value: Value) -> bool:
        """Whether a literal is one of them."""
        return isinstance(value, str) and len(value) <= self.longest and bool(re.fullmatch(self.pattern, value))


@dataclass(frozen=True, slots=True)
class Scalar:
    """Any text, number or boolean: what a template can write as text."""

    says: str = "text, a number, true or false"

    def takes(self, value: Value) -> bool:
        """Whether a literal is one of them."""
        return isinstance(value, str | int | float | bool)


@dataclass(frozen=True, slots=True)
class Switch:
    """Yes or no; the texts ``"true"`` and ``"false"`` count, as in templates."""

    says: str = "true or false"

    def takes(self, value: Value) -> bool:
        """Whether a literal is one of them."""
        return isinstance(value, bool) or value in ("true", "false")


@dataclass(frozen=True, slots=True)
class Part:
    """A description of its own, of one of these classes."""

    classes: tuple[type, ...]

    @property
    def says(self) -> str:
        """For the end of the sentence "it must be …"."""
        return " or ".join(f"a {cls.__name__}" for cls in self.classes)

    def takes(self, value: Value) -> bool:
        """Whether it is one of them."""
        return isinstance(value, self.classes)


@dataclass(frozen=True, slots=True)
class Several:
    """A list of values of one kind."""

    kind: Kind
    most: int = 100

    @property
    def says(self) -> str:
        """For the end of the sentence "it must be …"."""
        return f"a list of at most {self.most}, each {self.kind.says}"

    def takes(self, value: Value) -> bool:
        """Whether it is a list short enough; what is in it is checked one by one."""
        return isinstance(value, Sequence) and not isinstance(value, str) and len(value) <= self.most


@dataclass(frozen=True, slots=True)
class Named:
    """A map from names that match ``pattern`` to values of one kind."""

    kind: Kind
    pattern: str
    names: str

    @property
    def says(self) -> str:
        """For the end of the sentence "it must be …"."""
        return f"a map from {self.names} to {self.kind.says}"

    def takes(self, value: Value) -> bool:
        """Whether it is a map; what is in it is checked one by one."""
        return isinstance(value, Mapping)


Kind = Number | Choice | Text | Scalar | Switch | Part | Several | Named

NOT_EMPTY = Text(r"(?s).+", "text that is not empty")
ARN = Text(r"arn:aws[a-z-]*:[a-z0-9-]+:.+", "an ARN", 2048)


# Declaring fields

REQUIRED: Any = MISSING
"""The default of a field that has none."""


def number(default: Any, low: float, high: float, says: str, *, whole: bool = True) -> Any:
    """A number from ``low`` to ``high``."""
    return of(Number(low, high, whole), default, says)


def choice(default: Any, values: Sequence[str], says: str, constraint: str = "") -> Any:
    """One of ``values``; ``constraint`` says so shorter than a list of them would."""
    return of(Choice(tuple(values), constraint), default, says)


def text(default: Any, pattern: str, constraint: str, says: str, longest: int = 4096) -> Any:
    """A text whose whole matches ``pattern``; ``constraint`` ends the sentence "it must be …"."""
    return of(Text(pattern, constraint, longest), default, says)


def switch(default: bool, says: str) -> Any:
    """Yes or no."""
    return of(Switch(), default, says)


def arn(default: Any, says: str) -> Any:
    """The ARN of something else."""
    return of(ARN, default, says)


def part(default: Any, classes: type | tuple[type, ...], says: str) -> Any:
    """A description of its own."""
    return of(Part(classes if isinstance(classes, tuple) else (classes,)), default, says)


def several(kind: Kind | type, says: str, default: Sequence[Any] = (), most: int = 100) -> Any:
    """A list of values or of descriptions."""
    return of(Several(Part((kind,)) if isinstance(kind, type) else kind, most), tuple(default), says)


def named(kind: Kind, pattern: str, names: str, says: str, default: Mapping[str, Any] | None = None) -> Any:
    """A map from names to values."""
    given = dict(default or {})
    return field(default_factory=lambda: dict(given), metadata={_KIND: Named(kind, pattern, names), _SAYS: says})


def of(kind: Kind, default: Any, says: str) -> Any:
    """A field of any kind. One whose default is None may be left out."""
    return field(default=default, metadata={_KIND: kind, _SAYS: says})


def known(declared: Any, *, conditional: bool = False) -> Any:
    """The same field for a value that must be there when the template is composed: no intrinsic function, and nothing
    under a condition unless ``conditional``.
    """
    metadata = {**declared.metadata, _KNOWN: conditional}
    if declared.default_factory is not MISSING:
        return field(default_factory=declared.default_factory, metadata=metadata)
    return field(default=declared.default, metadata=metadata)


# Reading declarations


def kind_of(cls: type, name: str) -> Kind:
    """What the field of a description takes. Raises KeyError for a field there is not."""
    kind: Kind = _declared(cls, name).metadata[_KIND]
    return kind


def says_of(cls: type, name: str) -> str:
    """The field's sentence for people."""
    return str(_declared(cls, name).metadata[_SAYS])


def default_of(cls: type, name: str) -> Any:
    """The field's default; None for one that must be given."""
    declared = _declared(cls, name)
    return None if declared.default is MISSING else declared.default


def _declared(cls: type, name: str) -> Field[Any]:
    return {declared.name: declared for declared in fields(cls)}[name]


# Checking


def verify(description: Any) -> None:
    """Raises InvalidInput with every problem of a description, each naming its field."""
    found = [str(problem) for problem in problems(description)]
    if found:
        raise InvalidInput("\n".join(found), "Correct the description.")


def problems(description: Any) -> Iterator[Problem]:
    """Everything wrong with a description and its parts: first each value by itself, then what contradicts what."""
    found = [problem.below(type(description).__name__) for problem in _inside(description)]
    yield from found


def _inside(description: Any) -> Iterator[Problem]:
    single = [problem for declared in fields(description) for problem in _field(description, declared)]
    yield from single
    contradictions = getattr(description, "contradictions", None)
    if contradictions is not None and not single:
        yield from contradictions()


def _field(description: Any, declared: Field[Any]) -> Iterator[Problem]:
    value, kind = getattr(description, declared.name), declared.metadata.get(_KIND)
    if kind is None or (value is None and declared.default is None):
        return
    awaited = list(_awaited(value, declared.metadata[_KNOWN])) if _KNOWN in declared.metadata else []
    for problem in awaited or _value(value, kind):
        yield problem.below(declared.name)


def _awaited(value: Value, conditional: bool) -> Iterator[Problem]:
    """Where CloudFormation only would know what must be known here."""
    told = "it must be known here: no reference, and nothing under a condition"
    if _is_awaited(value, conditional):
        yield Problem("", told)
    elif isinstance(value, list | tuple):
        yield from (Problem(str(number), told) for number, item in enumerate(value) if _is_awaited(item, False))


def _is_awaited(value: Value, conditional: bool) -> bool:
    return not is_literal(the_part(value)) or (isinstance(value, When) and not conditional)


def _value(value: Any, kind: Kind) -> Iterator[Problem]:
    if isinstance(value, When):
        yield from _value(value.part, kind)
    elif not is_literal(value):
        if _is_structure(kind):
            yield Problem("", "it cannot be an intrinsic function", "Say it here: what is made depends on it")
    elif not kind.takes(value):
        yield Problem("", f"{value!r} is not {kind.says}" if _showable(value) else f"it is not {kind.says}")
    elif isinstance(kind, Several):
        yield from (each.below(str(index)) for index, item in enumerate(value) for each in _value(item, kind.kind))
    elif isinstance(kind, Named):
        yield from _entries(value, kind)
    elif is_dataclass(value):
        yield from _inside(value)


def _is_structure(kind: Kind) -> bool:
    """Whether what is made, and not only its values, depends on what a field says."""
    return isinstance(kind, Part | Named) or (isinstance(kind, Several) and isinstance(kind.kind, Part))


def _entries(entries: Mapping[str, Any], kind: Named) -> Iterator[Problem]:
    for name, value in entries.items():
        if not isinstance(name, str) or not re.fullmatch(kind.pattern, name):
            yield Problem(str(name), f"the name is not one of {kind.names}")
        else:
            yield from (problem.below(name) for problem in _value(value, kind.kind))


def _showable(value: Any) -> bool:
    """Short literals may be told in a message; anything longer could be a secret or a page."""
    return isinstance(value, int | float | bool) or (isinstance(value, str) and len(value) <= 40)


def is_literal(value: Any) -> bool:
    """Whether a value is known here: no intrinsic function, neither troposphere's nor a map of one."""
    if isinstance(value, Mapping) and len(value) == 1:
        return not str(next(iter(value))).startswith(("Ref", "Fn::"))
    return not hasattr(value, "to_dict")
