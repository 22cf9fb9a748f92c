"""Why it failed: the first cause, at its place in the stack tree. Pure.

One resource fails, and CloudFormation then reports many failures: siblings are cancelled, the nested stack fails, its
parent fails. The first cause is the earliest failure that is none of these. Where no resource is to blame (an export that
is missing or in use, an output that cannot be evaluated) only the stack's own event says why, as the reason of its
rollback or deletion.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from oaktree_cfn.deploy.news import Told
from oaktree_cfn.errors import DeployFailed
from oaktree_cfn.models import STACK_TYPE, ChangeSet, Stack

_CONSEQUENCE = re.compile(
    r"Resource (creation|update|deletion|operation) cancelled|The following resource\(s\) failed to "
    r"|User Initiated$|(Rollback|Delete) requested by user",
    re.IGNORECASE,
)
"""How the reason begins of what follows from another failure, or from a request."""

_TURNS = ("_FAILED", "ROLLBACK_IN_PROGRESS", "DELETE_IN_PROGRESS")
"""How the statuses end at which a stack itself gives up what it was asked for."""

_REQUESTED = re.compile(r"\. (Rollback|Delete) requested by user\.$")

_HANDLER = re.compile(
    r'^Resource handler returned message: "(.*)" \(RequestToken: [^,)]*, HandlerErrorCode: (\w+)\)$', re.DOTALL
)
"""What a resource handler says, in the wrapping CloudFormation gives it."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One resource that failed by itself, and what its service said."""

    path: tuple[str, ...]
    type: str
    reason: str

    def __str__(self) -> str:
        kind = f" ({self.type})" if self.type else ""
        return f"{'/'.join(self.path) or 'the stack'}{kind}: {self.reason or 'no reason was given'}"


def causes(told: Iterable[Told]) -> tuple[Cause, ...]:
    """Every failure that no other failure explains, earliest first."""
    failed = sorted((each for each in told if _failed(each)), key=lambda one: one.event.time)
    places = {each.path for each in failed if not each.event.about_stack}
    blamed = {each.path for each in failed if each.event.about_stack}
    found: dict[tuple[str, ...], Cause] = {}
    for each in failed:
        explained = each.path in blamed or _below(each.path, places | blamed)
        if each.event.about_stack or each.event.resource_type != STACK_TYPE or not explained:
            found.setdefault(each.path, _cause(each))
    return tuple(found.values())


def _failed(told: Told) -> bool:
    """Whether it is a failure of its own; a stack's only where its reason says more than which resources failed."""
    event = told.event
    if _CONSEQUENCE.match(event.reason):
        return False
    return (
        event.status.endswith(_TURNS) and bool(event.reason) if event.about_stack else event.status.endswith("_FAILED")
    )


def _cause(told: Told) -> Cause:
    kind = told.event.resource_type if told.path else ""
    return Cause(told.path, kind, _REQUESTED.sub("", _plain(told.event.reason)))


def _plain(reason: str) -> str:
    """The service's own words, without the wrapping."""
    return _HANDLER.sub(r"\1 (\2)", reason)


def _below(path: tuple[str, ...], places: Iterable[tuple[str, ...]]) -> bool:
    return any(len(place) > len(path) and place[: len(path)] == path for place in places)


Explained = Mapping[tuple[str, ...], Sequence[str]]
"""What more is known of a resource that failed, in lines by path: why the tasks of a service stopped, for one."""


def failure(stack: Stack, told: Sequence[Told], explained: Explained | None = None) -> DeployFailed:
    """The error to raise for a stack that came to rest in a failed state."""
    found = causes(told)
    more = explained or {}
    first = _with_more(found[0], more) if found else _without_cause(stack, told)
    also = "".join(f"\n  also failed: {_with_more(cause, more)}" for cause in found[1:4])
    state, advice = _aftermath(stack, _stays(told))
    return DeployFailed(f"{first}{also}\n{state}", advice)


def _with_more(cause: Cause, explained: Explained) -> str:
    return "\n  ".join([str(cause), *explained.get(cause.path, ())])


def _without_cause(stack: Stack, told: Iterable[Told]) -> str:
    """What there is to say where no event tells a failure: somebody may have cancelled it."""
    turns = (
        each.event for each in told if each.event.about_stack and each.event.status.endswith("ROLLBACK_IN_PROGRESS")
    )
    cancelled = any(event.reason == "User Initiated" for event in turns)
    return f"{stack.name}: {'it was cancelled' if cancelled else stack.reason or stack.status}"


def _stays(told: Iterable[Told]) -> str:
    """What a rollback or deletion left alone, because its policy says so."""
    return ", ".join(dict.fromkeys("/".join(each.path) for each in told if each.event.status == "DELETE_SKIPPED"))


def _aftermath(stack: Stack, stays: str) -> tuple[str, str]:
    name = stack.name
    match stack.status:
        case "DELETE_COMPLETE":
            left = f"what is to be retained stays: {stays}" if stays else "nothing is left behind"
            return f"The new stack {name} was removed again; {left}.", "Mend the cause, then deploy again."
        case "ROLLBACK_COMPLETE":
            left = f"its name and what is to be retained: {stays}" if stays else "its name"
            return (
                f"{name} was rolled back: nothing of it is left but {left}.",
                "Mend the cause, then deploy with --recreate.",
            )
        case "UPDATE_ROLLBACK_COMPLETE" | "IMPORT_ROLLBACK_COMPLETE":
            return f"{name} was rolled back: it is as it was before.", "Mend the cause, then deploy again."
        case "UPDATE_ROLLBACK_FAILED":
            return (
                f"{name} could not be rolled back and stands half-way.",
                f"Repair what blocks it, then run `aws cloudformation continue-update-rollback --stack-name {name}`.",
            )
        case "DELETE_FAILED":
            return (
                f"{name} is deleted in part only.",
                f"Remove what blocks it, then delete it again: `aws cloudformation delete-stack --stack-name {name}`.",
            )
        case status:
            return f"{name} is in {status}.", "Look at it in the CloudFormation console before you go on."


def change_set_failure(change_set: ChangeSet, problems: Sequence[Cause] = ()) -> DeployFailed:
    """The error for a change set that CloudFormation could not make: the innermost reasons, each with its place."""
    found = [*problems] or [*_innermost(change_set, ())]
    lines = "\n  ".join(str(cause) for cause in found)
    return DeployFailed(
        f"CloudFormation could not make the change set.\n  {lines}\nNothing was changed.",
        "Mend the cause, then repeat.",
    )


def _innermost(change_set: ChangeSet, path: tuple[str, ...]) -> Iterable[Cause]:
    nested = [
        (change.logical_id, change.nested)
        for change in change_set.changes
        if change.nested is not None and change.nested.status == "FAILED" and not change.nested.no_change
    ]
    if not nested:
        yield Cause(path, "", change_set.reason)
    for name, inner in nested:
        yield from _innermost(inner, (*path, name))
