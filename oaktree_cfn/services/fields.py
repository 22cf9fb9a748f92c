"""Typed fields: what each value of a description may be, said once.

A description (a web service, its scaling, a table) is a frozen dataclass whose fields are declared with the functions
below. A field knows its default, the values it takes and one sentence for people. From that come the check and its
message, the parameter that a template asks for it with, and whatever else needs to know what may be said.

A value may be an intrinsic function (a reference, an import) instead of a literal: what it will be is known to
CloudFormation only, so only literals are checked. What decides which resources there are cannot wait for CloudFormation:
parts, maps and lists are written out here, and so is a field that is ``known``. A few may stand under a condition
(``when.When``): they are ``conditional``.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services.when import When

D = TypeVar("D")

Value = Any
"""Text, a number, a boolean, or an intrinsic function that gives one."""

_KIND, _SAYS, _KNOWN, _CONDITIONAL = "kind", "says", "known", "conditional"


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
    """A number from ``low`` to ``high`` with at most so many ``decimals`` (None: any). Text of digits counts, as in
    templates.
    """

    low: float
    high: float
    decimals: int | None = 0

    @property
    def says(self) -> str:
        """For the end of the sentence "it must be …"."""
        kind = "whole number" if self.decimals == 0 else "number"
        precision = f" with at most {self.decimals} decimal" if self.decimals else ""
        return f"a {kind} from {self.low} to {self.high}{precision}"

    def takes(self, value: Value) -> bool:
        """Whether a literal is one of them."""
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return False
        text = value if isinstance(value, str) else format(Decimal(str(value)), "f")
        fraction = "" if self.decimals == 0 else rf"(\.[0-9]{{1,{self.decimals or ''}}})?"
        return bool(re.fullmatch(rf"-?[0-9]{{1,15}}{fraction}", text)) and self.low <= float(text) <= self.high


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
    """A text whose whole matches ``pattern``, of at most ``longest`` characters; with ``digits`` a number counts as its
    text, as in templates.
    """

    pattern: str
    says: str
    longest: int = 4096
    digits: bool = False

    def takes(self, value: Value) -> bool:
        """Whether a literal is one of them."""
        text = str(value) if self.digits and isinstance(value, int) and not isinstance(value, bool) else value
        return isinstance(text, str) and len(text) <= self.longest and bool(re.fullmatch(self.pattern, text))


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
        return " or ".join(f"{'an' if cls.__name__[0] in 'AEIOU' else 'a'} {cls.__name__}" for cls in self.classes)

    def takes(self, value: Value) -> bool:
        """Whether it is one of them."""
        return isinstance(value, self.classes)


@dataclass(frozen=True, slots=True)
class Several:
    """A list of values of one kind; with ``whole`` a reference may give it whole."""

    kind: Kind
    most: int = 100
    whole: bool = False

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


# Declaring fields

REQUIRED: Any = MISSING
"""The default of a field that has none."""


def number(default: Any, low: float, high: float, says: str, *, decimals: int | None = 0) -> Any:
    """A number from ``low`` to ``high``; whole, unless it may have decimals (None: any number of them)."""
    return of(Number(low, high, decimals), default, says)


def choice(default: Any, values: Sequence[str], says: str, constraint: str = "") -> Any:
    """One of ``values``; ``constraint`` says so shorter than a list of them would."""
    return of(Choice(tuple(values), constraint), default, says)


def text(default: Any, pattern: str, constraint: str, says: str, longest: int = 4096, *, digits: bool = False) -> Any:
    """A text whose whole matches ``pattern``; ``constraint`` ends the sentence "it must be …"."""
    return of(Text(pattern, constraint, longest, digits), default, says)


def switch(default: bool, says: str) -> Any:
    """Yes or no."""
    return of(Switch(), default, says)


def arn(default: Any, says: str, service: str = "") -> Any:
    """The ARN of something else, of one ``service`` (as ARNs call it) or any."""
    pattern = rf"arn:aws[a-z-]*:{service or '[a-z0-9-]+'}:[a-z0-9-]*:[a-z0-9]*:\S+"
    return text(default, pattern, f"an ARN of {service}" if service else "an ARN", says, 2048)


def part(default: Any, classes: type | tuple[type, ...], says: str) -> Any:
    """A description of its own."""
    return of(Part(classes if isinstance(classes, tuple) else (classes,)), default, says)


def several(kind: Kind | type, says: str, default: Sequence[Any] = (), most: int = 100, *, whole: bool = False) -> Any:
    """A list of values or of descriptions; with ``whole`` a reference may give it whole."""
    return of(Several(Part((kind,)) if isinstance(kind, type) else kind, most, whole), tuple(default), says)


def named(kind: Kind, pattern: str, names: str, says: str, default: Mapping[str, Any] | None = None) -> Any:
    """A map from names to values."""
    given = dict(default or {})
    return field(default_factory=lambda: dict(given), metadata={_KIND: Named(kind, pattern, names), _SAYS: says})


def of(kind: Kind, default: Any, says: str) -> Any:
    """A field of any kind. One whose default is None may be left out."""
    return field(default=default, metadata={_KIND: kind, _SAYS: says})


def known(declared: Any) -> Any:
    """The same field for a value that must be there when the template is composed: no intrinsic function, not even as an
    item of a list.
    """
    return _marked(declared, _KNOWN)


def conditional(declared: Any) -> Any:
    """The same field for a value that may stand under a condition."""
    return _marked(declared, _CONDITIONAL)


def _marked(declared: Any, mark: str) -> Any:
    metadata = {**declared.metadata, mark: True}
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
    if declared.default_factory is not MISSING:
        return declared.default_factory()
    return None if declared.default is MISSING else declared.default


def required(cls: type, name: str) -> bool:
    """Whether the field must be given."""
    declared = _declared(cls, name)
    return declared.default is MISSING and declared.default_factory is MISSING


def is_known(cls: type, name: str) -> bool:
    """Whether the field takes no intrinsic function, because it decides what the template is made of."""
    declared = _declared(cls, name)
    return _KNOWN in declared.metadata or is_structure(declared.metadata[_KIND])


def is_wholly_known(cls: type, name: str) -> bool:
    """Whether not even an item of the field's list may be an intrinsic function."""
    return _KNOWN in _declared(cls, name).metadata


