"""What an update of a stack would do, resource by resource, from two evaluated templates. Pure.

The rules were learned from change sets that AWS answered for small template updates:

- An expression that changed but still gives the same value is no change (a mapping looked up by another key).
- A property whose parameter changed is a *static* ParameterReference; what refers to a replaced resource is a *static*
  ResourceReference or ResourceAttribute, and its value is not known yet.
- ``Fn::GetAtt`` of a resource that only changes in place is *dynamic*: it may change. ``Ref`` of such a resource cannot.
- A resource that depends on a dynamic change is itself a possible change, so doubt travels along the chain.

Which properties replace is read from the resource schemas. A type without a schema is taken as replaceable for reasons
we cannot see: Conditionally.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.review.doubt import has_unknown
from oaktree_cfn.template import graph, schemas
from oaktree_cfn.template.evaluate import Node, Scope
from oaktree_cfn.template.schemas import ALWAYS, CONDITIONALLY, NEVER
from oaktree_cfn.template.values import UNKNOWN, Reference, TemplateError, World

STATIC, DYNAMIC = "Static", "Dynamic"
ADD, MODIFY, REMOVE = "Add", "Modify", "Remove"

SECTIONS = ("Properties", "Metadata", "CreationPolicy", "UpdatePolicy", "DeletionPolicy", "UpdateReplacePolicy")
"""The parts of a resource that a change set reports on (besides the stack's tags)."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a value changes: CloudFormation's ChangeSource, how sure that is, and the entity behind it."""

    source: str
    evaluation: str
    entity: str = ""


DIRECT = Cause("DirectModification", STATIC)
DIRECT_DYNAMIC = Cause("DirectModification", DYNAMIC)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value of a resource that changes, or may.

    ``path`` holds the section and the keys and list indices below it: ``("Properties", "Tags", 0, "Value")``. ``certain``
    is False when the value that is known today would stay and only a reference to something in motion makes it doubtful.
    """

    path: tuple[str | int, ...]
    before: Node | None
    after: Node | None
    causes: tuple[Cause, ...]
    recreation: str
    certain: bool = True

    @property
    def section(self) -> str:
        """Which part of the resource: one of SECTIONS."""
        return str(self.path[0])

    @property
    def name(self) -> str:
        """The top-level property; empty outside Properties, where CloudFormation names none."""
        return str(self.path[1]) if self.section == "Properties" and len(self.path) > 1 else ""

    @property
    def kind(self) -> str:
        """Add, Remove or Modify."""
        return ADD if self.before is None else REMOVE if self.after is None else MODIFY


@dataclass(frozen=True, slots=True)
class Difference:
    """What would happen to one resource.

    ``before`` and ``after`` are the evaluated resource, a node of SECTIONS; ``stack_tags`` says that the tags it inherits
    from its stack change; ``child`` is whatever the caller's ``nested`` found out about a nested stack's inside.
    """

    action: str
    logical_id: str
    type: str
    physical_id: str = ""
    leaves: tuple[Leaf, ...] = ()
    stack_tags: bool = False
    before: Node | None = None
    after: Node | None = None
    child: Any = None

    @property
    def replacement(self) -> str:
        """CloudFormation's ``Replacement``: whether the changes need a new resource in place of this one.

        ``True`` when a property that always needs one changes for sure (a Static cause). ``Conditional`` when it may come
        to that: such a property only may change (Dynamic causes alone), or one that needs a new resource under conditions
        changes. ``False`` otherwise.
        """
        demands = [(leaf.recreation, STATIC in {cause.evaluation for cause in leaf.causes}) for leaf in self.leaves]
        if (ALWAYS, True) in demands:
            return "True"
        doubtful = any(recreation != NEVER for recreation, _ in demands)
        return "Conditional" if doubtful else "False"

    @property
    def certain(self) -> bool:
        """Whether something changes for sure, judged by the values that are known today."""
        inside = any(leaf.certain for leaf in self.leaves)
        return self.action != MODIFY or inside or self.stack_tags or self.child is not None


@dataclass(frozen=True)
class Deployed:
    """The stack as it stands: its template in its world, its resources' physical ids, its stack tags."""

    scope: Scope
    physical_ids: Mapping[str, str]
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """The stack as it shall be. ``world`` answers for exports and zones; references to resources are answered here."""

    template: Mapping[str, Any]
    parameters: Mapping[str, Any]
    pseudo: Mapping[str, Any]
    world: World
    tags: Mapping[str, str] = field(default_factory=dict)


Nested = Callable[[str, Mapping[str, Any] | None, Mapping[str, Any] | None, frozenset[str]], Any]
"""Asked with a nested stack's logical id, its evaluated properties before and after (None: not there), and which of its
parameters have an unknown value that may be today's; what it returns becomes ``Difference.child``, None meaning that nothing
changes inside."""


def no_nested(*_: object) -> None:
    """For callers that do not look into nested stacks."""


class Foresight:
    """How far one can see: what an attribute of a resource will be that changes, but is not replaced.

    This one sees as far as CloudFormation: outputs of a changing nested stack are not known, other attributes keep
    today's value for now, and any of them may move.
    """

    def attribute(self, change: Difference, name: str, today: Callable[[], Any]) -> Any:
        """The attribute's value, or UNKNOWN. ``today`` looks up the present one, which a new output does not have."""
        return UNKNOWN if change.type == STACK_TYPE else today()

    def may_move(self, change: Difference, name: str) -> bool:
        """Whether the attribute may come out differently all the same."""
        return True

    def stated(self, change: Difference, name: str) -> Any:
        """What the new template says the attribute will be, even of a successor; None where it does not say."""
        return None

    def evaluation(self, node: Node, scope: Scope) -> str | None:
        """How sure it is that a value, which is not today's or not known, changes. None: as sure as its causes are."""
        return None


@dataclass(frozen=True)
class Forecast:
    """What an update would do, and the scope that evaluates the new template as far as it can be foreseen."""

    differences: tuple[Difference, ...]
    scope: Scope


def compare(
    deployed: Deployed | None,
    wanted: Wanted,
    nested: Nested = no_nested,
    region: str = "us-east-1",
    foresight: Foresight | None = None,
) -> Forecast:
    """Every resource that is added, modified (or may be) or removed; additions and changes in creation order.

    Raises TemplateError where CloudFormation would: circles, unresolved references, a changed resource type.
    """
    comparison = _Comparison(deployed, wanted, nested, region, foresight or Foresight())
    return Forecast(comparison.run(), comparison.after)


class _Comparison:
    """One comparison under way: what was found so far decides what later resources may know."""

    def __init__(
        self, deployed: Deployed | None, wanted: Wanted, nested: Nested, region: str, foresight: Foresight
    ) -> None:
        self.deployed = deployed
        self.nested = nested
        self.foresight = foresight
        self.region = region
        self.found: dict[str, Difference] = {}
        self.retagged = deployed is not None and dict(deployed.tags) != dict(wanted.tags)
        self.after = Scope(wanted.template, wanted.parameters, wanted.pseudo, _Foreseen(self, wanted.world))

    def run(self) -> tuple[Difference, ...]:
        template = self.after.template
        for name in graph.creation_order(template):
            difference = self.resource(name, template["Resources"][name])
            if difference is not None:
                self.found[name] = difference
        return (*self.found.values(), *self.removed())

    def resource(self, name: str, resource: Mapping[str, Any]) -> Difference | None:
        exists = self.after.exists(name)
        is_there = self.deployed is not None and name in self.deployed.physical_ids
        if exists is False or (exists is UNKNOWN and not is_there):
            return None
        after = _sections(self.after, resource)
        return self.modified(name, resource, after) if is_there else self.added(name, resource, after)

    def added(self, name: str, resource: Mapping[str, Any], after: Node) -> Difference:
        nested = resource["Type"] == STACK_TYPE
        child = self.nested(name, None, after.value["Properties"], frozenset()) if nested else None
        return Difference(ADD, name, resource["Type"], after=after, child=child)

    def modified(self, name: str, resource: Mapping[str, Any], after: Node) -> Difference | None:
        assert self.deployed is not None  # noqa: S101  # narrowing for the type checker: only called when it is there
        old = self.deployed.scope.template["Resources"][name]
        if old["Type"] != resource["Type"]:
            raise TemplateError(
                f"Update of resource type is not permitted. The new template modifies resource type of the following resources: [{name}]"
            )
        before = _sections(self.deployed.scope, old)
        schema = schemas.of(resource["Type"], self.region)
        inside = before.value["Properties"], after.value["Properties"]
        difference = Difference(
            MODIFY,
            name,
            resource["Type"],
            self.deployed.physical_ids[name],
            leaves=tuple(self.leaves(before, after, schema)),
            stack_tags=self.retagged and schema is not None and bool(schema.tag_property),
            before=before,
            after=after,
            child=self.nested(name, *inside, self.doubtful(after)) if resource["Type"] == STACK_TYPE else None,
        )
        return difference if difference.leaves or difference.certain else None

    def leaves(self, before: Node, after: Node, schema: schemas.Schema | None) -> Iterator[Leaf]:
        for path, old, new in _pairs(before, after, ()):
            leaf = self.leaf(path, old, new, schema)
            if leaf is not None:
                yield leaf

    def leaf(
        self, path: tuple[str | int, ...], old: Node | None, new: Node | None, schema: schemas.Schema | None
    ) -> Leaf | None:
        recreation = _recreation(schema, path)
        if old is None or new is None:
            return Leaf(path, old, new, (DIRECT,), recreation)
        moving = self.moving(new.references)
        if old.value == new.value and not has_unknown(new.value):
            return Leaf(path, old, new, tuple(moving), recreation, certain=False) if moving else None
        return Leaf(path, old, new, self.causes(old, new, moving), recreation)

    def doubtful(self, stack: Node) -> frozenset[str]:
        """The parameters of a nested stack whose unknown value may be today's."""
        properties = stack.children["Properties"] if isinstance(stack.children, Mapping) else None
        sent = (
            properties.children.get("Parameters") if properties and isinstance(properties.children, Mapping) else None
        )
        given = sent.children.items() if sent is not None and isinstance(sent.children, Mapping) else ()
        return frozenset(name for name, node in given if self.foresight.evaluation(node, self.after) == DYNAMIC)

    def causes(self, old: Node, new: Node, moving: list[Cause]) -> tuple[Cause, ...]:
        found = self.seen_causes(old, new, moving)
        evaluation = self.foresight.evaluation(new, self.after)
        return found if evaluation is None else tuple(replace(cause, evaluation=evaluation) for cause in found)

    def seen_causes(self, old: Node, new: Node, moving: list[Cause]) -> tuple[Cause, ...]:
        changed = [
            Cause("ParameterReference", STATIC, ref.name)
            for ref in sorted(new.references)
            if self.parameter_changed(ref)
        ]
        if old.expression != new.expression:
            return (DIRECT, *changed, *moving)
        if changed or any(cause.evaluation == STATIC for cause in moving) or not moving:
            return (*changed, *moving, DIRECT_DYNAMIC)
        return tuple(moving)

    def parameter_changed(self, ref: Reference) -> bool:
        if ref.kind != "parameter" or self.deployed is None or ref.name not in self.deployed.scope.parameters:
            return False
        value = self.after.parameters[ref.name]
        return has_unknown(value) or value != self.deployed.scope.parameters[ref.name]

    def moving(self, references: frozenset[Reference]) -> list[Cause]:
        """Causes among the resources that an expression refers to."""
        causes = []
        for ref in sorted(references):
            target = self.found.get(ref.name) if ref.kind != "parameter" else None
            evaluation = self.motion(target, ref) if target is not None else None
            if evaluation is not None:
                source = "ResourceReference" if ref.kind == "resource" else "ResourceAttribute"
                causes.append(Cause(source, evaluation, str(ref)))
        return causes

    def motion(self, target: Difference, ref: Reference) -> str | None:
        """How sure a reference to a changing resource changes with it: Static, Dynamic or not at all (None)."""
        if target.action == ADD or target.replacement == "True":
            said = self.foresight.stated(target, ref.attribute) if ref.kind == "attribute" else None
            return STATIC if said is None else None
        moves = ref.kind == "attribute" and self.foresight.may_move(target, ref.attribute)
        return DYNAMIC if moves or target.replacement == "Conditional" else None

    def removed(self) -> Iterator[Difference]:
        if self.deployed is None:
            return
        old = self.deployed.scope.template["Resources"]
        for name in reversed(graph.creation_order(self.deployed.scope.template)):
            if name in self.deployed.physical_ids and self.after.exists(name) is False:
                before = _sections(self.deployed.scope, old[name])
                yield Difference(REMOVE, name, old[name]["Type"], self.deployed.physical_ids[name], before=before)


@dataclass(frozen=True)
class _Foreseen:
    """The world after: what exists and is not replaced keeps its id and attributes, the rest is not known yet."""

    comparison: _Comparison
    outer: World

    def physical_id(self, logical_id: str) -> Any:
        return self.keeps(logical_id) or UNKNOWN

    def attribute(self, logical_id: str, name: str) -> Any:
        deployed, foresight = self.comparison.deployed, self.comparison.foresight
        change = self.comparison.found.get(logical_id)
        if deployed is None or not self.keeps(logical_id):
            said = foresight.stated(change, name) if change is not None else None
            return UNKNOWN if said is None else said
        if change is None:
            return deployed.scope.world.attribute(logical_id, name)
        return foresight.attribute(change, name, lambda: deployed.scope.world.attribute(logical_id, name))

    def keeps(self, logical_id: str) -> str:
        """The physical id a resource has and will keep, else empty."""
        deployed = self.comparison.deployed
        change = self.comparison.found.get(logical_id)
        if deployed is None or (change is not None and change.replacement == "True"):
            return ""
        return deployed.physical_ids.get(logical_id, "")

    def export(self, name: str) -> Any:
        return self.outer.export(name)

    def stack_output(self, stack: str, output: str, region: str) -> Any:
        return self.outer.stack_output(stack, output, region)

    def zones(self, region: str) -> list[str]:
        return self.outer.zones(region)


def _sections(scope: Scope, resource: Mapping[str, Any]) -> Node:
    """The evaluated resource; Properties are always there, if only empty."""
    return scope.trace({"Properties": {}, **{key: resource[key] for key in SECTIONS if key in resource}})


def _recreation(schema: schemas.Schema | None, path: tuple[str | int, ...]) -> str:
    if path[0] != "Properties":
        return NEVER
    return (
        schema.recreation(part for part in path[1:] if isinstance(part, str)) if schema is not None else CONDITIONALLY
    )


def _pairs(
    before: Node | None, after: Node | None, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Node | None, Node | None]]:
    """The leaves of two trees side by side; where the shapes part, the whole part is one leaf."""
    olds, news = (node.children if node is not None else None for node in (before, after))
    if isinstance(olds, Mapping) and isinstance(news, Mapping):
        for key in sorted({*olds, *news}):
            yield from _pairs(olds.get(key), news.get(key), (*path, key))
    elif isinstance(olds, tuple) and isinstance(news, tuple):
        for index in range(max(len(olds), len(news))):
            old = olds[index] if index < len(olds) else None
            yield from _pairs(old, news[index] if index < len(news) else None, (*path, index))
    else:
        yield path, before, after
