"""When alarms go off, and which of them take a rollout back."""

from __future__ import annotations

from typing import Any

import pytest
from troposphere import Ref

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services import alarms, fields
from oaktree_cfn.services.alarms import Alarm, Limits
from oaktree_cfn.services.measured import Items, Messages, Tasks, Traffic

from .alarm_states import ALARM, OK, UNKNOWN, judged, state
from .documented import METRICS

LIMITS = Limits()
TRAFFIC = Traffic("app/oaktree/1", "targetgroup/oaktree/2")
EVERY = (
    *alarms.of_traffic(TRAFFIC, LIMITS),
    *alarms.of_tasks(Tasks("cluster", "service"), LIMITS),
    *alarms.of_table(Items("users"), LIMITS),
    *alarms.of_queue(Messages("jobs"), LIMITS),
    *alarms.of_dead_letters(Messages("dead")),
)
BY_NAME = {alarm.name: alarm for alarm in EVERY}


def properties(name: str) -> dict[str, Any]:
    rendered: dict[str, Any] = BY_NAME[name].render("oaktree", ["topic"]).to_dict()["Properties"]
    return rendered


def after(name: str, **data: Any) -> str:
    return state(properties(name), data)


# --- the evaluator itself, held to AWS's own tables -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "needed", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0-X-X", 3, OK, OK, OK, OK),
        ("0----", 3, OK, OK, OK, OK),
        ("-----", 3, UNKNOWN, "as before", ALARM, OK),
        ("0XX-X", 3, ALARM, ALARM, ALARM, ALARM),
        ("----X", 3, UNKNOWN, "as before", ALARM, OK),
        ("X----", 3, ALARM, "as before", ALARM, OK),
        ("0-X-X", 2, ALARM, ALARM, ALARM, ALARM),
        ("00X0X", 2, ALARM, ALARM, ALARM, ALARM),
        ("0-X--", 2, OK, OK, ALARM, OK),
        ("----0", 2, OK, OK, ALARM, OK),
        ("----X", 2, UNKNOWN, "as before", ALARM, OK),
    ],
)
def test_points_are_judged_as_cloudwatch_documents_it(
    points: str, needed: int, missing: str, ignore: str, breaching: str, not_breaching: str
) -> None:
    seen = [{"0": False, "X": True, "-": None}[each] for each in points]
    treatments = {"missing": missing, "ignore": ignore, "breaching": breaching, "notBreaching": not_breaching}
    for treatment, expected in treatments.items():
        assert judged(seen, needed, 3, treatment, "as before") == expected, treatment


# --- errors ---------------------------------------------------------------------------------------------------------


def test_five_percent_errors_in_three_of_five_minutes_are_too_many() -> None:
    requests = [200, 200, 200, 200, 200]
    assert (
        after("application-errors", RequestCount=requests, HTTPCode_Target_5XX_Count=[10, None, 10, 10, None]) == ALARM
    )
    assert after("application-errors", RequestCount=requests, HTTPCode_Target_5XX_Count=[10, None, 9, 10, None]) == OK


def test_a_busy_service_may_have_a_few_errors_and_a_small_one_may_not_fail_altogether() -> None:
    busy = {"RequestCount": [60000] * 5, "HTTPCode_Target_5XX_Count": [100] * 5}
    small = {"RequestCount": [1] * 5, "HTTPCode_Target_5XX_Count": [1] * 5}
    assert after("application-errors", **busy) == OK
    assert after("application-errors", **small) == ALARM


def test_without_requests_nothing_is_wrong() -> None:
    assert after("application-errors", RequestCount=[0] * 5, HTTPCode_Target_5XX_Count=[0] * 5) == OK
    assert after("application-errors", RequestCount=[None] * 5, HTTPCode_Target_5XX_Count=[None] * 5) == OK


def test_requests_that_find_no_task_count_although_they_are_not_counted_as_requests() -> None:
    nobody_there = {"RequestCount": [None] * 5, "HTTPCode_ELB_5XX_Count": [30] * 5}
    answered_late = {"RequestCount": [100] * 5, "HTTPCode_ELB_5XX_Count": [6] * 5}
    assert after("load-balancer-errors", **nobody_there) == ALARM
    assert after("load-balancer-errors", **answered_late) == ALARM
    assert after("load-balancer-errors", RequestCount=[100] * 5, HTTPCode_ELB_5XX_Count=[None] * 5) == OK


# --- latency and health ---------------------------------------------------------------------------------------------


def test_only_three_slow_minutes_in_a_row_are_slow() -> None:
    assert after("latency", TargetResponseTime=[2.5, 2.5, 0.2, 2.5, 2.5]) == OK
    assert after("latency", TargetResponseTime=[0.1, 0.1, 2.0, 9.0, 2.5]) == ALARM


def test_a_small_services_latency_counts_too() -> None:
    assert properties("latency")["ExtendedStatistic"] == "p99"
    assert "EvaluateLowSampleCountPercentile" not in properties("latency")


def test_a_task_that_stays_unhealthy_calls_and_one_that_recovers_does_not() -> None:
    assert after("unhealthy-tasks", UnHealthyHostCount=[1, 1, 1, 2, 1]) == ALARM
    assert after("unhealthy-tasks", UnHealthyHostCount=[1, 1, 0, 1, 1]) == OK
    assert after("unhealthy-tasks", UnHealthyHostCount=[None] * 5) == OK


