"""What an update would do, foretold from templates alone: no account, no credentials. Pure.

The differ is the one that plays CloudFormation; what differs is how far it sees. CloudFormation takes every output of a
nested stack that changes for unknown. Here both templates are at hand, so an output is what the nested stack will make of
it: when nothing it rests on is replaced, it stays what it is, and what uses it stays too.

Ids that only AWS knows stand as symbols (``⟨Network/Vpc⟩``). Two symbols are equal when they mean the same thing, which is
all a comparison needs. Facts that are known (physical ids of a deployed stack) can take their place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oaktree_cfn.models import NO_CHANGE_REASONS, STACK_TYPE, Change, ChangeSet
from oaktree_cfn.review.changes import changes, plain
from oaktree_cfn.review.differ import Deployed, Difference, Foresight, Wanted, compare
from oaktree_cfn.template import graph, schemas
from oaktree_cfn.template import parameters as declared
from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.values import UNKNOWN, TemplateError


@dataclass(frozen=True)
class Version:
    """One side of a forecast: a tree of templates with the root's parameter values and stack tags."""

    tree: Tree
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """Where the stack is or will be, and what is known of its surroundings.

    ``exports`` are other stacks' exports by name; ``physical_ids`` those of a deployed tree by path (``Network/Vpc``).
    """

    stack_name: str = "stack"
    region: str = "us-east-1"
    account: str = "123456789012"
    exports: Mapping[str, str] = field(default_factory=dict)
    physical_ids: Mapping[str, str] = field(default_factory=dict)

    def pseudo(self, path: tuple[str, ...]) -> dict[str, Any]:
        """Pseudo parameters of the stack at a path."""
        name = self.stack_name if not path else symbol(*path)
        china = self.region.startswith("cn-")
        partition = "aws-cn" if china else "aws-us-gov" if self.region.startswith("us-gov-") else "aws"
        return {
            "AWS::AccountId": self.account,
            "AWS::NotificationARNs": [],
            "AWS::Partition": partition,
            "AWS::Region": self.region,
            "AWS::StackId": symbol(*path, "AWS::StackId"),
            "AWS::StackName": name,
            "AWS::URLSuffix": "amazonaws.com.cn" if china else "amazonaws.com",
        }


def symbol(*path: str) -> str:
    """The stand-in for a value that only AWS knows."""
    return f"⟨{'/'.join(path)}⟩"


@dataclass
class _Known:
    """The world of the stack at ``path``: ids and attributes as symbols, outputs of nested stacks as evaluated there."""

    place: Place
    path: tuple[str, ...]
    template: Mapping[str, Any]
    outputs: Mapping[str, Mapping[str, Any]]
    properties: Callable[[str], Mapping[str, Any]] = lambda _: {}

    def physical_id(self, logical_id: str) -> Any:
        path = (*self.path, logical_id)
        return self.place.physical_ids.get("/".join(path), symbol(*path))

    def attribute(self, logical_id: str, name: str) -> Any:
        type_ = self.template["Resources"][logical_id]["Type"]
        if type_ == STACK_TYPE:
            return self.outputs.get(logical_id, {}).get(
                name.removeprefix("Outputs."), symbol(*self.path, logical_id, name)
            )
        stated = look(self.properties(logical_id), name)
        if stated is not None:
            return stated
        value = symbol(*self.path, logical_id, name)
        return [value] if _is_list(type_, name) else value

    def export(self, name: str) -> Any:
        return self.place.exports.get(name, symbol("export", name))

    def stack_output(self, stack: str, output: str, region: str) -> Any:
        return symbol("output", region, stack, output)

    def zones(self, region: str) -> list[str]:
        return [f"{region}{letter}" for letter in "abc"]


def look(properties: Mapping[str, Any], name: str) -> Any:
    """The property at a dotted path, None when it is not stated: GetAtt of an ordinary property gives that."""
    value: Any = properties
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _is_list(type_: str, name: str) -> bool:
    schema = schemas.raw(type_) or {}
    return bool(schema.get("properties", {}).get(name, {}).get("type") == "array")


@dataclass(frozen=True)
class _Stack:
    """One stack of the old tree, evaluated: its scope, and the outputs of its nested stacks."""

    scope: Scope
    tags: Mapping[str, str]
    children: Mapping[str, _Stack]

    def existing(self) -> dict[str, str]:
        """Logical id -> physical id (or symbol) of every resource whose condition lets it exist."""
        names = [name for name in self.scope.template["Resources"] if self.scope.exists(name) is True]
        return {name: self.scope.world.physical_id(name) for name in names}


