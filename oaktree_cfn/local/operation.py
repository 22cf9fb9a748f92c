"""One operation on one stack: bring it to a revision, then either clean up behind it or take everything back
(``rollback``). Nested stacks are operations of their own (``nesting``).

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

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from oaktree_cfn.local import deletion, nesting
from oaktree_cfn.local.outputs import publish
from oaktree_cfn.local.region import OperationFailed, Region, ResourceFailed
from oaktree_cfn.local.stacks import ChangeSet, Refusal, Resource, Revision, Stack
from oaktree_cfn.local.world import Live, scope_of
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template import graph, schemas
from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.schemas import ALWAYS, CONDITIONALLY
from oaktree_cfn.template.values import TemplateError


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
        if self.after.failure:
            raise OperationFailed(self.after.failure)
        world = Live(self.region.books, self.stack, self.region.zones)
        try:
            scope = scope_of(self.stack, world)
            for name in graph.creation_order(self.after.template):
                if scope.exists(name) is True:
                    self.bring(name, self.after.template["Resources"][name], scope)
            publish(self.region, self.stack, scope)
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
            nesting.create(self, resource)
        else:
            made = self.attempt(resource, "create", resource.properties)
            resource.physical_id, resource.attributes = made.physical_id, made.attributes
            self.record_resource(resource, "CREATE_IN_PROGRESS", "Resource creation Initiated")
            self.attempt(resource, "settle", made, resource.properties)
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
        self.attempt(resource, "settle", made, properties)
        self.record_resource(resource, "UPDATE_COMPLETE")

    def descend(self, resource: Resource, properties: dict[str, Any], declared: Mapping[str, Any]) -> None:
        """An existing nested stack."""
        below = nesting.descend(self, resource, properties, declared)
        if below is None:
            return
        before = resource.snapshot()
        self.record_resource(resource, "UPDATE_IN_PROGRESS")
        self.journal.append(Descended(below, resource, before))
        nesting.update(self, resource, below)
        resource.properties, resource.declared = properties, declared
        self.record_resource(resource, "UPDATE_COMPLETE")

    def below(self, child: Stack, revision: Revision, planned: ChangeSet | None) -> Operation:
        """The operation on a nested stack that belongs to this one."""
        return Operation(self.region, child, revision, planned)

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
        self.attempt(new, "settle", made, properties)
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

    def fail(self, resource: Resource, reason: str) -> NoReturn:
        """Record a resource's failure and leave apply."""
        new = resource.status == "CREATE_IN_PROGRESS"
        self.failed_step = "create" if new else "update"
        self.record_resource(resource, "CREATE_FAILED" if new else "UPDATE_FAILED", reason)
        raise ResourceFailed(resource.logical_id)

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

    # --- books ------------------------------------------------------------------------------------------------------

    def record(self, status: str, reason: str = "") -> None:
        """Move the stack to a status."""
        self.region.books.record(self.stack, status, reason)

    def record_resource(self, resource: Resource, status: str, reason: str = "") -> None:
        """Move a resource to a status."""
        self.region.books.record_resource(self.stack, resource, status, reason)


def _demand(schema: schemas.Schema, key: str, before: Any, after: Any) -> str:
    """What the change of one top-level property demands, judged by the parts of it that differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        parts = [(key, part) for part in {*before, *after} if before.get(part) != after.get(part)]
        demands = {schema.recreation(part) for part in parts}
        return ALWAYS if ALWAYS in demands else CONDITIONALLY if CONDITIONALLY in demands else "Never"
    return schema.recreation((key,))
