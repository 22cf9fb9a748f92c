"""What stands on a dashboard: graphs, logs, states of alarms, and how it is written down.

Sources: CloudWatch API reference, "Dashboard body structure and syntax". Names are text, ``Ref``, ``GetAtt`` or a simple
``Sub``; in the text they become ``${Prefix}`` and the like, for ``Fn::Sub`` to fill in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from troposphere import AWS_REGION, GetAtt, Ref, Sub

from oaktree_cfn.services.fields import Value
from oaktree_cfn.services.metrics import Input, Metric

_WIDEST_MAP, _WIDEST_LIST = 100, 200
"""A map or a list (a metric with its dimensions) stays on one line up to this many characters."""


class Widget(Protocol):
    """Something on a dashboard."""

    @property
    def height(self) -> int:
        """Its height in grid units."""

    def shown(self) -> dict[str, Any]:
        """Its ``type`` and ``properties``."""


@dataclass(frozen=True)
class Line:
    """One line of a graph."""

    label: str
    metric: Metric


@dataclass(frozen=True)
class Graph:
    """Lines over time. ``unit`` is what the numbers count, ``limit`` where an alarm goes off."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    limit: Value = None
    stacked: bool = False
    height: int = 6

    def shown(self) -> dict[str, Any]:
        """A metric widget."""
        properties: dict[str, Any] = {
            "title": self.title,
            "view": "timeSeries",
            "stacked": self.stacked,
            "region": Ref(AWS_REGION),
            "period": 60,
            "metrics": [drawn for line in self.lines for drawn in _drawn(line)],
            "yAxis": {"left": {"label": self.unit, "min": 0, "showUnits": False}},
        }
        if self.limit is not None:
            properties["annotations"] = {"horizontal": [{"label": "alarm", "value": _Number(self.limit)}]}
        return {"type": "metric", "properties": properties}


def _drawn(line: Line) -> Iterator[list[Any]]:
    """A line; what an expression speaks of is there without being seen."""
    if line.metric.expression is None:
        yield _series(line.metric, label=line.label)
        return
    yield from (_series(each, id=each.id, visible=False) for each in line.metric.inputs)
    yield [{"expression": line.metric.expression, "label": line.label}]


def _series(metric: Metric | Input, **options: Any) -> list[Any]:
    pairs = (part for pair in metric.dimensions.items() for part in pair)
    return [metric.namespace, metric.name, *pairs, {**options, "stat": metric.statistic}]


@dataclass(frozen=True)
class Log:
    """What a query of CloudWatch Logs Insights, command by command, finds in one log group."""

    title: str
    group: Value
    query: tuple[str, ...]
    height: int = 8

    def shown(self) -> dict[str, Any]:
        """A log widget."""
        query = _Filled("\n| ".join((f"SOURCE '{_name(self.group)}'", *map(_name, self.query))))
        properties = {"title": self.title, "view": "table", "region": Ref(AWS_REGION), "query": query}
        return {"type": "log", "properties": properties}


@dataclass(frozen=True)
class States:
    """The states of alarms, by ARN; those that went off come first."""

    title: str
    alarms: tuple[Value, ...]
    height: int = 4

    def shown(self) -> dict[str, Any]:
        """An alarm status widget."""
        properties = {"title": self.title, "sortBy": "stateUpdatedTimestamp", "alarms": list(self.alarms)}
        return {"type": "alarm", "properties": properties}


# Writing


class _Filled(str):
    """Text in which names are placeholders already."""

    __slots__ = ()


@dataclass(frozen=True)
class _Number:
    """A value that is a number, even where CloudFormation fills it in."""

    value: Value


def written(value: Any, indent: str = "") -> str:
    """JSON as a person would write it, on one line where that is short. Raises TypeError for a name it cannot write."""
    short = _short(value)
    widest = _WIDEST_MAP if isinstance(value, dict) else _WIDEST_LIST
    if len(indent) + len(short) <= widest or not isinstance(value, dict | list):
        return short
    deeper = f"{indent}  "
    if isinstance(value, dict):
        inner = [f"{json.dumps(key)}: {written(item, deeper)}" for key, item in value.items()]
    else:
        inner = [written(item, deeper) for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return f"{opening}\n{deeper}" + f",\n{deeper}".join(inner) + f"\n{indent}{closing}"


def _short(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{json.dumps(key)}: {_short(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_short, value)) + "]"
        case bool() | int() | float():
            return json.dumps(value)
        case _Number():
            return str(value.value) if isinstance(value.value, int | float) else _name(value.value)
    return json.dumps(_name(value), ensure_ascii=False)


def _name(value: Value) -> str:
    """A name as it stands in the argument of ``Fn::Sub``."""
    match value:
        case _Filled():
            return str(value)
        case str():
            return str(value).replace("${", "${!")
        case Ref():
            return f"${{{value.data['Ref']}}}"
        case GetAtt():
            return f"${{{'.'.join(value.data['Fn::GetAtt'])}}}"
        case Sub() if isinstance(value.data["Fn::Sub"], str):
            return str(value.data["Fn::Sub"])
    raise TypeError(f"a dashboard cannot speak of {value!r}: give it text, a Ref, a GetAtt or a simple Sub")