@dataclass(frozen=True)
class Foretold:
    """A stack's change set, what its outputs will be, and what it and its nested stacks will export.

    An output or export whose value cannot be told is UNKNOWN. ``*_before`` are the same for the old templates.
    """

    change_set: ChangeSet
    outputs: Mapping[str, Any]
    exports: Mapping[str, Any]
    exports_before: Mapping[str, Any]
    outputs_before: Mapping[str, Any] = field(default_factory=dict)


def forecast(old: Version | None, new: Version, place: Place | None = None) -> Foretold:
    """What leads from ``old`` (None: nothing is there) to ``new``: the tree of changes as DescribeChangeSet would put it,
    the outputs and the exports.

    Raises TemplateError where CloudFormation would refuse the new templates or parameters.
    """
    seer = _Seer(place or Place())
    before = (
        seer.evaluate(old.tree, declared.effective(_declared(old.tree), old.parameters), old.tags, ()) if old else None
    )
    return seer.foretell(before, new.tree, declared.effective(_declared(new.tree), new.parameters), new.tags, ())


@dataclass(frozen=True)
class _Exact(Foresight):
    """Sees into nested stacks, and follows GetAtt of an ordinary property to what the template will say."""

    inside: Mapping[str, Foretold]

    def attribute(self, change: Difference, name: str, today: Callable[[], Any]) -> Any:
        """What an attribute of a changing resource will be."""
        if change.type == STACK_TYPE:
            child = self.inside.get(change.logical_id)
            return child.outputs.get(name.removeprefix("Outputs."), UNKNOWN) if child is not None else UNKNOWN
        stated = self._stated(change, name)
        return today() if stated is None else stated

    def may_move(self, change: Difference, name: str) -> bool:
        """An in-place change moves no identity, and what is stated or seen into needs no doubt."""
        if change.type == STACK_TYPE:
            return change.logical_id not in self.inside
        return self._stated(change, name) is None and not name.endswith(("Arn", "Id", "Name"))

    @staticmethod
    def _stated(change: Difference, name: str) -> Any:
        return look(change.after.value["Properties"], name) if change.after is not None else None


