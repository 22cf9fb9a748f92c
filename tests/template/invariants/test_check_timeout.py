"""Health checks do not overtake each other."""

from __future__ import annotations

import pytest

from .ground import found

GROUP = "Group: {{Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {{Port: 80, {check}}}}}"
TASK = "Task: {{Type: AWS::ECS::TaskDefinition, Properties: {{ContainerDefinitions: [{{Name: app, HealthCheck: {check}}}]}}}}"
HTTP = "Protocol: HTTP, "


def group(check: str) -> list[str]:
    return found("check-timeout", GROUP.format(check=check))


def test_a_timeout_as_long_as_the_interval_is_found() -> None:
    said = "Group.HealthCheckTimeoutSeconds is 10 s, and the next check comes after 10 s"
    assert group("HealthCheckTimeoutSeconds: 10, HealthCheckIntervalSeconds: '10'") == [said]
    assert group("HealthCheckTimeoutSeconds: 9, HealthCheckIntervalSeconds: '10'") == []


def test_defaults_count_where_nothing_is_said() -> None:
    assert group(f"{HTTP}HealthCheckIntervalSeconds: 5") == [
        "Group.HealthCheckTimeoutSeconds is 5 s, and the next check comes after 5 s"
    ]
    assert group("HealthCheckTimeoutSeconds: 30") == [
        "Group.HealthCheckTimeoutSeconds is 30 s, and the next check comes after 30 s"
    ]
    assert group(HTTP) == []


@pytest.mark.parametrize("value", ["!ImportValue Seconds", "soon", "[]", "{}"])
def test_what_is_no_known_number_is_not_judged(value: str) -> None:
    assert group(f"HealthCheckTimeoutSeconds: {value}, HealthCheckIntervalSeconds: 5") == []


def test_containers_check_themselves_by_the_same_rule() -> None:
    said = "Task.ContainerDefinitions.0.HealthCheck.Timeout is 30 s, and the next check comes after 30 s"
    assert found("check-timeout", TASK.format(check="{Command: [CMD, x], Timeout: 30}")) == [said]
    assert found("check-timeout", TASK.format(check="{Command: [CMD, x], Timeout: 5, Interval: 10}")) == []
