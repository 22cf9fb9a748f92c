"""ECS through a stubbed client: botocore checks every request and answer against its own model."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from oaktree_cfn.aws import Aws
from oaktree_cfn.aws.ecs import Container, Ecs, Service, cluster_of
from oaktree_cfn.errors import AwsError

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ARN = "arn:aws:ecs:eu-west-1:123456789012:service/web-cluster/web"
SERVICE = Service(ARN, "web", "arn:aws:ecs:eu-west-1:123456789012:cluster/web-cluster")
TASK = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2"


@pytest.fixture
def aws() -> Aws:
    return Aws("eu-west-1", "http://127.0.0.1:9")


@pytest.fixture
def stub(aws: Aws) -> Iterator[Stubber]:
    with Stubber(aws.connection.client("ecs")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def ecs(aws: Aws) -> Ecs:
    return aws.ecs


def described(**more: Any) -> dict[str, Any]:
    plain = {"serviceArn": ARN, "serviceName": "web", "clusterArn": SERVICE.cluster, "status": "ACTIVE"}
    return {"services": [{**plain, **more}], "failures": []}


def task(id: str, second: int, **more: Any) -> dict[str, Any]:
    arn = f"arn:aws:ecs:eu-west-1:123456789012:task/web-cluster/{id}"
    plain = {"taskArn": arn, "taskDefinitionArn": TASK, "lastStatus": "STOPPED", "stoppedReason": "why"}
    return {**plain, "stoppedAt": NOW + timedelta(seconds=second), **more}


def test_a_service_is_asked_for_in_the_cluster_its_arn_names(ecs: Ecs, stub: Stubber) -> None:
    deployments = [
        {"id": "1", "status": "ACTIVE", "taskDefinition": "web:1", "rolloutState": "COMPLETED"},
        {"id": "2", "status": "PRIMARY", "taskDefinition": TASK, "rolloutState": "FAILED", "rolloutStateReason": "no"},
    ]
    event = {"id": "e", "createdAt": NOW, "message": "(service web) has reached a steady state."}
    groups = [{"targetGroupArn": "arn:tg", "containerName": "web", "containerPort": 80}, {"loadBalancerName": "old"}]
    answer = described(deployments=deployments, events=[event], loadBalancers=groups)
    stub.add_response("describe_services", answer, {"cluster": "web-cluster", "services": [ARN]})
    found = ecs.service(ARN)
    assert found is not None
    assert found.primary is not None
    assert (found.primary.task_definition, found.primary.rollout, found.primary.reason) == (TASK, "FAILED", "no")
    assert [each.message for each in found.events] == ["has reached a steady state."]
    assert found.target_groups == ("arn:tg",)


def test_a_service_without_deployments_has_no_primary_one(ecs: Ecs, stub: Stubber) -> None:
    stub.add_response("describe_services", described(deploymentController={"type": "CODE_DEPLOY"}))
    found = ecs.service(ARN)
    assert found is not None
    assert found.primary is None


def test_an_arn_of_old_needs_to_be_told_its_cluster(ecs: Ecs, stub: Stubber) -> None:
    old = "arn:aws:ecs:eu-west-1:123456789012:service/web"
    assert (cluster_of(old), cluster_of(ARN)) == ("default", "web-cluster")
    stub.add_response("describe_services", described(), {"cluster": "mine", "services": [old]})
    assert ecs.service(old, "mine") is not None


def test_what_ecs_does_not_know_is_none(ecs: Ecs, stub: Stubber) -> None:
    stub.add_response("describe_services", {"services": [], "failures": [{"arn": ARN, "reason": "MISSING"}]})
    assert ecs.service(ARN) is None
    stub.add_client_error("describe_services", "ClusterNotFoundException", "Cluster not found.")
    assert ecs.service(ARN) is None


def test_an_error_is_no_absence(ecs: Ecs, stub: Stubber) -> None:
    stub.add_client_error("describe_services", "AccessDeniedException", "no")
    with pytest.raises(AwsError, match="AccessDenied"):
        ecs.service(ARN)


def test_stopped_tasks_come_latest_first_with_what_their_containers_did(ecs: Ecs, stub: Stubber) -> None:
    asked = {"cluster": SERVICE.cluster, "serviceName": "web", "desiredStatus": "STOPPED"}
    stub.add_response("list_tasks", {"taskArns": ["a", "b", "c"]}, asked)
    containers = [{"name": "web", "exitCode": 137, "reason": "OutOfMemoryError"}, {"name": "side"}]
    tasks = [task("a", 1), task("b", 2, containers=containers), task("c", 3, lastStatus="DEPROVISIONING")]
    stub.add_response("describe_tasks", {"tasks": tasks}, {"cluster": SERVICE.cluster, "tasks": ["a", "b", "c"]})
    late, early = ecs.stopped_tasks(SERVICE)
    assert (late.id, early.id) == ("b", "a")
    assert late.containers == (Container("web", 137, "OutOfMemoryError"), Container("side"))


def test_where_nothing_stopped_nothing_is_described(ecs: Ecs, stub: Stubber) -> None:
    stub.add_response("list_tasks", {"taskArns": []})
    assert ecs.stopped_tasks(SERVICE) == ()


def test_log_options_are_those_of_the_awslogs_driver(ecs: Ecs, stub: Stubber) -> None:
    containers = [
        {"name": "web", "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/web"}}},
        {"name": "fire", "logConfiguration": {"logDriver": "awsfirelens", "options": {"Name": "x"}}},
        {"name": "mute"},
    ]
    answer = {"taskDefinition": {"containerDefinitions": containers}}
    stub.add_response("describe_task_definition", answer, {"taskDefinition": TASK})
    assert ecs.log_options(TASK) == {"web": {"awslogs-group": "/ecs/web"}}
