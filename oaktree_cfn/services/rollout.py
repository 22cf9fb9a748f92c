"""How a new version takes over from the old one, and what makes ECS go back by itself."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from troposphere import ecs

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.hook import Hook
from oaktree_cfn.services.when import either

_ALARM = fields.Text(r"[ -~]{1,255}", "an alarm's name")
_ALARMS = "Names of alarms that take the rollout back: a list, or a parameter with one."


@dataclass(frozen=True, kw_only=True)
class EarlySuccess:
    """Call a rollout done before the last task is exchanged."""

    healthy_percent: Value = fields.number(
        fields.REQUIRED, 0, 100, "Percent of the desired tasks that must be new and healthy."
    )
    cleanup: Value = fields.choice(
        "BLOCKING", ("BLOCKING", "DEFERRED"), "Whether the old tasks go before the rollout is done, or afterwards."
    )

    def render(self) -> ecs.DeploymentEarlySuccessCriteria:
        """The deployment configuration's ``EarlySuccessCriteria``."""
        return ecs.DeploymentEarlySuccessCriteria(
            Enable=True, HealthyPercent=self.healthy_percent, SourceServiceRevisionCleanup=self.cleanup
        )


@dataclass(frozen=True, kw_only=True)
class Rolling:
    """New tasks come and old ones go, a few at a time. A rollout whose tasks do not get healthy goes back by itself."""

    maximum_percent: Value = fields.number(
        200, 100, 200, "Most tasks there may be meanwhile, in percent of the desired ones."
    )
    minimum_healthy_percent: Value = fields.number(
        50, 0, 100, "Fewest healthy tasks there may be meanwhile, in percent."
    )
    failure_threshold: Value = fields.number(3, 1, 1000, "Failed tasks that trip the circuit breaker.")
    alarms: Value = fields.conditional(fields.several(_ALARM, _ALARMS, whole=True))
    bake_time: Value = fields.number(
        None, 0, 1440, "Minutes for which alarms are watched when all tasks are exchanged, before the rollout is done."
    )
    early_success: EarlySuccess | None = fields.part(
        None, EarlySuccess, "Call a rollout done before the last task is exchanged."
    )

    def contradictions(self) -> Iterator[Problem]:
        """Without room above and below no task can ever be exchanged; success is no less than what is kept."""
        if _stuck(100, self.maximum_percent, self.minimum_healthy_percent):
            problem = "at most 100 and at least 100 percent leave no room"
            yield Problem("minimum_healthy_percent", problem, "Lower it, or raise maximum_percent")
        least = fields.number_of(self.minimum_healthy_percent)
        early = None if self.early_success is None else fields.number_of(self.early_success.healthy_percent)
        if early is not None and least is not None and early < least:
            problem = f"{early:.0f} is less than minimum_healthy_percent, {least:.0f}"
            yield Problem("early_success.healthy_percent", problem, "Make it at least that")

    def stuck(self, tasks: Value) -> Iterator[Problem]:
        """Complains where so few tasks cannot be exchanged: percents of them are rounded to whole tasks."""
        if _stuck(tasks, self.maximum_percent, self.minimum_healthy_percent):
            most, least = self.maximum_percent, self.minimum_healthy_percent
            problem = f"at most {most} and at least {least} percent of {tasks} leave no room to exchange a task"
            yield Problem("rollout", problem, "Raise maximum_percent, or lower minimum_healthy_percent")

    def render(self, _: Ground) -> ecs.DeploymentConfiguration:
        """The service's ``DeploymentConfiguration``."""
        breaker = ecs.DeploymentCircuitBreaker(
            Enable=True,
            Rollback=True,
            ThresholdConfiguration=ecs.ThresholdConfiguration(Type="COUNT", Value=self.failure_threshold),
        )
        optional = {
            "BakeTimeInMinutes": self.bake_time,
            "EarlySuccessCriteria": self.early_success and self.early_success.render(),
        }
        return ecs.DeploymentConfiguration(
            MaximumPercent=self.maximum_percent,
            MinimumHealthyPercent=self.minimum_healthy_percent,
            DeploymentCircuitBreaker=breaker,
            **{name: value for name, value in optional.items() if value is not None},
            **_alarms(self.alarms),
        )


