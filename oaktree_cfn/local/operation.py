"""One operation on one stack: bring it to a revision, then either clean up behind it or take everything back.

The phases are apart because a tree of stacks moves as one: a nested stack keeps what it replaced until its root is
done, and goes back with it. CloudFormation's statuses tell the same story::

    apply     CREATE_IN_PROGRESS -> CREATE_COMPLETE        UPDATE_IN_PROGRESS -> UPDATE_COMPLETE_CLEANUP_IN_PROGRESS
    cleanup                                                removed and replaced resources go -> UPDATE_COMPLETE
    rollback  ROLLBACK_IN_PROGRESS -> ROLLBACK_COMPLETE    UPDATE_ROLLBACK_IN_PROGRESS, old properties and ids return
    sweep                                                  what the update had made goes -> UPDATE_ROLLBACK_COMPLETE

Every step that changed something stands in the journal, so that rollback is the journal read backwards. Resources are
worked on one after the other, in creation order.
"""

from __future__ import annotations

import secrets
import string
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from oaktree_cfn.local import deletion
from oaktree_cfn.local.faults import Fault
from oaktree_cfn.local.region import Region, ResourceFailed, path_of
from oaktree_cfn.local.revisions import nested as nested_revision
from oaktree_cfn.local.stacks import ChangeSet, Refusal, Resource, Revision, Stack
from oaktree_cfn.local.world import Live, scope_of
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template import graph, schemas
from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.schemas import ALWAYS, CONDITIONALLY
from oaktree_cfn.template.values import UNKNOWN, TemplateError, Unresolved

_ALPHABET = string.ascii_uppercase + string.digits


class OperationFailed(Exception):
    """The stack could not be brought to its revision; the text is the StackStatusReason."""


class RollbackFailed(Exception):
    """Taking back failed half-way; the rest of the journal is still there to continue."""


@dataclass(frozen=True)
class Created:
    """A resource that was not there before."""

    resource: Resource


@dataclass(frozen=True)
class Updated:
    """A resource changed in place: its snapshot from before, and the properties that were sent (they may have arrived
    in part when the change failed, so rollback sends the old ones in any case).
    """

    resource: Resource
    before: Resource
    sent: Mapping[str, Any]


@dataclass(frozen=True)
class Replaced:
    """A resource that has a successor: ``new`` stands in the stack, ``old`` still exists until cleanup."""

    new: Resource
    old: Resource


@dataclass(frozen=True)
class Descended:
    """A nested stack that was brought to its own new revision."""

    operation: Operation
    resource: Resource
    before: Resource


Entry = Created | Updated | Replaced | Descended


