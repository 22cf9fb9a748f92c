"""Frozen nouns that travel between the rooms: stacks, events, change sets.

They mirror CloudFormation's own shapes (DescribeStacks, DescribeStackEvents, DescribeChangeSet) with Python names, and
hold whatever strings AWS sent: an enum value that is new to us is kept as it came and judged later, never dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

RESOURCE_ATTRIBUTES = (
    "Type",
    "Condition",
    "DependsOn",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "CreationPolicy",
    "UpdatePolicy",
    "Metadata",
    "Properties",
)
"""The attributes of a resource in a template (user guide, "Resource attribute reference"), in the order a reader wants them."""

STACK_TYPE = "AWS::CloudFormation::Stack"

KNOWN_AFTER_APPLY = "{{changeSet:KNOWN_AFTER_APPLY}}"
"""What CloudFormation writes for a value it cannot know before the change set runs."""

NO_CHANGE_REASONS = ("The submitted information didn't contain changes.", "No updates are to be performed.")
"""How the StatusReason of a FAILED change set begins when there is simply nothing to do."""


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a stack; ``export_name`` is empty when it is not exported."""

    key: str
    value: str
    description: str = ""
    export_name: str = ""


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed stack as DescribeStacks tells it. Masked NoEcho parameters stay ``****``.

    ``role_arn`` is the role that CloudFormation works as on it; empty where it works with the rights of whoever calls.
    """

    id: str
    name: str
    status: str
    reason: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: tuple[Output, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    created: datetime | None = None
    updated: datetime | None = None
    root_id: str = ""
    parent_id: str = ""
    change_set_id: str = ""
    termination_protection: bool = False
    role_arn: str = ""

    @property
    def busy(self) -> bool:
        """Whether an operation runs on it. REVIEW_IN_PROGRESS is no operation: an empty shell waiting for its first change set."""
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"


@dataclass(frozen=True, slots=True)
class StackEvent:
    """One line of a stack's history."""

    id: str
    stack_id: str
    stack_name: str
    logical_id: str
    physical_id: str
    resource_type: str
    status: str
    reason: str
    time: datetime

    @property
    def about_stack(self) -> bool:
        """Whether it is about the stack itself, not one of its resources."""
        return self.physical_id == self.stack_id


@dataclass(frozen=True, slots=True)
class StackResource:
    """One resource of a deployed stack; ``time`` is when its status last changed."""

    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str = ""
    time: datetime | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    """Why and how one property (or tag, policy, metadata) of a resource changes: CloudFormation's ResourceChangeDetail.

    ``before`` and ``after`` are None where the answer carried no values. ``path`` is a JSON pointer
    (``/Properties/Tags/0/Value``), ``name`` the top-level property.
    """

    attribute: str
    name: str = ""
    path: str = ""
    before: str | None = None
    after: str | None = None
    requires_recreation: str = ""
    evaluation: str = ""
    source: str = ""
    causing_entity: str = ""
    change_type: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What would happen to one resource: CloudFormation's ResourceChange.

    ``before`` and ``after`` are the parsed BeforeContext and AfterContext (None without property values);
    ``nested`` is the nested stack's own change set where there is one.
    """

    action: str
    logical_id: str
    type: str
    physical_id: str = ""
    replacement: str = ""
    policy_action: str = ""
    scope: tuple[str, ...] = ()
    details: tuple[Detail, ...] = ()
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    nested_id: str = ""
    nested: ChangeSet | None = None


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One described change set, all pages, its nested sets hanging on their changes."""

    id: str
    name: str
    stack_id: str
    stack_name: str
    status: str
    execution_status: str = ""
    reason: str = ""
    changes: tuple[Change, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    parent_id: str = ""
    root_id: str = ""

    @property
    def no_change(self) -> bool:
        """Whether it FAILED only because nothing would change."""
        return self.status == "FAILED" and self.reason.startswith(NO_CHANGE_REASONS)

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Change]]:
        """Every change of the tree with its path below the root stack, parents before children."""
        for change in self.changes:
            place = (*path, change.logical_id)
            yield place, change
            if change.nested is not None:
                yield from change.nested.walk(place)
