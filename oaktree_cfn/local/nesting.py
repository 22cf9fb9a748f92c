"""Nested stacks within an operation: made, looked into on every update, and failed with their parent."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oaktree_cfn.local.faults import Fault
from oaktree_cfn.local.region import OperationFailed, Region, path_of
from oaktree_cfn.local.revisions import nested as nested_revision
from oaktree_cfn.local.stacks import Refusal, Resource, Stack
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template.values import TemplateError

if TYPE_CHECKING:
    from oaktree_cfn.local.operation import Operation

_ALPHABET = string.ascii_uppercase + string.digits


def create(parent: Operation, resource: Resource) -> None:
    """A nested stack and everything in it."""
    child = _shell(parent, resource.logical_id)
    resource.physical_id = child.id
    parent.record_resource(resource, "CREATE_IN_PROGRESS", "Resource creation Initiated")
    operation = _below(parent, resource, child, resource.properties)
    try:
        parent.region.faults.meet(path_of(parent.stack, resource.logical_id), "create")
        operation.apply()
    except (OperationFailed, Fault) as error:
        operation.record("CREATE_FAILED", str(error))
        parent.fail(resource, f"Embedded stack {child.id} was not successfully created: {error}")


def descend(
    parent: Operation, resource: Resource, properties: dict[str, Any], declared: Mapping[str, Any]
) -> Operation | None:
    """The operation that will update an existing nested stack; None where nothing can change in it.

    It is looked into whenever its parent is updated, and reported only when it changes.
    """
    operation = _below(parent, resource, parent.region.books.stacks[resource.physical_id], properties)
    if operation.after == operation.before and resource.properties == properties and _settled(operation.after.body):
        resource.declared = declared
        return None
    return operation


def update(parent: Operation, resource: Resource, operation: Operation) -> None:
    """Carry out the operation on an existing nested stack."""
    child = operation.stack
    try:
        parent.region.faults.meet(path_of(parent.stack, resource.logical_id), "update")
        operation.apply()
    except (OperationFailed, Fault) as error:
        stays = parent.stack.root.disable_rollback
        operation.record("UPDATE_FAILED" if stays else "UPDATE_ROLLBACK_IN_PROGRESS", str(error))
        child.unfinished = operation if stays else None
        currently = f"Currently in {child.status} with reason: {error}"
        parent.fail(resource, f"Embedded stack {child.id} was not successfully updated. {currently}")


def new_shell(region: Region, parent: Stack, logical_id: str) -> Stack:
    """An empty nested stack with a generated name, ``<parent>-<logical id>-<12 characters>``."""
    random = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    name = f"{parent.name}-{logical_id}"[:115] + f"-{random}"
    return region.books.add(Stack(name, region.name, region.books.now(), parent=parent, logical_id=logical_id))


def _shell(parent: Operation, logical_id: str) -> Stack:
    """The stack that a new nested stack lives in: the change set's, or a new one."""
    planned = parent.plan.children.get(logical_id) if parent.plan is not None else None
    return planned.stack if planned is not None else new_shell(parent.region, parent.stack, logical_id)


def _below(parent: Operation, resource: Resource, child: Stack, properties: Mapping[str, Any]) -> Operation:
    """The operation that brings a nested stack to what its parent says of it."""
    planned = parent.plan.children.get(resource.logical_id) if parent.plan is not None else None
    known = planned.revision if planned is not None else None
    try:
        revision = nested_revision(parent.region, parent.after, properties, known)
    except (TemplateError, Refusal) as error:
        parent.fail(resource, str(error))
    child.parent = parent.stack
    named = planned is not None and planned.id in parent.region.books.change_sets
    child.change_set_id = planned.id if planned is not None and named else ""
    return parent.below(child, revision, planned)


def _settled(body: str) -> bool:
    """Whether nothing outside the template and its parameters (an import, a nested template) can move this stack."""
    return not any(word in body for word in ("ImportValue", STACK_TYPE, "GetStackOutput", "{{resolve"))
