"""The local stage's records: stacks, their resources, events and change sets, as they stand.

Mutable, unlike ``models``: these are CloudFormation's own books, written by the engine, read by the API under one lock.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from oaktree_cfn.local.handler import Made
from oaktree_cfn.models import NO_CHANGE_REASONS, STACK_TYPE
from oaktree_cfn.review.differ import Difference
from oaktree_cfn.template import parameters

ACCOUNT = "123456789012"
"""moto's account."""


class Refusal(Exception):
    """An error that CloudFormation answers: its code, message and HTTP status."""

    def __init__(self, message: str, code: str = "ValidationError", status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status


@dataclass(frozen=True)
class Revision:
    """What a stack was asked to be: one template with its parameter values, tags and options. ``values`` is what ``Ref``
    gives for the parameters: lists split, SSM parameters looked up once, when the revision was made.

    ``body`` is the template as it was sent, ``template`` what its ``transforms`` made of it. ``failure`` says why they made
    nothing; then there is no operation that can carry it out.
    """

    body: str
    template: Mapping[str, Any]
    parameters: Mapping[str, Any]
    values: Mapping[str, Any]
    tags: Mapping[str, str] = field(default_factory=dict)
    capabilities: tuple[str, ...] = ()
    notification_arns: tuple[str, ...] = ()
    transforms: tuple[str, ...] = ()
    failure: str = ""

    def shown_parameters(self) -> list[dict[str, str]]:
        """Parameters as the API shows them: NoEcho values masked, SSM parameters with what was found."""
        return [self._shown(name, declared) for name, declared in self.template.get("Parameters", {}).items()]

    def masked(self, value: Any) -> Any:
        """A value without the secrets of NoEcho parameters, as events show it."""
        declared = self.template.get("Parameters", {})
        secrets = [self.parameters[name] for name in declared if parameters.no_echo(declared[name])]
        return _without([text for text in secrets if isinstance(text, str) and text], value)

    def _shown(self, name: str, declared: Mapping[str, Any]) -> dict[str, str]:
        masked = parameters.no_echo(declared)
        shown = {"ParameterKey": name, "ParameterValue": parameters.MASK if masked else self.parameters[name]}
        if parameters.is_ssm(declared["Type"]):
            found = self.values[name]
            resolved = ",".join(found) if isinstance(found, list) else found
            shown["ResolvedValue"] = parameters.MASK if masked else resolved
        return shown


def _without(secrets: list[str], value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without(secrets, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(secrets, item) for item in value]
    for secret in secrets if isinstance(value, str) else ():
        value = value.replace(secret, parameters.MASK)
    return value


@dataclass
class Resource:
    """One resource of a stack: what was made, from which evaluated properties, and how it stands."""

    logical_id: str
    type: str
    properties: dict[str, Any]
    declared: Mapping[str, Any]
    physical_id: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    reason: str = ""
    time: datetime | None = None

    @property
    def made(self) -> Made:
        """What exists, as its handler knows it."""
        return Made(self.physical_id, self.attributes)

    def snapshot(self) -> Resource:
        """A copy to go back to."""
        return replace(self)


@dataclass(frozen=True)
class Event:
    """One line of a stack's history."""

    id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str
    time: datetime
    token: str = ""
    properties: Mapping[str, Any] | None = None


@dataclass
class Stack:
    """A stack, deployed or still an empty shell in REVIEW_IN_PROGRESS."""

    name: str
    region: str
    created: datetime
    id: str = ""
    revision: Revision | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    status: str = "REVIEW_IN_PROGRESS"
    reason: str = ""
    updated: datetime | None = None
    deleted: datetime | None = None
    parent: Stack | None = None
    logical_id: str = ""
    change_set_id: str = ""
    disable_rollback: bool = False
    retain_except_on_create: bool = False
    termination_protection: bool = False
    token: str = ""
    role_arn: str = ""
    cancelled: bool = False
    unfinished: Any = None
    """The operation that stopped half-way and can be continued or rolled back (``operation.Operation``)."""

    def __post_init__(self) -> None:
        """Give a new stack its id."""
        self.id = self.id or f"arn:aws:cloudformation:{self.region}:{ACCOUNT}:stack/{self.name}/{uuid.uuid4()}"

    @property
    def root(self) -> Stack:
        """The top of the tree this stack stands in."""
        return self.parent.root if self.parent is not None else self

    @property
    def gone(self) -> bool:
        """Whether it was deleted: still described by id, no longer by name."""
        return self.status == "DELETE_COMPLETE"

    @property
    def exports(self) -> dict[str, str]:
        """Export name -> value."""
        return {
            output["ExportName"]: output["OutputValue"] for output in self.outputs.values() if "ExportName" in output
        }

    def pseudo(self) -> dict[str, Any]:
        """The pseudo parameters of its template."""
        return {
            "AWS::AccountId": ACCOUNT,
            "AWS::NotificationARNs": list(self.revision.notification_arns) if self.revision else [],
            "AWS::Partition": "aws",
            "AWS::Region": self.region,
            "AWS::StackId": self.id,
            "AWS::StackName": self.name,
            "AWS::URLSuffix": "amazonaws.com",
        }


@dataclass
class ChangeSet:
    """One change set, with the differences it was made from and its children's sets by logical id."""

    name: str
    stack: Stack
    kind: str
    revision: Revision
    created: datetime
    differences: tuple[Difference, ...] = ()
    children: dict[str, ChangeSet] = field(default_factory=dict)
    parent: ChangeSet | None = None
    nested: bool = False
    description: str = ""
    on_failure: str = ""
    role_arn: str = ""
    status: str = "CREATE_COMPLETE"
    execution: str = "AVAILABLE"
    reason: str = ""
    warning: str = ""
    """The reason shown with property values, when some could not be found out."""
    id: str = ""

    def __post_init__(self) -> None:
        """Give a new change set its id."""
        self.id = (
            self.id or f"arn:aws:cloudformation:{self.stack.region}:{ACCOUNT}:changeSet/{self.name}/{uuid.uuid4()}"
        )

    @property
    def root(self) -> ChangeSet:
        """The set that was asked for; children stand and fall with it."""
        return self.parent.root if self.parent is not None else self

    @property
    def broken(self) -> bool:
        """Whether it FAILED for another reason than that nothing would change."""
        return self.status == "FAILED" and not self.reason.startswith(NO_CHANGE_REASONS)

    def family(self) -> Iterator[ChangeSet]:
        """This set and all below it."""
        yield self
        for child in self.children.values():
            yield from child.family()


class Books:
    """All stacks and change sets of one region, and the lock that guards them."""

    def __init__(self, region: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.region = region
        self.now = now
        self.lock = threading.RLock()
        self.stacks: dict[str, Stack] = {}
        self.change_sets: dict[str, ChangeSet] = {}

    def add(self, stack: Stack) -> Stack:
        """Enter a new stack."""
        self.stacks[stack.id] = stack
        return stack

    def find(self, name_or_id: str) -> Stack | None:
        """The stack with an id, or the living one with a name."""
        if name_or_id.startswith("arn:"):
            return self.stacks.get(name_or_id)
        return next((stack for stack in self.stacks.values() if stack.name == name_or_id and not stack.gone), None)

    def exporter(self, name: str) -> Stack | None:
        """Who exports a name."""
        return next((stack for stack in self.stacks.values() if not stack.gone and name in stack.exports), None)

    def importers(self, name: str) -> list[Stack]:
        """Who imports it."""
        return [stack for stack in self.stacks.values() if not stack.gone and name in stack.imports]

    def children(self, stack: Stack) -> list[Stack]:
        """Its nested stacks that still exist."""
        return [other for other in self.stacks.values() if other.parent is stack and not other.gone]

    def forget(self, change_set: ChangeSet) -> None:
        """Drop a change set with its children, and the shells of nested stacks that only it needed."""
        for each in change_set.family():
            self.change_sets.pop(each.id, None)
            if each.parent is not None and each.stack.revision is None:
                self.stacks.pop(each.stack.id, None)

    def record(self, stack: Stack, status: str, reason: str = "") -> None:
        """Move a stack to a status and write the event: nobody sees the one without the other."""
        with self.lock:
            stack.status, stack.reason = status, reason
            self.log(stack, stack.name, stack.id, STACK_TYPE, status, reason)

    def record_resource(self, stack: Stack, resource: Resource, status: str, reason: str = "") -> None:
        """Move a resource to a status and write the event."""
        shown = stack.revision.masked(resource.properties) if stack.revision is not None else resource.properties
        with self.lock:
            event = self.log(stack, resource.logical_id, resource.physical_id, resource.type, status, reason, shown)
            resource.status, resource.reason, resource.time = status, reason, event.time

    def log(
        self,
        stack: Stack,
        logical_id: str,
        physical_id: str,
        type_: str,
        status: str,
        reason: str,
        properties: Any = None,
    ) -> Event:
        """Write an event."""
        stamp = self.now()
        event_id = str(uuid.uuid4()) if type_ == STACK_TYPE else f"{logical_id}-{status}-{stamp.isoformat()}"
        token = stack.root.token
        event = Event(event_id, logical_id, physical_id, type_, status, reason, stamp, token, properties)
        with self.lock:
            stack.events.append(event)
        return event
