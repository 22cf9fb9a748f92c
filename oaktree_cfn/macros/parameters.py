"""Parameter values, for judging only: what is generated keeps its references, and no value is ever shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

_SHOWN = "the parameter's value"


class Known(str):
    """A parameter's value. It compares and converts like the text it is, and is not shown: it may be a secret."""

    def __repr__(self) -> str:
        return _SHOWN

    def __format__(self, _: str) -> str:
        return repr(self)

    @classmethod
    def of(cls, template: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Known]:
        """The values of the template's plain parameters; those of other types are known to CloudFormation only."""
        declared = template.get("Parameters")
        plain = {
            name
            for name, parameter in (declared.items() if isinstance(declared, dict) else ())
            if isinstance(parameter, dict) and parameter.get("Type") in ("String", "Number")
        }
        return {name: cls(value) for name, value in values.items() if name in plain and isinstance(value, str)}


def resolved(value: Any, known: Mapping[str, Known]) -> Any:
    """The value with references to known parameters replaced by what they give."""
    if isinstance(value, list):
        return [resolved(item, known) for item in value]
    if not isinstance(value, dict):
        return value
    name = value.get("Ref") if len(value) == 1 else None
    if isinstance(name, str) and name in known:
        return known[name]
    return {key: resolved(item, known) for key, item in value.items()}


def referred(value: Any, known: Mapping[str, Known]) -> set[str]:
    """The values of the parameters that a value refers to."""
    return {str(known[name]) for name in _references(value) if name in known}


def hidden(text: str, values: Collection[str]) -> str:
    """The text with none of the values in it: those that were compared as numbers are no longer known as parameters'."""
    longest = sorted(filter(None, values), key=len, reverse=True)
    pattern = "|".join(rf"(?<!\w){re.escape(value)}(?!\w)" for value in longest)
    return re.sub(pattern, _SHOWN, text) if longest else text


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, dict):
        if isinstance(value.get("Ref"), str):
            yield value["Ref"]
        for item in value.values():
            yield from _references(item)