@dataclass
class Operation:
    """A create or update of ``stack`` under way. ``plan`` is the change set that is executed, where there is one: its
    children already own the shells of new nested stacks.
    """

    region: Region
    stack: Stack
    after: Revision
    plan: ChangeSet | None = None
    journal: list[Entry] = field(default_factory=list)
    creating: bool = True
    before: Revision | None = None
    old_outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    old_imports: set[str] = field(default_factory=set)
    failed_step: str = "create"
    taken_back: int = 0
    """Entries of the journal, counted from its end, that a rollback is done with."""

    def __post_init__(self) -> None:
        """Remember what to go back to: where the last operation stopped half-way, what that one would go back to."""
        last: Operation | None = self.stack.unfinished
        self.before = self.stack.revision if last is None else last.before
        self.creating = self.before is None
        self.old_outputs, self.old_imports = self.stack.outputs, self.stack.imports
        if last is not None:
            self.old_outputs, self.old_imports, self.journal = last.old_outputs, last.old_imports, list(last.journal)

    # --- apply ------------------------------------------------------------------------------------------------------

    def apply(self) -> None:
        """Create and update in creation order, then compute outputs. Raises OperationFailed; nothing is taken back yet."""
        self.record(
            "CREATE_IN_PROGRESS" if self.creating else "UPDATE_IN_PROGRESS",
            "" if self.stack.parent else "User Initiated",
        )
        self.stack.revision = self.after
        self.stack.updated = self.region.books.now() if not self.creating or self.stack.change_set_id else None
        world = Live(self.region.books, self.stack, self.region.zones)
        try:
            scope = scope_of(self.stack, world)
            for name in graph.creation_order(self.after.template):
                if scope.exists(name) is True:
                    self.bring(name, self.after.template["Resources"][name], scope)
            self.publish(scope)
        except (TemplateError, Refusal) as error:
            raise OperationFailed(str(error)) from error
        except ResourceFailed as error:
            raise OperationFailed(f"The following resource(s) failed to {self.failed_step}: [{error}]. ") from error
        self.stack.imports = world.imported
        self.record("CREATE_COMPLETE" if self.creating else "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")

    def bring(self, name: str, declared: Mapping[str, Any], scope: Scope) -> None:
        """One resource to what the template says of it."""
        if self.stack.root.cancelled:
            raise TemplateError("User Initiated")
        existing = self.stack.resources.get(name)
        properties = scope.value(declared.get("Properties", {}))
        self.region.refuse_unplayed(name, declared["Type"], properties)
        properties = self.region.with_tags(declared["Type"], properties, self.after.tags)
        if existing is None or not existing.physical_id:  # never made, or failed to be
            self.create(Resource(name, declared["Type"], properties, declared))
        elif existing.type == STACK_TYPE:
            self.descend(existing, properties, declared)
        elif existing.properties != properties:
            self.change(existing, properties, declared)
        else:
            existing.declared = declared

    def create(self, resource: Resource) -> None:
        """A new resource."""
        self.record_resource(resource, "CREATE_IN_PROGRESS")
        self.stack.resources[resource.logical_id] = resource
        self.journal.append(Created(resource))
        if resource.type == STACK_TYPE:
            self.create_nested(resource)
        else:
            made = self.attempt(resource, "create", resource.properties)
            resource.physical_id, resource.attributes = made.physical_id, made.attributes
            self.record_resource(resource, "CREATE_IN_PROGRESS", "Resource creation Initiated")
        self.record_resource(resource, "CREATE_COMPLETE")

    def change(self, resource: Resource, properties: dict[str, Any], declared: Mapping[str, Any]) -> None:
        """An existing resource in place, or by a successor where a changed property demands it."""
        if self.must_replace(resource, properties):
            self.replace(resource, properties, declared)
            return
        before = resource.snapshot()
        self.record_resource(resource, "UPDATE_IN_PROGRESS")
        self.journal.append(Updated(resource, before, properties))
        made = self.attempt(resource, "update", resource.made, resource.properties, properties)
        resource.properties, resource.declared, resource.attributes = properties, declared, made.attributes
        self.record_resource(resource, "UPDATE_COMPLETE")

    def must_replace(self, resource: Resource, properties: Mapping[str, Any]) -> bool:
        """Whether a changed property needs a new resource; doubtful ones ask the handler."""
        schema = schemas.of(resource.type, self.region.name)
        changed = [
            key for key in {*resource.properties, *properties} if resource.properties.get(key) != properties.get(key)
        ]
        demands = (
            {_demand(schema, key, resource.properties.get(key), properties.get(key)) for key in changed}
            if schema
            else set()
        )
        if ALWAYS in demands:
            return True
        return CONDITIONALLY in demands and self.region.handler(resource.type).replaces(resource.properties, properties)

    def replace(self, old: Resource, properties: dict[str, Any], declared: Mapping[str, Any]) -> None:
        """A successor first; the old one goes in cleanup."""
        new = Resource(old.logical_id, old.type, properties, declared, old.physical_id)
        self.record_resource(
            new,
            "UPDATE_IN_PROGRESS",
            "Requested update requires the creation of a new physical resource; hence creating one.",
        )
        self.refuse_same_name(old, new)
        made = self.attempt(new, "create", properties)
        new.physical_id, new.attributes = made.physical_id, made.attributes
        self.stack.resources[old.logical_id] = new
        self.record_resource(new, "UPDATE_IN_PROGRESS", "Resource creation Initiated")
        self.journal.append(Replaced(new, old))
        self.record_resource(new, "UPDATE_COMPLETE")

    def refuse_same_name(self, old: Resource, new: Resource) -> None:
        """A successor cannot have the name of one that still exists."""
        schema = schemas.of(new.type, self.region.name)
        identifiers = [pointer[0] for pointer in schema.primary_identifier] if schema is not None else []
        given = [name for name in identifiers if name in new.properties]
        if given and len(given) == len(identifiers) and all(old.properties.get(n) == new.properties[n] for n in given):
            named = new.properties[given[0]]
            self.fail(
                new,
                f"CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {named} and update the stack again.",
            )

    def attempt(self, resource: Resource, step: str, *arguments: Any) -> Any:
        """A handler's step, or the resource's *_FAILED event and the end of apply."""
        try:
            return self.region.carry_out(self.stack, resource, step, *arguments)
        except (ResourceFailed, Refusal) as error:
            self.fail(resource, str(error))

    def fail(self, resource: Resource, reason: str) -> None:
        """Record a resource's failure and leave apply."""
        new = resource.status == "CREATE_IN_PROGRESS"
        self.failed_step = "create" if new else "update"
        self.record_resource(resource, "CREATE_FAILED" if new else "UPDATE_FAILED", reason)
        raise ResourceFailed(resource.logical_id)

    # --- nested stacks ----------------------------------------------------------------------------------------------

    def create_nested(self, resource: Resource) -> None:
        """A nested stack and everything in it."""
        child = self.shell(resource.logical_id)
        resource.physical_id = child.id
        self.record_resource(resource, "CREATE_IN_PROGRESS", "Resource creation Initiated")
        operation = self.child_operation(resource, child, resource.properties)
        try:
            self.region.faults.meet(path_of(self.stack, resource.logical_id), "create")
            operation.apply()
        except (OperationFailed, Fault) as error:
            operation.record("CREATE_FAILED", str(error))
            self.fail(resource, f"Embedded stack {child.id} was not successfully created: {error}")

    def shell(self, logical_id: str) -> Stack:
        """The stack that a new nested stack lives in: the change set's, or a new one."""
        planned = self.plan.children.get(logical_id) if self.plan is not None else None
        return planned.stack if planned is not None else new_shell(self.region, self.stack, logical_id)

    def child_operation(self, resource: Resource, child: Stack, properties: Mapping[str, Any]) -> Operation:
        """The operation that brings a nested stack to what its parent says of it."""
        try:
            revision = nested_revision(self.region, self.after, properties)
        except (TemplateError, Refusal) as error:
            self.fail(resource, str(error))
        child.parent = self.stack
        planned = self.plan.children.get(resource.logical_id) if self.plan is not None else None
        named = planned is not None and planned.id in self.region.books.change_sets
        child.change_set_id = planned.id if planned is not None and named else ""
        return Operation(self.region, child, revision, planned)

    def descend(self, resource: Resource, properties: dict[str, Any], declared: Mapping[str, Any]) -> None:
        """An existing nested stack: looked into whenever its parent is updated, reported only when it changes."""
        child = self.region.books.stacks[resource.physical_id]
        operation = self.child_operation(resource, child, properties)
        before = resource.snapshot()
        if operation.after == operation.before and resource.properties == properties and operation.settled():
            resource.declared = declared
            return
        self.record_resource(resource, "UPDATE_IN_PROGRESS")
        self.journal.append(Descended(operation, resource, before))
        try:
            self.region.faults.meet(path_of(self.stack, resource.logical_id), "update")
            operation.apply()
        except (OperationFailed, Fault) as error:
            stays = self.stack.root.disable_rollback
            operation.record("UPDATE_FAILED" if stays else "UPDATE_ROLLBACK_IN_PROGRESS", str(error))
            child.unfinished = operation if stays else None
            currently = f"Currently in {child.status} with reason: {error}"
            self.fail(resource, f"Embedded stack {child.id} was not successfully updated. {currently}")
        resource.properties, resource.declared = properties, declared
        self.record_resource(resource, "UPDATE_COMPLETE")

    def settled(self) -> bool:
        """Whether nothing outside the template and its parameters (an import, a nested template) can move this stack."""
        text = self.after.body
        return (
            "ImportValue" not in text
            and STACK_TYPE not in text
            and "GetStackOutput" not in text
            and "{{resolve" not in text
        )

    # --- outputs ----------------------------------------------------------------------------------------------------

    def publish(self, scope: Scope) -> None:
        """Compute outputs and claim their export names."""
        outputs = evaluate_outputs(scope)
        exports = {output["ExportName"]: output["OutputValue"] for output in outputs.values() if "ExportName" in output}
        for name in exports:
            owner = self.region.books.exporter(name)
            if owner is not None and owner is not self.stack:
                raise TemplateError(
                    f"Export with name {name} is already exported by stack {owner.name}. Rename the export and try again."
                )
        for name, value in self.stack.exports.items():
            users = [stack.name for stack in self.region.books.importers(name)]
            if users and exports.get(name) != value:
                verb = "deleted" if name not in exports else "updated"
                raise TemplateError(f"Export {name} cannot be {verb} as it is in use by {', '.join(users)}")
        self.stack.outputs = outputs

    # --- after success ----------------------------------------------------------------------------------------------

    def cleanup(self) -> None:
        """Delete what the update left behind: replaced resources and those the template no longer has."""
        if self.creating:
            return
        for entry in self.journal:
            if isinstance(entry, Descended):
                entry.operation.cleanup()
        replaced = [entry.old for entry in self.journal if isinstance(entry, Replaced)]
        wanted = scope_of(self.stack, Live(self.region.books, self.stack, self.region.zones))
        gone = [each for name, each in self.stack.resources.items() if wanted.exists(name) is not True]
        for each in gone:
            del self.stack.resources[each.logical_id]
        order = graph.creation_order(self.before.template) if self.before is not None else []
        place = {name: index for index, name in enumerate(order)}
        for each in sorted([*replaced, *gone], key=lambda each: place.get(each.logical_id, -1), reverse=True):
            successor = self.stack.resources.get(each.logical_id)
            policy = successor.declared.get("UpdateReplacePolicy") if successor else each.declared.get("DeletionPolicy")
            self.discard(each, keep=str(policy).startswith("Retain"))
        self.record("UPDATE_COMPLETE")

    def discard(self, resource: Resource, *, keep: bool, creating: bool = False) -> None:
        """Delete one physical resource; a failure is recorded and stops nothing."""
        try:
            deletion.delete_resource(self.region, self.stack, resource, keep=keep, creating=creating)
        except ResourceFailed as error:
            self.record_resource(resource, "DELETE_FAILED", str(error))

    # --- after failure ----------------------------------------------------------------------------------------------

    def rollback(self, reason: str) -> None:
        """Take everything back, newest first. Raises RollbackFailed with the journal's rest kept."""
        if self.creating:
            self.undo_creation(reason)
            return
        self.resume_rollback(reason, ())

    def resume_rollback(self, reason: str, skip: Collection[str]) -> None:
        """The journal backwards, from where the last attempt ended; ``skip`` names resources to leave as they are
        (ContinueUpdateRollback), those of a nested stack as ``<its stack's name>.<logical id>``.
        """
        assert self.before is not None  # noqa: S101  # narrowing for the type checker: a create is undone elsewhere
        if self.stack.parent is None or self.stack.status != "UPDATE_ROLLBACK_IN_PROGRESS":
            self.record("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        self.stack.revision = self.before
        self.stack.outputs, self.stack.imports = self.old_outputs, self.old_imports
        for entry in list(reversed(self.journal))[self.taken_back :]:
            resource = entry.old if isinstance(entry, Replaced) else entry.resource
            try:
                self.undo(entry, skip)
            except (ResourceFailed, RollbackFailed) as error:
                failed = f"The following resource(s) failed to update: [{resource.logical_id}]. "
                self.record("UPDATE_ROLLBACK_FAILED", failed)
                raise RollbackFailed(failed) from error
            self.taken_back += 1
        for name, resource in self.stack.resources.items():
            resource.declared = self.before.template["Resources"].get(name, resource.declared)
        self.record("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")

    def undo(self, entry: Entry, skip: Collection[str]) -> None:
        """Bring one resource back."""
        match entry:
            case Updated(resource, before, sent):
                if self.skipped(resource, skip):
                    self.record_resource(resource, "UPDATE_COMPLETE")
                else:
                    self.restore(resource, before, sent)
            case Replaced(_, old):
                self.stack.resources[old.logical_id] = old
                self.record_resource(old, "UPDATE_COMPLETE")
            case Descended(operation, resource, before):
                if not self.skipped(resource, skip):
                    self.take_back_nested(operation, resource, skip)
                resource.properties = before.properties
                self.record_resource(resource, "UPDATE_COMPLETE")
            case Created():
                pass  # goes in sweep, after everything that used it has its old properties back

    def skipped(self, resource: Resource, skip: Collection[str]) -> bool:
        """Whether the caller wants a resource left as it is."""
        name = resource.logical_id
        return (name if self.stack.parent is None else f"{self.stack.name}.{name}") in skip

    def take_back_nested(self, operation: Operation, resource: Resource, skip: Collection[str]) -> None:
        """Roll a nested stack back with its parent."""
        try:
            operation.resume_rollback("", skip)
        except RollbackFailed as error:
            currently = f"Currently in {operation.stack.status} with reason: {error}"
            embedded = f"Embedded stack {operation.stack.id} was not successfully updated. {currently}"
            self.record_resource(resource, "UPDATE_FAILED", embedded)
            raise

    def restore(self, resource: Resource, before: Resource, sent: Mapping[str, Any]) -> None:
        """Change a resource back in place."""
        self.record_resource(resource, "UPDATE_IN_PROGRESS")
        try:
            made = self.region.carry_out(self.stack, resource, "update", resource.made, dict(sent), before.properties)
        except ResourceFailed as error:
            self.record_resource(resource, "UPDATE_FAILED", str(error))
            raise
        resource.properties, resource.attributes = before.properties, made.attributes
        self.record_resource(resource, "UPDATE_COMPLETE")

    def sweep(self) -> None:
        """Delete what the failed update had made."""
        for entry in reversed(self.journal):
            match entry:
                case Descended(operation):
                    operation.sweep()
                case Replaced(new):
                    self.discard(new, keep=False)
                case Created(resource):
                    kept = deletion.retained(self.stack, resource, creating=True)
                    self.discard(resource, keep=kept, creating=True)
                    self.stack.resources.pop(resource.logical_id, None)
        self.journal.clear()
        self.record("UPDATE_ROLLBACK_COMPLETE")

    def undo_creation(self, reason: str) -> None:
        """Delete everything a failed create had made."""
        self.stack.deleted, self.stack.change_set_id = self.region.books.now(), ""
        self.record("ROLLBACK_IN_PROGRESS", requested(reason, "Rollback"))
        failed = deletion.delete_resources(self.region, self.stack, creating=True)
        if failed:
            self.record("ROLLBACK_FAILED", f"The following resource(s) failed to delete: [{', '.join(failed)}]. ")
            raise RollbackFailed(", ".join(failed))
        self.stack.outputs = {}
        self.stack.imports = set()
        self.record("ROLLBACK_COMPLETE")

    # --- books ------------------------------------------------------------------------------------------------------

    def record(self, status: str, reason: str = "") -> None:
        """Move the stack to a status."""
        self.region.books.record(self.stack, status, reason)

    def record_resource(self, resource: Resource, status: str, reason: str = "") -> None:
        """Move a resource to a status."""
        self.region.books.record_resource(self.stack, resource, status, reason)


def requested(reason: str, what: str) -> str:
    """A reason followed by who wanted the consequence, as CloudFormation puts it."""
    return f"{reason.rstrip('. ')}. {what} requested by user." if reason else f"{what} requested by user."


def new_shell(region: Region, parent: Stack, logical_id: str) -> Stack:
    """An empty nested stack with a generated name, ``<parent>-<logical id>-<12 characters>``."""
    random = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    name = f"{parent.name}-{logical_id}"[:115] + f"-{random}"
    return region.books.add(Stack(name, region.name, region.books.now(), parent=parent, logical_id=logical_id))


def evaluate_outputs(scope: Scope) -> dict[str, dict[str, str]]:
    """The outputs of a template whose condition holds, in DescribeStacks' shape. Raises TemplateError."""
    out: dict[str, dict[str, str]] = {}
    for name, declared in scope.template.get("Outputs", {}).items():
        if "Condition" in declared and scope.condition(declared["Condition"]) is not True:
            continue
        output = {"OutputKey": name, "OutputValue": _output_text(scope, declared["Value"])}
        if "Description" in declared:
            output["Description"] = str(declared["Description"])
        if "Export" in declared:
            output["ExportName"] = _output_text(scope, declared["Export"]["Name"])
        out[name] = output
    return out


def _output_text(scope: Scope, expression: Any) -> Any:
    try:
        value = scope.value(expression)
    except Unresolved as error:
        raise TemplateError(
            f"Unresolved resource dependencies [{error.name}] in the Outputs block of the template"
        ) from error
    if isinstance(value, str) or value is UNKNOWN:
        return value
    raise TemplateError("Template format error: The Value field of every Outputs member must evaluate to a String.")


def _demand(schema: schemas.Schema, key: str, before: Any, after: Any) -> str:
    """What the change of one top-level property demands, judged by the parts of it that differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        parts = [(key, part) for part in {*before, *after} if before.get(part) != after.get(part)]
        demands = {schema.recreation(part) for part in parts}
        return ALWAYS if ALWAYS in demands else CONDITIONALLY if CONDITIONALLY in demands else "Never"
    return schema.recreation((key,))
