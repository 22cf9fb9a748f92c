"""A CloudWatch metric: what is measured, or an expression over several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from troposphere.applicationautoscaling import (
    TargetTrackingMetric,
    TargetTrackingMetricDataQuery,
    TargetTrackingMetricDimension,
    TargetTrackingMetricStat,
)

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value

STATISTICS = ("Average", "Sum", "Minimum", "Maximum", "SampleCount")

_STATISTIC = fields.Text(
    rf"{'|'.join(STATISTICS)}|p\d{{1,2}}(\.\d{{1,2}})?", f"{', '.join(STATISTICS)} or a percentile such as p99", 11
)


@dataclass(frozen=True, kw_only=True)
class Input:
    """One metric that an expression speaks of, under a name of lower-case letters."""

    id: str = fields.text(fields.REQUIRED, "[a-z][A-Za-z0-9_]{0,31}", "a name such as visible", "Its name there.")
    namespace: Value = fields.text(fields.REQUIRED, r"[\w./#:-]{1,255}", "a namespace such as AWS/SQS", "Namespace.")
    name: Value = fields.text(fields.REQUIRED, r"[ -~]{1,255}", "a metric's name", "Name of the metric.")
    dimensions: Mapping[str, Value] = fields.named(fields.Scalar(), "[ -~]{1,255}", "dimensions", "Its dimensions.")
    statistic: Value = fields.of(_STATISTIC, "Average", "What is taken of a minute's values.")

    def tracked(self) -> TargetTrackingMetricDataQuery:
        """As a scaling policy reads it; without Id it is returned itself."""
        pairs = self.dimensions.items()
        dimensions = [TargetTrackingMetricDimension(Name=name, Value=value) for name, value in pairs]
        metric = TargetTrackingMetric(Namespace=self.namespace, MetricName=self.name, Dimensions=dimensions)
        stat = TargetTrackingMetricStat(Metric=metric, Stat=self.statistic)
        return TargetTrackingMetricDataQuery(Id=self.id, MetricStat=stat, ReturnData=False)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric by namespace, name and dimensions, or ``expression`` over ``inputs`` (CloudWatch metric math)."""

    namespace: Value = fields.text(None, r"[\w./#:-]{1,255}", "a namespace such as AWS/SQS", "Namespace.")
    name: Value = fields.text(None, r"[ -~]{1,255}", "a metric's name", "Name of the metric.")
    dimensions: Mapping[str, Value] = fields.named(fields.Scalar(), "[ -~]{1,255}", "dimensions", "Its dimensions.")
    statistic: Value = fields.of(_STATISTIC, "Average", "What is taken of a minute's values.")
    expression: Value = fields.text(None, r"(?s).{1,1024}", "an expression", "Metric math over the inputs.")
    inputs: tuple[Input, ...] = fields.several(Input, "The metrics it speaks of.", most=9)

    def contradictions(self) -> Iterator[Problem]:
        """Either a metric or an expression."""
        plain = self.namespace is not None and self.name is not None
        if plain == (self.expression is not None):
            yield Problem(
                "expression", "it is neither one metric nor an expression", "Give namespace and name, or this"
            )
        if (self.expression is None) != (not self.inputs):
            yield Problem("inputs", "an expression and its inputs belong together", "Give both or neither")


def not_a_percentile(metric: Metric) -> Iterator[Problem]:
    """Scaling goes by the five simple statistics only."""
    for statistic in (metric.statistic, *(each.statistic for each in metric.inputs)):
        if fields.is_literal(statistic) and statistic not in STATISTICS:
            yield Problem("metric", f"nothing scales by {statistic}", f"Take one of {', '.join(STATISTICS)}")