@dataclass(frozen=True)
class _Seer:
    """Foretells one tree."""

    place: Place

    # --- the old tree -----------------------------------------------------------------------------------------------

    def evaluate(self, tree: Tree, values: Mapping[str, Any], tags: Mapping[str, str], path: tuple[str, ...]) -> _Stack:
        """The old stack at ``path`` with everything below it."""
        outputs: dict[str, Mapping[str, Any]] = {}
        children: dict[str, _Stack] = {}
        world = _Known(self.place, path, tree.template, outputs)
        scope = self.scope(tree, values, path, world)
        world.properties = lambda name: _properties(scope, name)
        for name in _nested_in_order(tree.template):
            if name in tree.children and scope.exists(name) is True:
                child = tree.children[name]
                given = _given(scope.value(tree.template["Resources"][name].get("Properties", {})))
                children[name] = self.evaluate(child, _effective(child, given), tags, (*path, name))
                outputs[name] = _outputs(children[name].scope)
        return _Stack(scope, tags, children)

    def scope(self, tree: Tree, values: Mapping[str, Any], path: tuple[str, ...], world: _Known) -> Scope:
        """The evaluation scope of a template; SSM parameters are symbols too."""
        typed = declared.resolved(_declared(tree), values, lambda name: symbol("ssm", name))
        return Scope(tree.template, typed, self.place.pseudo(path), world)

    # --- the new one ------------------------------------------------------------------------------------------------

    def foretell(
        self, old: _Stack | None, tree: Tree, values: Mapping[str, Any], tags: Mapping[str, str], path: tuple[str, ...]
    ) -> Foretold:
        """What becomes of the stack at ``path``."""
        inside: dict[str, Foretold] = {}

        def nested(name: str, _: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Any:
            child = tree.children.get(name)
            if child is None or after is None:
                return None if old is not None and name in old.children else symbol(*path, name)
            before = old.children.get(name) if old is not None else None
            inside[name] = self.foretell(before, child, _effective(child, _given(after)), tags, (*path, name))
            return inside[name] if inside[name].change_set.changes else None

        world = _Known(self.place, path, tree.template, {})
        typed = declared.resolved(_declared(tree), values, lambda name: symbol("ssm", name))
        wanted = Wanted(tree.template, typed, self.place.pseudo(path), world, tags)
        deployed = Deployed(old.scope, old.existing(), old.tags) if old is not None else None
        found = compare(deployed, wanted, nested, self.place.region, _Exact(inside))
        return Foretold(
            self.change_set(found.differences, inside, values, path, old),
            _outputs(found.scope),
            _exports(found.scope) | {name: value for each in inside.values() for name, value in each.exports.items()},
            _all_exports(old) if old is not None else {},
            _outputs(old.scope) if old is not None else {},
        )

    def change_set(
        self,
        differences: tuple[Difference, ...],
        inside: Mapping[str, Foretold],
        values: Mapping[str, Any],
        path: tuple[str, ...],
        old: _Stack | None,
    ) -> ChangeSet:
        """The differences of one stack in a change set's shape."""
        listed = {change.logical_id: change for change in changes(differences, values=False)}
        listed |= {change.logical_id: change for change in changes(differences, values=True)}
        rows = tuple(_with_child(change, inside) for change in listed.values())
        name = "/".join((self.place.stack_name, *path))
        nothing = not rows and old is not None
        return ChangeSet(
            id=f"forecast:{name}",
            name="forecast",
            stack_id=f"forecast:{name}",
            stack_name=name,
            status="FAILED" if nothing else "CREATE_COMPLETE",
            reason=NO_CHANGE_REASONS[0] if nothing else "",
            changes=rows,
            parameters={key: str(plain(value)) for key, value in values.items()},
        )


def _with_child(change: Change, inside: Mapping[str, Foretold]) -> Change:
    child = inside.get(change.logical_id)
    return replace(change, nested=child.change_set, nested_id=child.change_set.id) if child is not None else change


def _declared(tree: Tree) -> Mapping[str, Any]:
    found: Mapping[str, Any] = tree.template.get("Parameters", {})
    return found


def _given(properties: Mapping[str, Any]) -> dict[str, Any]:
    """A nested stack's parameters as text; lists are joined, parts that are not known make the whole unknown."""
    out = {}
    for name, value in properties.get("Parameters", {}).items():
        known = not isinstance(value, list) or UNKNOWN not in value
        out[name] = (",".join(value) if isinstance(value, list) else value) if known else UNKNOWN
    return out


def _effective(tree: Tree, given: Mapping[str, Any]) -> dict[str, Any]:
    """A nested stack's parameter values. Symbols are no values that a pattern could judge, so they are not checked."""
    known = {name: value for name, value in given.items() if not (isinstance(value, str) and "⟨" in value)}
    checked = declared.effective(_declared(tree), {**known, **dict.fromkeys(given.keys() - known.keys(), UNKNOWN)})
    return {**checked, **{name: given[name] for name in given.keys() - known.keys()}}


def _properties(scope: Scope, logical_id: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = scope.value(scope.template["Resources"][logical_id].get("Properties", {}))
    return found


def _outputs(scope: Scope) -> dict[str, Any]:
    """The values of a stack's outputs, those that can be told."""
    out = {}
    for name, output in scope.template.get("Outputs", {}).items():
        try:
            shown = "Condition" not in output or scope.condition(output["Condition"]) is True
            out[name] = scope.value(output["Value"]) if shown else UNKNOWN
        except TemplateError:
            out[name] = UNKNOWN  # a symbol where a function wanted a real value
    return out


def _exports(scope: Scope) -> dict[str, Any]:
    """Export name -> value of one stack."""
    outputs, found = _outputs(scope), {}
    for name, output in scope.template.get("Outputs", {}).items():
        if "Export" in output and ("Condition" not in output or scope.condition(output["Condition"]) is True):
            found[str(scope.value(output["Export"]["Name"]))] = outputs[name]
    return found


def _all_exports(stack: _Stack) -> dict[str, Any]:
    below = (_all_exports(child) for child in stack.children.values())
    return _exports(stack.scope) | {name: value for each in below for name, value in each.items()}


def _nested_in_order(template: Mapping[str, Any]) -> list[str]:
    return [name for name in graph.creation_order(template) if template["Resources"][name]["Type"] == STACK_TYPE]
