"""GitHub's expressions, ``${{ ... }}``: literals, contexts, operators, and the functions that our workflows use.

After docs.github.com/en/actions/reference/workflows-and-actions/expressions: comparisons ignore the case of texts and turn
unlike types into numbers, a property that is not there is null, ``&&`` and ``||`` answer with one of their sides. A name or a function
that is not played is refused.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Function = Callable[..., Any]
Read = Callable[[], Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|'(?P<text>(?:[^']|'')*)'|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>&&|\|\||[=!<>]=|[<>!().,\[\]]))"
)
_PLACE = re.compile(r"\$\{\{(.*?)\}\}", re.S)
_LITERALS = {"true": True, "false": False, "null": None}


class NotPlayed(Exception):
    """Something of GitHub Actions that is not played here, by its name."""


@dataclass(frozen=True)
class Scope:
    """What expressions may ask: contexts by name, and functions beside the general ones."""

    contexts: Mapping[str, Any]
    functions: Mapping[str, Function] = field(default_factory=dict)

    def evaluate(self, expression: str) -> Any:
        """The value of one expression, with or without ``${{ }}`` around it."""
        whole = _PLACE.fullmatch(expression.strip())
        return _Parser(whole[1] if whole else expression, self).value()

    def fill(self, value: Any) -> Any:
        """A value of a workflow file with every expression in it evaluated; a text that is one expression keeps its type."""
        if isinstance(value, Mapping):
            return {name: self.fill(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.fill(each) for each in value]
        if not isinstance(value, str):
            return value
        if len(_PLACE.findall(value)) == 1 and _PLACE.fullmatch(value.strip()):
            return self.evaluate(value)
        return _PLACE.sub(lambda found: text(self.evaluate(found[1])), value)


def text(value: Any) -> str:
    """A value as GitHub writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def true(value: Any) -> bool:
    """Whether a value counts as true: not false, 0, null, NaN or an empty text."""
    return not (value in (None, False, 0, "") or (isinstance(value, float) and math.isnan(value)))


def _number(value: Any) -> float:
    if isinstance(value, dict | list):
        return math.nan
    try:
        return float(value or 0)
    except ValueError:
        return math.nan


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return left is right
    if type(left) is type(right):
        return bool(left == right)
    return _number(left) == _number(right)


def _compare(sign: str, left: Any, right: Any) -> bool:
    if sign in ("==", "!="):
        return _equal(left, right) == (sign == "==")
    if isinstance(left, str) and isinstance(right, str):
        one, other = (left.casefold() > right.casefold()) - (left.casefold() < right.casefold()), 0
        return _ORDERS[sign](one, other)
    return _ORDERS[sign](_number(left), _number(right))


_ORDERS: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
}


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_equal(each, what) for each in where)
    return text(what).casefold() in text(where).casefold()


def _format(pattern: str, *values: Any) -> str:
    def one(found: re.Match[str]) -> str:
        return found[0][0] if found[0] in ("{{", "}}") else text(values[int(found[1])])

    return re.sub(r"\{\{|\}\}|\{(\d+)\}", one, pattern)


FUNCTIONS: Mapping[str, Function] = {
    "contains": _contains,
    "startswith": lambda where, what: text(where).casefold().startswith(text(what).casefold()),
    "endswith": lambda where, what: text(where).casefold().endswith(text(what).casefold()),
    "format": _format,
    "tojson": lambda value: json.dumps(value, indent=2),
    "fromjson": json.loads,
}
"""What every expression may call; names ignore case."""


class _Parser:
    """Evaluates while it reads, from the loosest operator to the tightest."""

    def __init__(self, expression: str, scope: Scope) -> None:
        self._text, self._scope = expression.strip(), scope
        self._tokens = list(self._split())

    def value(self) -> Any:
        found = self._or()
        if self._tokens:
            raise NotPlayed(f"{self._tokens[0][1]!r} in the expression {self._text!r}")
        return found

    def _split(self) -> Iterator[tuple[str, str]]:
        at = 0
        while at < len(self._text):
            found = _TOKEN.match(self._text, at)
            if found is None or found.lastgroup is None:
                raise NotPlayed(f"{self._text[at:]!r} in the expression {self._text!r}")
            yield found.lastgroup, found[found.lastgroup]
            at = found.end()

    def _take(self, *signs: str) -> str:
        if self._tokens and self._tokens[0][0] == "sign" and self._tokens[0][1] in signs:
            return self._tokens.pop(0)[1]
        return ""

    def _or(self) -> Any:
        left = self._and()
        while self._take("||"):
            right = self._and()
            left = left if true(left) else right
        return left

    def _and(self) -> Any:
        left = self._comparison()
        while self._take("&&"):
            right = self._comparison()
            left = right if true(left) else left
        return left

    def _comparison(self) -> Any:
        left = self._not()
        while sign := self._take("==", "!=", "<", ">", "<=", ">="):
            left = _compare(sign, left, self._not())
        return left

    def _not(self) -> Any:
        return not true(self._not()) if self._take("!") else self._property()

    def _property(self) -> Any:
        found = self._primary()
        while sign := self._take(".", "["):
            name = self._or() if sign == "[" else self._tokens.pop(0)[1]
            if sign == "[":
                self._expect("]")
            found = _inside(found, name)
        return found

    def _primary(self) -> Any:
        if self._take("("):
            found = self._or()
            self._expect(")")
            return found
        kind, token = self._tokens.pop(0) if self._tokens else ("end", "its end")
        if kind == "number":
            return float(token)
        if kind == "text":
            return token.replace("''", "'")
        if kind != "name":
            raise NotPlayed(f"{token!r} in the expression {self._text!r}")
        return self._call(token) if self._take("(") else self._named(token)

    def _named(self, name: str) -> Any:
        if name in _LITERALS:
            return _LITERALS[name]
        if name not in self._scope.contexts:
            raise NotPlayed(f"the context {name!r} in the expression {self._text!r}")
        return self._scope.contexts[name]

    def _call(self, name: str) -> Any:
        values: list[Any] = []
        while not self._take(")"):
            values.append(self._or())
            self._take(",")
        function = {**FUNCTIONS, **self._scope.functions}.get(name.casefold())
        if function is None:
            raise NotPlayed(f"the function {name}() in the expression {self._text!r}")
        return function(*values)

    def _expect(self, sign: str) -> None:
        if not self._take(sign):
            raise NotPlayed(f"a missing {sign!r} in the expression {self._text!r}")


def _inside(value: Any, name: Any) -> Any:
    if isinstance(value, Mapping):
        wanted = text(name).casefold()
        return next((each for key, each in value.items() if str(key).casefold() == wanted), None)
    if isinstance(value, list) and isinstance(name, float) and 0 <= name < len(value):
        return value[int(name)]
    return None
