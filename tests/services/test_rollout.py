"""Rollouts: how a new version takes over, and what takes it back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from troposphere import Ref, Split

from oaktree_cfn.services.hook import Hook
from oaktree_cfn.services.rollout import BlueGreen, Canary, EarlySuccess, Linear, Rolling, Shift, zero_surge
from oaktree_cfn.services.scaling import Scaling
from oaktree_cfn.services.when import When
from tests.services.rendering import at, complaints, names_of, properties, web, worker

PAUSE = Hook(stages=("POST_TEST_TRAFFIC_SHIFT",))
WATCHED = {"AlarmNames": ["errors"], "Enable": True, "Rollback": True}


def configuration(rollout: Any) -> dict[str, Any]:
    found: dict[str, Any] = properties(web(rollout=rollout, desired_count=4), "Service")["DeploymentConfiguration"]
    return found


SAID: list[tuple[type, str, Any, str, Any]] = [
    (Rolling, "maximum_percent", 150, "MaximumPercent", 150),
    (Rolling, "minimum_healthy_percent", 0, "MinimumHealthyPercent", 0),
    (Rolling, "failure_threshold", 10, "DeploymentCircuitBreaker.ThresholdConfiguration", {"Type": "COUNT", "Value": 10}),
    (Rolling, "bake_time", 10, "BakeTimeInMinutes", 10),
    (Rolling, "early_success", EarlySuccess(healthy_percent=80), "EarlySuccessCriteria",
     {"Enable": True, "HealthyPercent": 80, "SourceServiceRevisionCleanup": "BLOCKING"}),
    (Rolling, "early_success", EarlySuccess(healthy_percent=80, cleanup="DEFERRED"), "EarlySuccessCriteria.SourceServiceRevisionCleanup", "DEFERRED"),
    (Canary, "canary_percent", 0.1, "CanaryConfiguration.CanaryPercent", 0.1),
    (Canary, "canary_bake_time", 0, "CanaryConfiguration.CanaryBakeTimeInMinutes", 0),
    (Linear, "step_percent", 33.3, "LinearConfiguration.StepPercent", 33.3),
    (Linear, "step_bake_time", 1440, "LinearConfiguration.StepBakeTimeInMinutes", 1440),
    *((kind, "bake_time", 0, "BakeTimeInMinutes", 0) for kind in (BlueGreen, Canary, Linear)),
    *((kind, "hooks", (PAUSE,), "LifecycleHooks.0.TargetType", "PAUSE") for kind in (BlueGreen, Canary, Linear)),
    *((kind, "alarms", ("errors",), "Alarms", WATCHED) for kind in (Rolling, BlueGreen, Canary, Linear)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "field", "value", "path", "expected"), SAID)
def test_each_choice_is_one_thing_in_the_configuration(
    kind: type, field: str, value: Any, path: str, expected: Any
) -> None:
    assert at(configuration(kind()), path) != expected
    assert at(configuration(kind(**{field: value})), path) == expected


@pytest.mark.parametrize("kind", [Rolling, BlueGreen, Canary, Linear])
def test_nothing_that_can_be_said_is_without_a_test(kind: type) -> None:
    assert {field for cls, field, *_ in SAID if cls is kind} == names_of(kind)


def test_a_rolling_rollout_goes_back_by_itself() -> None:
    assert configuration(Rolling()) == {
        "MaximumPercent": 200,
        "MinimumHealthyPercent": 50,
        "DeploymentCircuitBreaker": {
            "Enable": True,
            "Rollback": True,
            "ThresholdConfiguration": {"Type": "COUNT", "Value": 3},
        },
    }


@pytest.mark.parametrize(("kind", "strategy"), [(BlueGreen, "BLUE_GREEN"), (Canary, "CANARY"), (Linear, "LINEAR")])
def test_a_shift_of_traffic_has_no_circuit_breaker_because_ecs_takes_none(kind: type[Shift], strategy: str) -> None:
    given = configuration(kind())
    assert given["Strategy"] == strategy
    assert "DeploymentCircuitBreaker" not in given
    assert (given["MaximumPercent"], given["MinimumHealthyPercent"]) == (200, 100)
    assert given["BakeTimeInMinutes"] == 5


def test_alarms_may_come_from_elsewhere_under_a_condition() -> None:
    names = When("HasAlarms", Split(",", Ref("Names")))
    assert configuration(Rolling(alarms=names))["Alarms"] == {
        "Fn::If": [
            "HasAlarms",
            {"AlarmNames": {"Fn::Split": [",", {"Ref": "Names"}]}, "Enable": True, "Rollback": True},
            {"Ref": "AWS::NoValue"},
        ]
    }
    assert configuration(Rolling(alarms=Ref("Names")))["Alarms"]["AlarmNames"] == {"Ref": "Names"}


@pytest.mark.parametrize(
    ("rollout", "told"),
    [
        (Rolling(maximum_percent=100, minimum_healthy_percent=100),
         "minimum_healthy_percent: at most 100 and at least 100 percent leave no room. Lower it, or raise maximum_percent"),
        (Rolling(early_success=EarlySuccess(healthy_percent=20)),
         "early_success.healthy_percent: 20 is less than minimum_healthy_percent, 50. Make it at least that"),
        (Rolling(maximum_percent=201), "maximum_percent: 201 is not a whole number from 100 to 200"),
        (Canary(canary_percent=0.05), "canary_percent: 0.05 is not a number from 0.1 to 100 with at most 1 decimal"),
        (Linear(step_percent=2), "step_percent: 2 is not a number from 3 to 100 with at most 1 decimal"),
        (BlueGreen(bake_time=1441), "bake_time: 1441 is not a whole number from 0 to 1440"),
        (BlueGreen(hooks=Ref("Hooks")), "hooks: it must be known here: no reference, and nothing under a condition"),
    ],
)  # fmt: skip
def test_what_ecs_refuses_is_refused_in_words(rollout: Any, told: str) -> None:
    assert complaints(rollout) == [f"{type(rollout).__name__}.{told}"]


# Room to exchange tasks


def room(tasks: int, most: int, least: int) -> bool:
    """Whether there is a number of tasks other than the desired one that ECS may go to."""
    allowed = range(-(-tasks * least // 100), tasks * most // 100 + 1)
    return any(count != tasks for count in allowed)


@given(tasks=st.integers(1, 50), most=st.integers(100, 200), least=st.integers(0, 100))
def test_a_rollout_that_could_never_exchange_a_task_is_refused(tasks: int, most: int, least: int) -> None:
    rolling = Rolling(maximum_percent=most, minimum_healthy_percent=least)
    assert (list(rolling.stuck(tasks)) == []) == room(tasks, most, least)


def test_a_service_is_told_how_many_tasks_are_too_few() -> None:
    rolling = Rolling(maximum_percent=150, minimum_healthy_percent=100)
    assert complaints(web(desired_count=2, rollout=rolling)) == []
    assert complaints(web(rollout=rolling)) == [
        "WebService.rollout: at most 150 and at least 100 percent of 1 leave no room to exchange a task. "
        "Raise maximum_percent, or lower minimum_healthy_percent"
    ]
    assert len(complaints(web(scaling=Scaling(max_capacity=4), rollout=rolling))) == 1
    assert complaints(web(scaling=Scaling(min_capacity=2, max_capacity=4), rollout=rolling)) == []
    assert complaints(web(desired_count=0, rollout=rolling)) == []
    assert complaints(web(desired_count=Ref("Count"), rollout=rolling)) == []


def test_of_a_singleton_there_are_never_two() -> None:
    assert complaints(web(rollout=zero_surge())) == [
        "WebService.availability_zone_rebalancing: it needs room for one more task than desired, more than 100 "
        "maximum_percent. Make availability_zone_rebalancing DISABLED"
    ]
    alone = worker(rollout=zero_surge(alarms=("errors",)), availability_zone_rebalancing="DISABLED")
    given = properties(alone, "Service")
    assert (given["DeploymentConfiguration"]["MaximumPercent"], given["AvailabilityZoneRebalancing"]) == (
        100,
        "DISABLED",
    )
    assert given["DeploymentConfiguration"]["Alarms"] == WATCHED
