"""Keeping secrets out of a review. Pure.

A value is a secret when it was given as one (NoEcho), when it stands under a name that says so (a property, a parameter, an
environment variable), when the resource's schema says that it can be written but never read, or when it looks like one (an
access key, a private key, the password in a URL). It is then hidden *wherever* it appears, not only there: also within
other texts, as base64, escaped in JSON or in a URL, and when only its beginning is left of it.

What cannot be read is judged at its worst: in a text that was cut short every value under a telling name is a secret, and
so is an environment variable whose name was not told.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from oaktree_cfn.models import KNOWN_AFTER_APPLY, Change, ChangeSet
from oaktree_cfn.template import schemas
from oaktree_cfn.template.secrets import SHAPES, secret_name

HIDDEN = "(hidden)"

_HARMLESS_WRITE_ONLY = re.compile(
    r"(arns?|names?|ids?|path|uri|url|type|tier|class|version|window|region|description|bucket|s3key|mode|pattern|"
    r"identifier|time|azs|port|cidr|status|namespace|loglevel|applyon|logdriver|\d)$",
    re.IGNORECASE,
)
_ENVIRONMENT_VALUE = re.compile(r"(^|/)Environment/\d+/Value$")
_PAIR = re.compile(r'"((?:[^"\\]|\\.)*)"\s*:\s*"((?:[^"\\]|\\.)*)')
_ORDINARY = frozenset({"true", "false", "none", "null", "enabled", "disabled", "default", "required", "optional"})

_SHORTEST = 4
"""Values shorter than this are not searched for elsewhere: hiding every ``1`` would hide the review."""
_TELLING = 8
"""So many characters of a secret are too many, when a text was cut within it."""


@dataclass(frozen=True, slots=True)
class Redactor:
    """Hides secret values in texts that are about to be shown."""

    values: frozenset[str]
    needles: tuple[str, ...] = ()
    starts: Mapping[str, tuple[int, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Sort the needles by how they start: a text is then looked through once, however many secrets there are."""
        starts: dict[str, tuple[int, ...]] = {}
        for index, needle in enumerate(self.needles):
            start = needle[:_SHORTEST]
            starts[start] = (*starts.get(start, ()), index)
        object.__setattr__(self, "starts", starts)

    @classmethod
    def of(cls, changes: Iterable[Change], known: Iterable[str] = ()) -> Redactor:
        """From the values known to be secret, and those that the changes give away as such."""
        return cls._hiding({*known, *(value for change in changes for value in _in_change(change))})

    @classmethod
    def of_tree(cls, change_set: ChangeSet, known: Iterable[str] = ()) -> Redactor:
        """The same for a whole tree, the parameters of its stacks included."""
        changes = [change for _, change in change_set.walk()]
        sets = [change_set, *(change.nested for change in changes if change.nested is not None)]
        named = (value for each in sets for value in _found(each.parameters))
        return cls._hiding({*known, *named, *(value for change in changes for value in _in_change(change))})

    @classmethod
    def _hiding(cls, found: Iterable[str]) -> Redactor:
        values = frozenset(value for value in found if _worth_hiding(value))
        needles = {form for value in values for form in _forms(value)}
        return cls(values, tuple(sorted(needles, key=lambda each: (-len(each), each))))

    def __call__(self, name: str, text: str | None, type_: str = "") -> str | None:
        """``text``, which stands under ``name`` (of a resource of ``type_``), without its secrets."""
        if text is None:
            return None
        return HIDDEN if _secret_place(name, text, type_) else self.text(text)

    def text(self, text: str) -> str:
        """A text from anywhere, without its secrets."""
        needles = self._likely(text)
        for needle in needles:
            text = text.replace(needle, HIDDEN)
        for needle in needles:
            if len(needle) > _TELLING and needle[:_TELLING] in text:
                text = _without_beginnings(text, needle)
        return SHAPES.sub(HIDDEN, text)

    def _likely(self, text: str) -> list[str]:
        """The needles whose start stands in the text, the longest first."""
        starts = {text[at : at + _SHORTEST] for at in range(len(text) - _SHORTEST + 1)} & self.starts.keys()
        return [self.needles[index] for index in sorted(index for start in starts for index in self.starts[start])]


def _worth_hiding(value: str) -> bool:
    plain = value.startswith(("arn:", "{{resolve:", HIDDEN)) or value.lower() in _ORDINARY
    return len(value) >= _SHORTEST and not plain and KNOWN_AFTER_APPLY not in value and set(value) != {"*"}


def _without_beginnings(text: str, secret: str) -> str:
    """Hide what is left of a secret where a text was cut: its beginning, up to an end that is no middle of a word."""
    shown, start = "", 0
    while (found := text.find(secret[:_TELLING], start)) >= 0:
        end = found + next(
            (at for at, (one, other) in enumerate(zip(text[found:], secret, strict=False)) if one != other),
            min(len(text) - found, len(secret)),
        )
        cut = end == len(text) or not text[end].isalnum()
        shown += text[start:found] + (HIDDEN if cut else text[found:end])
        start = end
    return shown + text[start:]


