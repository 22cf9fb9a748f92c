"""Symptoms are asked of every service that knows some; what cannot be asked is left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oaktree_cfn.aws.connection import Connection
from oaktree_cfn.aws.ecs import Service, ServiceEvent
from oaktree_cfn.aws.symptoms import Symptoms, Target, symptoms
from oaktree_cfn.errors import AwsError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EARLIER = NOW - timedelta(seconds=60)
SERVICE = Service(
    "arn",
    "web",
    "cluster",
    events=(ServiceEvent("2", NOW, "is unable to start tasks"), ServiceEvent("1", EARLIER, "an old story")),
    target_groups=("arn:tg",),
)
CONTAINERS = [{"name": "side", "exitCode": 0}, {"name": "web", "exitCode": 1}]


def stopped(id: str, at: datetime, reason: str = "Essential container in task exited") -> dict[str, Any]:
    told = {"taskArn": f"arn/{id}", "taskDefinitionArn": "web:2", "lastStatus": "STOPPED", "stoppedAt": at}
    return {**told, "stoppedReason": reason, "containers": CONTAINERS}


def health(id: str, state: str, **more: str) -> dict[str, Any]:
    return {"Target": {"Id": id, "Port": 5000}, "TargetHealth": {"State": state, **more}}


def logged(name: str, **more: str) -> dict[str, Any]:
    options = {"awslogs-group": "/ecs/web", "awslogs-stream-prefix": "ecs", "awslogs-region": "eu-west-1", **more}
    return {"name": name, "logConfiguration": {"logDriver": "awslogs", "options": options}}


ANSWERS: dict[str, Any] = {
    "list_tasks": {"taskArns": ["a"]},
    "describe_tasks": {
        "tasks": [
            stopped("new", NOW),
            stopped("old", EARLIER),
            stopped("scaled", NOW, "Scaling activity initiated by (deployment ecs-svc/1)"),
        ]
    },
    "describe_task_definition": {"taskDefinition": {"containerDefinitions": [logged("side"), logged("web")]}},
    "describe_target_health": {
        "TargetHealthDescriptions": [
            health("10.0.0.4", "unhealthy", Reason="Target.Timeout", Description="Request timed out"),
            health("10.0.0.5", "unused", Reason="Target.NotInUse"),
            health("10.0.0.6", "healthy"),
            health("10.0.0.7", "initial"),
        ]
    },
    "get_log_events": {"events": [{"message": "starting"}, {"message": "boom"}]},
}


class FakeConnection:
    """Answers by operation; an operation that is missing is refused."""

    region = "eu-west-1"

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: dict[str, dict[str, Any]] = {}

    def call(self, service: str, operation: str, **arguments: Any) -> Any:
        self.asked[operation] = arguments
        if operation not in self.answers:
            raise AwsError(operation, "AccessDeniedException", f"{service} says no")
        return self.answers[operation]


def look(answers: dict[str, Any]) -> tuple[Symptoms, FakeConnection]:
    connection = FakeConnection(answers)
    found: Connection = connection  # type: ignore[assignment]
    return symptoms(found, SERVICE, NOW), connection


def test_everything_since_the_operation_began_is_found() -> None:
    found, connection = look(ANSWERS)
    assert [task.id for task in found.tasks] == ["new"], "neither what was before nor what made place for others"
    assert found.targets == (
        Target("10.0.0.4:5000", "unhealthy", "Request timed out"),
        Target("10.0.0.5:5000", "unused", "Target.NotInUse"),
    )
    assert found.messages == ("is unable to start tasks",)
    assert found.log is not None
    assert found.log.lines == ("starting", "boom")
    assert connection.asked["get_log_events"]["logStreamName"] == "ecs/web/new", "the container that failed"


@pytest.mark.parametrize("missing", sorted(ANSWERS))
def test_what_cannot_be_asked_is_left_out_and_the_rest_is_told(missing: str) -> None:
    whole, _ = look(ANSWERS)
    found, _ = look({key: value for key, value in ANSWERS.items() if key != missing})
    assert found.messages == whole.messages
    assert found.targets == (() if missing == "describe_target_health" else whole.targets)
    assert found.tasks == (() if missing in {"list_tasks", "describe_tasks"} else whole.tasks)
    assert (found.log is None) == (missing != "describe_target_health")


def test_a_log_in_another_region_is_not_looked_for_here() -> None:
    elsewhere = {"taskDefinition": {"containerDefinitions": [logged("web", **{"awslogs-region": "us-east-1"})]}}
    found, connection = look({**ANSWERS, "describe_task_definition": elsewhere})
    assert found.log is None
    assert "get_log_events" not in connection.asked
