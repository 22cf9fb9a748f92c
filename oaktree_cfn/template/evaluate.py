"""One evaluator for every purpose: the local stage, the offline plan and the review all ask this one what a template says.

``Scope.value`` gives the value of an expression; ``Scope.trace`` also keeps, for every leaf, the expression it came
from and what that refers to. What cannot be known yet is ``UNKNOWN`` and spreads: a text with an unknown part is unknown
as a whole, as CloudFormation shows it (``{{changeSet:KNOWN_AFTER_APPLY}}``).

Numbers and booleans of a template become text ("80", "true"), as CloudFormation's own engine makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oaktree_cfn.template.intrinsics import FUNCTIONS
from oaktree_cfn.template.values import NO_VALUE, UNKNOWN, Reference, TemplateError, World, text, truth


@dataclass(frozen=True, slots=True)
class Node:
    """An evaluated value with its origin. ``children`` is None for a leaf; ``expression`` is the leaf's own, with the
    branches of ``Fn::If`` taken, so that two expressions compare equal when they would be computed alike.
    """

    value: Any
    expression: Any = None
    references: frozenset[Reference] = frozenset()
    children: Mapping[str, Node] | tuple[Node, ...] | None = None


@dataclass
class Scope:
    """A template with its parameter values in its world; the context of every evaluation."""

    template: Mapping[str, Any]
    parameters: Mapping[str, Any]
    pseudo: Mapping[str, Any]
    world: World
    _conditions: dict[str, Any] = field(default_factory=dict)
    _seen: set[Reference] | None = None

    def note(self, reference: Reference) -> None:
        """Remember what the expression under evaluation refers to."""
        if self._seen is not None:
            self._seen.add(reference)

    def value(self, expression: Any) -> Any:
        """Plain data with every intrinsic replaced by its value; parts that are NO_VALUE are left out."""
        name = function_of(expression)
        if name is not None:
            return self._call(name, expression[name])
        if isinstance(expression, dict):
            items = ((key, self.value(item)) for key, item in expression.items())
            return {key: item for key, item in items if item is not NO_VALUE}
        if isinstance(expression, list):
            return [item for item in map(self.value, expression) if item is not NO_VALUE]
        return text(expression)

    def known(self, expression: Any) -> Any:
        """The same, with UNKNOWN for every part that cannot be computed, for example from a stand-in of an id."""
        name = function_of(expression)
        try:
            if name == "Fn::If":
                return self.known(self.branch(expression[name]))
            if name is not None or not isinstance(expression, dict | list):
                return self.value(expression)
        except TemplateError:
            return UNKNOWN
        if isinstance(expression, dict):
            items = ((key, self.known(item)) for key, item in expression.items())
            return {key: item for key, item in items if item is not NO_VALUE}
        return [item for item in map(self.known, expression) if item is not NO_VALUE]

    def trace(self, expression: Any) -> Node:
        """The same as ``value``, remembering for each leaf where it came from."""
        name = function_of(expression)
        if name == "Fn::If":
            return self.trace(self.branch(expression[name]))
        if name is not None:
            return self._leaf(expression)
        if isinstance(expression, dict):
            nodes = {key: self.trace(item) for key, item in expression.items()}
            kept = {key: node for key, node in nodes.items() if node.value is not NO_VALUE}
            return Node({key: node.value for key, node in kept.items()}, children=kept)
        if isinstance(expression, list):
            items = tuple(node for node in map(self.trace, expression) if node.value is not NO_VALUE)
            return Node([node.value for node in items], children=items)
        return Node(text(expression), text(expression))

    def condition(self, name: str) -> Any:
        """True, False, or UNKNOWN when it hangs on a value that is not known yet."""
        if name not in self._conditions:
            declared = self.template.get("Conditions", {})
            if name not in declared:
                raise TemplateError(f"Template format error: Unresolved condition dependency {name} in the template")
            self._conditions[name] = TemplateError(
                f"Template format error: Circular dependency between conditions [{name}]"
            )
            try:
                self._conditions[name] = self._truth(declared[name], f"Condition {name}")
            except TemplateError as error:
                self._conditions[name] = error
        value = self._conditions[name]
        if isinstance(value, TemplateError):
            raise value
        return value

    def exists(self, logical_id: str) -> Any:
        """Whether a resource's condition lets it exist: True, False or UNKNOWN."""
        resource = self.template.get("Resources", {}).get(logical_id)
        if resource is None:
            return False
        condition = resource.get("Condition")
        return True if condition is None else self.condition(condition)

    def branch(self, arguments: Any) -> Any:
        """The branch that ``Fn::If`` takes, unevaluated; an unknown condition gives an unknown value."""
        if not isinstance(arguments, list) or len(arguments) != 3:
            raise TemplateError("Template error: Fn::If requires a list argument with three elements")
        name, yes, no = arguments
        decided = self.condition(name) if isinstance(name, str) else self._truth(name, "Fn::If")
        if decided is UNKNOWN:
            return UNKNOWN
        return yes if decided else no

    def _call(self, name: str, arguments: Any) -> Any:
        function = FUNCTIONS.get(name)
        if function is None:
            raise TemplateError(f"Template error: {name} is not a supported intrinsic function")
        return function(arguments, self)

    def _truth(self, expression: Any, place: str) -> Any:
        """True, False or UNKNOWN, without remembering: a condition decides which expression counts, it is no part of it."""
        seen, self._seen = self._seen, None
        try:
            return truth(self.value(expression), f"Template error: {place} must be a condition function")
        finally:
            self._seen = seen

    def _leaf(self, expression: Any) -> Node:
        outer, self._seen = self._seen, set()
        try:
            value = self.value(expression)
            return Node(value, self._taken(expression), frozenset(self._seen))
        finally:
            self._seen = outer

    def _taken(self, expression: Any) -> Any:
        name = function_of(expression)
        if name == "Fn::If":
            return self._taken(self.branch(expression[name]))
        if name == "Fn::FindInMap":
            return {name: [self._taken(item) for item in expression[name]], "Mappings": self._mapping(expression[name])}
        if isinstance(expression, dict):
            return {key: self._taken(item) for key, item in expression.items()}
        if isinstance(expression, list):
            return [self._taken(item) for item in expression]
        return text(expression)

    def _mapping(self, arguments: Any) -> Any:
        """The map a look-up reads: when its content changes, the expression changed."""
        name = arguments[0] if isinstance(arguments, list) and arguments else None
        return self.template.get("Mappings", {}).get(name) if isinstance(name, str) else None


def function_of(value: Any) -> str | None:
    """The intrinsic function a value calls, None for plain data."""
    if isinstance(value, dict) and len(value) == 1:
        (key,) = value
        if key in FUNCTIONS or key.startswith("Fn::"):
            return str(key)
    return None
