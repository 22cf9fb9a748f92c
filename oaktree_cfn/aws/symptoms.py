"""Why the tasks of a service fail, asked of every service that knows something of it.

What is found here explains and decides nothing, so no error in it counts: what cannot be asked is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from typing import Any, TypeVar

from oaktree_cfn.aws.connection import Connection, together
from oaktree_cfn.aws.ecs import Ecs, Service, StoppedTask
from oaktree_cfn.errors import OaktreeError

T = TypeVar("T")

_FINE = frozenset({"healthy", "initial", "draining"})
"""States of a target that are no symptom."""
_SCALING = "Scaling activity initiated by"
"""How the reason begins of tasks that stop because others took their place."""
_LINES = 10
"""Log lines that are read."""


@dataclass(frozen=True, slots=True)
class Target:
    """A target that its load balancer does not take for healthy."""

    id: str
    state: str
    description: str


@dataclass(frozen=True, slots=True)
class Log:
    """The last lines of one container, and the stream they stand in."""

    group: str
    stream: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Symptoms:
    """What there is to see of a service whose tasks fail: the latest first, all of it since the operation began."""

    tasks: tuple[StoppedTask, ...] = ()
    targets: tuple[Target, ...] = ()
    messages: tuple[str, ...] = ()
    log: Log | None = None


def symptoms(connection: Connection, service: Service, since: datetime | None) -> Symptoms:
    """Everything that explains why a service's tasks fail. Nothing is raised."""
    questions: list[Callable[[], Any]] = [partial(_tasks, connection, service, since)]
    questions += [partial(_targets, connection, arn) for arn in service.target_groups]
    answers: list[Any] = together(*(partial(_quietly, question, ()) for question in questions))
    tasks, targets = answers[0], answers[1:]
    return Symptoms(
        tasks,
        tuple(chain.from_iterable(targets)),
        tuple(event.message for event in service.events if since is None or event.time >= since),
        _quietly(partial(_log, connection, tasks), None),
    )


def _quietly(question: Callable[[], T], otherwise: T) -> T:
    try:
        return question()
    except (OaktreeError, KeyError, TypeError, ValueError):
        return otherwise


def _tasks(connection: Connection, service: Service, since: datetime | None) -> tuple[StoppedTask, ...]:
    found = Ecs(connection).stopped_tasks(service)
    ours = [task for task in found if since is None or task.stopped is None or task.stopped >= since]
    return tuple(task for task in ours if not task.reason.startswith(_SCALING))


def _targets(connection: Connection, arn: str) -> tuple[Target, ...]:
    found = connection.call("elbv2", "describe_target_health", TargetGroupArn=arn)["TargetHealthDescriptions"]
    return tuple(_target(each) for each in found if each["TargetHealth"]["State"] not in _FINE)


def _target(reply: Any) -> Target:
    target, health = reply["Target"], reply["TargetHealth"]
    told = health.get("Description") or health.get("Reason", "")
    return Target(f"{target['Id']}:{target['Port']}" if "Port" in target else target["Id"], health["State"], told)


def _log(connection: Connection, tasks: Sequence[StoppedTask]) -> Log | None:
    """The last lines of the latest task's container: the one that failed, where one did."""
    for task in tasks[:1]:
        options = Ecs(connection).log_options(task.task_definition)
        for container in sorted(task.containers, key=lambda each: not each.exit_code):
            told = options.get(container.name, {})
            prefix, group = told.get("awslogs-stream-prefix"), told.get("awslogs-group")
            if prefix and group and told.get("awslogs-region", connection.region) == connection.region:
                return _read(connection, group, f"{prefix}/{container.name}/{task.id}")
    return None


def _read(connection: Connection, group: str, stream: str) -> Log | None:
    reply = connection.call("logs", "get_log_events", logGroupName=group, logStreamName=stream, limit=_LINES)
    lines = tuple(each["message"] for each in reply["events"])
    return Log(group, stream, lines) if lines else None
