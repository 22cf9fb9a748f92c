"""How many tasks run, by what is measured and by the clock.

While a service scales, its template says no number of tasks: a number would put the service back to it with every deploy,
in the middle of the day's peak. The autoscaler's registration brings the service to its minimum by itself
(Application Auto Scaling API reference, RegisterScalableTarget).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from troposphere import AWSObject, Sub
from troposphere.applicationautoscaling import (
    CustomizedMetricSpecification,
    MetricDimension,
    PredefinedMetricSpecification,
    ScalableTarget,
    ScalableTargetAction,
    ScalingPolicy,
    StepAdjustment,
    StepScalingPolicyConfiguration,
    TargetTrackingMetricDataQuery,
    TargetTrackingScalingPolicyConfiguration,
)
from troposphere.applicationautoscaling import (
    ScheduledAction as TargetAction,
)
from troposphere.cloudwatch import Alarm
from troposphere.cloudwatch import MetricDimension as AlarmDimension

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.metrics import Metric, not_a_percentile

_TASKS = (0, 5000)


@dataclass(frozen=True, kw_only=True)
class TargetTracking:
    """A metric of your own that scaling keeps near a target; it must fall when tasks are added."""

    name: str = fields.text(fields.REQUIRED, "[A-Za-z0-9]{1,64}", "letters and digits", "Name of the policy.")
    metric: Metric = fields.part(fields.REQUIRED, Metric, "The metric.")
    target: Value = fields.number(fields.REQUIRED, 0, 10**12, "The value to stay near.", whole=False)

    def contradictions(self) -> Iterator[Problem]:
        """A percentile cannot be tracked."""
        yield from not_a_percentile(self.metric)


@dataclass(frozen=True, kw_only=True)
class Step:
    """Add or remove tasks while a metric is beyond a threshold by so much."""

    beyond: Value = fields.number(
        fields.REQUIRED, 0, 10**12, "How far beyond the threshold the metric must be.", whole=False
    )
    adjustment: Value = fields.number(fields.REQUIRED, -5000, 5000, "Tasks to add, or to remove when negative.")


@dataclass(frozen=True, kw_only=True)
class StepScaling:
    """Step scaling: the further a metric is beyond its threshold, the more tasks come or go."""

    name: str = fields.text(fields.REQUIRED, "[A-Za-z0-9]{1,64}", "letters and digits", "Name of the policy.")
    metric: Metric = fields.part(fields.REQUIRED, Metric, "The metric.")
    threshold: Value = fields.number(fields.REQUIRED, -(10**12), 10**12, "Its threshold.", whole=False)
    comparison: Value = fields.choice("above", ("above", "below"), "On which side of the threshold tasks come or go.")
    evaluation_periods: Value = fields.number(3, 1, 60, "Periods in a row the metric must be there.")
    steps: tuple[Step, ...] = fields.several(Step, "Steps, the nearest to the threshold first.", most=20)
    cooldown: Value = fields.number(60, 0, 3600, "Seconds until the next step.")

    def contradictions(self) -> Iterator[Problem]:
        """Steps must begin at the threshold and lead away from it; an alarm watches one metric."""
        yield from not_a_percentile(self.metric)
        if self.metric.expression is not None:
            yield Problem("metric", "step scaling watches one metric, not an expression", "Give namespace and name")
        starts = [float(step.beyond) for step in self.steps if fields.is_literal(step.beyond)]
        if len(starts) != len(self.steps) or not starts or starts[0] != 0:
            yield Problem("steps", "the first does not begin at the threshold", "Give it beyond=0")
        elif sorted(set(starts)) != starts:
            yield Problem("steps", "they are not in order", "Order them by beyond, each different")


@dataclass(frozen=True, kw_only=True)
class ScheduledAction:
    """Other bounds from a time on."""

    name: str = fields.text(fields.REQUIRED, "[A-Za-z0-9]{1,64}", "letters and digits", "Name of the action.")
    schedule: Value = fields.text(
        fields.REQUIRED,
        r"(at|rate|cron)\(.+\)",
        "cron(…), rate(…) or at(…)",
        "When, such as cron(0 8 ? * MON-FRI *).",
        256,
    )
    timezone: Value = fields.text("UTC", r"[A-Za-z0-9_+/-]+", "a time zone such as Asia/Singapore", "Time zone of it.")
    min_capacity: Value = fields.number(None, *_TASKS, "Fewest tasks from then on.")
    max_capacity: Value = fields.number(None, *_TASKS, "Most tasks from then on.")

    def contradictions(self) -> Iterator[Problem]:
        """It must change something, and not into nonsense."""
        if self.min_capacity is None and self.max_capacity is None:
            yield Problem("min_capacity", "the action changes nothing", "Give min_capacity, max_capacity or both")
        yield from _bounds(self.min_capacity, self.max_capacity)


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Between how many tasks a service scales, and by what. Without any other measure: by CPU, near 60 percent."""

    min_capacity: Value = fields.number(1, *_TASKS, "Fewest tasks.")
    max_capacity: Value = fields.number(fields.REQUIRED, 1, 5000, "Most tasks.")
    cpu: Value = fields.number(None, 1, 100, "Percent of CPU to stay near.", whole=False)
    memory: Value = fields.number(None, 1, 100, "Percent of memory to stay near.", whole=False)
    requests: Value = fields.number(
        None, 1, 10**9, "Requests a minute and task to stay near; for a service behind a load balancer.", whole=False
    )
    target_tracking: tuple[TargetTracking, ...] = fields.several(
        TargetTracking, "Metrics of your own to keep near a target.", most=10
    )
    step_scaling: tuple[StepScaling, ...] = fields.several(StepScaling, "Step scaling.", most=10)
    scheduled_actions: tuple[ScheduledAction, ...] = fields.several(
        ScheduledAction, "Other bounds at certain times.", most=50
    )
    scale_in_cooldown: Value = fields.number(300, 0, 3600, "Seconds after a change before tasks are removed.")
    scale_out_cooldown: Value = fields.number(60, 0, 3600, "Seconds after a change before more tasks are added.")

    def contradictions(self) -> Iterator[Problem]:
        """Bounds the wrong way round, policies with one name, no task from which to measure."""
        yield from _bounds(self.min_capacity, self.max_capacity)
        names = [*(each.name for each in self.target_tracking), *(each.name for each in self.step_scaling)]
        if len(set(names)) < len(names):
            yield Problem("target_tracking", "two policies have the same name", "Give each a name of its own")
        measured = self.target_tracking or self.step_scaling or self.scheduled_actions
        if fields.is_literal(self.min_capacity) and float(self.min_capacity) == 0 and not measured:
            yield Problem(
                "min_capacity", "without a task there is no CPU, memory or request to measure", "Take at least 1"
            )

    def render(self, ground: Ground, label: Any = None) -> list[AWSObject]:
        """The scalable target and its policies. ``label`` names load balancer and target group for ``requests``."""
        return [
            self._target(ground),
            *(_tracking(ground, name, self, spec, target) for name, spec, target in self._measures(label)),
            *(resource for steps in self.step_scaling for resource in _stepping(ground, steps)),
        ]

    def _target(self, ground: Ground) -> ScalableTarget:
        resource = Sub("service/${Cluster}/${Service}", Cluster=ground.cluster, Service=ground.att("Service", "Name"))
        schedule = (
            {"ScheduledActions": [_action(clock) for clock in self.scheduled_actions]} if self.scheduled_actions else {}
        )
        return ScalableTarget(
            ground.id("ScalableTarget"),
            ServiceNamespace="ecs",
            ScalableDimension="ecs:service:DesiredCount",
            ResourceId=resource,
            MinCapacity=self.min_capacity,
            MaxCapacity=self.max_capacity,
            **schedule,
        )

    def _measures(self, label: Any) -> Iterator[tuple[str, dict[str, Any], Value]]:
        given = {"Cpu": self.cpu, "Memory": self.memory, "Requests": self.requests}
        if not self.target_tracking and not self.step_scaling and all(value is None for value in given.values()):
            given["Cpu"] = 60
        for name, target in given.items():
            if target is not None:
                yield name, {"PredefinedMetricSpecification": _predefined(name, label)}, target
        for each in self.target_tracking:
            yield each.name, {"CustomizedMetricSpecification": _customized(each.metric)}, each.target


