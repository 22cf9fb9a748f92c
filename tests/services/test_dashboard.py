"""Dashboards: what is on them, where it stands, and that CloudWatch would take them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from troposphere import GetAtt, If, Ref, Sub

from oaktree_cfn.services import dashboard
from oaktree_cfn.services.alarms import Limits
from oaktree_cfn.services.dashboard import Row
from oaktree_cfn.services.measured import Items, Messages, Tasks, Traffic
from oaktree_cfn.services.widgets import Graph, Line, Log, States, written

from .documented import DASHBOARD_BODY, METRICS, metrics

LIMITS = Limits()
ROWS = (
    (States("Alarms", ("arn:one", "arn:two")),),
    *dashboard.of_traffic(Traffic("app/oaktree/1", "targetgroup/oaktree/2"), LIMITS),
    *dashboard.of_tasks(Tasks("cluster", "service"), LIMITS),
    *dashboard.of_table(Items("users")),
    *dashboard.of_queue(Messages("jobs"), Messages("dead"), LIMITS),
    *dashboard.of_log("/ecs/oaktree"),
)


def text(*rows: Row) -> str:
    """The body as the template has it."""
    body: str = dashboard.dashboard("oaktree", rows).to_dict()["Properties"]["DashboardBody"]["Fn::Sub"]
    return body


def body(*rows: Row) -> Any:
    """The body with names filled in."""
    return json.loads(text(*rows).replace("${AWS::Region}", "eu-west-1"))


def graph(metric: Any, **more: Any) -> Graph:
    return Graph("A graph", "things", (Line("a line", metric),), **more)


def test_cloudwatch_would_take_every_widget_there_is() -> None:
    errors = Draft202012Validator(DASHBOARD_BODY).iter_errors(body(*ROWS))
    assert [f"{list(error.absolute_path)}: {error.message}" for error in errors] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "metric", "x": 20, "y": 0, "width": 25, "height": 6, "properties": {}},
        {"type": "log", "x": 0, "y": 0, "width": 24, "height": 6, "properties": {"region": "eu-west-1", "query": "x"}},
        {"type": "alarm", "x": 0, "y": 0, "width": 24, "height": 6, "properties": {"alarms": []}},
    ],
)
def test_the_rules_it_is_held_to_refuse_what_cloudwatch_refuses(wrong: dict[str, Any]) -> None:
    assert not Draft202012Validator(DASHBOARD_BODY).is_valid({"widgets": [wrong]})


def test_every_metric_is_one_that_aws_documents_with_its_dimensions() -> None:
    shown = metrics(body(*ROWS))
    assert len(shown) > 40
    for namespace, name, dimensions in shown:
        assert dimensions in METRICS[namespace, name], name


def test_no_widget_covers_another_and_none_leaves_the_grid() -> None:
    taken: set[tuple[int, int]] = set()
    for widget in body(*ROWS)["widgets"]:
        columns = range(widget["x"], widget["x"] + widget["width"])
        lines = range(widget["y"], widget["y"] + widget["height"])
        cells = {(x, y) for x in columns for y in lines}
        assert not taken & cells
        assert columns.stop <= 24
        taken |= cells


def test_names_in_one_graph_are_told_apart() -> None:
    for widget in body(*ROWS)["widgets"]:
        options = [entry[-1] for entry in widget["properties"].get("metrics", ())]
        ids = [each["id"] for each in options if "id" in each]
        labels = [each["label"] for each in options if "label" in each]
        assert len(set(ids)) == len(ids)
        assert len(set(labels)) == len(labels)


def test_what_an_expression_speaks_of_is_there_and_not_seen() -> None:
    (widget,) = body((graph(Tasks("cluster", "service").missing),))["widgets"]
    *inputs, result = widget["properties"]["metrics"]
    assert [(entry[-1]["id"], entry[-1]["visible"]) for entry in inputs] == [("desired", False), ("running", False)]
    assert result == [{"expression": "desired - running", "label": "a line"}]


def test_names_that_cloudformation_fills_in_stand_as_placeholders() -> None:
    metric = Tasks(Ref("ClusterName"), Sub("${Prefix}-service")).used("CPUUtilization")
    shown = text((graph(metric, limit=Ref("CpuThreshold")),), (States("Alarms", (GetAtt("CpuAlarm", "Arn"),)),))
    assert '"ClusterName", "${ClusterName}", "ServiceName", "${Prefix}-service"' in shown
    assert '"value": ${CpuThreshold}' in shown
    assert '"alarms": ["${CpuAlarm.Arn}"]' in shown


def test_text_that_looks_like_a_placeholder_stays_text() -> None:
    log = Log("A log", "/ecs/oaktree", ("fields @message", "parse '${*}' as name"))
    assert "parse '${!*}' as name" in text((log,))


def test_what_cannot_be_a_placeholder_is_refused() -> None:
    with pytest.raises(TypeError, match="a dashboard cannot speak of"):
        text((States("Alarms", (If("HasAlarm", "one", "two"),)),))


def test_a_body_can_be_read_a_metric_a_line() -> None:
    lines = text(*ROWS).splitlines()
    assert sum('"TargetResponseTime"' in line for line in lines) == 3
    assert max(map(len, lines)) <= 220
    assert json.loads(written({"a": [1, {"b": True}], "c": "ü"})) == {"a": [1, {"b": True}], "c": "ü"}
