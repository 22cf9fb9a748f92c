"""What an update would do, foretold from templates alone: no account, no credentials. Pure.

The differ is the one that plays CloudFormation; what differs is how far it sees. CloudFormation takes every output of a
nested stack that changes for unknown. Here both templates are at hand, so an output is what the nested stack will make of
it: when nothing it rests on is replaced, it stays what it is, and what uses it stays too.

Ids that only AWS knows stand as symbols (``template/stacks.py``): two are equal when they mean the same thing, which is all a
comparison needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from oaktree_cfn.models import NO_CHANGE_REASONS, STACK_TYPE, Change, ChangeSet
from oaktree_cfn.review.changes import changes, plain
from oaktree_cfn.review.differ import DYNAMIC, STATIC, Deployed, Difference, Foresight, Wanted, compare
from oaktree_cfn.review.doubt import Doubt, has_unknown
from oaktree_cfn.review.standins import named
from oaktree_cfn.template import parameters as declared
from oaktree_cfn.template.evaluate import Node, Scope
from oaktree_cfn.template.stacks import (
    Evaluated,
    Evaluator,
    Known,
    Place,
    exports,
    look,
    parameters_of,
    passed,
    symbol,
    told,
    typed,
)
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.values import UNKNOWN


@dataclass(frozen=True)
class Version:
    """One side of a forecast: a tree of templates with the root's parameter values and stack tags."""

    tree: Tree
    parameters: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Foretold:
    """A stack's change set, what its outputs will be, and what it and its nested stacks will export.

    An output or export whose value cannot be told is UNKNOWN; ``doubtful`` are the outputs that may then be what they are
    today. ``*_before`` are the same for the old templates.
    """

    change_set: ChangeSet
    outputs: Mapping[str, Any]
    exports: Mapping[str, Any]
    exports_before: Mapping[str, Any]
    outputs_before: Mapping[str, Any] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()


def forecast(old: Version | None, new: Version, place: Place | None = None) -> Foretold:
    """What leads from ``old`` (None: nothing is there) to ``new``: the tree of changes as DescribeChangeSet would put it,
    the outputs and the exports.

    Raises TemplateError where CloudFormation would refuse the new templates or parameters.
    """
    seer = _Seer(place or Place())
    before = seer.evaluate(old.tree, _values(old), old.tags) if old else None
    found = seer.foretell(before, new.tree, _values(new), new.tags, ())
    places = {place for version in (old, new) if version is not None for place in _places(version.tree)}
    return replace(found, change_set=named(found.change_set, places))


def _places(tree: Tree) -> Iterator[str]:
    for path, each in tree.walk():
        yield from ("/".join((*path, name)) for name in each.template["Resources"])


def _values(version: Version) -> dict[str, Any]:
    return declared.effective(parameters_of(version.tree), version.parameters)


@dataclass(frozen=True)
class _Exact(Foresight):
    """Sees into nested stacks, and follows GetAtt of an ordinary property to what the template will say."""

    inside: Mapping[str, Foretold]
    doubtful: frozenset[str] = frozenset()

    def attribute(self, change: Difference, name: str, today: Callable[[], Any]) -> Any:
        """What an attribute of a changing resource will be."""
        if change.type == STACK_TYPE:
            child = self.inside.get(change.logical_id)
            return child.outputs.get(name.removeprefix("Outputs."), UNKNOWN) if child is not None else UNKNOWN
        stated = self.stated(change, name)
        return today() if stated is None else stated

    def may_move(self, change: Difference, name: str) -> bool:
        """An in-place change moves no identity, and what is stated or seen into needs no doubt."""
        if change.type == STACK_TYPE:
            return change.logical_id not in self.inside
        return self.stated(change, name) is None and not name.endswith(("Arn", "Id", "Name"))

    def stated(self, change: Difference, name: str) -> Any:
        """GetAtt of an ordinary property gives what the template says it is."""
        return look(change.after.value["Properties"], name) if change.after is not None else None

    def evaluation(self, node: Node, scope: Scope) -> str | None:
        """A value that is known is sure to change, and one that is not where it shows the whole of something new."""
        doubt = has_unknown(node.value) and self.may_stay(node.expression, scope)
        return DYNAMIC if doubt else STATIC

    def may_stay(self, expression: Any, scope: Scope) -> bool:
        """Whether a value that is not known may be today's all the same."""
        return Doubt(scope, self.doubtful, self._may_stay_inside).of(expression)

    def _may_stay_inside(self, logical_id: str, output: str) -> bool:
        child = self.inside.get(logical_id)
        return child is None or output in child.doubtful


class _Seer(Evaluator):
    """Foretells one tree."""

    def foretell(
        self,
        old: Evaluated | None,
        tree: Tree,
        values: Mapping[str, Any],
        tags: Mapping[str, str],
        path: tuple[str, ...],
        doubtful: frozenset[str] = frozenset(),
    ) -> Foretold:
        """What becomes of the stack at ``path``. ``doubtful`` parameters are unknown and may be what they are today."""
        inside: dict[str, Foretold] = {}
        sight = _Exact(inside, doubtful)

        def nested(
            name: str, _: Mapping[str, Any] | None, after: Mapping[str, Any] | None, doubtful: frozenset[str]
        ) -> Any:
            child = tree.children.get(name)
            if child is None or after is None:
                return None if old is not None and name in old.children else symbol(*path, name)
            before = old.children.get(name) if old is not None else None
            inside[name] = self.foretell(before, child, passed(child, after), tags, (*path, name), doubtful)
            return inside[name] if inside[name].change_set.changes else None

        world = Known(self.place, path, tree.template, {})
        wanted = Wanted(tree.template, typed(tree, values), self.place.pseudo(path), world, tags)
        deployed = Deployed(old.scope, old.existing(), old.tags) if old is not None else None
        found = compare(deployed, wanted, nested, self.place.region, sight)
        settled = old is not None and (bool(path) or _settled(old, found.scope, tags))
        return Foretold(
            self.change_set(found.differences, inside, values, path, settled),
            told(found.scope),
            exports(found.scope) | {name: value for each in inside.values() for name, value in each.exports.items()},
            old.exports() if old is not None else {},
            told(old.scope) if old is not None else {},
            frozenset(name for name, each in _outputs(tree) if sight.may_stay(each, found.scope)),
        )

    def change_set(
        self,
        differences: tuple[Difference, ...],
        inside: Mapping[str, Foretold],
        values: Mapping[str, Any],
        path: tuple[str, ...],
        settled: bool,
    ) -> ChangeSet:
        """The differences of one stack in a change set's shape. ``settled``: what it has besides resources stays what it is."""
        listed = {change.logical_id: change for change in changes(differences, values=False)}
        listed |= {change.logical_id: change for change in changes(differences, values=True)}
        rows = tuple(_with_child(change, inside) for change in listed.values())
        name = "/".join((self.place.stack_name, *path))
        nothing = settled and not rows
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


def _settled(old: Evaluated, scope: Scope, tags: Mapping[str, Any]) -> bool:
    """Whether a stack's outputs, its exports and its tags stay: any of them alone is a change to execute."""
    return (told(scope), exports(scope), dict(tags)) == (told(old.scope), exports(old.scope), dict(old.tags))


def _outputs(tree: Tree) -> Iterator[tuple[str, Any]]:
    for name, output in tree.template.get("Outputs", {}).items():
        yield name, output["Value"]


def _with_child(change: Change, inside: Mapping[str, Foretold]) -> Change:
    child = inside.get(change.logical_id)
    return replace(change, nested=child.change_set, nested_id=child.change_set.id) if child is not None else change