_PREDEFINED = {
    "Cpu": "ECSServiceAverageCPUUtilization",
    "Memory": "ECSServiceAverageMemoryUtilization",
    "Requests": "ALBRequestCountPerTarget",
}


def _bounds(minimum: Value, maximum: Value) -> Iterator[Problem]:
    known = minimum is not None and maximum is not None and fields.is_literal(minimum) and fields.is_literal(maximum)
    if known and float(minimum) > float(maximum):
        yield Problem("min_capacity", f"{minimum} is more than the maximum {maximum}", "Swap them")


def _predefined(name: str, label: Any) -> PredefinedMetricSpecification:
    more = {"ResourceLabel": label} if name == "Requests" else {}
    return PredefinedMetricSpecification(PredefinedMetricType=_PREDEFINED[name], **more)


def _customized(metric: Metric) -> CustomizedMetricSpecification:
    if metric.expression is None:
        dimensions = [MetricDimension(Name=name, Value=value) for name, value in metric.dimensions.items()]
        return CustomizedMetricSpecification(
            Namespace=metric.namespace, MetricName=metric.name, Dimensions=dimensions, Statistic=metric.statistic
        )
    queries = [query.tracked() for query in metric.inputs]
    whole = TargetTrackingMetricDataQuery(Id="target", Expression=metric.expression, ReturnData=True)
    return CustomizedMetricSpecification(Metrics=[*queries, whole])


