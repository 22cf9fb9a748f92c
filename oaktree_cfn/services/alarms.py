"""Alarms: when a person has to look, and which of them take a rollout back.

Made from names only (a cluster's, a service's, a load balancer's as metrics call it), so that they can exist before what
they watch, and a rollout can be told of them.

What takes a rollout back is what users feel: errors and slow answers. It must not be what a rollout does by itself: tasks
that are not healthy yet, or fewer than desired, are part of every one. CPU and memory may rise for good reasons; tables
and queues are other people's.

Only the name of an alarm cannot be changed in place (its resource schema), and it follows from what is watched: so none
is ever replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from troposphere import Sub, cloudwatch

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.measured import Items, Messages, Tasks, Traffic
from oaktree_cfn.services.metrics import STATISTICS, Input, Metric
from oaktree_cfn.services.names import named

_DAY = 86400


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From where on it is too much, where teams differ."""

    errors: Value = fields.number(
        5, 0.1, 100, "Percent of the requests answered with a 5xx, from which on alarms go off.", decimals=None
    )
    latency: Value = fields.number(
        2,
        0.01,
        4000,
        "Seconds that the slowest of a hundred requests takes, from which on an alarm goes off.",
        decimals=None,
    )
    cpu: Value = fields.number(85, 1, 100, "Percent of the tasks' CPU in use, from which on an alarm goes off.")
    memory: Value = fields.number(85, 1, 100, "Percent of the tasks' memory in use, from which on an alarm goes off.")
    throttled: Value = fields.number(10, 1, 10**9, "Reads, or writes, that a table turns away in five minutes.")
    failures: Value = fields.number(10, 1, 10**9, "Requests that DynamoDB itself fails to serve in five minutes.")
    waiting: Value = fields.number(600, 60, 1209600, "Seconds that the oldest message of a queue waits.")


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm: it goes off when ``metric`` is at ``threshold`` or above in ``datapoints_to_alarm`` of
    ``evaluation_periods``.

    ``name`` ends the alarm's name (``<prefix>-latency``) and begins its logical id (``LatencyAlarm``). ``treat_missing_data``
    is ``missing`` where there should always be a value.
    """

    name: str = fields.text(fields.REQUIRED, "[a-z]+(-[a-z]+)*", "words joined by hyphens", "What it watches.", 60)
    description: Value = fields.text(
        fields.REQUIRED, "(?s).+", "a sentence", "What it means, for whoever is called.", 1024
    )
    metric: Metric = fields.part(fields.REQUIRED, Metric, "What is measured.")
    threshold: Value = fields.number(fields.REQUIRED, 0, 10**12, "From which value on it is too much.", decimals=None)
    period: Value = fields.choice(60, ("60", "300", "900", "3600"), "Seconds that make one value.")
    datapoints_to_alarm: Value = fields.number(3, 1, 1440, "Values that must be too high, of those looked at.")
    evaluation_periods: Value = fields.number(5, 1, 1440, "Values that are looked at, the last ones.")
    treat_missing_data: Value = fields.choice(
        "notBreaching", ("notBreaching", "breaching", "missing", "ignore"), "What a period without a value counts as."
    )
    rolls_back: bool = fields.switch(False, "Whether it takes a rollout back.")

    def contradictions(self) -> Iterator[Problem]:
        """More bad periods than are looked at; more than a day."""
        if not (fields.is_literal(self.datapoints_to_alarm) and fields.is_literal(self.evaluation_periods)):
            return
        if int(self.datapoints_to_alarm) > int(self.evaluation_periods):
            yield Problem(
                "datapoints_to_alarm",
                f"there are only {self.evaluation_periods} periods",
                "Raise evaluation_periods, or lower this",
            )
        if int(self.evaluation_periods) * int(self.period) > _DAY:
            yield Problem("evaluation_periods", "an alarm looks back at most a day", "Take fewer or shorter periods")

    def id(self, stem: str = "") -> str:
        """Its logical id."""
        return f"{stem}{''.join(word.capitalize() for word in self.name.split('-'))}Alarm"

    def called(self, prefix: Value) -> Any:
        """Its name."""
        return named(f"{{}}-{self.name}", prefix)

    def arn(self, prefix: Value) -> Sub:
        """Its ARN, in this account and region, made of its name: it need not be in the same template."""
        called = self.called(prefix)
        name = called if isinstance(called, str) else called.data["Fn::Sub"]
        return Sub("arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:" + name)

    def render(self, prefix: Value, topics: list[Any], stem: str = "") -> cloudwatch.Alarm:
        """The alarm, which tells ``topics`` when it goes off and when all is well again. ``stem`` begins its logical id."""
        return cloudwatch.Alarm(
            self.id(stem),
            AlarmName=self.called(prefix),
            AlarmDescription=self.description,
            **_watched(self.metric, self.period),
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            Threshold=self.threshold,
            DatapointsToAlarm=self.datapoints_to_alarm,
            EvaluationPeriods=self.evaluation_periods,
            TreatMissingData=self.treat_missing_data,
            AlarmActions=topics,
            OKActions=topics,
        )


def of_traffic(traffic: Traffic, limits: Limits) -> tuple[Alarm, ...]:
    """For a service behind a load balancer.

    Percentiles of few requests are not ignored: under a thousand of them in a period CloudWatch otherwise keeps the state it
    had (CloudWatch user guide, "Percentile-based alarms and low data samples"), which a small service would never leave.
    Instead, three minutes in a row must be slow. Those that take a rollout back go off after three bad minutes, because ECS
    looks at them for less than five once the new version is there (ECS developer guide, "How CloudWatch alarms detect Amazon
    ECS deployment failures").
    """
    return (
        Alarm(
            name="application-errors",
            description="The application answers too many requests with a 5xx. See its log and the last rollout.",
            metric=traffic.application_errors,
            threshold=limits.errors,
            rolls_back=True,
        ),
        Alarm(
            name="load-balancer-errors",
            description="The load balancer answers too many requests with a 5xx: no healthy task, or none that answers in time.",
            metric=traffic.balancer_errors,
            threshold=limits.errors,
            rolls_back=True,
        ),
        Alarm(
            name="latency",
            description="One of a hundred requests takes too long. See the application's log, and what it waits for.",
            metric=traffic.of_targets("TargetResponseTime", "p99"),
            threshold=limits.latency,
            evaluation_periods=3,
            rolls_back=True,
        ),
        Alarm(
            name="unhealthy-tasks",
            description="Tasks fail the load balancer's health check. See why they are stopped, and the application's log.",
            metric=traffic.of_targets("UnHealthyHostCount", "Maximum"),
            threshold=1,
            datapoints_to_alarm=5,
        ),
    )


def of_tasks(tasks: Tasks, limits: Limits) -> tuple[Alarm, ...]:
    """For any service that is kept running. Tasks are missed only after longer than a rollout takes."""
    lasting: dict[str, Any] = {"datapoints_to_alarm": 10, "evaluation_periods": 10, "treat_missing_data": "missing"}
    return (
        Alarm(
            name="cpu",
            description="The tasks are short of CPU. Give them more, or let there be more of them.",
            metric=tasks.used("CPUUtilization"),
            threshold=limits.cpu,
            **lasting,
        ),
        Alarm(
            name="memory",
            description="The tasks are short of memory; without any left they are killed. Give them more, or look for a leak.",
            metric=tasks.used("MemoryUtilization"),
            threshold=limits.memory,
            **lasting,
        ),
        Alarm(
            name="missing-tasks",
            description="Fewer tasks run than should, for longer than a rollout takes. See the service's events.",
            metric=tasks.missing,
            threshold=1,
            **lasting,
        ),
    )


def of_table(items: Items, limits: Limits) -> tuple[Alarm, ...]:
    """For a table."""
    once: dict[str, Any] = {"period": 300, "datapoints_to_alarm": 1, "evaluation_periods": 1}
    return (
        Alarm(
            name="table-reads-throttled",
            description="The table turns reads away: one key is read too often, or there are more reads than it is set up for.",
            metric=items.of("ReadThrottleEvents"),
            threshold=limits.throttled,
            **once,
        ),
        Alarm(
            name="table-writes-throttled",
            description="The table turns writes away: one key is written too often, or there are more than it is set up for.",
            metric=items.of("WriteThrottleEvents"),
            threshold=limits.throttled,
            **once,
        ),
        Alarm(
            name="table-failures",
            description="DynamoDB itself fails to serve requests. See the AWS Health Dashboard.",
            metric=items.failures,
            threshold=limits.failures,
            **once,
        ),
    )


def of_queue(messages: Messages, limits: Limits) -> tuple[Alarm, ...]:
    """For the queue that a worker works on."""
    return (
        Alarm(
            name="waiting-messages",
            description="Messages wait too long for the worker. See whether it runs, and whether there are enough of it.",
            metric=messages.of("ApproximateAgeOfOldestMessage"),
            threshold=limits.waiting,
        ),
    )


def of_dead_letters(messages: Messages) -> tuple[Alarm, ...]:
    """For the queue of messages and invocations that nobody could handle, of a worker or a scheduled task."""
    return (
        Alarm(
            name="dead-letters",
            description="Something could not be handled and waits for a person. See the queue, then the log at the time it failed.",
            metric=messages.of("ApproximateNumberOfMessagesVisible"),
            threshold=1,
            period=300,
            datapoints_to_alarm=1,
            evaluation_periods=1,
        ),
    )


def rollback_names(alarms: Iterable[Alarm], prefix: Value) -> list[Any]:
    """Names of the alarms that take a rollout back, for the service's deployment configuration."""
    return [alarm.called(prefix) for alarm in alarms if alarm.rolls_back]


def _watched(metric: Metric, period: Value) -> dict[str, Any]:
    """An alarm's properties that say what it watches: one metric, or an expression over several."""
    if metric.expression is None:
        kind = "Statistic" if metric.statistic in STATISTICS else "ExtendedStatistic"
        plain = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": _dimensions(metric)}
        return {**plain, "Period": period, kind: metric.statistic}
    result = cloudwatch.MetricDataQuery(Id="result", Expression=metric.expression, ReturnData=True)
    return {"Metrics": [result, *(_input(each, period) for each in metric.inputs)]}


def _input(metric: Input, period: Value) -> cloudwatch.MetricDataQuery:
    of = cloudwatch.Metric(Namespace=metric.namespace, MetricName=metric.name, Dimensions=_dimensions(metric))
    stat = cloudwatch.MetricStat(Metric=of, Period=period, Stat=metric.statistic)
    return cloudwatch.MetricDataQuery(Id=metric.id, MetricStat=stat, ReturnData=False)


def _dimensions(metric: Metric | Input) -> list[cloudwatch.MetricDimension]:
    return [cloudwatch.MetricDimension(Name=name, Value=value) for name, value in metric.dimensions.items()]
