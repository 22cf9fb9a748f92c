"""What changes in the form that people filled in: parameters that vanish, appear or tighten. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.template import rules
from oaktree_cfn.template.parameters import MASK, effective, no_echo, problem, resolved
from oaktree_cfn.template.values import TemplateError

KIND = "parameters"

Declared = Mapping[str, Mapping[str, Any]]
Values = Mapping[str, str]

_LIMITS = ("AllowedPattern", "MinLength", "MaxLength", "MinValue", "MaxValue")


def kept(new: Declared, values: Values) -> dict[str, str]:
    """The values that an update would send: those that the new version still asks for."""
    return {name: value for name, value in values.items() if name in new}


def changes(name: str, old: Declared, new: Declared, values: Values) -> Iterator[Consequence]:
    """What an upgrade means for who filled in ``values``; ``name`` is the provisioned product's."""
    for parameter in [*old, *(each for each in new if each not in old)]:
        said = _said(parameter, old.get(parameter), new.get(parameter), values.get(parameter))
        if said is not None:
            yield Consequence(KIND, f"{name}/{parameter}", *said)


Said = tuple[Severity, str]


def _said(name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, value: str | None) -> Said | None:
    if new is None:
        chosen = value is not None and old is not None and value != str(old.get("Default", ""))
        lost = f"; the value {_shown(old or {}, value)} counts no more" if chosen else ""
        return Severity.ASK if chosen else Severity.NOTE, f"{name} vanishes from the form{lost}"
    if old is None:
        if "Default" in new:
            return Severity.NOTE, f"{name} appears in the form; it is {_shown(new, str(new['Default']))} unless changed"
        return Severity.REFUSE, f"{name} appears in the form and must be filled in: it has no default"
    complaint = problem(name, new, value) if value is not None and value != MASK else None
    if complaint:
        return Severity.REFUSE, f"{name} tightens: the value {_shown(new, value)} is no longer taken. {complaint}"
    tightened = _tightened(old, new)
    return (Severity.NOTE, f"{name} tightens: {tightened}; the value in use is still taken") if tightened else None


def _shown(declared: Mapping[str, Any], value: str | None) -> str:
    return MASK if no_echo(declared) else repr(value)


def _tightened(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    gone = [str(each) for each in old.get("AllowedValues", ()) if each not in new.get("AllowedValues", [each])]
    if gone:
        return f"{', '.join(gone)} can no longer be chosen"
    if "AllowedValues" in new and "AllowedValues" not in old:
        return f"only {', '.join(map(str, new['AllowedValues']))} can be chosen"
    narrower = [each for each in _LIMITS if each in new and new[each] != old.get(each) and _narrows(each, old, new)]
    return f"{' and '.join(narrower)} differ" if narrower else ""


def _narrows(limit: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    if limit == "AllowedPattern" or limit not in old:
        return True
    more = float(new[limit]) > float(old[limit])
    return more if limit.startswith("Min") else not more


def broken(name: str, template: Mapping[str, Any], bounds: Iterable[str], values: Values) -> Iterator[Consequence]:
    """The rules of a version, and of the catalog, that values break."""
    declared = template.get("Parameters", {})
    every = dict(template.get("Rules", {}))
    for each in bounds:
        every |= json.loads(each).get("Rules", {})
    try:
        known = resolved(declared, effective(declared, values), lambda _: "")
        said = rules.broken({**template, "Rules": every}, known)
    except TemplateError:
        return  # a value that is missing or not taken is told of by itself
    for text in said:
        yield Consequence(KIND, name, Severity.REFUSE, text)
