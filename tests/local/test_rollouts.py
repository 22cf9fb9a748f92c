"""ECS services roll out; told to, they do not, and then the circuit breaker does what it does in AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .player import Player, Template, template, unique

BREAKER = {"Enable": True, "Rollback": True}
FAILING: dict[str, Any] = {
    "resource": "Service",
    "step": "rollout",
    "fail": "Essential container in task exited",
    "exit_code": 1,
    "log": "starting\nError: Cannot find module 'express'",
}


class Web:
    """A stack with a service, and what ECS says of it."""

    def __init__(self, player: Player, **service: Any) -> None:
        self.player = player
        self.name = unique("web")
        self.more = service

    def body(self, image: str, count: int = 2) -> Template:
        log = {"awslogs-group": {"Ref": "Logs"}, "awslogs-region": "x", "awslogs-stream-prefix": "ecs"}
        container = {"Name": "web", "Image": image, "Memory": 64, "LogConfiguration": {"LogDriver": "awslogs", "Options": log}}  # fmt: skip
        service = {
            "Cluster": {"Ref": "Cluster"}, "ServiceName": self.name, "TaskDefinition": {"Ref": "Task"}, "DesiredCount": count,
            "LaunchType": "EC2", "DeploymentConfiguration": {"DeploymentCircuitBreaker": BREAKER}, **self.more,
        }  # fmt: skip
        return template(
            Logs={"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": f"/ecs/{self.name}"}},
            Cluster={"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": self.name}},
            Task={
                "Type": "AWS::ECS::TaskDefinition",
                "Properties": {"Family": self.name, "ContainerDefinitions": [container]},
            },
            Service={"Type": "AWS::ECS::Service", "Properties": service},
        )

    def create(self, image: str = "one", **more: Any) -> str:
        return self.player.create(self.body(image, **more), name=self.name)

    def update(self, image: str, **more: Any) -> str:
        return self.player.update(self.name, self.body(image, **more))

    @property
    def service(self) -> dict[str, Any]:
        (found,) = self.player.client("ecs").describe_services(cluster=self.name, services=[self.name])["services"]
        return dict(found)

    @property
    def events(self) -> list[str]:
        """Newest first, without what differs from run to run."""
        return [event["message"].removeprefix(f"(service {self.name}) ") for event in self.service["events"]]

    @property
    def stopped(self) -> list[dict[str, Any]]:
        ecs = self.player.client("ecs")
        arns = ecs.list_tasks(cluster=self.name, serviceName=self.name, desiredStatus="STOPPED")["taskArns"]
        return list(ecs.describe_tasks(cluster=self.name, tasks=arns)["tasks"]) if arns else []

    @property
    def task_definition(self) -> str:
        """The one that the stack has."""
        return self.player.ids(self.name)["Task"]


def test_a_service_rolls_out_with_its_stack(player: Player) -> None:
    web = Web(player)
    web.create()
    (deployment,) = web.service["deployments"]
    assert (deployment["status"], deployment["rolloutState"]) == ("PRIMARY", "COMPLETED")
    assert deployment["taskDefinition"] == web.service["taskDefinition"] == web.task_definition
    assert deployment["runningCount"] == web.service["runningCount"] == 2
    assert web.events[0] == "has reached a steady state."
    first = deployment["id"]
    assert web.update("two") == "UPDATE_COMPLETE"
    (deployment,) = web.service["deployments"]
    assert deployment["id"] != first
    assert deployment["taskDefinition"] == web.task_definition
    assert web.update("two", count=3) == "UPDATE_COMPLETE"
    assert web.service["deployments"][0]["id"] == deployment["id"], "another count is no deployment"
    assert web.service["deployments"][0]["runningCount"] == 3


def test_what_others_do_to_a_service_counts_too(player: Player) -> None:
    web = Web(player)
    web.create()
    old = web.task_definition
    web.update("two")
    player.client("ecs").update_service(cluster=web.name, service=web.name, taskDefinition=old)
    (deployment,) = web.service["deployments"]
    assert (deployment["taskDefinition"], deployment["rolloutState"]) == (old, "COMPLETED")


def test_the_breaker_rolls_back_and_cloudformation_says_so(player: Player) -> None:
    web = Web(player)
    web.create()
    old = web.task_definition
    player.fault(**FAILING)
    assert web.update("two") == "UPDATE_ROLLBACK_COMPLETE"
    reason = player.reason(web.name, "UPDATE_FAILED", "Service")
    assert "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'." in reason
    assert "HandlerErrorCode: GeneralServiceException" in reason
    (deployment,) = web.service["deployments"]
    assert (deployment["taskDefinition"], deployment["rolloutState"]) == (old, "COMPLETED")
    assert web.update("three") == "UPDATE_COMPLETE"


def test_the_breaker_rolls_back_and_cloudformation_does_not_notice(player: Player) -> None:
    web = Web(player)
    web.create()
    old = web.task_definition
    player.fault(**FAILING, silent=True)
    assert web.update("two") == "UPDATE_COMPLETE"
    new = web.task_definition
    (deployment,) = web.service["deployments"]
    assert (deployment["taskDefinition"], deployment["rolloutState"]) == (old, "COMPLETED")
    assert deployment["runningCount"] == 2
    assert old != new
    assert {task["taskDefinitionArn"] for task in web.stopped} == {new}
    said = " ".join(web.events)
    assert "deployment failed: tasks failed to start." in said
    assert "rolling back to deployment" in said
    assert web.events[0] == "has reached a steady state."


def test_a_task_that_stopped_says_why_and_what_it_wrote(player: Player) -> None:
    web = Web(player)
    web.create()
    player.fault(**FAILING, silent=True)
    web.update("two")
    task = web.stopped[0]
    assert task["stoppedReason"] == "Essential container in task exited"
    assert (task["stopCode"], task["lastStatus"]) == ("EssentialContainerExited", "STOPPED")
    assert [(each["name"], each["exitCode"]) for each in task["containers"]] == [("web", 1)]
    stream = f"ecs/web/{task['taskArn'].rpartition('/')[2]}"
    found = player.client("logs").get_log_events(logGroupName=f"/ecs/{web.name}", logStreamName=stream)["events"]
    assert [each["message"] for each in found] == ["starting", "Error: Cannot find module 'express'"]


@pytest.mark.parametrize(
    ("fail", "code"),
    [
        ("CannotPullContainerError: no such image", "TaskFailedToStart"),
        ("Task failed ELB health checks in (target-group arn)", "ServiceSchedulerInitiated"),
    ],
)
def test_a_task_may_stop_for_other_reasons(player: Player, fail: str, code: str) -> None:
    web = Web(player)
    player.fault(resource="Service", step="rollout", fail=fail, silent=True)
    web.create()
    assert {task["stopCode"] for task in web.stopped} == {code}
    assert all("exitCode" not in each for task in web.stopped for each in task["containers"])


def test_a_first_deployment_has_nothing_to_go_back_to(player: Player) -> None:
    web = Web(player)
    player.fault(**FAILING, silent=True)
    assert player.stack(web.create())["StackStatus"] == "CREATE_COMPLETE"
    (deployment,) = web.service["deployments"]
    assert (deployment["rolloutState"], deployment["failedTasks"]) == ("FAILED", 3)
    assert deployment["rolloutStateReason"] == "ECS deployment circuit breaker: tasks failed to start."
    assert web.service["runningCount"] == 0
    assert web.update("two") == "UPDATE_COMPLETE"
    assert [each["rolloutState"] for each in web.service["deployments"]] == ["COMPLETED"]


def test_a_failed_create_takes_the_service_back(player: Player) -> None:
    web = Web(player)
    player.fault(**FAILING)
    stack = web.create()
    assert player.stack(stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    failed = next(each for each in player.events(stack) if each["ResourceStatus"] == "CREATE_FAILED")
    assert failed["PhysicalResourceId"].endswith(f"service/{web.name}/{web.name}"), "it existed, and could be asked why"
    assert "Service DELETE_COMPLETE" in player.story(stack)


@pytest.mark.parametrize(
    ("breaker", "state"), [({"Enable": False, "Rollback": False}, "IN_PROGRESS"), ({"Enable": True, "Rollback": False}, "FAILED")]
)  # fmt: skip
def test_a_breaker_does_what_it_is_told(player: Player, breaker: dict[str, bool], state: str) -> None:
    web = Web(player, DeploymentConfiguration={"DeploymentCircuitBreaker": breaker})
    web.create()
    player.fault(**FAILING, silent=True)
    web.update("two")
    new, old = web.service["deployments"]
    assert (new["taskDefinition"], new["rolloutState"]) == (web.task_definition, state)
    assert (old["status"], old["runningCount"]) == ("ACTIVE", 2)


def test_without_a_breaker_cloudformation_gives_up_at_last(player: Player) -> None:
    web = Web(player, DeploymentConfiguration={"MaximumPercent": 200})
    web.create()
    player.fault(**FAILING)
    assert web.update("two") == "UPDATE_ROLLBACK_COMPLETE"
    assert "HandlerErrorCode: NotStabilized" in player.reason(web.name, "UPDATE_FAILED", "Service")


def test_a_slow_rollout_can_be_watched(player: Player) -> None:
    web = Web(player)
    web.create()
    player.fault(resource="Service", step="rollout", delay=60)
    player.cfn.update_stack(StackName=web.name, TemplateBody=json.dumps(web.body("two")))
    while not web.events[0].startswith("has started"):
        assert player.stack(web.name)["StackStatus"] == "UPDATE_IN_PROGRESS"
    new, old = web.service["deployments"]
    assert (new["status"], new["rolloutState"], new["runningCount"]) == ("PRIMARY", "IN_PROGRESS", 0)
    assert (old["status"], old["runningCount"]) == ("ACTIVE", 2)
    player.clear_faults()
    assert player.settle(web.name) == "UPDATE_COMPLETE"
    assert [each["rolloutState"] for each in web.service["deployments"]] == ["COMPLETED"]


def test_where_no_task_is_wanted_none_fails(player: Player) -> None:
    web = Web(player)
    player.fault(**FAILING)
    assert player.stack(web.create(count=0))["StackStatus"] == "CREATE_COMPLETE"
    assert web.service["deployments"][0]["rolloutState"] == "COMPLETED"


def test_a_service_of_the_same_name_does_not_inherit(player: Player) -> None:
    web = Web(player)
    player.delete(web.create())
    player.fault(**FAILING, silent=True)
    web.create("two")
    assert [each["rolloutState"] for each in web.service["deployments"]] == ["FAILED"]
    assert "rolling back" not in " ".join(web.events)


def test_tasks_of_the_stage_and_tasks_of_moto_are_described_together(player: Player) -> None:
    web = Web(player)
    player.fault(**FAILING, silent=True)
    web.create()
    ecs, mine = player.client("ecs"), web.stopped[0]["taskArn"]
    other = Web(player)
    other.create()
    assert other.stopped == []
    described = ecs.describe_tasks(cluster=web.name, tasks=[mine, mine.rpartition("/")[2]])["tasks"]
    assert [each["taskArn"] for each in described] == [mine]
    assert ecs.describe_tasks(cluster=web.name, tasks=[mine, "0" * 32])["tasks"][0]["taskArn"] == mine
    assert ecs.list_tasks(cluster=web.name, desiredStatus="RUNNING")["taskArns"] == []


def test_a_reset_forgets_rollouts(player: Player) -> None:
    web = Web(player)
    web.create()
    player.door("POST", "reset", {})
    again = Web(player)
    again.name = web.name
    again.create()
    assert len(again.events) == 2, "two of its own: completed, and steady"
