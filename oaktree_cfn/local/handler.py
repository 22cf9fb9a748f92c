"""What a resource handler is: the local stage's counterpart of a resource type's handlers in AWS.

A handler makes, changes and removes one resource type through moto's public service APIs (boto3 clients that
``Request.client`` hands out), as AWS's own handlers do. The folder ``resources/`` is the registry: a new file, or a new
handler in one, needs no other edit.

Honesty is part of the contract. A property counts as supported when the handler sends it *and reads it back*
(``read``); what moto accepts but does not keep is listed in ``not_kept`` with the reason; everything else is refused by
name before anything is made.
"""

from __future__ import annotations

import secrets
import string
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from oaktree_cfn.local.rollouts import Scheduler

Properties = Mapping[str, Any]

_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Made:
    """What exists now: the physical id (what ``Ref`` gives) and the attributes (what ``Fn::GetAtt`` gives)."""

    physical_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro as CloudFormation keeps it: the function it calls, and what else was said of it."""

    name: str
    function: str
    properties: Properties


@dataclass(frozen=True, slots=True)
class Request:
    """Where a handler works: for which resource of which stack, and the door to moto's services.

    ``scheduler`` runs the tasks of an ECS service; without one nothing is rolled out. ``macros`` are the region's, by name.
    """

    stack_name: str
    logical_id: str
    region: str
    account: str
    client: Callable[[str], Any]
    scheduler: Scheduler | None = None
    macros: dict[str, Macro] = field(default_factory=dict)

    def name(self, longest: int = 255, *, lower: bool = False) -> str:
        """A generated physical name, ``<stack>-<logical id>-<12 random characters>``, as CloudFormation makes them."""
        random = "".join(secrets.choice(_ALPHABET) for _ in range(12))
        whole = (
            f"{self.stack_name}-{self.logical_id}"[: longest - 13].rstrip("-") + "-" + random
        )  # "--" is refused by some
        return whole.lower() if lower else whole


class NotPlayed(Exception):
    """The local stage cannot play a change that AWS can: which property of which type, and why."""

    def __init__(self, type: str, property: str, why: str) -> None:
        super().__init__(f"the local stage cannot play this change: {type}.{property}: {why}")


class Handler(ABC):
    """One resource type. ``supported`` and ``not_kept`` hold property paths without list indices
    (``ContainerDefinitions.Image``); a path covers everything below it.
    """

    type: ClassVar[str]
    supported: ClassVar[frozenset[str]]
    not_kept: ClassVar[Mapping[str, str]] = {}

    @abstractmethod
    def create(self, properties: Properties, request: Request) -> Made:
        """Make the resource. An error of the service (botocore's ClientError) is the reason of CREATE_FAILED."""

    @abstractmethod
    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        """Bring the existing resource from ``before`` to ``after`` in place; create-only properties never differ."""

    def settle(self, made: Made, properties: Properties, request: Request) -> None:  # noqa: B027  # waits for nothing
        """Wait, after ``create`` and ``update``, until what was made works as asked (CloudFormation: *stabilization*).

        Most resources do at once. An error means that it never will; the resource exists all the same.
        """

    @abstractmethod
    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        """Remove it. What is gone already counts as removed."""

    @abstractmethod
    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        """The properties as the service keeps them now, in the resource type's own words.

        ``properties`` are those last sent: a handler may use them to pick and order what it asks for, never as an
        answer. Raises LookupError or the service's ClientError when the resource is gone.
        """

    def replaces(self, before: Properties, after: Properties) -> bool:  # a default that looks at nothing
        """Whether a change of a conditionally create-only property needs a new resource; True unless a handler knows better."""
        return True
