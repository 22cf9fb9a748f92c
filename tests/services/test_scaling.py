"""Scaling: the bounds, what is measured, and what happens by the clock."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from troposphere import Ref

from oaktree_cfn.services.metrics import Metric
from oaktree_cfn.services.rollout import BlueGreen, Canary, Linear
from oaktree_cfn.services.scaling import Scaling, ScheduledAction
from oaktree_cfn.services.step_scaling import Step, StepScaling
from oaktree_cfn.services.target_tracking import TargetTracking
from oaktree_cfn.services.when import When
from tests.services.rendering import GROUND, at, complaints, made, names_of, properties, web, worker

METRIC = Metric(namespace="App", name="Waiting")
TRACKED = TargetTracking(name="Waiting", metric=METRIC, target=10)
STEPS = StepScaling(name="Burst", metric=METRIC, threshold=100, steps=(Step(beyond=0, adjustment=2),))
MORNING = ScheduledAction(name="Morning", schedule="cron(0 8 ? * MON-FRI *)", min_capacity=3)


def scaled(**said: Any) -> dict[str, Any]:
    return made(web(scaling=Scaling(**{"max_capacity": 4, **said})))


TARGET = "ScalableTarget.Properties"
CPU = "ScaleOnCpu.Properties.TargetTrackingScalingPolicyConfiguration"
SAID: list[tuple[str, Any, str, Any]] = [
    ("min_capacity", 2, f"{TARGET}.MinCapacity", 2),
    ("max_capacity", 9, f"{TARGET}.MaxCapacity", 9),
    ("cpu", 70, f"{CPU}.TargetValue", 70),
    ("memory", 80, "ScaleOnMemory.Properties.TargetTrackingScalingPolicyConfiguration.TargetValue", 80),
    ("requests", 1000, "ScaleOnRequests.Properties.TargetTrackingScalingPolicyConfiguration.TargetValue", 1000),
    ("target_tracking", (TRACKED,), "ScaleOnWaiting.Properties.PolicyName", "oaktree-api-waiting"),
    ("step_scaling", (STEPS,), "StepOnBurst.Properties.PolicyName", "oaktree-api-burst"),
    ("scheduled_actions", (MORNING,), f"{TARGET}.ScheduledActions", [
        {"ScheduledActionName": "Morning", "Schedule": "cron(0 8 ? * MON-FRI *)", "Timezone": "UTC", "ScalableTargetAction": {"MinCapacity": 3}}]),
    ("scale_in_cooldown", 0, f"{CPU}.ScaleInCooldown", 0),
    ("scale_out_cooldown", 0, f"{CPU}.ScaleOutCooldown", 0),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "path", "expected"), SAID)
def test_each_choice_is_one_thing_in_the_template(field: str, value: Any, path: str, expected: Any) -> None:
    assert at(scaled(), path) != expected
    assert at(scaled(**{field: value}), path) == expected


def test_nothing_that_can_be_said_is_without_a_test() -> None:
    assert {field for field, *_ in SAID} == names_of(Scaling)


def test_a_service_scales_by_cpu_near_sixty_percent_unless_told_otherwise() -> None:
    assert at(scaled(), CPU) == {
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        "TargetValue": 60,
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 60,
    }
    for said in ({"memory": 70}, {"target_tracking": (TRACKED,)}, {"step_scaling": (STEPS,)}, {"requests": 5}):
        assert "ScaleOnCpu" not in scaled(**said)
    assert "ScaleOnCpu" in scaled(scheduled_actions=(MORNING,))


def test_it_is_the_services_number_of_tasks_that_scales() -> None:
    assert at(scaled(), TARGET) == {
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": {
            "Fn::Sub": [
                "service/${Cluster}/${Service}",
                {"Cluster": "oaktree-cluster", "Service": {"Fn::GetAtt": ["Service", "Name"]}},
            ]
        },
        "MinCapacity": 1,
        "MaxCapacity": 4,
    }
    assert at(scaled(), "ScaleOnCpu.Properties.ScalingTargetId") == {"Ref": "ScalableTarget"}


def test_while_it_scales_the_template_says_no_number_of_tasks() -> None:
    assert "DesiredCount" not in properties(web(scaling=Scaling(max_capacity=4)), "Service")
    assert properties(web(), "Service")["DesiredCount"] == 1
    assert properties(web(desired_count=3), "Service")["DesiredCount"] == 3


def test_scaling_may_stand_under_a_condition() -> None:
    found = made(web(desired_count=2, scaling=When("Scales", Scaling(max_capacity=4, step_scaling=(STEPS,)))))
    assert found["Service"]["Properties"]["DesiredCount"] == {"Fn::If": ["Scales", {"Ref": "AWS::NoValue"}, 2]}
    for title in ("ScalableTarget", "StepOnBurst", "StepAlarmBurst"):
        assert found[title]["Condition"] == "Scales"


def test_requests_are_those_of_the_services_own_target_group() -> None:
    label = at(scaled(requests=5), "ScaleOnRequests.Properties.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.ResourceLabel")  # fmt: skip
    assert label["Fn::Sub"] == [
        "${LoadBalancer}/${TargetGroup}",
        {"LoadBalancer": "app/balancer/1", "TargetGroup": {"Fn::GetAtt": ["TargetGroup", "TargetGroupFullName"]}},
    ]


def test_or_of_the_load_balancers_default_one() -> None:
    found = made(web(route=None, scaling=Scaling(max_capacity=4, requests=5)))
    metric = found["ScaleOnRequests"]["Properties"]["TargetTrackingScalingPolicyConfiguration"]
    label = metric["PredefinedMetricSpecification"]["ResourceLabel"]["Fn::Sub"]
    assert label[1] == {"LoadBalancer": "app/balancer/1", "TargetGroup": "targetgroup/default/2"}


@pytest.mark.parametrize("rollout", [BlueGreen(), Canary(), Linear()], ids=lambda value: type(value).__name__)
def test_requests_are_not_measured_where_they_move_to_another_target_group(rollout: Any) -> None:
    assert complaints(web(rollout=rollout, scaling=Scaling(max_capacity=4, requests=5))) == [
        "WebService.scaling.requests: they are measured at one target group, and the rollout moves them to the other. "
        "Scale by cpu or memory, or roll out by Rolling"
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"max_capacity": 0}, "max_capacity: 0 is not a whole number from 1 to 5000"),
        ({"cpu": 101}, "cpu: 101 is not a number from 1 to 100"),
        ({"min_capacity": 5}, "min_capacity: 5 is more than max_capacity, 4. Make it at most that"),
        ({"min_capacity": 0}, "min_capacity: without a task there is no CPU, memory or request to measure. Take at least 1"),
        ({"target_tracking": (TRACKED, TRACKED)}, "target_tracking: two have the same name. Give each a name of its own"),
        ({"target_tracking": (TRACKED,), "step_scaling": (StepScaling(name="WAITING", metric=METRIC, threshold=1, steps=STEPS.steps),)},
         "target_tracking: two have the same name. Give each a name of its own"),
        ({"cpu": 50, "target_tracking": (TargetTracking(name="CPU", metric=METRIC, target=1),)},
         "target_tracking: two have the same name. Give each a name of its own"),
        ({"scheduled_actions": (MORNING, MORNING)}, "scheduled_actions: two have the same name. Give each a name of its own"),
        ({"scheduled_actions": (ScheduledAction(name="A", schedule="rate(1 day)", min_capacity=5),)},
         "scheduled_actions.0.min_capacity: 5 is more than max_capacity, 4. Make it at most that"),
        ({"min_capacity": 2, "scheduled_actions": (ScheduledAction(name="A", schedule="rate(1 day)", max_capacity=1),)},
         "scheduled_actions.0.min_capacity: 2 is more than max_capacity, 1. Make it at most that"),
    ],
)  # fmt: skip
def test_what_could_not_work_is_refused_in_words(said: dict[str, Any], told: str) -> None:
    assert complaints(web(scaling=Scaling(**{"max_capacity": 4, **said}))) == [f"WebService.scaling.{told}"]


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (ScheduledAction(name="A", schedule="rate(1 day)"), "min_capacity: the action changes nothing. Give min_capacity, max_capacity or both"),
        (ScheduledAction(name="A", schedule="rate(1 days)", min_capacity=1), "schedule: 'rate(1 days)' has the wrong number of its unit. Write rate(1 day)"),
        (ScheduledAction(name="A", schedule="rate(1 day)", min_capacity=2, max_capacity=1), "min_capacity: 2 is more than max_capacity, 1. Make it at most that"),
        (ScheduledAction(name="a-b", schedule="rate(1 day)", min_capacity=2), "name: 'a-b' is not letters and digits"),
    ],
)  # fmt: skip
def test_an_action_must_change_something_at_a_time(action: ScheduledAction, told: str) -> None:
    assert complaints(action) == [f"ScheduledAction.{told}"]


def test_two_keepers_of_one_number_are_refused() -> None:
    assert complaints(web(desired_count=2, scaling=Scaling(max_capacity=4))) == [
        "WebService.desired_count: a fixed number of tasks fights the autoscaler. "
        "Leave it out: scaling sets the number of tasks, from its minimum on"
    ]


def test_a_worker_may_scale_down_to_nothing_because_its_queue_is_measured() -> None:
    assert complaints(worker(scaling=Scaling(min_capacity=0, max_capacity=4, target_tracking=(TRACKED,)))) == []


# Metrics of one's own


def test_a_metric_of_ones_own_is_kept_near_its_target() -> None:
    metric = Metric(namespace="App", name="Waiting", dimensions={"Queue": Ref("Q")}, statistic="Maximum")
    found = scaled(target_tracking=(TargetTracking(name="Waiting", metric=metric, target=2.5),))
    given = found["ScaleOnWaiting"]["Properties"]["TargetTrackingScalingPolicyConfiguration"]
    assert given["TargetValue"] == 2.5
    assert given["CustomizedMetricSpecification"] == {
        "Namespace": "App",
        "MetricName": "Waiting",
        "Dimensions": [{"Name": "Queue", "Value": {"Ref": "Q"}}],
        "Statistic": "Maximum",
    }


# Steps


def adjustments(comparison: str) -> list[dict[str, Any]]:
    steps = (Step(beyond=0, adjustment=1), Step(beyond=50, adjustment=2), Step(beyond=99.5, adjustment=4))
    given = StepScaling(name="Burst", metric=METRIC, threshold=100, comparison=comparison, steps=steps)
    found = made(web(scaling=Scaling(max_capacity=4, step_scaling=(given,))))
    configuration = found["StepOnBurst"]["Properties"]["StepScalingPolicyConfiguration"]
    return list(configuration["StepAdjustments"])


def test_each_step_reaches_to_where_the_next_begins() -> None:
    assert adjustments("above") == [
        {"ScalingAdjustment": 1, "MetricIntervalLowerBound": 0.0, "MetricIntervalUpperBound": 50.0},
        {"ScalingAdjustment": 2, "MetricIntervalLowerBound": 50.0, "MetricIntervalUpperBound": 99.5},
        {"ScalingAdjustment": 4, "MetricIntervalLowerBound": 99.5},
    ]


def test_below_a_threshold_steps_lead_down() -> None:
    assert adjustments("below") == [
        {"ScalingAdjustment": 1, "MetricIntervalUpperBound": 0.0, "MetricIntervalLowerBound": -50.0},
        {"ScalingAdjustment": 2, "MetricIntervalUpperBound": -50.0, "MetricIntervalLowerBound": -99.5},
        {"ScalingAdjustment": 4, "MetricIntervalUpperBound": -99.5},
    ]


def test_a_metric_without_dimensions_has_an_alarm_without() -> None:
    given = replace(STEPS, metric=Metric(namespace="App", name="Load"))
    found = made(web(scaling=Scaling(max_capacity=4, step_scaling=(given,))))
    assert "Dimensions" not in found["StepAlarmBurst"]["Properties"]


STEPPED: list[tuple[str, Any, str, Any]] = [
    ("name", "Flood", "StepOnFlood.Properties.PolicyName", "oaktree-api-flood"),
    ("metric", Metric(namespace="App", name="Other", statistic="Sum"), "StepAlarmBurst.Properties.MetricName", "Other"),
    ("threshold", 7.5, "StepAlarmBurst.Properties.Threshold", 7.5),
    ("comparison", "below", "StepAlarmBurst.Properties.ComparisonOperator", "LessThanOrEqualToThreshold"),
    ("evaluation_periods", 5, "StepAlarmBurst.Properties.EvaluationPeriods", 5),
    ("steps", (Step(beyond=0, adjustment=-1),), "StepOnBurst.Properties.StepScalingPolicyConfiguration.StepAdjustments.0.ScalingAdjustment", -1),
    ("cooldown", 0, "StepOnBurst.Properties.StepScalingPolicyConfiguration.Cooldown", 0),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "path", "expected"), STEPPED)
def test_each_choice_is_one_thing_in_policy_or_alarm(field: str, value: Any, path: str, expected: Any) -> None:
    said = {"name": "Burst", "metric": METRIC, "threshold": 100, "steps": STEPS.steps}
    assert at(scaled(step_scaling=(StepScaling(**said),)), path) != expected
    assert at(scaled(step_scaling=(StepScaling(**{**said, field: value}),)), path) == expected
    assert {field for field, *_ in STEPPED} == names_of(StepScaling)


def test_the_alarm_calls_the_policy() -> None:
    alarm = scaled(step_scaling=(STEPS,))["StepAlarmBurst"]["Properties"]
    assert alarm["AlarmActions"] == [{"Ref": "StepOnBurst"}]
    assert (alarm["Period"], alarm["TreatMissingData"]) == (60, "notBreaching")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"steps": ()}, "steps: the first does not begin at the threshold. Let it begin 0 beyond"),
        ({"steps": (Step(beyond=1, adjustment=1),)}, "steps: the first does not begin at the threshold. Let it begin 0 beyond"),
        ({"steps": (Step(beyond=0, adjustment=1), Step(beyond=9, adjustment=1), Step(beyond=5, adjustment=1))}, "steps: they are not in order. Order them by beyond, each different"),
        ({"steps": (Step(beyond=0, adjustment=1), Step(beyond=0, adjustment=1))}, "steps: they are not in order. Order them by beyond, each different"),
        ({"steps": (Step(beyond=Ref("B"), adjustment=1),)}, "steps.0.beyond: it must be known here: no reference, and nothing under a condition"),
        ({"metric": Metric(namespace="A", name="B", statistic="p99")}, "metric: nothing scales by p99. Take one of Average, Sum, Minimum, Maximum, SampleCount"),
    ],
)  # fmt: skip
def test_steps_begin_at_the_threshold_and_lead_away(said: dict[str, Any], told: str) -> None:
    usual = {"name": "Burst", "metric": METRIC, "threshold": 100, "steps": STEPS.steps}
    assert complaints(StepScaling(**{**usual, **said})) == [f"StepScaling.{told}"]


def test_logical_ids_begin_with_the_grounds_stem() -> None:

    found = made(web(scaling=Scaling(max_capacity=4, step_scaling=(STEPS,), cpu=50)), replace(GROUND, stem="Api"))
    assert all(title.startswith("Api") for title in found)
    assert "ApiStepAlarmBurst" in found
