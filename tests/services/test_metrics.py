"""Metrics: one by its name, or an expression over several."""

from __future__ import annotations

from typing import Any

import pytest

from oaktree_cfn.services.metrics import Input, Metric
from oaktree_cfn.services.scaling import Scaling
from oaktree_cfn.services.target_tracking import TargetTracking
from tests.services.rendering import complaints, made, web

WAITING = Input(id="waiting", namespace="App", name="Waiting", dimensions={"Queue": "jobs"})
RUNNING = Input(id="running", namespace="App", name="Running", statistic="Sum")


@pytest.mark.parametrize(
    ("metric", "told"),
    [
        (Metric(), "Metric: it is neither one metric nor an expression. Give namespace and name, or expression"),
        (Metric(namespace="App"), "Metric: it is neither one metric nor an expression. Give namespace and name, or expression"),
        (Metric(namespace="App", name="W", expression="waiting", inputs=(WAITING,)), "Metric.expression: it is one metric and an expression. Leave out one or the other"),
        (Metric(expression="1"), "Metric.inputs: an expression and its inputs belong together. Give both or neither"),
        (Metric(namespace="App", name="W", inputs=(WAITING,)), "Metric.inputs: an expression and its inputs belong together. Give both or neither"),
        (Metric(expression="waiting", inputs=(WAITING, WAITING)), "Metric.inputs: two have the same id. Give each an id of its own"),
        (Metric(namespace="a b", name="W"), "Metric.namespace: 'a b' is not a namespace such as AWS/SQS"),
        (Metric(namespace=":a", name="W"), "Metric.namespace: ':a' is not a namespace such as AWS/SQS"),
        (Metric(namespace="App", name="W", statistic="median"), "Metric.statistic: 'median' is not Average, Sum, Minimum, Maximum, SampleCount or a percentile such as p99"),
        (Metric(expression="x", inputs=(Input(id="X", namespace="A", name="B"),)), "Metric.inputs.0.id: 'X' is not a name such as visible"),
    ],
)  # fmt: skip
def test_it_is_either_one_metric_or_an_expression(metric: Metric, told: str) -> None:
    assert complaints(metric) == [told]


@pytest.mark.parametrize("statistic", ["Average", "Sum", "Minimum", "Maximum", "SampleCount", "p99", "p99.9", "p5"])
def test_a_statistic_is_one_of_five_or_a_percentile(statistic: str) -> None:
    assert complaints(Metric(namespace="App", name="W", statistic=statistic)) == []


def policy(metric: Metric) -> dict[str, Any]:
    tracked = TargetTracking(name="Load", metric=metric, target=1)
    found = made(web(scaling=Scaling(max_capacity=2, target_tracking=(tracked,))))
    given = found["ScaleOnLoad"]["Properties"]["TargetTrackingScalingPolicyConfiguration"]
    return dict(given["CustomizedMetricSpecification"])


def test_of_an_expression_only_the_result_is_returned() -> None:
    given = policy(Metric(expression="waiting / running", inputs=(WAITING, RUNNING)))
    assert given == {
        "Metrics": [
            {
                "Id": "waiting",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "App",
                        "MetricName": "Waiting",
                        "Dimensions": [{"Name": "Queue", "Value": "jobs"}],
                    },
                    "Stat": "Average",
                },
                "ReturnData": False,
            },
            {
                "Id": "running",
                "MetricStat": {
                    "Metric": {"Namespace": "App", "MetricName": "Running", "Dimensions": []},
                    "Stat": "Sum",
                },
                "ReturnData": False,
            },
            {"Id": "target", "Expression": "waiting / running", "ReturnData": True},
        ]
    }


@pytest.mark.parametrize(
    ("metric", "told"),
    [
        (
            Metric(expression="target", inputs=(Input(id="target", namespace="A", name="B"),)),
            "metric.inputs.0.id: target is the expression's own id. Take another",
        ),
        (
            Metric(namespace="A", name="B", statistic="p99"),
            "metric: nothing scales by p99. Take one of Average, Sum, Minimum, Maximum, SampleCount",
        ),
        (
            Metric(expression="x", inputs=(Input(id="x", namespace="A", name="B", statistic="p50"),)),
            "metric: nothing scales by p50. Take one of Average, Sum, Minimum, Maximum, SampleCount",
        ),
    ],
)
def test_what_cannot_be_tracked_is_refused_in_words(metric: Metric, told: str) -> None:
    assert complaints(TargetTracking(name="Load", metric=metric, target=1)) == [f"TargetTracking.{told}"]


@pytest.mark.parametrize(("field", "value"), [("name", "a-b"), ("name", ""), ("target", -1), ("target", "much")])
def test_a_policys_name_and_target_are_checked(field: str, value: Any) -> None:
    said = {"name": "Load", "metric": Metric(namespace="A", name="B"), "target": 1, field: value}
    (told,) = complaints(TargetTracking(**said))
    assert told.startswith(f"TargetTracking.{field}: ")