# --- tasks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("desired", "running", "expected"),
    [
        pytest.param([3] * 10, [2] * 10, ALARM, id="one is missing for ten minutes"),
        pytest.param([3] * 10, [2] * 9 + [3], OK, id="a rollout of nine minutes"),
        pytest.param([0] * 10, [0] * 10, OK, id="none should run"),
        pytest.param([0] * 10, [None] * 10, OK, id="none should run and none is counted"),
        pytest.param([3] * 10, [None] * 10, ALARM, id="none runs and none is counted"),
        pytest.param([2] * 10, [4] * 10, OK, id="twice as many during a rollout"),
        pytest.param([None] * 10, [None] * 10, UNKNOWN, id="there is no service yet"),
    ],
)
def test_tasks_are_missing_when_fewer_run_than_should_for_longer_than_a_rollout(
    desired: Any, running: Any, expected: str
) -> None:
    assert after("missing-tasks", DesiredTaskCount=desired, RunningTaskCount=running) == expected


@pytest.mark.parametrize(("name", "metric"), [("cpu", "CPUUtilization"), ("memory", "MemoryUtilization")])
def test_ten_minutes_of_nearly_full_use_call_and_a_peak_does_not(name: str, metric: str) -> None:
    assert after(name, **{metric: [90] * 10}) == ALARM
    assert after(name, **{metric: [90] * 9 + [50]}) == OK
    assert after(name, **{metric: [None] * 10}) == UNKNOWN


# --- tables and queues ----------------------------------------------------------------------------------------------


def test_a_table_that_turns_ten_requests_away_in_five_minutes_calls() -> None:
    assert after("table-reads-throttled", ReadThrottleEvents=[10]) == ALARM
    assert after("table-reads-throttled", ReadThrottleEvents=[9]) == OK
    assert after("table-writes-throttled", WriteThrottleEvents=[None]) == OK


def test_failures_of_all_operations_are_added_up() -> None:
    """Every operation has the same metric, so the five minutes stand for each of the eight."""
    assert after("table-failures", SystemErrors=[2]) == ALARM
    assert after("table-failures", SystemErrors=[1]) == OK


def test_one_dead_letter_calls_and_a_message_may_wait_ten_minutes() -> None:
    assert after("dead-letters", ApproximateNumberOfMessagesVisible=[1]) == ALARM
    assert after("dead-letters", ApproximateNumberOfMessagesVisible=[0]) == OK
    assert after("waiting-messages", ApproximateAgeOfOldestMessage=[590, 600, 660, 720, 0]) == ALARM
    assert after("waiting-messages", ApproximateAgeOfOldestMessage=[590, 600, 660, 0, 0]) == OK


# --- rollouts -------------------------------------------------------------------------------------------------------


def test_what_users_feel_takes_a_rollout_back_and_what_a_rollout_does_itself_does_not() -> None:
    back = {alarm.name for alarm in EVERY if alarm.rolls_back}
    assert back == {"application-errors", "load-balancer-errors", "latency"}
    assert alarms.rollback_names(EVERY, "oaktree-dev") == [
        "oaktree-dev-application-errors",
        "oaktree-dev-load-balancer-errors",
        "oaktree-dev-latency",
    ]


def test_what_takes_a_rollout_back_goes_off_while_ecs_still_looks() -> None:
    """ECS's own bake time is less than five minutes."""
    for alarm in EVERY:
        if alarm.rolls_back:
            assert int(alarm.period) * int(alarm.datapoints_to_alarm) <= 180


# --- what holds for all ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alarm", EVERY, ids=lambda alarm: alarm.name)
def test_every_alarm_watches_what_aws_documents(alarm: Alarm) -> None:
    for metric in alarm.metric.inputs or (alarm.metric,):
        assert frozenset(metric.dimensions) in METRICS[metric.namespace, metric.name]


@pytest.mark.parametrize("alarm", EVERY, ids=lambda alarm: alarm.name)
def test_every_alarm_is_a_whole_description_and_says_what_to_do(alarm: Alarm) -> None:
    fields.verify(alarm)
    assert alarm.description.endswith(".")
    assert len(alarm.metric.inputs) <= 9  # ten metrics with the result: more, CloudWatch refuses


def test_two_services_in_one_template_have_alarms_of_their_own() -> None:
    alarm = BY_NAME["cpu"].render(Ref("Prefix"), [], stem="Jobs")
    assert alarm.title == "JobsCpuAlarm"
    assert alarm.to_dict()["Properties"]["AlarmName"] == {"Fn::Sub": "${Prefix}-cpu"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"datapoints_to_alarm": 6}, "Alarm.datapoints_to_alarm: there are only 5 periods"),
        ({"period": 3600, "evaluation_periods": 25}, "Alarm.evaluation_periods: an alarm looks back at most a day"),
        ({"treat_missing_data": "good"}, "Alarm.treat_missing_data: 'good' is not one of notBreaching"),
        ({"name": "Too Many"}, "Alarm.name: 'Too Many' is not words joined by hyphens"),
        ({"period": 90}, "Alarm.period: 90 is not one of 60"),
    ],
)
def test_an_alarm_that_cloudwatch_would_refuse_is_refused_first(more: dict[str, Any], said: str) -> None:
    plain = {
        "name": "queue",
        "description": "Too much.",
        "metric": Messages("jobs").of("ApproximateAgeOfOldestMessage"),
    }
    with pytest.raises(InvalidInput, match=said):
        fields.verify(Alarm(**{**plain, "threshold": 1, **more}))
