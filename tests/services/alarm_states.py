"""How CloudWatch evaluates an alarm, from its documentation, for what alarms here use.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html and
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html say how points become a state,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html how values become points.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Mapping, Sequence
from typing import Any

Series = Sequence[float | None]
"""Values of a metric, period by period, the latest last; None where there is none."""

OK, ALARM, UNKNOWN = "OK", "ALARM", "INSUFFICIENT_DATA"

_OPERATORS: dict[type, Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def state(alarm: Mapping[str, Any], data: Mapping[str, Series], before: str = UNKNOWN) -> str:
    """The state of an alarm (its properties in a template) after these values of its metrics, by name."""
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    threshold = float(alarm["Threshold"])
    points = [None if value is None else value >= threshold for value in values(alarm, data)]
    needed, of = int(alarm["DatapointsToAlarm"]), int(alarm["EvaluationPeriods"])
    return judged(points, needed, of, alarm["TreatMissingData"], before)


def values(alarm: Mapping[str, Any], data: Mapping[str, Series]) -> list[float | None]:
    """What the alarm compares, period by period."""
    if "MetricName" in alarm:
        return list(data[alarm["MetricName"]])
    inputs = {
        each["Id"]: each["MetricStat"]["Metric"]["MetricName"] for each in alarm["Metrics"] if "MetricStat" in each
    }
    (expression,) = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
    rows = zip(*(data.get(name, [None] * _length(data)) for name in inputs.values()), strict=True)
    return [computed(expression, dict(zip(inputs, row, strict=True))) for row in rows]


def _length(data: Mapping[str, Series]) -> int:
    return len(next(iter(data.values())))


def computed(expression: str, row: Mapping[str, float | None]) -> float | None:
    """Metric math for one period: missing counts as 0 beside a value, and a division by zero gives no value."""
    if all(value is None for value in row.values()):
        return None
    try:
        return _number(ast.parse(expression, mode="eval").body, {name: value or 0.0 for name, value in row.items()})
    except ZeroDivisionError:
        return None


def _number(node: ast.expr, row: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return row[name]
        case ast.BinOp(left=left, op=op, right=right):
            return float(_OPERATORS[type(op)](_number(left, row), _number(right, row)))
    raise AssertionError(f"not played here: {ast.unparse(node)}")


def judged(points: Sequence[bool | None], needed: int, of: int, missing: str, before: str) -> str:
    """The state that points (breaching or not) lead to; more of them are looked at than ``of`` where some are missing."""
    real = [point for point in points if point is not None]
    if len(real) >= of:
        return ALARM if sum(real[-of:]) >= needed else OK
    if missing in ("breaching", "notBreaching"):
        filled = real + [missing == "breaching"] * (of - len(real))
        return ALARM if sum(filled) >= needed else OK
    if not all(real):
        return ALARM if sum(real) >= needed else OK
    lasting = bool(real) and len(points) - list(points).index(True) >= needed
    if missing == "ignore":
        return before
    return ALARM if lasting else UNKNOWN
