"""Parts that are there only under a condition of the template.

One set of templates serves every environment: whether a service scales, runs on Spot capacity or may be entered with a
shell is a parameter, so the part of the description that says so stands under a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from troposphere import AWSObject, If, NoValue

R = TypeVar("R", bound=AWSObject)


@dataclass(frozen=True, slots=True)
class When:
    """``part``, where the template's condition of this name holds; nothing elsewhere."""

    condition: str
    part: Any


def the_part(value: Any) -> Any:
    """What a field holds, whether or not under a condition; None where there is nothing."""
    return value.part if isinstance(value, When) else value


def either(value: Any, render: Callable[[Any], Any], otherwise: Any = NoValue) -> Any:
    """A property's value: what ``render`` makes of the part, ``otherwise`` where there is none.

    >>> either(When("Scales", 3), lambda part: part + 1, 0).to_dict()
    {'Fn::If': ['Scales', 4, 0]}
    """
    if value is None:
        return otherwise
    if isinstance(value, When):
        return If(value.condition, render(value.part), otherwise)
    return render(value)


def resources(value: Any, render: Callable[[Any], Iterable[R]]) -> list[R]:
    """The part's resources, each under the part's condition. Raises ValueError for one that stands under another."""
    if value is None:
        return []
    made = list(render(the_part(value)))
    if isinstance(value, When):
        for resource in made:
            other = resource.resource.get("Condition", value.condition)
            if other != value.condition:
                raise ValueError(f"{resource.title} cannot stand under two conditions, {other} and {value.condition}")
            resource.Condition = value.condition
    return made
