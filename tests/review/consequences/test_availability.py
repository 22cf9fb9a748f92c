"""Interruptions and lost capacity."""

from __future__ import annotations

from typing import Any

import pytest

from tests.review.ours import create, update

from .find import alone, modify, remove, said

SERVICE, TASK, TARGETS = "AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::ElasticLoadBalancingV2::TargetGroup"


def test_fewer_tasks_of_our_service_are_asked_about() -> None:
    one, three = {"ImageTag": "v1", "DesiredCount": "1"}, {"ImageTag": "v1", "DesiredCount": "3"}
    assert said(update(three, one), "availability") == [("ask", "Service runs fewer tasks (DesiredCount 3, becomes 1)")]
    assert said(update(one, three), "availability") == []


def test_shipping_an_image_is_a_note() -> None:
    found = said(update({"ImageTag": "v1"}, {"ImageTag": "v2"}), "availability")
    assert found == [("note", "Service replaces its tasks one after the other")]


def test_a_first_create_interrupts_nobody() -> None:
    assert said(create(), "availability") == []


def deployment(**settings: Any) -> dict[str, Any]:
    return {"DeploymentConfiguration": settings}


BREAKER = {"DeploymentCircuitBreaker": {"Enable": "true", "Rollback": "true"}}


@pytest.mark.parametrize(
    ("type_", "before", "after", "severity", "words"),
    [
        (SERVICE, {"DesiredCount": 2}, {"DesiredCount": "0"}, "ask", "no task is left running"),
        (SERVICE, deployment(MinimumHealthyPercent=50), deployment(MinimumHealthyPercent=0), "ask", "every task"),
        (SERVICE, deployment(MinimumHealthyPercent=100), deployment(MinimumHealthyPercent=50), "note", "fewer tasks"),
        (SERVICE, deployment(**BREAKER), deployment(), "ask", "no longer stops a deployment that fails"),
        (SERVICE, {}, {"CapacityProviderStrategy": [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]}, "ask", "Spot"),
        (TASK, {"Memory": "1024"}, {"Memory": "512"}, "ask", "less memory"),
        (TASK, {"Cpu": "512"}, {"Cpu": "256"}, "note", "less CPU"),
        (TARGETS, {"UnhealthyThresholdCount": 3}, {"UnhealthyThresholdCount": 2}, "note", "gives targets up sooner"),
        (TARGETS, {"HealthCheckPath": "/"}, {"HealthCheckPath": "/health"}, "note", "asks another path"),
        ("AWS::RDS::DBInstance", {"MultiAZ": "true"}, {"MultiAZ": "false"}, "ask", "stand-by"),
        ("AWS::DynamoDB::Table", {"ProvisionedThroughput": {"ReadCapacityUnits": 5}}, {"ProvisionedThroughput": {"ReadCapacityUnits": 1}}, "ask", "throttled"),
        ("AWS::ApplicationAutoScaling::ScalableTarget", {"MaxCapacity": 9}, {"MaxCapacity": 3}, "ask", "less far"),
        ("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Subnets": ["a", "b"]}, {"Subnets": ["a"]}, "ask", "1 subnets"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_gets_less(type_: str, before: Any, after: Any, severity: str, words: str) -> None:
    found = said(alone(modify(type_, before, after)), "availability")
    assert found[0][0] == severity
    assert words in found[0][1]
    assert not any(words in text for _, text in said(alone(modify(type_, after, after)), "availability"))


@pytest.mark.parametrize("type_", [SERVICE, TARGETS, "AWS::EC2::NatGateway", "AWS::EC2::Subnet"])
def test_what_carries_requests_and_is_made_anew_or_goes(type_: str) -> None:
    assert said(alone(modify(type_, {}, {}, replacement="True")), "availability")[0][0] == "ask"
    assert said(alone(modify(type_, {}, {}, replacement="Conditional")), "availability")[0][1].startswith(
        "Thing may be"
    )
    assert said(alone(remove(type_, {})), "availability")[0][0] == "ask"
