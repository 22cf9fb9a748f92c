"""Whole operations from the first status to the last, as they run in the background of the stage."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection

from oaktree_cfn.local import deletion, rollback
from oaktree_cfn.local.deletion import DeletionFailed
from oaktree_cfn.local.operation import Operation
from oaktree_cfn.local.region import OperationFailed, Region
from oaktree_cfn.local.rollback import RollbackFailed, requested
from oaktree_cfn.local.stacks import ChangeSet, Revision, Stack

_LOG = logging.getLogger(__name__)


def in_background(region: Region, stack: Stack, work: Callable[[], None]) -> None:
    """Run an operation in a thread of its own. What escapes is a defect of the stage: the stack says so and stops."""

    def guarded() -> None:
        try:
            work()
        except Exception as error:  # the thread's last line of defence: a stack must never stay in progress for ever
            _LOG.exception("operation on %s", stack.name)
            verb = stack.status.removesuffix("_IN_PROGRESS").removesuffix("_CLEANUP")
            region.books.record(
                stack,
                f"{verb}_FAILED" if verb in ("CREATE", "DELETE", "ROLLBACK") else "UPDATE_ROLLBACK_FAILED",
                f"defect in the local stage: {error!r}",
            )

    threading.Thread(target=guarded, name=f"operation-{stack.name}", daemon=True).start()


def create_or_update(
    region: Region, stack: Stack, revision: Revision, on_failure: str = "ROLLBACK", plan: ChangeSet | None = None
) -> None:
    """Bring a stack to a revision; on failure take it back (ROLLBACK), leave it (DO_NOTHING) or delete it (DELETE)."""
    operation = Operation(region, stack, revision, plan)
    try:
        operation.apply()
        stack.unfinished = None
        operation.cleanup()
    except OperationFailed as error:
        _failed(operation, str(error), on_failure)


def _failed(operation: Operation, reason: str, on_failure: str) -> None:
    if on_failure == "DO_NOTHING":
        operation.record("CREATE_FAILED" if operation.creating else "UPDATE_FAILED", reason)
        operation.stack.unfinished = operation
        return
    if on_failure == "DELETE" and operation.creating:
        delete(operation.region, operation.stack, reason=requested(reason, "Delete"), creating=True)
    else:
        roll_back(operation, reason)


def roll_back(operation: Operation, reason: str) -> None:
    """Take an operation back, both phases."""
    operation.stack.unfinished = operation
    try:
        rollback.take_back(operation, reason)
    except RollbackFailed:
        return
    _finish(operation)


def continue_rollback(operation: Operation, skip: Collection[str]) -> None:
    """Go on with a rollback that failed half-way."""
    try:
        rollback.resume(operation, "User Initiated", skip)
    except RollbackFailed:
        return
    _finish(operation)


def _finish(operation: Operation) -> None:
    operation.stack.unfinished = None
    if not operation.creating:
        rollback.sweep(operation)


def delete(
    region: Region,
    stack: Stack,
    retain: Collection[str] = (),
    *,
    reason: str = "User Initiated",
    creating: bool = False,
) -> None:
    """Delete a stack; a failure stands in its status."""
    try:
        deletion.delete_stack(region, stack, retain, reason=reason, creating=creating)
    except DeletionFailed:
        return