# The guises of one value


def _forms(value: str) -> Iterator[str]:
    escaped = json.dumps(value, ensure_ascii=False)[1:-1]
    lines = (line.strip() for line in value.splitlines() if len(line.strip()) >= 2 * _TELLING)
    guises = (
        escaped,
        json.dumps(value)[1:-1],
        json.dumps(escaped, ensure_ascii=False)[1:-1],
        _percent(value),
        *lines,
    )
    yield value
    yield from (guise for guise in guises if len(guise) >= _SHORTEST)
    yield base64.b64encode(value.encode("utf-8", "surrogatepass")).decode()
    if len(value) >= _TELLING:
        yield value.lower()  # names that know no case are compared in lower case
        yield from _within_base64(value.encode("utf-8", "surrogatepass"))


def _percent(value: str) -> str:
    """As it stands in a URL."""
    plain = "-._~"
    letters = (letter if letter.isascii() and (letter.isalnum() or letter in plain) else None for letter in value)
    coded = (letter.encode("utf-8", "surrogatepass") for letter in value)
    return "".join(one or "".join(f"%{byte:02X}" for byte in raw) for one, raw in zip(letters, coded, strict=True))


def _within_base64(value: bytes) -> Iterator[str]:
    """What a value looks like inside the base64 of a longer text, at each of the three ways it may lie there."""
    for shift, skip in ((0, 0), (1, 2), (2, 3)):
        encoded = base64.b64encode(b"\0" * shift + value).decode()
        yield encoded[skip : (shift + len(value)) * 8 // 6]


# Where secrets stand


def _secret_place(name: str, text: str, type_: str) -> bool:
    if secret_name(name.rpartition("/")[2]):
        return True
    return bool(type_) and _write_only(type_, name.split("/"), text)


def _write_only(type_: str, path: list[str], text: str) -> bool:
    pointer = tuple(part for part in path if not part.isdigit())
    schema = schemas.of(type_)
    under = schema is not None and any(pointer[: len(each)] == each for each in schema.write_only)
    return under and not _HARMLESS_WRITE_ONLY.search(path[-1]) and _plausible(text)


def _plausible(text: str) -> bool:
    """Whether a write-only value could be secret: no switch, no number, no reference."""
    number = text.replace(".", "", 1).isdigit()
    return not number and text.lower() not in _ORDINARY and text != KNOWN_AFTER_APPLY and not text.startswith("arn:")


def _in_change(change: Change) -> Iterator[str]:
    for context in (change.before, change.after):
        if context is not None:
            yield from _found(context)
            yield from _unreadable(change.type, context.get("Properties"))
    bare = change.before is None and change.after is None
    for detail in change.details:
        name = detail.path.removeprefix("/").removeprefix("Properties/") or detail.name
        for value in (detail.before, detail.after):
            if value is not None:
                yield from _in_detail(change.type, name, value, bare)


def _in_detail(type_: str, name: str, value: str, bare: bool) -> Iterator[str]:
    unnamed = bare and _ENVIRONMENT_VALUE.search(name) is not None
    if unnamed or _secret_place(name, value, type_):
        yield value
    whole = _parsed(value)
    if whole is None:
        yield from _in_cut_text(value)
    else:
        yield from _found(whole)
        yield from _unreadable(type_, whole, *name.split("/"))


def _parsed(text: str) -> Any:
    """The JSON of a text; None for a list or object that was cut short; a plain text holds nothing else."""
    if not text.lstrip().startswith(("{", "[")):
        return ()
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _in_cut_text(text: str) -> Iterator[str]:
    """Values under telling names, and environment values that no harmless name precedes."""
    pairs = [(_unescaped(key), _unescaped(value)) for key, value in _PAIR.findall(text)]
    for (before, named), (key, value) in pairwise([("", ""), *pairs]):
        harmless = before == "Name" and not secret_name(named)
        if secret_name(key) or (key == "Value" and not harmless):
            yield value


def _unescaped(text: str) -> str:
    try:
        return str(json.loads(f'"{text}"'))
    except ValueError:
        return text


def _found(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        named = value.get("Name")
        if isinstance(named, str) and secret_name(named) and isinstance(value.get("Value"), str):
            yield value["Value"]
        for key, inner in value.items():
            if secret_name(str(key)):
                yield from _texts(inner)
            yield from _found(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _found(inner)
    elif isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        whole = _parsed(value)
        yield from _in_cut_text(value) if whole is None else _found(whole)


def _texts(value: Any) -> Iterator[str]:
    """The text under a telling name, or the texts of a list there; an object's parts have names of their own."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))


def _unreadable(type_: str, value: Any, *path: str) -> Iterator[str]:
    """Values of write-only properties; nothing where the type has none."""
    schema = schemas.of(type_)
    if schema is not None and schema.write_only:
        yield from _below(type_, value, [*path])


def _below(type_: str, value: Any, path: list[str]) -> Iterator[str]:
    if isinstance(value, str):
        if path and _write_only(type_, path, value):
            yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _below(type_, inner, [*path, str(key)])
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _below(type_, inner, [*path, str(index)])
