"""The nouns of evaluation: unknown and absent values, references, and the world a template is evaluated in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from oaktree_cfn.errors import InvalidInput


class TemplateError(InvalidInput):
    """A template that CloudFormation would refuse; the message is CloudFormation's."""


class Unresolved(TemplateError):
    """A reference to a resource that is not there, or whose condition does not let it exist."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Template format error: Unresolved resource dependencies [{name}] in the Resources block of the template"
        )
        self.name = name


class Unknown:
    """A value that only exists after the change set has run. There is one: ``UNKNOWN``."""

    def __repr__(self) -> str:
        return "UNKNOWN"


class NoValue:
    """``AWS::NoValue``: the property is to be left out. There is one: ``NO_VALUE``."""

    def __repr__(self) -> str:
        return "NO_VALUE"


UNKNOWN = Unknown()
NO_VALUE = NoValue()


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """What an expression refers to: a ``parameter``, a ``resource`` (its physical id) or a resource's ``attribute``."""

    kind: str
    name: str
    attribute: str = ""

    def __str__(self) -> str:
        return f"{self.name}.{self.attribute}" if self.attribute else self.name


class World(Protocol):
    """What surrounds a template: its deployed resources, other stacks' exports, the region's zones."""

    def physical_id(self, logical_id: str) -> Any:
        """What ``Ref`` of a resource gives, or UNKNOWN."""

    def attribute(self, logical_id: str, name: str) -> Any:
        """What ``Fn::GetAtt`` gives, or UNKNOWN."""

    def export(self, name: str) -> Any:
        """What ``Fn::ImportValue`` gives, or UNKNOWN."""

    def stack_output(self, stack: str, output: str, region: str) -> Any:
        """What ``Fn::GetStackOutput`` gives, or UNKNOWN."""

    def zones(self, region: str) -> list[str]:
        """What ``Fn::GetAZs`` gives."""


class Context(Protocol):
    """What an intrinsic function may ask while it is evaluated."""

    @property
    def template(self) -> Mapping[str, Any]:
        """The whole template."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """Parameter values: text, or a list of texts for list types."""

    @property
    def pseudo(self) -> Mapping[str, Any]:
        """Pseudo parameters by name (``AWS::Region`` ...)."""

    @property
    def world(self) -> World:
        """What surrounds the template."""

    def value(self, expression: Any) -> Any:
        """The value of any expression."""

    def condition(self, name: str) -> Any:
        """True, False or UNKNOWN."""

    def branch(self, arguments: Any) -> Any:
        """The branch that ``Fn::If`` takes, unevaluated."""

    def exists(self, logical_id: str) -> Any:
        """Whether a resource's condition lets it exist: True, False or UNKNOWN."""

    def note(self, reference: Reference) -> None:
        """Remember what the expression under evaluation refers to."""


def text(value: Any) -> Any:
    """A scalar as CloudFormation keeps it: booleans and numbers become text, null is refused."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        raise TemplateError(f"{value} is not a number that a template can hold")
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) else str(value)
    if value is None:
        raise TemplateError("'null' values are not allowed in templates")
    return value


def truth(value: Any, complaint: str) -> Any:
    """A condition's value: True, False or UNKNOWN; anything else is refused with ``complaint``."""
    if value is True or value is False or value is UNKNOWN:
        return value
    raise TemplateError(complaint)
