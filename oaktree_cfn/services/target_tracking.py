"""Scaling that keeps a metric near a target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from troposphere.applicationautoscaling import (
    CustomizedMetricSpecification,
    MetricDimension,
    TargetTrackingMetric,
    TargetTrackingMetricDataQuery,
    TargetTrackingMetricDimension,
    TargetTrackingMetricStat,
)

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.metrics import Input, Metric, not_a_percentile

_WHOLE = "target"
"""The id of the expression; no input may have it."""


@dataclass(frozen=True, kw_only=True)
class TargetTracking:
    """A metric of your own that scaling keeps near a target; it must fall when tasks are added."""

    name: str = fields.known(
        fields.text(fields.REQUIRED, "[A-Za-z0-9]{1,64}", "letters and digits", "Name of the policy.")
    )
    metric: Metric = fields.part(fields.REQUIRED, Metric, "The metric.")
    target: Value = fields.number(fields.REQUIRED, 0, 10**12, "The value to stay near.", decimals=None)

    def contradictions(self) -> Iterator[Problem]:
        """A percentile cannot be tracked, and the expression has an id too."""
        yield from not_a_percentile(self.metric)
        for index, each in enumerate(self.metric.inputs):
            if each.id == _WHOLE:
                yield Problem(f"metric.inputs.{index}.id", f"{_WHOLE} is the expression's own id", "Take another")

    def specification(self) -> CustomizedMetricSpecification:
        """The policy's ``CustomizedMetricSpecification``."""
        metric = self.metric
        if metric.expression is None:
            dimensions = [MetricDimension(Name=name, Value=value) for name, value in metric.dimensions.items()]
            return CustomizedMetricSpecification(
                Namespace=metric.namespace, MetricName=metric.name, Dimensions=dimensions, Statistic=metric.statistic
            )
        whole = TargetTrackingMetricDataQuery(Id=_WHOLE, Expression=metric.expression, ReturnData=True)
        return CustomizedMetricSpecification(Metrics=[*(_query(each) for each in metric.inputs), whole])


def _query(given: Input) -> Any:
    pairs = given.dimensions.items()
    dimensions = [TargetTrackingMetricDimension(Name=name, Value=value) for name, value in pairs]
    metric = TargetTrackingMetric(Namespace=given.namespace, MetricName=given.name, Dimensions=dimensions)
    stat = TargetTrackingMetricStat(Metric=metric, Stat=given.statistic)
    return TargetTrackingMetricDataQuery(Id=given.id, MetricStat=stat, ReturnData=False)
