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
from troposphere import applicationautoscaling as autoscaling

from oaktree_cfn.services import fields
from oaktree_cfn.services import schedule as clock
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.step_scaling import StepScaling
from oaktree_cfn.services.target_tracking import TargetTracking

MOST_TASKS = 5000
"""Tasks per service (Amazon ECS quotas)."""


@dataclass(frozen=True, kw_only=True)
class ScheduledAction:
    """Other bounds from a time on."""

    name: str = fields.known(
        fields.text(fields.REQUIRED, "[A-Za-z0-9]{1,64}", "letters and digits", "Name of the action.")
    )
    schedule: Value = fields.of(clock.EXPRESSION, fields.REQUIRED, "When, such as cron(0 8 ? * MON-FRI *).")
    timezone: Value = fields.of(clock.TIMEZONE, "UTC", "Time zone of the schedule.")
    min_capacity: Value = fields.number(None, 0, MOST_TASKS, "Fewest tasks from then on.")
    max_capacity: Value = fields.number(None, 0, MOST_TASKS, "Most tasks from then on.")

    def contradictions(self) -> Iterator[Problem]:
        """It must change something, and not into nonsense."""
        yield from clock.contradictions(self.schedule)
        if self.min_capacity is None and self.max_capacity is None:
            yield Problem("min_capacity", "the action changes nothing", "Give min_capacity, max_capacity or both")
        yield from _bounds(self.min_capacity, self.max_capacity)

    def render(self) -> autoscaling.ScheduledAction:
        """The scalable target's ``ScheduledActions`` item."""
        bounds = {"MinCapacity": self.min_capacity, "MaxCapacity": self.max_capacity}
        given = {key: value for key, value in bounds.items() if value is not None}
        return autoscaling.ScheduledAction(
            ScheduledActionName=self.name,
            Schedule=self.schedule,
            Timezone=self.timezone,
            ScalableTargetAction=autoscaling.ScalableTargetAction(**given),
        )


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Between how many tasks a service scales, and by what. Without any other measure: by CPU, near 60 percent."""

    min_capacity: Value = fields.number(1, 0, MOST_TASKS, "Fewest tasks.")
    max_capacity: Value = fields.number(fields.REQUIRED, 1, MOST_TASKS, "Most tasks.")
    cpu: Value = fields.number(None, 1, 100, "Percent of CPU to stay near.", decimals=None)
    memory: Value = fields.number(None, 1, 100, "Percent of memory to stay near.", decimals=None)
    requests: Value = fields.number(
        None, 1, 10**9, "Requests a minute and task to stay near; for a service behind a load balancer.", decimals=None
    )
    target_tracking: tuple[TargetTracking, ...] = fields.several(
        TargetTracking, "Metrics of your own to keep near a target.", most=10
    )
    step_scaling: tuple[StepScaling, ...] = fields.several(StepScaling, "Steps by metrics of your own.", most=10)
    scheduled_actions: tuple[ScheduledAction, ...] = fields.several(
        ScheduledAction, "Other bounds at certain times.", most=50
    )
    scale_in_cooldown: Value = fields.number(300, 0, 3600, "Seconds after a change before tasks are removed.")
    scale_out_cooldown: Value = fields.number(60, 0, 3600, "Seconds after a change before more tasks are added.")

    def contradictions(self) -> Iterator[Problem]:
        """Bounds the wrong way round, two of one name, no task from which to measure."""
        yield from _bounds(self.min_capacity, self.max_capacity)
        for index, action in enumerate(self.scheduled_actions):
            least = self.min_capacity if action.min_capacity is None else action.min_capacity
            most = self.max_capacity if action.max_capacity is None else action.max_capacity
            yield from (problem.below(f"scheduled_actions.{index}") for problem in _bounds(least, most))
        yield from _one_name("scheduled_actions", [action.name for action in self.scheduled_actions])
        tracked, stepped = ([each.name for each in policies] for policies in (self.target_tracking, self.step_scaling))
        yield from _one_name("target_tracking", [*self.measures(), *tracked, *stepped])
        own = self.target_tracking or self.step_scaling or self.scheduled_actions
        if fields.number_of(self.min_capacity) == 0 and not own:
            problem = "without a task there is no CPU, memory or request to measure"
            yield Problem("min_capacity", problem, "Take at least 1")

    def measures(self) -> dict[str, Value]:
        """Which of AWS's own metrics are kept near which target; CPU where nothing else is measured."""
        given = {"Cpu": self.cpu, "Memory": self.memory, "Requests": self.requests}
        own = {name: target for name, target in given.items() if target is not None}
        return own if own or self.target_tracking or self.step_scaling else {"Cpu": 60}

    def render(self, ground: Ground, label: Any = None) -> list[AWSObject]:
        """The scalable target and its policies. ``label`` names load balancer and target group for ``requests``."""
        return [
            self._target(ground),
            *(self._policy(ground, name, target, _predefined(name, label)) for name, target in self.measures().items()),
            *(self._policy(ground, each.name, each.target, _customized(each)) for each in self.target_tracking),
            *(resource for each in self.step_scaling for resource in each.render(ground)),
        ]

    def _target(self, ground: Ground) -> autoscaling.ScalableTarget:
        resource = Sub("service/${Cluster}/${Service}", Cluster=ground.cluster, Service=ground.att("Service", "Name"))
        actions = [action.render() for action in self.scheduled_actions]
        return autoscaling.ScalableTarget(
            ground.id("ScalableTarget"),
            ServiceNamespace="ecs",
            ScalableDimension="ecs:service:DesiredCount",
            ResourceId=resource,
            MinCapacity=self.min_capacity,
            MaxCapacity=self.max_capacity,
            **({"ScheduledActions": actions} if actions else {}),
        )

    def _policy(self, ground: Ground, name: str, target: Value, metric: dict[str, Any]) -> autoscaling.ScalingPolicy:
        return autoscaling.ScalingPolicy(
            ground.id(f"ScaleOn{name}"),
            PolicyName=ground.name(f"{{}}-{name.lower()}"),
            PolicyType="TargetTrackingScaling",
            ScalingTargetId=ground.ref("ScalableTarget"),
            TargetTrackingScalingPolicyConfiguration=autoscaling.TargetTrackingScalingPolicyConfiguration(
                TargetValue=target,
                ScaleInCooldown=self.scale_in_cooldown,
                ScaleOutCooldown=self.scale_out_cooldown,
                **metric,
            ),
        )


_PREDEFINED = {
    "Cpu": "ECSServiceAverageCPUUtilization",
    "Memory": "ECSServiceAverageMemoryUtilization",
    "Requests": "ALBRequestCountPerTarget",
}


def _bounds(minimum: Value, maximum: Value) -> Iterator[Problem]:
    least, most = fields.number_of(minimum), fields.number_of(maximum)
    if least is not None and most is not None and least > most:
        yield Problem("min_capacity", f"{minimum} is more than max_capacity, {maximum}", "Make it at most that")


def _one_name(field: str, names: list[str]) -> Iterator[Problem]:
    if len({name.lower() for name in names}) < len(names):
        yield Problem(field, "two have the same name", "Give each a name of its own")


def _predefined(name: str, label: Any) -> dict[str, Any]:
    more = {"ResourceLabel": label} if name == "Requests" else {}
    metric = autoscaling.PredefinedMetricSpecification(PredefinedMetricType=_PREDEFINED[name], **more)
    return {"PredefinedMetricSpecification": metric}


def _customized(each: TargetTracking) -> dict[str, Any]:
    return {"CustomizedMetricSpecification": each.specification()}
