"""Approve what you read: a reviewed change set on paper, and what has moved since. Pure.

``review --out plan.json`` writes an ``Approval``; ``deploy --plan plan.json`` executes the very change set it names, or
says what moved. What counts is bound by content: the ARNs of the whole tree, a hash of every change in it, the templates,
the parameters, and the moment the stack was last changed. The file carries a digest of itself, so that an
edited or damaged one is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.models import ChangeSet, Stack

VERSION = 1


@dataclass(frozen=True, slots=True)
class Approval:
    """What was read. ``change_set`` is the root's ARN, ``change_sets`` all of the tree; both empty when nothing changes.

    ``updated`` is the stack's last change, empty for a stack that is made anew. ``review`` is the review in JSON, for
    people and pipelines; nothing is decided by it.
    """

    environment: str
    account: str
    region: str
    stack_name: str
    stack_id: str = ""
    updated: str = ""
    change_set: str = ""
    change_sets: tuple[str, ...] = ()
    content: str = ""
    templates: str = ""
    parameters: str = ""
    refused: tuple[str, ...] = ()
    review: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """How things stand now. ``change_set`` is None when it vanished."""

    environment: str
    account: str
    region: str
    stack: Stack | None
    change_set: ChangeSet | None
    templates: str
    parameters: str


def content(change_set: ChangeSet) -> str:
    """A hash of everything a change-set tree says would change."""
    return _hash(asdict(change_set)["changes"])


def parameters_hash(values: Iterable[tuple[str, str | None]]) -> str:
    """A hash of the parameters that were sent; None stands for "keep the previous value"."""
    return _hash(sorted(values))


def last_change(stack: Stack | None) -> str:
    """When a stack was last changed, as text; empty for one that holds nothing yet."""
    if stack is None or stack.status in {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"}:
        return ""
    moment = stack.updated or stack.created
    return moment.isoformat() if moment is not None else ""


def arns(change_set: ChangeSet) -> tuple[str, ...]:
    """The ARNs of a whole tree, root first."""
    return (change_set.id, *(change.nested.id for _, change in change_set.walk() if change.nested is not None))


def write(approval: Approval) -> str:
    """The plan file."""
    body = asdict(approval)
    return json.dumps({"version": VERSION, **body, "digest": _hash(body)}, indent=2, ensure_ascii=False) + "\n"


def read(text: str, name: str) -> Approval:
    """The approval in a plan file. Raises InvalidInput for a file that is none, or was edited."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"{name}: is no plan: {error}", _AGAIN) from error
    if not isinstance(found, dict) or found.get("version") != VERSION:
        raise InvalidInput(f"{name}: is no plan of this version of oaktree.", _AGAIN)
    body: dict[str, Any] = {key: found.get(key) for key in (each.name for each in fields(Approval))}
    if _hash(body) != found.get("digest"):
        raise InvalidInput(f"{name}: was edited or damaged since it was written.", _AGAIN)
    return Approval(**{**body, "change_sets": tuple(body["change_sets"]), "refused": tuple(body["refused"])})


_AGAIN = "Write it again: `oaktree review --env ENV --out plan.json`."


def moved(approval: Approval, now: Found) -> tuple[str, ...]:
    """What has moved since the approval, one sentence each; nothing when it can be executed as it was read."""
    return tuple(_moved(approval, now))


def _moved(approval: Approval, now: Found) -> Iterator[str]:
    for what in ("environment", "account", "region"):
        if getattr(approval, what) != getattr(now, what):
            yield f"the plan is for {what} {getattr(approval, what)}, this is {getattr(now, what)}"
    if approval.updated != last_change(now.stack):
        yield f"the stack was changed since: it was last changed {last_change(now.stack) or 'never'}, at the review {approval.updated or 'never'}"
    if approval.templates != now.templates:
        yield "the templates here are not those that were reviewed"
    if approval.parameters != now.parameters:
        yield "the parameters are not those that were reviewed"
    if approval.change_set:
        yield from _moved_change_set(approval, now.change_set)


def _moved_change_set(approval: Approval, found: ChangeSet | None) -> Iterator[str]:
    if found is None:
        yield f"the change set is gone: {approval.change_set}"
        return
    if found.execution_status not in {"AVAILABLE", ""}:
        yield f"the change set cannot be executed any more: {found.execution_status}"
    if arns(found) != approval.change_sets:
        yield "the nested change sets are others than those that were reviewed"
    elif content(found) != approval.content:
        yield "the change set says other things than it did at the review"


def _hash(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, default=list)
    return hashlib.sha256(text.encode()).hexdigest()