def _tracking(ground: Ground, name: str, scaling: Scaling, spec: dict[str, Any], target: Value) -> ScalingPolicy:
    return ScalingPolicy(
        ground.id(f"ScaleOn{name}"),
        PolicyName=ground.name(f"{{}}-{name.lower()}"),
        PolicyType="TargetTrackingScaling",
        ScalingTargetId=ground.ref("ScalableTarget"),
        TargetTrackingScalingPolicyConfiguration=TargetTrackingScalingPolicyConfiguration(
            TargetValue=target,
            ScaleInCooldown=scaling.scale_in_cooldown,
            ScaleOutCooldown=scaling.scale_out_cooldown,
            **spec,
        ),
    )


def _action(clock: ScheduledAction) -> TargetAction:
    bounds = {"MinCapacity": clock.min_capacity, "MaxCapacity": clock.max_capacity}
    return TargetAction(
        ScheduledActionName=clock.name,
        Schedule=clock.schedule,
        Timezone=clock.timezone,
        ScalableTargetAction=ScalableTargetAction(**{key: value for key, value in bounds.items() if value is not None}),
    )


def _stepping(ground: Ground, steps: StepScaling) -> Iterator[AWSObject]:
    """The policy, and the alarm that calls it."""
    yield ScalingPolicy(
        ground.id(f"Step{steps.name}"),
        PolicyName=ground.name(f"{{}}-{steps.name.lower()}"),
        PolicyType="StepScaling",
        ScalingTargetId=ground.ref("ScalableTarget"),
        StepScalingPolicyConfiguration=StepScalingPolicyConfiguration(
            AdjustmentType="ChangeInCapacity", Cooldown=steps.cooldown, StepAdjustments=_adjustments(steps)
        ),
    )
    above = steps.comparison == "above"
    yield Alarm(
        ground.id(f"Step{steps.name}Alarm"),
        AlarmDescription="Adds or removes tasks",
        Namespace=steps.metric.namespace,
        MetricName=steps.metric.name,
        Dimensions=[AlarmDimension(Name=name, Value=value) for name, value in steps.metric.dimensions.items()],
        Statistic=steps.metric.statistic,
        Period=60,
        EvaluationPeriods=steps.evaluation_periods,
        Threshold=steps.threshold,
        ComparisonOperator="GreaterThanOrEqualToThreshold" if above else "LessThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
        AlarmActions=[ground.ref(f"Step{steps.name}")],
    )


def _adjustments(steps: StepScaling) -> list[StepAdjustment]:
    """Each step reaches to where the next begins; below a threshold the bounds are negative and the other way round."""
    starts = [float(step.beyond) for step in steps.steps]
    ends: list[float | None] = [*starts[1:], None]
    return [
        StepAdjustment(ScalingAdjustment=step.adjustment, **_interval(steps.comparison == "above", start, end))
        for step, start, end in zip(steps.steps, starts, ends, strict=True)
    ]


def _interval(above: bool, start: float, end: float | None) -> dict[str, float]:
    near, far = ("MetricIntervalLowerBound", "MetricIntervalUpperBound")
    if not above:
        near, far, start, end = far, near, -start, None if end is None else -end
    return {near: start} | ({} if end is None else {far: end})
