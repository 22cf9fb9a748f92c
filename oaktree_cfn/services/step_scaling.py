"""Scaling by steps: the further a metric is beyond its threshold, the more tasks come or go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from troposphere import AWSObject
from troposphere.applicationautoscaling import ScalingPolicy, StepAdjustment, StepScalingPolicyConfiguration
from troposphere.cloudwatch import Alarm, MetricDimension

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.metrics import Metric, not_a_percentile


@dataclass(frozen=True, kw_only=True)
class Step:
    """Add or remove tasks while a metric is beyond a threshold by so much, up to where the next step begins."""

    beyond: float = fields.known(
        fields.number(fields.REQUIRED, 0, 10**12, "How far beyond the threshold the metric must be.", decimals=None)
    )
    adjustment: Value = fields.number(fields.REQUIRED, -5000, 5000, "Tasks to add, or to remove when negative.")


@dataclass(frozen=True, kw_only=True)
class StepScaling:
    """A metric, its threshold, and steps that begin there and lead away from it."""

    name: str = fields.known(
        fields.text(fields.REQUIRED, "[A-Za-z0-9]{1,64}", "letters and digits", "Name of the policy.")
    )
    metric: Metric = fields.part(fields.REQUIRED, Metric, "The metric.")
    threshold: Value = fields.number(fields.REQUIRED, -(10**12), 10**12, "Its threshold.", decimals=None)
    comparison: str = fields.known(
        fields.choice("above", ("above", "below"), "On which side of the threshold tasks come or go.")
    )
    evaluation_periods: Value = fields.number(3, 1, 60, "Minutes in a row the metric must be there.")
    steps: tuple[Step, ...] = fields.several(Step, "Steps, the nearest to the threshold first.", most=20)
    cooldown: Value = fields.number(60, 0, 3600, "Seconds until the next step.")

    def contradictions(self) -> Iterator[Problem]:
        """Steps must begin at the threshold and lead away from it; an alarm watches one metric."""
        yield from not_a_percentile(self.metric)
        if self.metric.expression is not None:
            yield Problem("metric", "step scaling watches one metric, not an expression", "Give namespace and name")
        starts = [float(step.beyond) for step in self.steps]
        if not starts or starts[0] != 0:
            yield Problem("steps", "the first does not begin at the threshold", "Let it begin 0 beyond")
        elif sorted({*starts}) != starts:
            yield Problem("steps", "they are not in order", "Order them by beyond, each different")

    def render(self, ground: Ground) -> Iterator[AWSObject]:
        """The policy, and the alarm that calls it."""
        policy = f"StepOn{self.name}"
        yield ScalingPolicy(
            ground.id(policy),
            PolicyName=ground.name(f"{{}}-{self.name.lower()}"),
            PolicyType="StepScaling",
            ScalingTargetId=ground.ref("ScalableTarget"),
            StepScalingPolicyConfiguration=StepScalingPolicyConfiguration(
                AdjustmentType="ChangeInCapacity", Cooldown=self.cooldown, StepAdjustments=list(self._adjustments())
            ),
        )
        side = "GreaterThanOrEqualToThreshold" if self.comparison == "above" else "LessThanOrEqualToThreshold"
        alarm = Alarm(
            ground.id(f"StepAlarm{self.name}"),
            AlarmDescription="Adds or removes tasks",
            Namespace=self.metric.namespace,
            MetricName=self.metric.name,
            Statistic=self.metric.statistic,
            Period=60,
            EvaluationPeriods=self.evaluation_periods,
            Threshold=self.threshold,
            ComparisonOperator=side,
            TreatMissingData="notBreaching",
            AlarmActions=[ground.ref(policy)],
        )
        if self.metric.dimensions:
            pairs = self.metric.dimensions.items()
            alarm.Dimensions = [MetricDimension(Name=name, Value=value) for name, value in pairs]
        yield alarm

    def _adjustments(self) -> Iterator[StepAdjustment]:
        """Each step reaches to where the next begins."""
        starts = [float(step.beyond) for step in self.steps]
        for step, start, end in zip(self.steps, starts, [*starts[1:], None], strict=True):
            yield StepAdjustment(ScalingAdjustment=step.adjustment, **self._interval(start, end))

    def _interval(self, start: float, end: float | None) -> dict[str, float]:
        """Below a threshold the bounds are negative and the other way round."""
        near, far = "MetricIntervalLowerBound", "MetricIntervalUpperBound"
        if self.comparison == "below":
            near, far, start, end = far, near, -start, None if end is None else -end
        return {near: start} | ({} if end is None else {far: end})
