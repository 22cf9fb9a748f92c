"""ECS: services with their deployments and events, and the tasks of theirs that stopped, in our models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from oaktree_cfn.aws.connection import Connection, together
from oaktree_cfn.errors import AwsError

Reply = Mapping[str, Any]

COMPLETED, FAILED, IN_PROGRESS = "COMPLETED", "FAILED", "IN_PROGRESS"
"""How a deployment's rollout stands. Empty where ECS does not tell (a classic load balancer)."""

_MOST_TASKS = 100
"""Tasks that DescribeTasks takes at once."""
_NEWEST_EVENTS = 100
"""Events that DescribeServices gives at most."""
_MOST_REVISIONS = 25
"""Revisions of a task family that are looked at: one call each."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One rollout of a service. ``status`` is PRIMARY for the one that is or is to be."""

    id: str
    status: str
    task_definition: str
    rollout: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ServiceEvent:
    """One message of a service, without its own name before it."""

    id: str
    time: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service; ``events`` newest first. One of another deployment controller than ECS has no deployments.

    A deleted service is told for some time yet, as INACTIVE.
    """

    arn: str
    name: str
    cluster: str
    status: str = "ACTIVE"
    deployments: tuple[Deployment, ...] = ()
    events: tuple[ServiceEvent, ...] = ()
    target_groups: tuple[str, ...] = ()

    @property
    def primary(self) -> Deployment | None:
        """The deployment that is, or is to be."""
        return next((each for each in self.deployments if each.status == "PRIMARY"), None)


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a stopped task; ``exit_code`` is None when it never ran."""

    name: str
    exit_code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StoppedTask:
    """A task that stopped, and why."""

    id: str
    task_definition: str
    reason: str
    stopped: datetime | None = None
    containers: tuple[Container, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a task family: the image of each container, and when it was taken out of service, if it was."""

    number: int
    images: Mapping[str, str]
    ended: datetime | None = None


class Ecs:
    """Every call of ECS that OakTree makes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return self._connection.call("ecs", operation, **arguments)

    def service(self, arn: str, cluster: str = "") -> Service | None:
        """The service of that ARN, None when ECS knows of none. ``cluster`` is needed where the ARN names none."""
        try:
            found = self._call("describe_services", cluster=cluster or cluster_of(arn), services=[arn])["services"]
        except AwsError as error:
            if error.code == "ClusterNotFoundException":
                return None
            raise
        return _service(found[0]) if found else None

    def stopped_tasks(self, service: Service) -> tuple[StoppedTask, ...]:
        """The service's tasks that stopped within the last hour (ECS forgets them then), the latest first."""
        listed = self._call(
            "list_tasks", cluster=service.cluster, serviceName=service.name, desiredStatus="STOPPED"
        ).get("taskArns", ())
        if not listed:
            return ()
        found = self._call("describe_tasks", cluster=service.cluster, tasks=list(listed)[:_MOST_TASKS])["tasks"]
        tasks = (_task(each) for each in found if each.get("lastStatus") == "STOPPED")
        return tuple(sorted(tasks, key=lambda task: task.stopped.timestamp() if task.stopped else 0, reverse=True))

    def earlier(self, task_definition: str) -> tuple[Revision, ...]:
        """The newest revisions of a family before this one, the newest first. ECS keeps those that were deregistered."""
        family, _, number = task_definition.rpartition("task-definition/")[2].partition(":")
        listed = together(*[partial(self._listed, family, int(number), status) for status in ("ACTIVE", "INACTIVE")])
        newest = sorted((each for arns in listed for each in arns), key=_number, reverse=True)[:_MOST_REVISIONS]
        return tuple(together(*[partial(self._revision, arn) for arn in newest]))

    def _listed(self, family: str, before: int, status: str) -> list[str]:
        found: list[str] = []
        pages = self._connection.pages(
            "ecs", "list_task_definitions", "nextToken", familyPrefix=family, status=status, sort="DESC"
        )
        for page in pages:
            mine = (each for each in page["taskDefinitionArns"] if _family(each) == family)  # others may begin like it
            found += [each for each in mine if _number(each) < before]
            if len(found) >= _MOST_REVISIONS:
                break
        return found

    def _revision(self, arn: str) -> Revision:
        found = self._call("describe_task_definition", taskDefinition=arn)["taskDefinition"]
        images = {each["name"]: each["image"] for each in found["containerDefinitions"]}
        return Revision(_number(arn), images, found.get("deregisteredAt"))

    def log_options(self, task_definition: str) -> dict[str, Mapping[str, str]]:
        """Container name -> the options of its ``awslogs`` driver, for those that have it."""
        found = self._call("describe_task_definition", taskDefinition=task_definition)["taskDefinition"]
        configured = {each["name"]: each.get("logConfiguration") or {} for each in found["containerDefinitions"]}
        return {
            name: logs.get("options") or {} for name, logs in configured.items() if logs.get("logDriver") == "awslogs"
        }


def _family(arn: str) -> str:
    return arn.rpartition("task-definition/")[2].partition(":")[0]


def _number(arn: str) -> int:
    return int(arn.rpartition(":")[2])


def cluster_of(arn: str) -> str:
    """The cluster that a service's ARN names; ``default`` for the ARNs of old, which name none."""
    parts = arn.rpartition(":")[2].split("/")
    return parts[1] if len(parts) == 3 else "default"


def _service(reply: Reply) -> Service:
    named = f"(service {reply['serviceName']}) "
    told = ((each, each["message"].removeprefix(named)) for each in reply.get("events", ()))
    events = (ServiceEvent(each["id"], each["createdAt"], message) for each, message in told)
    return Service(
        arn=reply["serviceArn"],
        name=reply["serviceName"],
        cluster=reply["clusterArn"],
        status=reply.get("status", ""),
        deployments=tuple(_deployment(each) for each in reply.get("deployments", ())),
        events=tuple(events)[:_NEWEST_EVENTS],
        target_groups=tuple(_target_groups(reply)),
    )


def _target_groups(reply: Reply) -> list[str]:
    balancers = reply.get("loadBalancers", ())
    return [each["targetGroupArn"] for each in balancers if each.get("targetGroupArn")]


def _deployment(reply: Reply) -> Deployment:
    return Deployment(
        id=reply.get("id", ""),
        status=reply.get("status", ""),
        task_definition=reply.get("taskDefinition", ""),
        rollout=reply.get("rolloutState", ""),
        reason=reply.get("rolloutStateReason", ""),
    )


def _task(reply: Reply) -> StoppedTask:
    containers = (
        Container(each.get("name", ""), each.get("exitCode"), each.get("reason", ""))
        for each in reply.get("containers", ())
    )
    return StoppedTask(
        id=reply["taskArn"].rpartition("/")[2],
        task_definition=reply.get("taskDefinitionArn", ""),
        reason=reply.get("stoppedReason", ""),
        stopped=reply.get("stoppedAt"),
        containers=tuple(containers),
    )
