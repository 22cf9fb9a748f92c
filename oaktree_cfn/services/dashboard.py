"""Dashboards: what is measured, in rows that a person reads from the top."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from troposphere import Sub, cloudwatch

from oaktree_cfn.services.alarms import Alarm, Limits
from oaktree_cfn.services.fields import Value
from oaktree_cfn.services.measured import Items, Messages, Tasks, Traffic
from oaktree_cfn.services.widgets import Graph, Line, Log, States, Widget, written

_COLUMNS = 24

Row = Sequence[Widget]
"""Widgets side by side, all of the same width."""


def dashboard(name: Value, rows: Iterable[Row], title: str = "Dashboard") -> cloudwatch.Dashboard:
    """The dashboard of this name; its body can be read in the template. ``title`` is its logical id."""
    body = written({"widgets": list(_placed(rows))})
    return cloudwatch.Dashboard(title, DashboardName=name, DashboardBody=Sub(f"{body}\n"))


def _placed(rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """The widgets on the grid, row below row."""
    y = 0
    for row in rows:
        width = _COLUMNS // len(row)
        for column, widget in enumerate(row):
            shown = widget.shown()
            place = {"x": column * width, "y": y, "width": width, "height": widget.height}
            yield {"type": shown["type"], **place, "properties": shown["properties"]}
        y += max(widget.height for widget in row)


def of_alarms(alarms: Iterable[Alarm], prefix: Value) -> tuple[Row, ...]:
    """The states of alarms."""
    return ((States("Alarms", tuple(alarm.arn(prefix) for alarm in alarms)),),)


def of_traffic(traffic: Traffic, limits: Limits) -> tuple[Row, ...]:
    """For a service behind a load balancer: how much is asked, and how fast and how well it is answered."""
    return _asked(traffic), _answered(traffic, limits)


def _asked(traffic: Traffic) -> Row:
    requests = {"all": "RequestCount", "per task": "RequestCountPerTarget"}
    families = {each: f"HTTPCode_Target_{each}_Count" for each in ("2XX", "3XX", "4XX", "5XX")}
    connections = {"active": "ActiveConnectionCount", "rejected": "RejectedConnectionCount"}
    return (
        Graph("Requests", "requests", _lines(traffic.of_targets, requests)),
        Graph("Answers", "requests", _lines(traffic.of_targets, families), stacked=True),
        Graph("Connections", "connections", _lines(traffic.of_balancer, connections)),
    )


def _answered(traffic: Traffic, limits: Limits) -> Row:
    slow = tuple(Line(each, traffic.of_targets("TargetResponseTime", each)) for each in ("p50", "p90", "p99"))
    errors = Line("application", traffic.application_errors), Line("load balancer", traffic.balancer_errors)
    codes = {each: f"HTTPCode_ELB_{each}_Count" for each in ("502", "503", "504")}
    healthy = Line("healthy", traffic.of_targets("HealthyHostCount", "Minimum"))
    unhealthy = Line("unhealthy", traffic.of_targets("UnHealthyHostCount", "Maximum"))
    return (
        Graph("Latency", "seconds", slow, limits.latency),
        Graph("Errors", "percent of requests", errors, limits.errors),
        Graph("Errors of the load balancer", "requests", _lines(traffic.of_balancer, codes)),
        Graph("Health checks", "tasks", (healthy, unhealthy)),
    )


def of_tasks(tasks: Tasks, limits: Limits) -> tuple[Row, ...]:
    """For any service that is kept running: what its tasks use, and how many there are."""

    def used(name: str) -> tuple[Line, ...]:
        return Line("average", tasks.used(name)), Line("busiest", tasks.used(name, "Maximum"))

    counts = {each.lower(): f"{each}TaskCount" for each in ("Desired", "Running", "Pending")}
    row = (
        Graph("CPU", "percent", used("CPUUtilization"), limits.cpu),
        Graph("Memory", "percent", used("MemoryUtilization"), limits.memory),
        Graph("Tasks", "tasks", _lines(tasks.count, counts)),
    )
    return (row,)


def of_table(items: Items) -> tuple[Row, ...]:
    """For a table: what is read and written, turned away, slow and failed."""
    capacity = {"read": "ConsumedReadCapacityUnits", "written": "ConsumedWriteCapacityUnits"}
    throttled = {"reads": "ReadThrottleEvents", "writes": "WriteThrottleEvents"}
    asked = ("GetItem", "Query", "PutItem", "UpdateItem")
    slow = tuple(Line(each, items.by(each, "SuccessfulRequestLatency", "Average")) for each in asked)
    row = (
        Graph("Capacity of the table", "units", _lines(items.of, capacity)),
        Graph("Throttled by the table", "requests", _lines(items.of, throttled)),
        Graph("Latency of the table", "milliseconds", slow),
        Graph("Failures of the table", "requests", (Line("failures", items.failures),)),
    )
    return (row,)


def of_queue(messages: Messages, dead: Messages, limits: Limits) -> tuple[Row, ...]:
    """For the queue that a worker works on, and its dead letters."""
    visible, hidden = "ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"
    row = (
        Graph("Messages", "messages", _lines(messages.of, {"waiting": visible, "in work": hidden})),
        Graph(
            "Oldest message", "seconds", _lines(messages.of, {"age": "ApproximateAgeOfOldestMessage"}), limits.waiting
        ),
        Graph("Dead letters", "messages", _lines(dead.of, {"waiting": visible}), 1),
    )
    return (row,)


def of_log(group: Value) -> tuple[Row, ...]:
    """The latest errors in a log group."""
    query = (
        "fields @timestamp, @message",
        "filter @message like /(?i)(error|exception|fatal)/",
        "sort @timestamp desc",
        "limit 50",
    )
    return ((Log("Latest errors in the log", group, query),),)


def _lines(measure: Any, names: dict[str, str]) -> tuple[Line, ...]:
    """Lines by label, from the names of what is measured."""
    return tuple(Line(label, measure(name)) for label, name in names.items())
