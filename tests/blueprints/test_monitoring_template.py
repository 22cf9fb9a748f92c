"""Alarms, topic and dashboard, value by value."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from oaktree_cfn.template import schemas
from oaktree_cfn.template.graph import referred
from tests.services.documented import DASHBOARD_BODY, METRICS, metrics

Draw = Callable[..., Any]

NAMES = {
    "oaktree-dev-application-errors",
    "oaktree-dev-load-balancer-errors",
    "oaktree-dev-latency",
    "oaktree-dev-unhealthy-tasks",
    "oaktree-dev-cpu",
    "oaktree-dev-memory",
    "oaktree-dev-missing-tasks",
    "oaktree-dev-table-reads-throttled",
    "oaktree-dev-table-writes-throttled",
    "oaktree-dev-table-failures",
}


def alarms(drawn: Any) -> dict[str, dict[str, Any]]:
    found = [drawn.properties(title) for title in drawn.resources("AWS::CloudWatch::Alarm")]
    return {each["AlarmName"]: each for each in found}


def watched(alarm: dict[str, Any]) -> list[tuple[str, str, dict[str, str]]]:
    """Namespace, name and dimensions of all metrics an alarm looks at."""
    stats = [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", ()) if "MetricStat" in each] or [alarm]
    named = (({each["Name"]: each["Value"] for each in stat["Dimensions"]}, stat) for stat in stats)
    return [(stat["Namespace"], stat["MetricName"], dimensions) for dimensions, stat in named]


def test_there_is_an_alarm_for_each_thing_that_can_go_wrong(picture: Draw) -> None:
    assert alarms(picture("monitoring")).keys() == NAMES


def test_every_alarm_tells_the_topic_when_it_goes_off_and_when_all_is_well(picture: Draw) -> None:
    for alarm in alarms(picture("monitoring")).values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["<AlarmTopic>"]


def test_alarms_watch_this_service_load_balancer_and_table(picture: Draw) -> None:
    every = {name: value for alarm in alarms(picture("monitoring")).values() for *_, names in watched(alarm) for name, value in names.items()}  # fmt: skip
    assert every.keys() == {"LoadBalancer", "TargetGroup", "ClusterName", "ServiceName", "TableName", "Operation"}
    assert (
        every
        | {
            "LoadBalancer": "app/oaktree-dev-alb/1",
            "TargetGroup": "targetgroup/oaktree/2",
            "ClusterName": "oaktree-dev-cluster",
            "ServiceName": "oaktree-dev-service",
            "TableName": "oaktree-dev-users",
        }
        == every
    )


def test_the_name_of_the_service_is_the_one_it_will_have(picture: Draw) -> None:
    watching = alarms(picture("monitoring"))["oaktree-dev-cpu"]["Dimensions"]
    named = {each["Name"]: each["Value"] for each in watching}
    assert named["ServiceName"] == picture("service").properties("Service")["ServiceName"]


@pytest.mark.parametrize(
    ("parameter", "names"),
    [
        ("ErrorThreshold", ("application-errors", "load-balancer-errors")),
        ("LatencyThreshold", ("latency",)),
        ("CpuThreshold", ("cpu",)),
        ("MemoryThreshold", ("memory",)),
    ],
)
def test_a_team_says_itself_how_much_is_too_much(parameter: str, names: tuple[str, ...], picture: Draw) -> None:
    found = alarms(picture("monitoring", **{parameter: "42.5"}))
    assert {name for name, alarm in found.items() if alarm["Threshold"] == "42.5"} == {
        f"oaktree-dev-{name}" for name in names
    }


def test_the_thresholds_that_nobody_gave(picture: Draw) -> None:
    found = alarms(picture("monitoring"))
    thresholds = {name.removeprefix("oaktree-dev-"): alarm["Threshold"] for name, alarm in found.items()}
    assert thresholds == {
        "application-errors": "5",
        "load-balancer-errors": "5",
        "latency": "2",
        "unhealthy-tasks": "1",
        "cpu": "85",
        "memory": "85",
        "missing-tasks": "1",
        "table-reads-throttled": "10",
        "table-writes-throttled": "10",
        "table-failures": "10",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [("ErrorThreshold", "0"), ("ErrorThreshold", "101"), ("LatencyThreshold", "0"), ("AlarmEmail", "ops at example")],
)
def test_nonsense_is_refused(name: str, value: str, picture: Draw) -> None:
    (complaint,) = picture("monitoring", **{name: value}).refused()
    assert complaint.startswith(f"Parameter {name} failed to satisfy constraint: must be ")


def test_rollouts_are_told_of_errors_and_latency_only(picture: Draw) -> None:
    told = picture("monitoring").output("RollbackAlarmNames").split(",")
    assert told == [f"oaktree-dev-{each}" for each in ("application-errors", "load-balancer-errors", "latency")]
    assert set(told) <= alarms(picture("monitoring")).keys()


def test_nobody_is_written_to_unless_asked(picture: Draw) -> None:
    assert picture("monitoring").resources("AWS::SNS::Subscription") == set()
    subscription = picture("monitoring", AlarmEmail="ops@example.com").properties("AlarmEmailSubscription")
    assert subscription == {"TopicArn": "<AlarmTopic>", "Protocol": "email", "Endpoint": "ops@example.com"}


def test_the_topic_is_encrypted_and_other_stacks_may_use_it(picture: Draw) -> None:
    drawn = picture("monitoring")
    assert drawn.properties("AlarmTopic") == {
        "TopicName": "oaktree-dev-alarms",
        "KmsMasterKeyId": "<AlarmTopicKey.Arn>",
    }
    assert drawn.output("AlarmTopicArn") == "<AlarmTopic>"


def body(picture: Draw) -> Any:
    return json.loads(picture("monitoring").properties("Dashboard")["DashboardBody"])


def test_the_dashboard_has_a_row_for_each_question(picture: Draw) -> None:
    titles: dict[int, list[str]] = {}
    for widget in body(picture)["widgets"]:
        titles.setdefault(widget["y"], []).append(widget["properties"]["title"])
    assert list(titles.values()) == [
        ["Alarms"],
        ["Requests", "Answers", "Connections"],
        ["Latency", "Errors", "Errors of the load balancer", "Health checks"],
        ["CPU", "Memory", "Tasks"],
        ["Capacity of the table", "Throttled by the table", "Latency of the table", "Failures of the table"],
        ["Latest errors in the log"],
    ]


def test_the_dashboard_is_one_that_cloudwatch_takes_with_metrics_that_aws_documents(picture: Draw) -> None:
    jsonschema.validate(body(picture), DASHBOARD_BODY)
    for namespace, name, dimensions in metrics(body(picture)):
        assert dimensions in METRICS[namespace, name]


def test_the_dashboard_stays_within_the_fifty_metrics_that_are_free(picture: Draw) -> None:
    assert len(metrics(body(picture))) <= 50


def test_the_dashboard_shows_every_alarm_the_limits_and_this_services_log(picture: Draw) -> None:
    widgets = {widget["properties"]["title"]: widget["properties"] for widget in body(picture)["widgets"]}
    arn = "arn:aws:cloudwatch:ap-southeast-1:123456789012:alarm:"
    assert set(widgets["Alarms"]["alarms"]) == {arn + name for name in NAMES}
    limits = {title: each["annotations"]["horizontal"][0]["value"] for title, each in widgets.items() if "annotations" in each}  # fmt: skip
    assert limits == {"Latency": 2, "Errors": 5, "CPU": 85, "Memory": 85}
    assert widgets["Latest errors in the log"]["query"].startswith("SOURCE '/ecs/oaktree-dev'\n| fields ")
    assert picture("service").properties("LogGroup")["LogGroupName"] == "/ecs/oaktree-dev"


def test_no_threshold_or_name_of_another_stack_ever_replaces_a_resource(templates: dict[str, Any]) -> None:
    """A named resource cannot be replaced, so what needs a replacement must follow from the prefix alone."""
    for title, resource in templates["monitoring"]["Resources"].items():
        schema = schemas.of(resource["Type"])
        assert schema is not None
        fixed = {pointer[0]: resource["Properties"].get(pointer[0]) for pointer in schema.create_only}
        spoken = {name for value in fixed.values() if value for name in referred(value)}
        assert spoken <= {"Prefix"} or title == "AlarmEmailSubscription", title