def _declared(cls: type, name: str) -> Field[Any]:
    return _declarations(cls)[name]


@cache
def _declarations(cls: type) -> Mapping[str, Field[Any]]:
    return {declared.name: declared for declared in fields(cls)}


def _declarations_of(description: Any) -> Mapping[str, Field[Any]]:
    cls: type = type(description)
    return _declarations(cls)


# Checking


def verify(description: Any) -> None:
    """Raises InvalidInput with every problem of a description, each naming its field."""
    found = [str(problem) for problem in problems(description)]
    if found:
        raise InvalidInput("\n".join(found), "Correct the description.")


def verified(description: D) -> D:
    """The description with each literal in the one type that AWS has for it: the text ``"5"`` is the number 5, ``"true"``
    is true. Raises InvalidInput as ``verify`` does.
    """
    verify(description)
    found: D = plain(description)
    return found


def problems(description: Any) -> Iterator[Problem]:
    """Everything wrong with a description and its parts: first each value by itself, then what contradicts what."""
    found = [problem.below(type(description).__name__) for problem in _inside(description)]
    yield from found


def _inside(description: Any) -> Iterator[Problem]:
    single = [problem for each in _declarations_of(description).values() for problem in _field(description, each)]
    yield from single
    if not single and hasattr(description, "contradictions"):
        yield from plain(description).contradictions()


def _field(description: Any, declared: Field[Any]) -> Iterator[Problem]:
    value, kind = getattr(description, declared.name), declared.metadata.get(_KIND)
    if kind is None or value is declared.default:  # a default is sound: the tests see to it
        return
    if isinstance(value, When) and _CONDITIONAL in declared.metadata:
        value = value.part
    for problem in _value(value, kind, known=_KNOWN in declared.metadata):
        yield problem.below(declared.name)


