"""The shorthand resource types: what each describes, and what a reference to one means.

``Ref`` and ``Fn::GetAtt`` on a shorthand resource resolve to the natural thing. The logical ids of what is generated begin
with the shorthand's own (``Web`` gives ``WebService``, ``WebTaskRole``) and are public: other resources may refer to
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from oaktree_cfn.macros.fragment import MOST_FAULTS, BadFragment, Fault, meant
from oaktree_cfn.macros.platform import Placement, ServicePlacement, WebPlacement
from oaktree_cfn.macros.properties import describe, words
from oaktree_cfn.services.scheduled_task import ScheduledTask
from oaktree_cfn.services.table import Table
from oaktree_cfn.services.web_service import WebService
from oaktree_cfn.services.worker import Worker

Attribute = tuple[str, str]
"""Kind of a generated resource and its attribute; an empty attribute is ``Ref``."""

_TASK: Mapping[str, Attribute] = {
    "TaskDefinitionArn": ("TaskDefinition", ""),
    "TaskRoleArn": ("TaskRole", "Arn"),
    "TaskRoleName": ("TaskRole", ""),
    "ExecutionRoleArn": ("ExecutionRole", "Arn"),
    "LogGroupName": ("LogGroup", ""),
    "LogGroupArn": ("LogGroup", "Arn"),
    "SecurityGroupId": ("SecurityGroup", "GroupId"),
}
_SERVICE: Mapping[str, Attribute] = {"Name": ("Service", "Name"), "Arn": ("Service", ""), **_TASK}
_DEAD: Mapping[str, Attribute] = {
    "DeadLetterQueueUrl": ("DeadLetterQueue", ""),
    "DeadLetterQueueArn": ("DeadLetterQueue", "Arn"),
    "DeadLetterQueueName": ("DeadLetterQueue", "QueueName"),
}


@dataclass(frozen=True)
class Shorthand:
    """A shorthand type: the description it stands for, the kind of its main resource, its attributes, what says where it
    runs. One without ``place`` runs nowhere: its main resource has the shorthand's own logical id.
    """

    describes: Any
    main: str
    attributes: Mapping[str, Attribute]
    place: type[Placement] | None = None

    @cached_property
    def properties(self) -> tuple[str, ...]:
        """Every property it takes."""
        return (*words(self.describes), *(words(self.place) if self.place else ()))


SHORTHANDS: Mapping[str, Shorthand] = {
    "OakTree::WebService": Shorthand(
        WebService, "Service", {**_SERVICE, "TargetGroupArn": ("TargetGroup", ""), "Url": ("Url", "")}, WebPlacement
    ),
    "OakTree::Worker": Shorthand(
        Worker,
        "Service",
        {
            **_SERVICE,
            "QueueUrl": ("Queue", ""),
            "QueueArn": ("Queue", "Arn"),
            "QueueName": ("Queue", "QueueName"),
            **_DEAD,
        },
        ServicePlacement,
    ),
    "OakTree::ScheduledTask": Shorthand(
        ScheduledTask, "Schedule", {"Name": ("Schedule", ""), "Arn": ("Schedule", "Arn"), **_TASK, **_DEAD}, Placement
    ),
    "OakTree::Table": Shorthand(Table, "", {"Name": ("", ""), "Arn": ("", "Arn"), "StreamArn": ("", "StreamArn")}),
}
"""Resource type -> what it is short for."""


def described(kind: str, properties: Mapping[str, Any], path: str) -> tuple[Any, Placement | None]:
    """The description and the placement that a shorthand's properties say. Raises BadFragment with all that is wrong."""
    shorthand = SHORTHANDS[kind]
    unknown = (_unknown(kind, name, path) for name in properties if name not in shorthand.properties)
    faults = list(islice(unknown, MOST_FAULTS))
    found: list[Any] = []
    for cls in (shorthand.describes, shorthand.place) if shorthand.place else (shorthand.describes,):
        try:
            found.append(describe(cls, {name: properties[name] for name in words(cls) if name in properties}, path))
        except BadFragment as error:
            faults += error.faults
    if faults:
        raise BadFragment(faults)
    return found[0], found[1] if shorthand.place else None


def _unknown(kind: str, name: str, path: str) -> Fault:
    near = meant(name, SHORTHANDS[kind].properties)
    return Fault(f"{path}/{name}", f"{kind} has no property of that name{near}")
