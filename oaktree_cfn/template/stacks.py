"""A tree of templates evaluated from the root down, as if it were deployed: no account, no credentials.

Ids that only AWS knows stand as symbols: ``⟨Network/Vpc⟩`` is what Ref gives, ``⟨Network/Vpc/CidrBlock⟩`` what GetAtt gives,
through however many nested stacks' parameters and outputs it went. Two symbols are equal when they mean the same thing.
Facts that are known (physical ids of a deployed stack) can take their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template import graph, schemas
from oaktree_cfn.template import parameters as declared
from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.values import UNKNOWN, TemplateError


def symbol(*path: str) -> str:
    """The stand-in for a value that only AWS knows."""
    return f"⟨{'/'.join(path)}⟩"


def symbolic(value: Any) -> bool:
    """Whether a text is a symbol, or has one in it."""
    return isinstance(value, str) and "⟨" in value


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


@dataclass
class Known:
    """The world of the stack at ``path``: ids and attributes as symbols, outputs of nested stacks as evaluated there."""

    place: Place
    path: tuple[str, ...]
    template: Mapping[str, Any]
    outputs: Mapping[str, Mapping[str, Any]]
    properties: Callable[[str], Mapping[str, Any]] = lambda _: {}

    def physical_id(self, logical_id: str) -> Any:
        """A symbol, unless the id is known."""
        path = (*self.path, logical_id)
        return self.place.physical_ids.get("/".join(path), symbol(*path))

    def attribute(self, logical_id: str, name: str) -> Any:
        """What the nested stack puts out, what the template states, or a symbol."""
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
        """The value, where it is known."""
        return self.place.exports.get(name, symbol("export", name))

    def stack_output(self, stack: str, output: str, region: str) -> Any:
        """Always a symbol."""
        return symbol("output", region, stack, output)

    def zones(self, region: str) -> list[str]:
        """Three, which every region has."""
        return [f"{region}{letter}" for letter in "abc"]


def look(properties: Mapping[str, Any], name: str) -> Any:
    """The property at a dotted path, None when it is not stated: GetAtt of an ordinary property gives that."""
    value: Any = properties
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


@cache
def _is_list(type_: str, name: str) -> bool:
    schema = schemas.raw(type_) or {}
    return bool(schema.get("properties", {}).get(name, {}).get("type") == "array")


@dataclass(frozen=True)
class Evaluated:
    """One stack of the tree with its parameter values, and the nested stacks that its conditions let exist.

    ``properties`` gives the evaluated properties of a resource; what cannot be computed from symbols is UNKNOWN.
    """

    path: tuple[str, ...]
    scope: Scope
    tags: Mapping[str, str]
    children: Mapping[str, Evaluated]
    properties: Callable[[str], Mapping[str, Any]]

    def existing(self) -> dict[str, str]:
        """Logical id -> physical id (or symbol) of every resource whose condition lets it exist."""
        names = [name for name in self.scope.template["Resources"] if self.scope.exists(name) is True]
        return {name: self.scope.world.physical_id(name) for name in names}

    def exports(self) -> dict[str, Any]:
        """Export name -> value, of this stack and all below it."""
        below = (child.exports() for child in self.children.values())
        return exports(self.scope) | {name: value for each in below for name, value in each.items()}

    def walk(self) -> Iterator[Evaluated]:
        """This stack and all below it."""
        yield self
        for child in self.children.values():
            yield from child.walk()


@dataclass(frozen=True)
class Evaluator:
    """Evaluates the templates of one tree at one place. Two methods say how far it sees; others may see less."""

    place: Place

    def evaluate(
        self, tree: Tree, values: Mapping[str, Any], tags: Mapping[str, str], path: tuple[str, ...] = ()
    ) -> Evaluated:
        """The stack at ``path`` with everything below it. Raises TemplateError where CloudFormation would refuse it."""
        outputs: dict[str, Mapping[str, Any]] = {}
        children: dict[str, Evaluated] = {}
        world = Known(self.place, path, tree.template, outputs)
        scope = self.scope(tree, values, world)
        world.properties = properties = cache(lambda name: _properties(scope, name))
        for name in _nested_in_order(tree.template):
            if name in tree.children and scope.exists(name) is True:
                child = tree.children[name]
                given = passed(child, properties(name))
                children[name] = self.evaluate(child, given, tags, (*path, name))
                outputs[name] = told(children[name].scope)
        return Evaluated(path, scope, tags, children, properties)

    def scope(self, tree: Tree, values: Mapping[str, Any], world: Known) -> Scope:
        """The evaluation scope of a template."""
        return Scope(tree.template, typed(tree, values), self.place.pseudo(world.path), world)


def parameters_of(tree: Tree) -> Mapping[str, Any]:
    """The parameters a template declares."""
    found: Mapping[str, Any] = tree.template.get("Parameters", {})
    return found


def typed(tree: Tree, values: Mapping[str, Any]) -> dict[str, Any]:
    """What Ref gives for every parameter; what SSM would be asked for is a symbol too."""
    return declared.resolved(parameters_of(tree), values, lambda name: symbol("ssm", name))


def passed(child: Tree, stack: Mapping[str, Any]) -> dict[str, Any]:
    """A nested stack's parameter values, from the evaluated properties of the resource that makes it.

    Symbols are no values that a pattern could judge, so they are not checked. Raises TemplateError for the others.
    """
    given = stack.get("Parameters", {})
    given = dict.fromkeys(parameters_of(child), UNKNOWN) if given is UNKNOWN else _texts(given)
    known = {name: value for name, value in given.items() if not symbolic(value)}
    strange = {name: value for name, value in given.items() if name not in known}
    checked = declared.effective(parameters_of(child), {**known, **dict.fromkeys(strange, UNKNOWN)})
    return {**checked, **strange}


def _texts(given: Any) -> dict[str, Any]:
    """A nested stack's parameters as text; lists are joined, parts that are not known make the whole unknown."""
    if not isinstance(given, Mapping):
        raise TemplateError("Value of property Parameters must be an object")
    return {name: _text(value) for name, value in given.items()}


def _text(value: Any) -> Any:
    parts = value if isinstance(value, list) else [value]
    if UNKNOWN in parts:
        return UNKNOWN
    if not all(isinstance(part, str) for part in parts):
        raise TemplateError("Value of property Parameters must be an object with String (or simple type) properties")
    return ",".join(parts)


def _properties(scope: Scope, logical_id: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = scope.known(scope.template["Resources"][logical_id].get("Properties", {}))
    return found


def told(scope: Scope) -> dict[str, Any]:
    """The values of a stack's outputs; one that cannot be told is UNKNOWN."""
    out = {}
    for name, output in scope.template.get("Outputs", {}).items():
        try:
            shown = "Condition" not in output or scope.condition(output["Condition"]) is True
            out[name] = scope.value(output["Value"]) if shown else UNKNOWN
        except TemplateError:
            out[name] = UNKNOWN  # a symbol where a function wanted a real value
    return out


def exports(scope: Scope) -> dict[str, Any]:
    """Export name -> value of one stack."""
    outputs, found = told(scope), {}
    for name, output in scope.template.get("Outputs", {}).items():
        if "Export" in output and ("Condition" not in output or scope.condition(output["Condition"]) is True):
            found[str(scope.value(output["Export"]["Name"]))] = outputs[name]
    return found


def _nested_in_order(template: Mapping[str, Any]) -> list[str]:
    return [name for name in graph.creation_order(template) if template["Resources"][name]["Type"] == STACK_TYPE]