def _value(value: Any, kind: Kind, *, known: bool = False) -> Iterator[Problem]:
    conditional = isinstance(value, When)
    if conditional or not is_literal(value):
        if known or is_structure(kind):
            yield Problem("", "it must be known here: no reference, and nothing under a condition")
        elif conditional:
            yield Problem("", "it cannot stand under a condition", "Say If(condition, one value, another)")
    elif not kind.takes(value):
        yield Problem("", f"{value!r} is not {kind.says}" if _showable(value, kind) else f"it is not {kind.says}")
    elif isinstance(kind, Several):
        for index, item in enumerate(value):
            yield from (problem.below(str(index)) for problem in _value(item, kind.kind, known=known))
    elif isinstance(kind, Named):
        yield from _entries(value, kind, known=known)
    elif is_dataclass(value):
        yield from _inside(value)


def is_structure(kind: Kind) -> bool:
    """Whether what is made, and not only its values, depends on what a field says."""
    return isinstance(kind, Part | Named) or (isinstance(kind, Several) and not kind.whole)


def _entries(entries: Mapping[str, Any], kind: Named, *, known: bool) -> Iterator[Problem]:
    for name, value in entries.items():
        if not isinstance(name, str) or not re.fullmatch(kind.pattern, name):
            yield Problem(str(name), f"{kind.names} look different")
        else:
            yield from (problem.below(name) for problem in _value(value, kind.kind, known=known))


def _showable(value: Any, kind: Kind) -> bool:
    """Short literals may be told in a message; anything longer could be a secret or a page, and so could a text where a
    part belongs (the password itself instead of where it is kept).
    """
    if isinstance(value, str):
        return len(value) <= 40 and not isinstance(kind, Part)
    return isinstance(value, int | float)


# Values


def plain(description: Any) -> Any:
    """The description with each literal, right by itself, in the one type that AWS has for it; the same one where they
    are, as defaults always are.
    """
    changed: dict[str, Any] = {}
    for name, each in _declarations_of(description).items():
        value = getattr(description, name)
        if _KIND in each.metadata and value is not each.default:
            right = _plain(value, each.metadata[_KIND])
            if right is not value:
                changed[name] = right
    return replace(description, **changed) if changed else description


def _plain(value: Any, kind: Kind) -> Any:
    if isinstance(value, When):
        return When(value.condition, _plain(value.part, kind))
    if value is None or not is_literal(value):
        return value
    match kind:
        case Number() if isinstance(value, str):
            return float(value) if "." in value else int(value)
        case Switch():
            return value in (True, "true")
        case Choice() | Text():
            return str(value)
        case Several():
            items = tuple(_plain(item, kind.kind) for item in value)
            return value if isinstance(value, tuple) and all(map(operator.is_, items, value)) else items
        case Named():
            named = {name: _plain(item, kind.kind) for name, item in value.items()}
            return value if all(map(operator.is_, named.values(), value.values())) else named
    return plain(value) if is_dataclass(value) else value


def is_literal(value: Any) -> bool:
    """Whether a value is known here: no intrinsic function, neither troposphere's nor a map of one."""
    if isinstance(value, Mapping) and len(value) == 1:
        name = str(next(iter(value)))
        return name != "Ref" and not name.startswith("Fn::")
    return not hasattr(value, "to_dict")


def number_of(value: Any) -> float | None:
    """The number that a literal is; None for an intrinsic function and for what is not given."""
    return float(value) if value is not None and is_literal(value) else None


def as_text(value: Any) -> Any:
    """A scalar as CloudFormation writes it where it wants text: ``"true"``, ``"5"``. Intrinsic functions stay."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def as_number(value: Any) -> Any:
    """A whole number said as text, as the number that it is. All else stays."""
    return int(value) if isinstance(value, str) and value.isdecimal() else value
