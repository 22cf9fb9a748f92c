"""A rollout in production that goes wrong stops and goes back."""

from __future__ import annotations

import pytest

from .ground import found

SERVICE = """
Service:
  Type: AWS::ECS::Service
  Properties:
    TaskDefinition: task
    DeploymentConfiguration: {rollout}
"""
BREAKER = "{Enable: true, Rollback: true, ThresholdConfiguration: {Type: COUNT, Value: 3}}"
ALARMS = "{Enable: true, Rollback: true, AlarmNames: [errors]}"
AT = "Service.DeploymentConfiguration."


def rollout(text: str, *, production: bool = True) -> list[str]:
    return found("breaker", SERVICE.format(rollout=text), production=production)


@pytest.mark.parametrize("strategy", ["", ", Strategy: ROLLING"])
def test_a_breaker_with_a_threshold_and_alarms_is_what_it_takes(strategy: str) -> None:
    assert rollout(f"{{DeploymentCircuitBreaker: {BREAKER}, Alarms: {ALARMS}{strategy}}}") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", ["Alarms are not on and rolling back", "DeploymentCircuitBreaker is not on and rolling back"]),
        (f"{{DeploymentCircuitBreaker: {{Enable: true, Rollback: true}}, Alarms: {ALARMS}}}", ["DeploymentCircuitBreaker has no ThresholdConfiguration"]),
        (f"{{DeploymentCircuitBreaker: {{Enable: true, Rollback: false}}, Alarms: {ALARMS}}}", ["DeploymentCircuitBreaker is not on and rolling back"]),
        (f"{{DeploymentCircuitBreaker: {BREAKER}}}", ["Alarms are not on and rolling back"]),
        (f"{{DeploymentCircuitBreaker: {BREAKER}, Alarms: {{Enable: true, Rollback: true, AlarmNames: []}}}}", ["Alarms name no alarm"]),
        ("{Strategy: BLUE_GREEN}", ["Alarms are not on and rolling back"]),
    ],
)  # fmt: skip
def test_what_is_missing_is_found(text: str, said: list[str]) -> None:
    assert rollout(text) == [AT + each for each in said]


def test_outside_production_a_rollout_may_go_as_it_likes() -> None:
    assert rollout("{}", production=False) == []


@pytest.mark.parametrize(
    "text", ["!ImportValue Rollout", "{DeploymentCircuitBreaker: !ImportValue A, Alarms: !ImportValue B}"]
)
def test_what_is_not_known_is_not_missing(text: str) -> None:
    assert rollout(text) == []


def test_other_controllers_have_their_own_ways() -> None:
    text = "Service: {Type: AWS::ECS::Service, Properties: {DeploymentController: {Type: CODE_DEPLOY}}}"
    assert found("breaker", text, production=True) == []
