"""Executing a change set and following it to its end: what runs, runs on whatever happens to us."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from oaktree_cfn.aws.failures import NO_ANSWER
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import Session
from oaktree_cfn.deploy import plan
from oaktree_cfn.deploy.attendant import Attendant
from oaktree_cfn.deploy.diagnose import failure
from oaktree_cfn.deploy.plan import Planned
from oaktree_cfn.deploy.rollout import Verifier
from oaktree_cfn.deploy.symptoms import Hide
from oaktree_cfn.deploy.watch import Watch, Watcher
from oaktree_cfn.errors import AwsError, OaktreeError, Refused, Unknown
from oaktree_cfn.models import ChangeSet, Stack
from oaktree_cfn.review.redact import Redactor
from oaktree_cfn.terminal import outcome
from oaktree_cfn.terminal.words import duration

_OVERTAKEN = frozenset({"ChangeSetNotFound", "ChangeSetNotFoundException", "InvalidChangeSetStatus"})
"""What executing a change set answers once another one of the same stack was executed."""

SUCCESS = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})


def carry_out(
    screen: Screen, session: Session, planned: Planned, secrets: Iterable[str] = (), *, outputs: bool = True
) -> None:
    """Execute the change set, follow it, protect the stack, show its outputs. Raises DeployFailed, Unknown.

    ``secrets`` are values that must not be shown, whoever tells them.
    """
    stack = _execute(screen, session, planned, secrets)
    _protect(screen, session, stack)
    if outputs:
        show_outputs(screen, stack)


def _execute(screen: Screen, session: Session, planned: Planned, secrets: Iterable[str]) -> Stack:
    change_set = planned.change_set
    try:
        session.target.cloudformation.execute(change_set)
    except AwsError as error:
        if error.code == NO_ANSWER:
            raise _unseen(session, "No reply came when the change set was executed: it may be running.") from error
        plan.take_back(session.target, planned)
        if error.code in _OVERTAKEN:
            raise Refused(
                f"The change set cannot be executed any more, and nothing of it was changed: {error.detail}",
                "Somebody executed another one meanwhile, or deleted this one. Repeat the command, and read what it is now.",
            ) from error
        raise
    except KeyboardInterrupt:
        raise _unseen(session, "Interrupted while the change set was being executed: it may be running.") from None
    return follow(screen, session, Watch(change_set.stack_id, planned.before, change_set), secrets)


def follow(screen: Screen, session: Session, watched: Watch, secrets: Iterable[str] = ()) -> Stack:
    """The stack once it rests well, and its ECS services run what it says. ^C ends the watching, never the operation."""
    target, hide = session.target, _hiding(watched.change_set, secrets)
    watcher = Watcher(target.cloudformation, watched, target.time, session.patience)
    attendant = Attendant(target.aws, hide)
    try:
        with screen.progress(session.environment.stack_name) as report:
            stack = watcher.follow(lambda progress: report(attendant.attend(progress)))
        if stack.status not in SUCCESS:
            raise failure(stack, watcher.told(), attendant.explained)
        Verifier(target.aws, target.time, hide, screen.say, session.patience).verify(stack, watched.change_set)
    except KeyboardInterrupt:
        raise _unseen(session, "Interrupted: the operation goes on without us.") from None
    screen.say(f"{stack.name}: {stack.status} after {duration(watcher.elapsed)}.")
    return stack


def follow_deletion(screen: Screen, session: Session, stack: Stack, since: datetime | None) -> None:
    """Follow a deletion to its end. ``since`` is the time of the last event before it. ^C ends the watching, never the deletion.

    Raises DeployFailed where something could not be deleted, Unknown where the end was not seen.
    """
    watch = Watch(stack.id, before=stack, deleting=True, since=since)
    watcher = Watcher(session.target.cloudformation, watch, session.target.time, session.patience)
    try:
        with screen.progress(stack.name) as report:
            end = watcher.follow(report)
    except KeyboardInterrupt:
        raise Unknown(
            "Interrupted: the deletion goes on without us.", "Repeat the command to see what is left."
        ) from None
    if end.status != "DELETE_COMPLETE":
        raise failure(end, watcher.told())
    screen.say(f"{stack.name} was deleted ({duration(watcher.elapsed)}).")


def _hiding(change_set: ChangeSet | None, secrets: Iterable[str]) -> Hide:
    """What takes secrets out of what others tell: those given, those the change set gives away, and what looks like one."""
    redactor = Redactor.of_tree(change_set, secrets) if change_set is not None else Redactor.of((), secrets)
    return redactor.text


def _unseen(session: Session, message: str) -> Unknown:
    environment = session.environment
    watch = f"`oaktree watch --env {environment.name}` follows it"
    look = f"`aws cloudformation describe-stacks --stack-name {environment.stack_name}` says when it is done"
    cancel = f"`aws cloudformation cancel-update-stack --stack-name {environment.stack_name}` stops an update"
    return Unknown(message, f"{watch if environment.own else look}; {cancel}.")


def _protect(screen: Screen, session: Session, stack: Stack) -> None:
    if not session.environment.termination_protection or stack.termination_protection:
        return
    try:
        session.target.cloudformation.protect(stack.id, True)
    except OaktreeError as error:
        screen.say(f"Deployed, but termination protection could not be switched on: {error.message}")


def show_outputs(screen: Screen, stack: Stack) -> None:
    """What the stack says of itself; outputs of several lines as blocks to paste."""
    screen.show(outcome.table(stack.outputs))
    for title, block in outcome.blocks(stack.outputs):
        screen.show(f"\n{title}\n\n{block}")
