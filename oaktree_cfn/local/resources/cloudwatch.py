"""Alarms and dashboards."""

from __future__ import annotations

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import tagging
from oaktree_cfn.local.resources.service import already_gone, call
from oaktree_cfn.local.resources.shapes import given, known, only

_PLAIN = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluateLowSampleCountPercentile",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "ThresholdMetricId",
    "TreatMissingData",
    "Unit",
)


class Alarm(Handler):
    """A metric alarm; ``Ref`` is its name."""

    type = "AWS::CloudWatch::Alarm"
    supported = frozenset({*_PLAIN, "AlarmName", "Tags"})

    def create(self, properties: Properties, request: Request) -> Made:
        cloudwatch, name = request.client("cloudwatch"), properties.get("AlarmName") or request.name(255)
        call(cloudwatch, "put_metric_alarm", AlarmName=name, **given(properties, *_PLAIN, "Tags"))
        return Made(name, {"Arn": f"arn:aws:cloudwatch:{request.region}:{request.account}:alarm:{name}"})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        """An alarm is put whole: what the template leaves out is gone."""
        cloudwatch = request.client("cloudwatch")
        if any(before.get(name) != after.get(name) for name in _PLAIN):
            call(cloudwatch, "put_metric_alarm", AlarmName=made.physical_id, **given(after, *_PLAIN))
        tagging.retag(cloudwatch, made.attributes["Arn"], before, after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("ResourceNotFound"):
            call(request.client("cloudwatch"), "delete_alarms", AlarmNames=[made.physical_id])

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        cloudwatch = request.client("cloudwatch")
        found = only(call(cloudwatch, "describe_alarms", AlarmNames=[made.physical_id])["MetricAlarms"])
        tags = tagging.tags_of(cloudwatch, made.attributes["Arn"], properties)
        return known({**given(found, *_PLAIN, "AlarmName"), "Tags": tags})


class Dashboard(Handler):
    """A dashboard; ``Ref`` is its name. Its body is JSON text."""

    type = "AWS::CloudWatch::Dashboard"
    supported = frozenset({"DashboardBody", "DashboardName"})

    def create(self, properties: Properties, request: Request) -> Made:
        name = properties.get("DashboardName") or request.name(255)
        body = properties["DashboardBody"]
        call(request.client("cloudwatch"), "put_dashboard", DashboardName=name, DashboardBody=body)
        return Made(name)

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        return self.create({**after, "DashboardName": made.physical_id}, request)

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("ResourceNotFound"):
            call(request.client("cloudwatch"), "delete_dashboards", DashboardNames=[made.physical_id])

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        found = call(request.client("cloudwatch"), "get_dashboard", DashboardName=made.physical_id)
        return given(found, "DashboardBody", "DashboardName")
