"""Workers: a queue, its dead letters, and as many tasks as the backlog asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services.metrics import Metric
from oaktree_cfn.services.queue import Queue
from oaktree_cfn.services.rollout import BlueGreen
from oaktree_cfn.services.scaling import Scaling
from oaktree_cfn.services.service import Service
from oaktree_cfn.services.target_tracking import TargetTracking
from oaktree_cfn.services.when import When
from oaktree_cfn.services.worker import Worker
from tests.services.rendering import GROUND, complaints, container, made, names_of, properties, statements, worker

QUEUED: list[tuple[str, Any, str]] = [
    ("visibility_timeout", 300, "VisibilityTimeout"),
    ("message_retention_period", 60, "MessageRetentionPeriod"),
]


@pytest.mark.parametrize(("field", "value", "name"), QUEUED)
def test_each_choice_is_one_thing_in_the_queue(field: str, value: Any, name: str) -> None:
    assert properties(worker(), "Queue")[name] != value
    assert properties(worker(queue=Queue(**{field: value})), "Queue")[name] == value


def test_a_message_that_nobody_can_handle_lands_with_the_dead_letters() -> None:
    redrive = {"deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}, "maxReceiveCount": 5}
    assert properties(worker(), "Queue")["RedrivePolicy"] == redrive
    given = properties(worker(queue=Queue(max_receive_count=1)), "Queue")["RedrivePolicy"]
    assert given["maxReceiveCount"] == 1
    assert {field for field, *_ in QUEUED} | {"max_receive_count"} == names_of(Queue)


def test_both_queues_are_encrypted_and_dead_letters_wait_as_long_as_they_can() -> None:
    found = made(worker())
    for title, name in (("Queue", "oaktree-api-queue"), ("DeadLetterQueue", "oaktree-api-dead-letters")):
        assert found[title]["Properties"]["SqsManagedSseEnabled"] is True
        assert found[title]["Properties"]["QueueName"] == name
    assert found["DeadLetterQueue"]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert found["Queue"]["Properties"]["ReceiveMessageWaitTimeSeconds"] == 20


@pytest.mark.parametrize(
    ("field", "value"), [("visibility_timeout", 43201), ("message_retention_period", 59), ("max_receive_count", 0)]
)
def test_what_sqs_refuses_is_refused(field: str, value: Any) -> None:
    (told,) = complaints(worker(queue=Queue(**{field: value})))
    assert told.startswith(f"Worker.queue.{field}: {value} is not a whole number")


def test_it_is_told_its_queue_and_may_take_messages_from_it() -> None:
    assert {"Name": "QUEUE_URL", "Value": {"Ref": "Queue"}} in container(worker())["Environment"]
    consume = statements(worker(), "TaskPolicy")["ConsumeQueue"]
    assert consume["Resource"] == [{"Fn::GetAtt": ["Queue", "Arn"]}]
    assert {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"} <= set(consume["Action"])
    assert "sqs:SendMessage" not in consume["Action"]


def test_nobody_comes_in() -> None:
    found = made(worker())
    assert "SecurityGroupIngress" not in found["SecurityGroup"]["Properties"]
    assert "LoadBalancers" not in found["Service"]["Properties"]
    assert "PortMappings" not in container(worker())


def test_its_own_group_is_made_in_the_grounds_vpc() -> None:
    assert properties(worker(), "SecurityGroup")["VpcId"] == "vpc-1"
    with pytest.raises(InvalidInput, match=r"Ground\.vpc: a security group of its own is made in a VPC"):
        made(worker(), replace(GROUND, vpc=None))
    assert "SecurityGroup" not in made(worker(), replace(GROUND, vpc=None, security_group="sg-1"))


def test_it_needs_no_load_balancer() -> None:
    assert made(worker(), replace(GROUND, balancer=None)) == made(worker())


# Scaling


def backlog(**said: Any) -> dict[str, Any]:
    found = made(worker(scaling=Scaling(max_capacity=9), **said))
    return dict(found["ScaleOnBacklog"]["Properties"]["TargetTrackingScalingPolicyConfiguration"])


def test_a_scaling_worker_keeps_so_many_messages_waiting_per_task() -> None:
    assert backlog()["TargetValue"] == 100
    assert backlog(backlog_per_task=7)["TargetValue"] == 7
    visible, running, whole = backlog()["CustomizedMetricSpecification"]["Metrics"]
    assert visible["MetricStat"]["Metric"] == {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": ["Queue", "QueueName"]}}],
    }
    assert running["MetricStat"]["Metric"] == {
        "Namespace": "ECS/ContainerInsights",
        "MetricName": "RunningTaskCount",
        "Dimensions": [
            {"Name": "ClusterName", "Value": "oaktree-cluster"},
            {"Name": "ServiceName", "Value": {"Fn::GetAtt": ["Service", "Name"]}},
        ],
    }
    assert whole["Expression"] == "visible / IF(FILL(running, 0) > 0, running, 1)"
    assert (visible["ReturnData"], running["ReturnData"], whole["ReturnData"]) == (False, False, True)


def test_cpu_is_not_measured_besides_unless_it_is_asked_for() -> None:
    assert "ScaleOnCpu" not in made(worker(scaling=Scaling(max_capacity=9)))
    assert "ScaleOnCpu" in made(worker(scaling=Scaling(max_capacity=9, cpu=70)))


def test_scaling_under_a_condition_takes_the_backlog_along() -> None:
    found = made(worker(scaling=When("Scales", Scaling(max_capacity=9))))
    assert found["ScaleOnBacklog"]["Condition"] == "Scales"


def test_a_worker_that_does_not_scale_has_no_policy() -> None:
    assert not [each for each in made(worker()).values() if "AutoScaling" in each["Type"]]


def test_nothing_that_can_be_said_is_without_a_test() -> None:
    assert names_of(Worker) - names_of(Service) == {"queue", "backlog_per_task"}


NAMED = TargetTracking(name="backlog", metric=Metric(namespace="A", name="B"), target=1)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"scaling": Scaling(max_capacity=2, requests=5)}, "scaling.requests: a worker gets no requests. Leave it out: the backlog is measured"),
        ({"scaling": Scaling(max_capacity=2, target_tracking=(NAMED,))}, "scaling.target_tracking.0.name: the backlog has this name. Take another"),
        ({"rollout": BlueGreen()}, "rollout: it is not a Rolling"),
        ({"backlog_per_task": 0}, "backlog_per_task: 0 is not a whole number from 1 to 1000000000"),
    ],
)  # fmt: skip
def test_what_no_worker_has_is_refused_in_words(said: dict[str, Any], told: str) -> None:
    assert complaints(worker(**said)) == [f"Worker.{told}"]
