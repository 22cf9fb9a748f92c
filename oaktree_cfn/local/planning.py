"""Making change sets: compare what is deployed with what is asked for, down the whole tree of nested stacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oaktree_cfn.local.nesting import new_shell
from oaktree_cfn.local.outputs import evaluate_outputs
from oaktree_cfn.local.region import Region
from oaktree_cfn.local.revisions import nested as nested_revision
from oaktree_cfn.local.stacks import ChangeSet, Refusal, Revision, Stack
from oaktree_cfn.local.world import Live, scope_of
from oaktree_cfn.models import NO_CHANGE_REASONS
from oaktree_cfn.review.differ import Deployed, Forecast, Wanted, compare
from oaktree_cfn.template import graph
from oaktree_cfn.template.values import UNKNOWN, TemplateError

NO_CHANGE = f"{NO_CHANGE_REASONS[0]} Submit different information to create a change set."
NO_UPDATES = NO_CHANGE_REASONS[1]
"""What it says instead where the template has transforms."""

INCOMPLETE = "[WARN] --include-property-values option can return incomplete ChangeSet data because: "
"""How the StatusReason of a usable change set begins when its values are not all there."""

NOTHING = Revision("", {"Resources": {}}, {}, {})
"""What a nested stack is asked to be whose template or parameters cannot be read."""

OPAQUE = object()
"""What a nested stack holds when nobody may look: CloudFormation then reports it as a possible change."""


@dataclass
class Planner:
    """Makes one change set and its children."""

    region: Region
    include_nested: bool
    made: list[ChangeSet] = field(default_factory=list)

    def plan(self, change_set: ChangeSet) -> ChangeSet:
        """Fill in a change set's differences, or its FAILED status where nothing would change."""
        self.made.append(change_set)
        stack = change_set.stack
        if change_set.revision.failure:
            return fail(change_set, change_set.revision.failure)
        world = Live(self.region.books, stack, self.region.zones, strict=False)
        deployed = self.deployed(stack, world)
        forecast = compare(
            deployed,
            self.wanted(change_set, world),
            lambda name, before, after, _: self.nested(change_set, name, before, after),
            self.region.name,
        )
        self.refuse_unplayed(forecast)
        change_set.differences = forecast.differences
        change_set.warning = self.missing_import(forecast)
        outputs = evaluate_outputs(forecast.scope)
        same = deployed is not None and not forecast.differences and self.settled(deployed, outputs, change_set)
        if same and stack.unfinished is None:
            fail(change_set, NO_UPDATES if change_set.revision.transforms else NO_CHANGE)
        broken = next((child for child in change_set.children.values() if child.broken), None)
        if broken is not None:
            fail(change_set, f"Nested change set {broken.id} was not successfully created: Currently in FAILED.")
        return change_set

    def deployed(self, stack: Stack, world: Live) -> Deployed | None:
        """The stack as it stands; None for a shell."""
        if stack.revision is None:
            return None
        made = {name: resource for name, resource in stack.resources.items() if resource.physical_id}
        scope = scope_of(stack, world)
        left = {name: resource.declared for name, resource in made.items() if name not in scope.template["Resources"]}
        if left:  # by an update that failed and was left as it is
            resources = {**left, **scope.template["Resources"]}
            scope = replace(scope, template={**scope.template, "Resources": resources})
        return Deployed(scope, {name: each.physical_id for name, each in made.items()}, stack.revision.tags)

    def wanted(self, change_set: ChangeSet, world: Live) -> Wanted:
        """The stack as it shall be."""
        revision = change_set.revision
        return Wanted(revision.template, revision.values, change_set.stack.pseudo(), world, revision.tags)

    def refuse_unplayed(self, forecast: Forecast) -> None:
        """Refuse types and properties the stage does not play before anything is made."""
        for difference in forecast.differences:
            if difference.after is not None:
                self.region.refuse_unplayed(
                    difference.logical_id, difference.type, difference.after.value["Properties"]
                )

    def settled(self, deployed: Deployed, outputs: Mapping[str, Any], change_set: ChangeSet) -> bool:
        """Whether the outputs and the stack's tags stay what they are, too."""
        same_tags = dict(deployed.tags) == dict(change_set.revision.tags)
        return same_tags and evaluate_outputs(deployed.scope) == outputs

    def missing_import(self, forecast: Forecast) -> str:
        """What DescribeChangeSet warns of when it shows values: the first import that nobody exports."""
        for name, resource in forecast.scope.template["Resources"].items():
            if forecast.scope.exists(name) is not True:
                continue
            for export in map(forecast.scope.value, graph.imports(resource)):
                if isinstance(export, str) and self.region.books.exporter(export) is None:
                    return (
                        f"{INCOMPLETE}ChangeSet creation failed for resource [{name}] because: No export named {export}"
                    )
        return ""

    # --- nested stacks ----------------------------------------------------------------------------------------------

    def nested(
        self, parent: ChangeSet, logical_id: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
    ) -> Any:
        """The change set of a nested stack; None when nothing changes in it."""
        if not self.include_nested:
            return OPAQUE
        if after is None or after.get("TemplateURL") is UNKNOWN:
            return None
        child = self.child(parent, logical_id, after)
        if child.status == "FAILED" and not child.broken and before == after:
            self.made.remove(child)
            return None
        parent.children[logical_id] = child
        return child

    def child(self, parent: ChangeSet, logical_id: str, properties: Mapping[str, Any]) -> ChangeSet:
        """Plan a nested stack. What is wrong with it is told by its own change set, which FAILED."""
        problem = ""
        try:
            revision = nested_revision(self.region, parent.revision, properties)
        except (TemplateError, Refusal) as error:
            revision, problem = NOTHING, str(error)
        existing = parent.stack.resources.get(logical_id)
        stack = (
            self.region.books.stacks[existing.physical_id]
            if existing is not None
            else new_shell(self.region, parent.stack, logical_id)
        )
        kind = "UPDATE" if stack.revision is not None else "CREATE"
        name = f"{parent.name}-{logical_id}"[:115] + "-" + stack.name.rsplit("-", 1)[-1]
        child = ChangeSet(name, stack, kind, revision, self.region.books.now(), parent=parent, nested=True)
        if problem:
            self.made.append(child)
            return fail(child, problem)
        try:
            return self.plan(child)
        except (TemplateError, Refusal) as error:
            return fail(child, str(error))


def fail(change_set: ChangeSet, reason: str) -> ChangeSet:
    """A change set that cannot be executed, and why."""
    change_set.status, change_set.execution, change_set.reason = "FAILED", "UNAVAILABLE", reason
    return change_set


def make(region: Region, stack: Stack, revision: Revision, request: Mapping[str, Any], kind: str) -> ChangeSet:
    """A change set for ``stack``, entered in the books with its children. Raises Refusal."""
    planner = Planner(region, bool(request.get("IncludeNestedStacks")))
    change_set = ChangeSet(
        request["ChangeSetName"],
        stack,
        kind,
        revision,
        region.books.now(),
        nested=planner.include_nested,
        description=request.get("Description", ""),
        on_failure=request.get("OnStackFailure", ""),
        role_arn=request.get("RoleARN", ""),
    )
    known = set(region.books.stacks)
    try:
        planner.plan(change_set)
    except (TemplateError, Refusal) as error:
        for stack_id in set(region.books.stacks) - known:
            del region.books.stacks[stack_id]
        raise error if isinstance(error, Refusal) else Refusal(str(error)) from error
    for each in planner.made:
        region.books.change_sets[each.id] = each
    return change_set