def zero_surge(**more: Any) -> Rolling:
    """For a singleton, of which there must never be two: the old task ends before the new one starts. It needs
    ``availability_zone_rebalancing="DISABLED"``.
    """
    return Rolling(maximum_percent=100, minimum_healthy_percent=0, **more)


@dataclass(frozen=True, kw_only=True)
class Shift(ABC):
    """The new version stands complete beside the old one before it gets traffic; the way back is at hand for a while.

    ECS moves the traffic by the weights in the service's listener rule, now to one target group, now to the other.
    CloudFormation writes that rule whole whenever the route changes, which sends the traffic to the first group again
    (aws/aws-cdk#36649): change a route together with the version, or while the first group has the traffic.
    """

    bake_time: Value = fields.number(5, 0, 1440, "Minutes the old version is kept after all traffic has moved.")
    hooks: tuple[Hook, ...] = fields.several(Hook, "What must agree before the rollout goes on.", most=20)
    alarms: Value = fields.conditional(fields.several(_ALARM, _ALARMS, whole=True))

    def render(self, ground: Ground) -> ecs.DeploymentConfiguration:
        """The service's ``DeploymentConfiguration``. The circuit breaker is for rolling ones only; alarms and hooks are
        what takes these back.
        """
        hooks = {"LifecycleHooks": [hook.render(ground) for hook in self.hooks]} if self.hooks else {}
        return ecs.DeploymentConfiguration(
            MaximumPercent=200,
            MinimumHealthyPercent=100,
            BakeTimeInMinutes=self.bake_time,
            **self._strategy(),
            **hooks,
            **_alarms(self.alarms),
        )

    @abstractmethod
    def _strategy(self) -> dict[str, Any]:
        """The strategy's name and numbers."""


@dataclass(frozen=True, kw_only=True)
class BlueGreen(Shift):
    """All traffic moves at once, after the test traffic did."""

    def _strategy(self) -> dict[str, Any]:
        return {"Strategy": "BLUE_GREEN"}


@dataclass(frozen=True, kw_only=True)
class Canary(Shift):
    """A small part of the traffic moves first."""

    canary_percent: Value = fields.number(10, 0.1, 100, "Percent of the traffic that moves first.", decimals=1)
    canary_bake_time: Value = fields.number(10, 0, 1440, "Minutes until the rest follows.")

    def _strategy(self) -> dict[str, Any]:
        canary = ecs.CanaryConfiguration(
            CanaryPercent=self.canary_percent, CanaryBakeTimeInMinutes=self.canary_bake_time
        )
        return {"Strategy": "CANARY", "CanaryConfiguration": canary}


@dataclass(frozen=True, kw_only=True)
class Linear(Shift):
    """The traffic moves in equal steps."""

    step_percent: Value = fields.number(10, 3, 100, "Percent of the traffic that moves with each step.", decimals=1)
    step_bake_time: Value = fields.number(6, 0, 1440, "Minutes between steps.")

    def _strategy(self) -> dict[str, Any]:
        linear = ecs.LinearConfiguration(StepPercent=self.step_percent, StepBakeTimeInMinutes=self.step_bake_time)
        return {"Strategy": "LINEAR", "LinearConfiguration": linear}


ROLLOUTS = (Rolling, BlueGreen, Canary, Linear)
Rollout = Rolling | BlueGreen | Canary | Linear


def _stuck(tasks: Value, most: Value, least: Value) -> bool:
    """Whether neither one more task nor one less is allowed; ECS rounds the most down and the least up."""
    count, upper, lower = (fields.number_of(value) for value in (tasks, most, least))
    if not count or upper is None or lower is None:
        return False
    return math.floor(count * upper / 100) <= count and math.ceil(count * lower / 100) >= count


def _alarms(names: Value) -> dict[str, Any]:
    if fields.is_literal(names) and not names:
        return {}

    def watched(given: Value) -> ecs.DeploymentAlarms:
        listed = list(given) if isinstance(given, list | tuple) else given
        return ecs.DeploymentAlarms(AlarmNames=listed, Enable=True, Rollback=True)

    return {"Alarms": either(names, watched)}
