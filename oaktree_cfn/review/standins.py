"""The symbols of a forecast (``template/stacks.py``) as people read them. Pure.

A value that only AWS knows is a symbol in a foretold change set. Where it is a value, it says what it is the value of:
``⟨Data/UsersTable⟩`` is what Ref gives, ``⟨Data/UsersTable.Arn⟩`` an attribute. A sentence names the resource itself, by its
path as everywhere in a review: "on Data/UsersTable to role Service/TaskRole".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from oaktree_cfn.models import Change, ChangeSet
from oaktree_cfn.template.stacks import symbolic

_SYMBOL = re.compile("⟨([^⟨⟩]*)⟩")
_IDENTITY = re.compile(r"\.(\w*Arn|\w*Id|\w*Name)$")
"""Attributes that stand for the resource itself."""
_ELSEWHERE = {"export": "the export ", "ssm": "the SSM parameter "}


def spoken(text: str) -> str:
    """A sentence with every symbol as the name of what it stands for."""
    return _SYMBOL.sub(_name, text) if symbolic(text) else text


def _name(match: re.Match[str]) -> str:
    kind, _, rest = match[1].partition("/")
    if kind in _ELSEWHERE and rest:
        return _ELSEWHERE[kind] + rest
    if kind == "output" and rest.count("/") > 1:
        stack, _, output = rest.partition("/")[2].rpartition("/")
        return f"the output {output} of {stack}"
    return _IDENTITY.sub("", match[1])


def named(change_set: ChangeSet, places: Collection[str]) -> ChangeSet:
    """A foretold change set whose symbols tell attributes from resources; ``places`` are the paths of all resources."""

    def text(value: str) -> str:
        return _SYMBOL.sub(lambda match: _dotted(match, places), value) if symbolic(value) else value

    return replace(change_set, changes=tuple(_change(each, text, places) for each in change_set.changes))


def _dotted(match: re.Match[str], places: Collection[str]) -> str:
    path, _, attribute = match[1].rpartition("/")
    return f"⟨{path}.{attribute}⟩" if match[1] not in places and path in places else match[0]


def _change(change: Change, text: Callable[[str], str], places: Collection[str]) -> Change:
    details = tuple(
        replace(each, before=_texts(each.before, text), after=_texts(each.after, text)) for each in change.details
    )
    return replace(
        change,
        physical_id="" if symbolic(change.physical_id) else change.physical_id,
        details=details,
        before=_texts(change.before, text),
        after=_texts(change.after, text),
        nested=named(change.nested, places) if change.nested is not None else None,
    )


def _texts(value: Any, text: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _texts(each, text) for key, each in value.items()}
    if isinstance(value, list):
        return [_texts(each, text) for each in value]
    return text(value) if isinstance(value, str) else value
