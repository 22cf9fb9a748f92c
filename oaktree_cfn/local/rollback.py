"""Taking an operation back: its journal read backwards, then what it had made swept away."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from oaktree_cfn.local import deletion
from oaktree_cfn.local.operation import Created, Descended, Entry, Operation, Replaced, Updated
from oaktree_cfn.local.region import ResourceFailed
from oaktree_cfn.local.stacks import Resource


class RollbackFailed(Exception):
    """Taking back failed half-way; the rest of the journal is still there to continue."""


def take_back(operation: Operation, reason: str) -> None:
    """Take everything back, newest first. Raises RollbackFailed with the journal's rest kept."""
    if operation.creating:
        _undo_creation(operation, reason)
    else:
        resume(operation, reason, ())


def resume(operation: Operation, reason: str, skip: Collection[str]) -> None:
    """The journal backwards, from where the last attempt ended; ``skip`` names resources to leave as they are
    (ContinueUpdateRollback), those of a nested stack as ``<its stack's name>.<logical id>``.

    Raises RollbackFailed.
    """
    stack, before = operation.stack, operation.before
    assert before is not None  # noqa: S101  # narrowing for the type checker: a create is undone elsewhere
    if stack.parent is None or stack.status != "UPDATE_ROLLBACK_IN_PROGRESS":
        operation.record("UPDATE_ROLLBACK_IN_PROGRESS", reason)
    stack.revision = before
    stack.outputs, stack.imports = operation.old_outputs, operation.old_imports
    for entry in list(reversed(operation.journal))[operation.taken_back :]:
        _take_back_entry(operation, entry, skip)
        operation.taken_back += 1
    for name, resource in stack.resources.items():
        resource.declared = before.template["Resources"].get(name, resource.declared)
    operation.record("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")


def _take_back_entry(operation: Operation, entry: Entry, skip: Collection[str]) -> None:
    resource = entry.old if isinstance(entry, Replaced) else entry.resource
    try:
        _undo(operation, entry, skip)
    except (ResourceFailed, RollbackFailed) as error:
        failed = f"The following resource(s) failed to update: [{resource.logical_id}]. "
        operation.record("UPDATE_ROLLBACK_FAILED", failed)
        raise RollbackFailed(failed) from error


def _undo(operation: Operation, entry: Entry, skip: Collection[str]) -> None:
    match entry:
        case Updated(resource, before, sent):
            if _skipped(operation, resource, skip):
                operation.record_resource(resource, "UPDATE_COMPLETE")
            else:
                _restore(operation, resource, before, sent)
        case Replaced(_, old):
            operation.stack.resources[old.logical_id] = old
            operation.record_resource(old, "UPDATE_COMPLETE")
        case Descended(below, resource, before):
            if not _skipped(operation, resource, skip):
                _take_back_nested(operation, below, resource, skip)
            resource.properties = before.properties
            operation.record_resource(resource, "UPDATE_COMPLETE")
        case Created():
            pass  # goes in sweep, after everything that used it has its old properties back


def _skipped(operation: Operation, resource: Resource, skip: Collection[str]) -> bool:
    """Whether the caller wants a resource left as it is."""
    name = resource.logical_id
    return (name if operation.stack.parent is None else f"{operation.stack.name}.{name}") in skip


def _take_back_nested(operation: Operation, below: Operation, resource: Resource, skip: Collection[str]) -> None:
    """Roll a nested stack back with its parent."""
    try:
        resume(below, "", skip)
    except RollbackFailed as error:
        currently = f"Currently in {below.stack.status} with reason: {error}"
        embedded = f"Embedded stack {below.stack.id} was not successfully updated. {currently}"
        operation.record_resource(resource, "UPDATE_FAILED", embedded)
        raise


def _restore(operation: Operation, resource: Resource, before: Resource, sent: Mapping[str, Any]) -> None:
    """Change a resource back in place."""
    operation.record_resource(resource, "UPDATE_IN_PROGRESS")
    region, stack = operation.region, operation.stack
    try:
        made = region.carry_out(stack, resource, "update", resource.made, dict(sent), before.properties)
        region.carry_out(stack, resource, "settle", made, before.properties)
    except ResourceFailed as error:
        operation.record_resource(resource, "UPDATE_FAILED", str(error))
        raise
    resource.properties, resource.attributes = before.properties, made.attributes
    operation.record_resource(resource, "UPDATE_COMPLETE")


def sweep(operation: Operation) -> None:
    """Delete what the failed update had made."""
    for entry in reversed(operation.journal):
        match entry:
            case Descended(below):
                sweep(below)
            case Replaced(new):
                operation.discard(new, keep=False)
            case Created(resource):
                kept = deletion.retained(operation.stack, resource, creating=True)
                operation.discard(resource, keep=kept, creating=True)
                operation.stack.resources.pop(resource.logical_id, None)
    operation.journal.clear()
    operation.record("UPDATE_ROLLBACK_COMPLETE")


def _undo_creation(operation: Operation, reason: str) -> None:
    """Delete everything a failed create had made."""
    stack = operation.stack
    stack.deleted, stack.change_set_id = operation.region.books.now(), ""
    operation.record("ROLLBACK_IN_PROGRESS", requested(reason, "Rollback"))
    failed = deletion.delete_resources(operation.region, stack, creating=True)
    if failed:
        operation.record("ROLLBACK_FAILED", f"The following resource(s) failed to delete: [{', '.join(failed)}]. ")
        raise RollbackFailed(", ".join(failed))
    stack.outputs, stack.imports = {}, set()
    operation.record("ROLLBACK_COMPLETE")


def requested(reason: str, what: str) -> str:
    """A reason followed by who wanted the consequence, as CloudFormation puts it."""
    return f"{reason.removesuffix('. ')}. {what} requested by user." if reason else f"{what} requested by user."
