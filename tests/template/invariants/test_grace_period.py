"""Tasks behind a load balancer have time to start."""

from __future__ import annotations

import pytest

from .ground import found

SERVICE = (
    "Service: {{Type: AWS::ECS::Service, Properties: {{TaskDefinition: task, LoadBalancers: {balancers}{grace}}}}}"
)
BALANCERS = "[{ContainerName: app, ContainerPort: 80, TargetGroupArn: !ImportValue Group}]"


def service(grace: str, balancers: str = BALANCERS) -> list[str]:
    return found("grace-period", SERVICE.format(balancers=balancers, grace=grace))


@pytest.mark.parametrize("grace", ["", ", HealthCheckGracePeriodSeconds: 0", ", HealthCheckGracePeriodSeconds: '0'"])
def test_none_or_zero_is_found(grace: str) -> None:
    said = "Service.HealthCheckGracePeriodSeconds is 0, and a load balancer checks the tasks from their first second"
    assert service(grace) == [said]


@pytest.mark.parametrize("grace", ["1", "60", "!ImportValue Seconds"])
def test_any_time_is_time_and_an_unknown_one_may_be(grace: str) -> None:
    assert service(f", HealthCheckGracePeriodSeconds: {grace}") == []


@pytest.mark.parametrize("balancers", ["[]", "!Ref AWS::NoValue", "!ImportValue Balancers"])
def test_without_a_load_balancer_there_is_nothing_to_wait_for(balancers: str) -> None:
    assert service("", balancers) == []
