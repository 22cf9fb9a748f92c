"""IAM's own answer to a request: condition operators, statements, policies and boundaries, as the IAM user guide describes them.

Sources: "Condition operators", "Set operators for multi-valued context keys", "Policy variables", "Policy evaluation logic".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

Context = Mapping[str, Any]
"""Context key -> its value as text, or a list of texts for keys that have several values."""

_SET = re.compile(r"(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?")
_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_LITERALS = {"*": "*", "?": "?", "$": "$"}


# Matching one value against one of the policy's


Letters = list[tuple[str, bool]]
"""The letters of a pattern, each with whether it is a wildcard."""


def like(pattern: str, value: str) -> bool:
    """``*`` for any letters, ``?`` for one, capitals count."""
    return _like(_wild(pattern), value)


def _wild(pattern: str) -> Letters:
    return [(letter, letter in "*?") for letter in pattern]


def _like(pattern: Letters, value: str) -> bool:
    parts = ({"*": ".*", "?": "."}[letter] if wild else re.escape(letter) for letter, wild in pattern)
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None


def _arn_like(pattern: Letters, value: str) -> bool:
    """Each of the six components by itself: a wildcard does not reach over a colon but in the last."""
    wanted, found = _components(pattern), value.split(":", 5)
    return len(wanted) == len(found) == 6 and all(map(_like, wanted, found))


def _components(pattern: Letters) -> list[Letters]:
    colons = [index for index, (letter, _) in enumerate(pattern) if letter == ":"][:5]
    return [pattern[start:end] for start, end in zip([0, *(at + 1 for at in colons)], [*colons, None], strict=True)]


def _time(text: str) -> datetime:
    if text.lstrip("-").isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _in_range(network: str, address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "Equals": lambda wanted, found: found == wanted,
    "LessThan": lambda wanted, found: found < wanted,
    "LessThanEquals": lambda wanted, found: found <= wanted,
    "GreaterThan": lambda wanted, found: found > wanted,
    "GreaterThanEquals": lambda wanted, found: found >= wanted,
}


def _compared(read: Callable[[str], Any], name: str) -> Callable[[str, str], bool]:
    compare = _COMPARISONS[name]
    return lambda wanted, found: compare(read(wanted), read(found))


OPERATORS: Mapping[str, Callable[[Any, str], bool]] = {
    "StringEquals": lambda wanted, found: wanted == found,
    "StringEqualsIgnoreCase": lambda wanted, found: wanted.lower() == found.lower(),
    "StringLike": _like,
    "BinaryEquals": lambda wanted, found: wanted == found,
    "Bool": lambda wanted, found: wanted.lower() == found.lower(),
    "IpAddress": _in_range,
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    **{f"Numeric{name}": _compared(float, name) for name in _COMPARISONS},
    **{f"Date{name}": _compared(_time, name) for name in _COMPARISONS},
}
"""Every operator that is not negated. Each of those has a counterpart with ``Not``, which ``_positive`` takes off."""

_PATTERNS = {"StringLike", "ArnEquals", "ArnLike"}
"""Operators that take the letters of a pattern; the others take text."""


def _split(operator: str) -> tuple[str | None, str, bool]:
    """``ForAllValues`` or ``ForAnyValue``, the operator itself, and whether it ends with ``IfExists``."""
    match = _SET.fullmatch(operator)
    if match is None:
        raise ValueError(f"IAM has no condition operator {operator}")
    return match[1], match[2], bool(match[3])


def _positive(operator: str) -> tuple[str, bool]:
    """An operator without its negation, and whether it had one: ``StringNotLike``, ``NotIpAddress``."""
    plain = re.sub(r"^(String|Numeric|Date|Arn)Not|^Not(?=Ip)", r"\1", operator)
    if plain not in OPERATORS:
        raise ValueError(f"IAM has no condition operator {operator}")
    return plain, plain != operator


# Conditions


def holds(condition: Mapping[str, Mapping[str, Any]], context: Context) -> bool:
    """Whether all operators, and all keys of each, are satisfied."""
    known = _keys(context)
    return all(
        _satisfied(operator, key, [str(value) for value in _listed(values)], known)
        for operator, keys in condition.items()
        for key, values in keys.items()
    )


def _keys(context: Context) -> Context:
    return {key.lower(): value for key, value in context.items()}


def _satisfied(operator: str, key: str, wanted: list[str], context: Context) -> bool:
    there = context.get(key.lower())
    if operator == "Null":
        return (there is None) == (wanted[0].lower() == "true")
    kind, name, if_exists = _split(operator)
    plain, negated = _positive(name)
    if kind is None:
        return _single(plain, negated, if_exists, wanted, there, context)
    if there is None and if_exists:
        return True
    found = _listed(there)
    verdicts = [_any(plain, wanted, value, context) != negated for value in found]
    return all(verdicts) if kind == "ForAllValues" else any(verdicts)


def _single(plain: str, negated: bool, if_exists: bool, wanted: list[str], found: Any, context: Context) -> bool:
    if isinstance(found, list):
        raise ValueError("a key of several values needs ForAllValues or ForAnyValue")
    if found is None:
        return if_exists or negated
    return _any(plain, wanted, str(found), context) != negated


def _any(operator: str, wanted: list[str], found: str, context: Context) -> bool:
    """Values of the policy are alternatives."""
    return any(_matches(operator, value, found, context) for value in wanted)


def _matches(operator: str, wanted: str, found: str, context: Context) -> bool:
    if not operator.startswith(("String", "Arn")):
        return OPERATORS[operator](wanted, found)
    letters = _variables(wanted, context)
    if letters is None:
        return False
    return OPERATORS[operator](letters if operator in _PATTERNS else "".join(letter for letter, _ in letters), found)


def _variables(text: str, context: Context) -> Letters | None:
    """The letters with every ``${key}`` filled in, none of which is a wildcard then; None where one is not there."""
    tokens: Letters = []
    end = 0
    for mark in _VARIABLE.finditer(text):
        tokens += _wild(text[end : mark.start()])
        key, _, default = mark[1].partition(",")
        value = _LITERALS.get(key, context.get(key.strip().lower(), default.strip().strip("'") or None))
        if value is None:
            return None
        tokens += [(letter, False) for letter in str(value)]
        end = mark.end()
    return tokens + _wild(text[end:])


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


# Statements and policies


def _names(statement: Mapping[str, Any], element: str, matches: Callable[[str], bool]) -> bool:
    """Whether ``Action`` or ``NotAction`` (and so on) is about what matches."""
    if f"Not{element}" in statement:
        return not any(matches(each) for each in _listed(statement[f"Not{element}"]))
    return any(matches(each) for each in _listed(statement.get(element, [])))


def applies(statement: Mapping[str, Any], action: str, resource: str, context: Context) -> bool:
    """Whether a statement is about a request."""
    known = _keys(context)
    return (
        _names(statement, "Action", lambda each: like(each.lower(), action.lower()))
        and _names(statement, "Resource", lambda each: _matches("StringLike", each, resource, known))
        and holds(statement.get("Condition", {}), context)
    )


def allowed(
    action: str,
    resource: str,
    context: Context,
    policies: Iterable[Mapping[str, Any]],
    boundary: Mapping[str, Any] | None = None,
) -> bool:
    """Whether a role with these policies and this boundary may: allowed by both, denied by none."""
    held = [*policies]
    given = [_effects(policy, action, resource, context) for policy in held]
    bounds = [{"Allow"} if boundary is None else _effects(boundary, action, resource, context)]
    if any("Deny" in effects for effects in (*given, *bounds)):
        return False
    return any("Allow" in effects for effects in given) and all("Allow" in effects for effects in bounds)


def _effects(policy: Mapping[str, Any], action: str, resource: str, context: Context) -> set[str]:
    statements = _listed(policy["Statement"])
    return {each["Effect"] for each in statements if applies(each, action, resource, context)}


def trusted(document: Mapping[str, Any], provider: str, claims: Mapping[str, Any], host: str) -> bool:
    """Whether a token of an OIDC provider gets the role: STS puts its claims under the provider's host."""
    context = {f"{host}:{claim}": value for claim, value in claims.items()}
    effects = {
        statement["Effect"]
        for statement in _listed(document["Statement"])
        if _names(statement, "Action", lambda each: like(each.lower(), "sts:assumerolewithwebidentity"))
        and _is(provider, statement["Principal"])
        and holds(statement.get("Condition", {}), context)
    }
    return effects == {"Allow"}


def _is(provider: str, principal: Any) -> bool:
    return principal == "*" or provider in _listed(principal.get("Federated"))
