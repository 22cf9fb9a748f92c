"""Saved DescribeChangeSet answers as the tree they describe, by the rules that live answers follow. Pure.

::

    [
      {"ChangeSetId": "arn:...:changeSet/root/1", "Changes": [...], "NextToken": "a"},   # the root set comes first
      {"ChangeSetId": "arn:...:changeSet/root/1", "Changes": [...]},                     # its second page
      {"ChangeSetId": "arn:...:changeSet/root/1", "Changes": [...]},                     # the same, with property values
      {"ChangeSetId": "arn:...:changeSet/data/1", "Changes": [...]}                      # a nested set
    ]

Answers with one ChangeSetId are pages or repeated descriptions of one set and are merged by logical id. Members that we
do not read are ignored; of those we read, a wrong type, a missing page or a missing nested set is an error with its
place, because a review of half a change set is worse than none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from typing import Any

from oaktree_cfn.aws import replies
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.models import ChangeSet

HOW = "Save the answers of `aws cloudformation describe-change-set` for the root and every nested set as one JSON list."

_Members = Mapping[str, Any]

_PAIR: _Members = {"Key": str, "Value": str}
_PARAMETER: _Members = {"ParameterKey": str, "ParameterValue": str}
_TARGET: _Members = dict.fromkeys(
    ("Attribute", "Name", "RequiresRecreation", "Path", "BeforeValue", "AfterValue", "AttributeChangeType"), str
)
_DETAIL: _Members = {"Target": _TARGET, "Evaluation": str, "ChangeSource": str, "CausingEntity": str}
_RESOURCE: _Members = {
    **dict.fromkeys(("Action", "LogicalResourceId", "PhysicalResourceId", "ResourceType", "Replacement"), str),
    **dict.fromkeys(("PolicyAction", "ChangeSetId", "BeforeContext", "AfterContext"), str),
    "Scope": [str],
    "Details": [_DETAIL],
}
_CHANGE: _Members = {"Type": str, "ResourceChange": _RESOURCE}
_ANSWER: _Members = {
    **dict.fromkeys(("ChangeSetId", "ChangeSetName", "StackId", "StackName", "Status", "StatusReason"), str),
    **dict.fromkeys(("ExecutionStatus", "ParentChangeSetId", "RootChangeSetId", "NextToken"), str),
    "Changes": [_CHANGE],
    "Parameters": [_PARAMETER],
    "Tags": [_PAIR],
}
"""The members we read, as the type each must have: ``str``, a list of a type, or a mapping of members."""

_NEEDED: Mapping[int, tuple[str, ...]] = {
    id(_ANSWER): ("ChangeSetId", "StackName", "Status"),
    id(_RESOURCE): ("Action", "LogicalResourceId", "ResourceType"),
    id(_PAIR): ("Key", "Value"),
    id(_PARAMETER): ("ParameterKey",),
}
_STACK_NAME = re.compile(r"[A-Za-z][-A-Za-z0-9]{0,127}")
_MAY_BE_EMPTY = frozenset({"Value"})
_NAMES: Mapping[type, str] = {str: "a text", list: "a list", dict: "an object"}


def load(text: str, name: str) -> ChangeSet:
    """The tree that the answers in ``text`` describe. Raises InvalidInput with ``name`` (the file) and the place."""
    answers = _answers(text, name)
    _refuse_foreign(answers, name)
    known = {arn: _merged(same, name) for arn, same in _grouped(answers).items()}
    root = answers[0]["ChangeSetId"]
    tree = replies.hang(root, known)
    _refuse_incomplete(tree, known, name)
    return tree


# Reading


def _answers(text: str, name: str) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(text.removeprefix("\ufeff"), object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{name}:{error.lineno}:{error.colno}: not valid JSON: {error.msg}", HOW) from error
    except ValueError as error:
        raise InvalidInput(f"{name}: {error}", HOW) from error
    except RecursionError as error:
        raise InvalidInput(f"{name}: nested too deeply", HOW) from error
    answers = [found] if isinstance(found, dict) else found
    if not isinstance(answers, list) or not answers:
        raise InvalidInput(f"{name}: not a list of DescribeChangeSet answers", HOW)
    return [_checked(answer, _ANSWER, f"{name}: [{index}]") for index, answer in enumerate(answers)]


def _refuse_foreign(answers: Iterable[Mapping[str, Any]], name: str) -> None:
    for index, answer in enumerate(answers):
        if not _STACK_NAME.fullmatch(answer["StackName"]):
            raise InvalidInput(f"{name}: [{index}].StackName is no stack's name: {answer['StackName'][:80]!r}", HOW)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; a key that stands twice would hide its first value, changes perhaps."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} stands twice in one object")
    return found


def _checked(value: Any, shape: Any, place: str) -> Any:
    """``value`` without its nulls. Raises InvalidInput where it has not the shape."""
    _refuse_other(value, shape if isinstance(shape, type) else type(shape), place)
    match shape:
        case list():
            return [_checked(item, shape[0], f"{place}[{index}]") for index, item in enumerate(value)]
        case dict():
            return _members(value, shape, place)
        case _:
            return value


def _refuse_other(value: Any, kind: type, place: str) -> None:
    if not isinstance(value, kind):
        raise InvalidInput(f"{place} must be {_NAMES[kind]}, not {_named(value)}", HOW)


def _members(value: Mapping[str, Any], shape: Mapping[str, Any], place: str) -> dict[str, Any]:
    found = {
        key: _checked(value[key], inner, f"{place}.{key}") for key, inner in shape.items() if value.get(key) is not None
    }
    needed = _NEEDED.get(id(shape), ())
    if shape is _CHANGE and found.get("Type", "Resource") == "Resource":
        needed = ("ResourceChange",)
    missing = next((key for key in needed if not found.get(key, "") and key not in _MAY_BE_EMPTY & found.keys()), None)
    if missing:
        raise InvalidInput(f"{place} has no {missing}", HOW)
    return found


def _named(value: Any) -> str:
    return "null" if value is None else _NAMES.get(type(value), f"{json.dumps(value)[:40]}")


# Putting together


def _grouped(answers: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for answer in answers:
        groups.setdefault(answer["ChangeSetId"], []).append(answer)
    return groups


def _merged(same: list[Mapping[str, Any]], name: str) -> ChangeSet:
    """One set from its pages and descriptions: those without values first, as ``merge`` wants them."""
    last = same[-1]
    if last.get("NextToken"):
        arn, stack = last["ChangeSetId"], last["StackName"]
        raise InvalidInput(
            f"{name}: {stack}: a page is missing: the last answer of {arn} has a NextToken that nothing follows", HOW
        )
    _refuse_different(same, name)
    described = [replies.change_set([answer]) for answer in same]
    return reduce(replies.merge, sorted(described, key=_valued))


def _refuse_different(same: list[Mapping[str, Any]], name: str) -> None:
    """Refuse descriptions taken at different moments: the earlier one would not tell what the set became."""
    for member in ("StackName", "Status"):
        told = dict.fromkeys(answer[member] for answer in same)
        if len(told) > 1:
            arn = same[0]["ChangeSetId"]
            raise InvalidInput(f"{name}: the answers of {arn} disagree about its {member}: {', '.join(told)}", HOW)


def _valued(change_set: ChangeSet) -> bool:
    return any(
        change.before is not None
        or change.after is not None
        or any(detail.before is not None or detail.after is not None for detail in change.details)
        for change in change_set.changes
    )


def _refuse_incomplete(tree: ChangeSet, known: Mapping[str, ChangeSet], name: str) -> None:
    for path, change in tree.walk():
        if change.nested_id and change.nested is None:
            why = "is part of itself" if change.nested_id in known else "is missing"
            raise InvalidInput(f"{name}: {'/'.join(path)}: its nested change set {why}: {change.nested_id}", HOW)
    strangers = known.keys() - set(_ids(tree))
    if strangers:
        raise InvalidInput(f"{name}: not part of the first set's tree: {', '.join(sorted(strangers))}", HOW)


def _ids(tree: ChangeSet) -> Iterator[str]:
    yield tree.id
    yield from (change.nested.id for _, change in tree.walk() if change.nested is not None)
