"""What IAM policies grant, so that two of them can be compared: one statement as sets, and which covers which. Pure.

Patterns are compared as patterns: ``dynamodb:*`` covers ``dynamodb:Get*``, which covers ``dynamodb:GetItem``. Where a cover
cannot be proved (a NotAction beside a wildcard, a condition of another operator) there is none: the comparison then says
"granted anew", never the opposite.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from oaktree_cfn.models import KNOWN_AFTER_APPLY
from oaktree_cfn.template.plain import listed, parsed

ANY = "*"

_MOST_ATOMS = 5000
"""A statement of more combinations is not taken apart: unless another covers all of it, all of it counts as new."""

_ACCOUNT_ROOT = re.compile(r"AWS:arn:[^:]*:iam::(\d{12}):root")
_ACCOUNT = re.compile(r"AWS:(\d{12})")
_WILDCARDS = re.compile(r"[*?]{2,}")
_TOKENS = re.compile(r"\?*\*|.", re.DOTALL)


# Patterns


def normal(pattern: str) -> str:
    """The same pattern with its wildcards in one order: ``*?*`` is ``?*``."""
    return _WILDCARDS.sub(lambda run: "?" * run[0].count("?") + "*" * ("*" in run[0]), pattern)


@lru_cache(maxsize=65536)
def covers(wide: str, narrow: str) -> bool:
    """Whether every text that ``narrow`` matches is matched by ``wide``, both with ``*`` and ``?`` as IAM has them."""
    return _matches(normal(wide), normal(narrow))


def _matches(wide: str, narrow: str) -> bool:
    """The usual matching of a text, where the text's own wildcards are letters that only wildcards can stand for.

    A run ``??*`` is a star that stands for two letters at least, in which no star of the text counts as one.
    """
    tokens = _TOKENS.findall(wide)
    here = there = back = 0
    star = -1
    while True:
        sign = tokens[here] if here < len(tokens) else ""
        if sign.endswith("*"):
            there = _past(narrow, there, len(sign) - 1)
            if there < 0:
                return False
            star, back, here = here, there, here + 1
        elif there == len(narrow):
            return here == len(tokens)
        elif sign == narrow[there] or (sign == "?" and narrow[there] != "*"):
            here, there = here + 1, there + 1
        elif star >= 0:
            back += 1
            here, there = star + 1, back
        else:
            return False


def _past(text: str, start: int, letters: int) -> int:
    """The position after so many letters that are no star; -1 when there are fewer."""
    while letters:
        if start >= len(text):
            return -1
        letters -= text[start] != "*"
        start += 1
    return start


def _meet(one: str, other: str) -> bool:
    """Whether some text may match both; True when in doubt."""
    if "*" in one + other or "?" in one + other:
        head = min(_literal_length(one), _literal_length(other))
        return one[:head] == other[:head]
    return one == other


def _literal_length(pattern: str) -> int:
    return next((index for index, letter in enumerate(pattern) if letter in "*?"), len(pattern))


# One element of a statement: these, or all but these


class Part(NamedTuple):
    """The values of an element. ``negated`` for NotAction, NotResource and NotPrincipal; actions know no case."""

    values: frozenset[str]
    negated: bool = False
    caseless: bool = False

    def covers(self, other: Part) -> bool:
        """Whether everything in ``other`` is in this."""
        mine, its = self._compared(self), self._compared(other)
        match self.negated, other.negated:
            case False, False:
                return all(any(covers(wide, narrow) for wide in mine) for narrow in its)
            case False, True:
                return ANY in mine
            case True, True:
                return all(any(covers(wide, narrow) for wide in its) for narrow in mine)
            case _:
                return not any(_meet(one, another) for one in mine for another in its)

    def _compared(self, part: Part) -> Iterable[str]:
        return [value.lower() for value in part.values] if self.caseless else part.values

    def each(self) -> Iterator[Part]:
        """Its values one by one; what is negated cannot be taken apart."""
        if self.negated:
            yield self
        else:
            yield from (self._replace(values=frozenset({value})) for value in sorted(self.values))

    def __str__(self) -> str:
        """For people."""
        words = ", ".join(sorted(self.values)) or "nothing"
        return f"everything but {words}" if self.negated else words


Conditions = tuple[tuple[str, str, frozenset[str]], ...]
"""(operator, key, values), sorted; the values of one key are alternatives."""


class Grant(NamedTuple):
    """One statement: who may do (or not do) what with which resources, under which conditions."""

    effect: str
    principals: Part
    actions: Part
    resources: Part
    conditions: Conditions = ()

    def covers(self, other: Grant) -> bool:
        """Whether whatever ``other`` says is already said by this."""
        return (
            self.effect == other.effect
            and self.actions.covers(other.actions)
            and self.resources.covers(other.resources)
            and self.principals.covers(other.principals)
            and looser(self.conditions, other.conditions)
        )

    def atoms(self) -> Iterator[Grant]:
        """The statement as statements of one principal, one action and one resource each."""
        for who, what, where in product(self.principals.each(), self.actions.each(), self.resources.each()):
            yield Grant(self.effect, who, what, where, self.conditions)

    @property
    def awaited(self) -> bool:
        """Whether a principal or resource of it is known only after apply."""
        return any(KNOWN_AFTER_APPLY in value for value in (*self.resources.values, *self.principals.values))


def looser(wide: Conditions, narrow: Conditions) -> bool:
    """Whether ``narrow`` demands at least all that ``wide`` does."""
    return all(any(_demands(its, mine) for its in narrow) for mine in wide)


def _demands(its: tuple[str, str, frozenset[str]], mine: tuple[str, str, frozenset[str]]) -> bool:
    if its[:2] != mine[:2]:
        return False
    if "not" in mine[0]:  # all of the values are excluded: more of them demand more
        return mine[2] <= its[2]
    if "like" in mine[0]:
        return all(any(covers(wide, narrow) for wide in mine[2]) for narrow in its[2])
    return its[2] <= mine[2]


# From documents


class Unreadable(ValueError):
    """A policy that is no policy: cut short, or of a shape unknown to us."""


def grants(document: Any, principals: Iterable[str] = ()) -> tuple[Grant, ...]:
    """The statements of a policy document, a mapping or its JSON. ``principals`` are whom an identity policy is for.

    Raises Unreadable; an absent document grants nothing.
    """
    document = parsed(document)
    if document is None or document == "":
        return ()
    if not isinstance(document, Mapping):
        raise Unreadable(str(document)[:60])
    holders = Part(frozenset(principals))
    return tuple(_grant(statement, holders) for statement in listed(document.get("Statement")))


def _grant(statement: Any, holders: Part) -> Grant:
    if not isinstance(statement, Mapping):
        raise Unreadable(str(statement)[:60])
    own = any(key in statement for key in ("Principal", "NotPrincipal"))
    return Grant(
        effect="Deny" if str(statement.get("Effect")).lower() == "deny" else "Allow",
        principals=_part(statement, "Principal", _principals) if own else holders,
        actions=_part(statement, "Action", _actions)._replace(caseless=True),
        resources=_part(statement, "Resource", _resources),
        conditions=_conditions(statement.get("Condition")),
    )


def _part(statement: Mapping[str, Any], name: str, read: Any) -> Part:
    negated = f"Not{name}" in statement
    return Part(frozenset(read(statement.get(f"Not{name}" if negated else name))), negated)


def _actions(value: Any) -> Iterator[str]:
    actions = (_text(item) for item in listed(value))
    yield from (ANY if normal(action) in {"*", "*:*"} else action for action in actions)


def _resources(value: Any) -> Iterator[str]:
    """A trust policy names no resource: it is about the role itself."""
    yield from (_text(item) for item in (listed(value) or [ANY]))


def _principals(value: Any) -> Iterator[str]:
    value = parsed(value)
    if not isinstance(value, Mapping):
        yield from (_principal("AWS", item) for item in listed(value))
        return
    for kind, names in value.items():
        yield from (_principal(kind, item) for item in listed(names))


def _principal(kind: str, name: Any) -> str:
    text = f"{kind}:{_text(name)}"
    if text in {"AWS:*", "CanonicalUser:*"}:
        return ANY
    root = _ACCOUNT_ROOT.fullmatch(text) or _ACCOUNT.fullmatch(text)
    return f"AWS:arn:*:iam::{root[1]}:*" if root else text  # an account is all that it lets in


def _conditions(value: Any) -> Conditions:
    value = parsed(value)
    if value is None:
        return ()
    if not isinstance(value, Mapping) or not all(isinstance(keys, Mapping) for keys in value.values()):
        return (("unreadable", _text(value), frozenset()),)
    found = (
        (operator.lower(), key.lower(), frozenset(_text(item) for item in listed(values)))
        for operator, keys in value.items()
        for key, values in keys.items()
    )
    return tuple(sorted(found, key=lambda each: each[:2]))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


# Comparing


class Comparison(NamedTuple):
    """What the one side says and the other does not, statement by statement; ``awaited`` hang on values known later."""

    gained: tuple[Grant, ...]
    lost: tuple[Grant, ...]
    awaited: tuple[Grant, ...] = ()


def compare(before: Iterable[Grant], after: Iterable[Grant]) -> Comparison:
    """What is allowed anew and no longer; a Deny that goes allows, one that comes takes away."""
    olds, news = list(dict.fromkeys(before)), list(dict.fromkeys(after))
    came = [_uncovered(each, olds) for each in news if each not in olds]
    went = [_uncovered(each, news) for each in olds if each not in news]
    allowed, refused = _split(came)
    lost, open_again = _split(went)
    awaited = tuple(each for each in allowed if each.awaited and _stays_like(each, olds))
    gained = tuple(each for each in (*allowed, *open_again) if each not in awaited)
    return Comparison(gained, (*(each for each in lost if not _comes_back(each, awaited)), *refused), awaited)


def _comes_back(grant: Grant, awaited: Iterable[Grant]) -> bool:
    """Whether what is no longer granted most likely is what is granted again by another name, known later."""
    return any(each._replace(resources=grant.resources, principals=grant.principals).covers(grant) for each in awaited)


def _split(found: Iterable[Grant | None]) -> tuple[list[Grant], list[Grant]]:
    grants_ = [each for each in found if each is not None]
    return [each for each in grants_ if each.effect == "Allow"], [each for each in grants_ if each.effect == "Deny"]


def _uncovered(grant: Grant, others: list[Grant]) -> Grant | None:
    """The part of a statement that no other statement says, as one statement; None when there is none."""
    if any(other.covers(grant) for other in others):
        return None
    if len(grant.principals.values) * len(grant.actions.values) * len(grant.resources.values) > _MOST_ATOMS:
        return grant
    rest = [atom for atom in grant.atoms() if not any(other.covers(atom) for other in others)]
    if not rest:
        return None
    return grant._replace(
        principals=_joined(grant.principals, (atom.principals for atom in rest)),
        actions=_joined(grant.actions, (atom.actions for atom in rest)),
        resources=_joined(grant.resources, (atom.resources for atom in rest)),
    )


def _joined(whole: Part, parts: Iterable[Part]) -> Part:
    return whole if whole.negated else whole._replace(values=frozenset().union(*(part.values for part in parts)))


def _stays_like(grant: Grant, others: list[Grant]) -> bool:
    """Whether today's policy says the same of some other resource or principal, where this one's is not known yet."""
    return any(
        other._replace(
            resources=grant.resources if _is_awaited(grant.resources) else other.resources,
            principals=grant.principals if _is_awaited(grant.principals) else other.principals,
        ).covers(grant)
        for other in others
    )


def _is_awaited(part: Part) -> bool:
    return bool(part.values) and all(KNOWN_AFTER_APPLY in value for value in part.values)
