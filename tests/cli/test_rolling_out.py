"""A deploy vouches for its ECS services: what they run, and why not, however CloudFormation puts it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from oaktree_cfn.deploy import rollout

from .conftest import Project

LOG = {"awslogs-group": {"Ref": "Logs"}, "awslogs-region": {"Ref": "AWS::Region"}, "awslogs-stream-prefix": "ecs"}
WEB = {
    "Parameters": {"Image": {"Type": "String"}, "Word": {"Type": "String"}},
    "Resources": {
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/ecs/web"}},
        "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "web-cluster"}},
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {
                "Family": "web-task",
                "ContainerDefinitions": [
                    {
                        "Name": "web",
                        "Image": {"Ref": "Image"},
                        "Memory": 64,
                        "LogConfiguration": {"LogDriver": "awslogs", "Options": LOG},
                    }
                ],
            },
        },
        "Service": {
            "Type": "AWS::ECS::Service",
            "Properties": {
                "Cluster": {"Ref": "Cluster"},
                "ServiceName": "web-service",
                "TaskDefinition": {"Ref": "Task"},
                "DesiredCount": 1,
                "LaunchType": "EC2",
                "DeploymentConfiguration": {"DeploymentCircuitBreaker": {"Enable": True, "Rollback": True}},
            },
        },
        "Beside": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "Word"}}},
    },
}
ROOT = {
    "Parameters": {
        "Prefix": {"Type": "String"},
        "Greeting": {"Type": "String", "Default": "hello"},
        "Image": {"Type": "String", "Default": "app:1"},
        "Password": {"Type": "String", "NoEcho": True, "Default": "correct-horse-battery"},
    },
    "Resources": {
        "Web": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {
                "TemplateURL": "./web.json",
                "Parameters": {"Image": {"Ref": "Image"}, "Word": {"Ref": "Greeting"}},
            },
        }
    },
}
FAILING: dict[str, Any] = {
    "step": "rollout",
    "fail": "Essential container in task exited",
    "exit_code": 1,
    "log": "starting with correct-horse-battery\nError: Cannot find module 'express'",
}


@pytest.fixture
def web(project: Project) -> Iterator[Project]:
    project.template("root", ROOT)
    project.template("web", WEB)
    yield project
    project.stage.ask("DELETE", "faults")


def running(project: Project) -> str:
    """The revision that the service runs."""
    (service,) = project.client("ecs").describe_services(cluster="web-cluster", services=["web-service"])["services"]
    return str(service["deployments"][0]["taskDefinition"].rpartition("/")[2])


def test_a_service_that_rolls_out_is_a_success(web: Project) -> None:
    done = web.deploy()
    assert done.code == 0, done.err
    assert running(web) == "web-task:1"
    done = web.deploy("--parameter", "Image=app:2")
    assert done.code == 0, done.err
    assert running(web) == "web-task:2"


def test_a_rollback_that_cloudformation_did_not_notice_is_a_failure_with_its_reason(web: Project) -> None:
    web.deploy()
    web.fault("Web/Service", **FAILING, silent=True)
    done = web.deploy("--parameter", "Image=app:2")
    assert web.status == "UPDATE_COMPLETE"
    assert running(web) == "web-task:1"
    assert done.code == 5
    assert "Web/Service (AWS::ECS::Service): runs web-task:1, not web-task:2 as the stack says: " in done.err
    assert "3 tasks stopped: Essential container in task exited (web exited with code 1)" in done.err
    assert "  | Error: Cannot find module 'express'" in done.err
    assert "UPDATE_COMPLETE all the same" in done.err
    assert "--cluster web-cluster --service web-service --task-definition web-task:2" in done.err
    assert "correct-horse-battery" not in done.err + done.out
    assert web.run("watch", "--env", "local").code == 5, "whoever looks again sees the same"
    assert web.deploy("--parameter", "Image=app:3").code == 0
    assert web.run("watch", "--env", "local").code == 0


def test_a_first_deployment_that_failed_in_silence_is_a_failure_too(web: Project) -> None:
    web.fault("Web/Service", step="rollout", fail="CannotPullContainerError: app:1 not found", silent=True)
    done = web.deploy()
    assert web.status == "CREATE_COMPLETE"
    assert done.code == 5
    assert "its deployment of web-task:1 failed: ECS deployment circuit breaker: tasks failed to start." in done.err
    assert "3 tasks stopped: CannotPullContainerError: app:1 not found" in done.err


@pytest.mark.parametrize("first", [True, False], ids=["create", "update"])
def test_a_rollout_that_cloudformation_fails_says_why_tasks_stop(web: Project, first: bool) -> None:
    assert first or web.deploy().code == 0
    web.fault("Web/Service", **FAILING)
    web.fault("Web/Service", "delete", delay=3)  # ECS takes its time, too: longer than a look at it may take
    done = web.deploy("--parameter", "Image=app:2")
    assert done.code == 5
    stopped = done.err.partition("Stopped: ")[2]
    assert "'ECS Deployment Circuit Breaker was triggered'" in stopped
    assert "3 tasks stopped: Essential container in task exited (web exited with code 1)" in stopped
    assert "  | Error: Cannot find module 'express'" in stopped
    assert "correct-horse-battery" not in done.err + done.out


def test_while_the_stack_waits_for_a_service_its_messages_are_shown(web: Project) -> None:
    web.deploy()
    web.fault("Web/Service", step="rollout", delay=30)
    done: list[Any] = []
    deploying = threading.Thread(target=lambda: done.append(web.deploy("--parameter", "Image=app:2")))
    deploying.start()
    ecs, end = web.client("ecs"), time.monotonic() + 20
    while not ecs.describe_services(cluster="web-cluster", services=["web-service"])["services"][0]["deployments"][1:]:
        assert time.monotonic() < end
    time.sleep(0.5)
    web.stage.ask("DELETE", "faults")
    deploying.join()
    assert done[0].code == 0, done[0].err
    assert "Web/Service  has started 1 tasks" in done[0].err


def test_a_service_that_the_deploy_does_not_touch_is_not_its_business(web: Project) -> None:
    web.deploy()
    web.client("ecs").register_task_definition(
        family="web-task", containerDefinitions=[{"name": "web", "image": "app:by-hand", "memory": 64}]
    )
    web.client("ecs").update_service(cluster="web-cluster", service="web-service", taskDefinition="web-task:2")
    done = web.deploy("--parameter", "Greeting=servus")
    assert done.code == 0, done.err
    assert running(web) == "web-task:2"


def test_a_rollout_that_does_not_end_is_unknown_with_what_is_seen_of_it(
    web: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollout, "LONGEST_ROLLOUT", 1)
    service: dict[str, Any] = WEB["Resources"]["Service"]  # type: ignore[assignment]
    lax = {**service, "Properties": {**service["Properties"], "DeploymentConfiguration": {"MaximumPercent": 200}}}
    web.template("web", {**WEB, "Resources": {**WEB["Resources"], "Service": lax}})
    web.fault("Web/Service", **FAILING, silent=True)
    done = web.deploy()
    assert done.code == 7
    assert "ECS still rolls out Web/Service" in done.err
    assert "3 tasks stopped: Essential container in task exited" in done.err
    assert "oaktree watch" in done.err
