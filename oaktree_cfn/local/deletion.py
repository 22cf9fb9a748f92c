"""Deleting: a resource as its policy says, a stack's resources in reverse order, a stack."""

from __future__ import annotations

from collections.abc import Collection

from oaktree_cfn.local.faults import Fault
from oaktree_cfn.local.region import Region, ResourceFailed, path_of
from oaktree_cfn.local.stacks import Resource, Stack
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template import graph


class DeletionFailed(Exception):
    """A stack could not be deleted; it is in DELETE_FAILED. The text is its reason."""


def delete_resource(
    region: Region, stack: Stack, resource: Resource, *, keep: bool = False, creating: bool = False
) -> None:
    """Delete one physical resource, or skip it (``keep``). Raises ResourceFailed; the event is the caller's then."""
    if keep:
        region.books.record_resource(stack, resource, "DELETE_SKIPPED")
        return
    if not resource.physical_id:  # it failed before anything was made
        region.books.record_resource(stack, resource, "DELETE_COMPLETE")
        return
    region.books.record_resource(stack, resource, "DELETE_IN_PROGRESS")
    if resource.type == STACK_TYPE:
        _delete_nested(region, stack, resource, creating=creating)
    else:
        region.carry_out(stack, resource, "delete", resource.made, resource.properties)
    region.books.record_resource(stack, resource, "DELETE_COMPLETE")


def _delete_nested(region: Region, stack: Stack, resource: Resource, *, creating: bool) -> None:
    child = region.books.stacks.get(resource.physical_id)
    try:
        region.faults.meet(path_of(stack, resource.logical_id), "delete")
        if child is not None and not child.gone:
            delete_stack(region, child, creating=creating)
    except (DeletionFailed, Fault) as error:
        raise ResourceFailed(f"Embedded stack {resource.physical_id} was not successfully deleted: {error}") from error


def delete_resources(
    region: Region, stack: Stack, retain: Collection[str] = (), *, creating: bool = False
) -> list[str]:
    """Delete a stack's resources in reverse creation order; returns those that failed.

    What a resource that failed still needs is left alone. ``creating`` for the rollback of a create, where
    RetainExceptOnCreate does not retain.
    """
    template = stack.revision.template if stack.revision is not None else {}
    order = graph.creation_order(template) if template else []
    needs = graph.dependencies(template) if template else {}
    failed: list[str] = []
    for name in sorted(stack.resources, key=lambda name: order.index(name) if name in order else -1, reverse=True):
        resource = stack.resources[name]
        if any(name in needs.get(other, ()) for other in failed):
            continue
        try:
            keep = name in retain or retained(stack, resource, creating=creating)
            delete_resource(region, stack, resource, keep=keep, creating=creating)
            del stack.resources[name]
        except ResourceFailed as error:
            region.books.record_resource(stack, resource, "DELETE_FAILED", str(error))
            failed.append(name)
    return failed


def retained(stack: Stack, resource: Resource, *, creating: bool) -> bool:
    """Whether a resource's policy keeps it; ``creating`` when the operation that made it is taken back."""
    policy = resource.declared.get("DeletionPolicy", "Delete")
    if creating and stack.root.retain_except_on_create:
        return False
    return policy == "Retain" or (policy == "RetainExceptOnCreate" and not creating)


def delete_stack(
    region: Region,
    stack: Stack,
    retain: Collection[str] = (),
    *,
    reason: str = "User Initiated",
    creating: bool = False,
) -> None:
    """Delete a stack with all it has; ``creating`` when its creation failed. Raises DeletionFailed."""
    books = region.books
    stack.deleted, stack.change_set_id = books.now(), ""
    books.record(stack, "DELETE_IN_PROGRESS", "" if stack.parent else reason)
    problem = _export_in_use(region, stack)
    if problem is None:
        failed = delete_resources(region, stack, retain, creating=creating)
        problem = f"The following resource(s) failed to delete: [{', '.join(failed)}]. " if failed else None
    if problem is not None:
        books.record(stack, "DELETE_FAILED", problem)
        raise DeletionFailed(problem)
    stack.outputs, stack.imports = {}, set()
    for change_set in [cs for cs in books.change_sets.values() if cs.stack is stack]:
        if not change_set.execution.startswith("EXECUTE"):  # executed ones can still be described by ARN
            books.forget(change_set)
    books.record(stack, "DELETE_COMPLETE")


def _export_in_use(region: Region, stack: Stack) -> str | None:
    for name in stack.exports:
        users = [user.name for user in region.books.importers(name)]
        if users:
            return f"Export {name} cannot be deleted as it is in use by {', '.join(users)}"
    return None
