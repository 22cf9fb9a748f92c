"""How a new version takes over from the old one, and what makes ECS go back by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from troposphere import ecs

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.when import either

STAGES = (
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
)

_ALARMS = "Names of alarms that take the rollout back: a list, or a parameter with one."


@dataclass(frozen=True, kw_only=True)
class Hook:
    """Something that must agree before a rollout goes on: a Lambda function, or a person (PAUSE)."""

    stages: tuple[str, ...] = fields.several(fields.Choice(STAGES), "Stages of the rollout at which it is asked.")
    function: Value = fields.arn(
        None, "ARN of the Lambda function to ask; without one the rollout pauses for a person."
    )
    role: Value = fields.arn(None, "ARN of the role with which ECS calls the function.")
    timeout: Value = fields.number(1440, 1, 20160, "Minutes to wait for the answer.")
    timeout_action: Value = fields.choice(
        "ROLLBACK", ("ROLLBACK", "CONTINUE"), "What to do when there is none in time."
    )

    def contradictions(self) -> Iterator[Problem]:
        """A function needs a role; a hook without stages is never asked."""
        if not self.stages:
            yield Problem("stages", "there is none", f"Name one of {', '.join(STAGES)}")
        if (self.function is None) != (self.role is None):
            missing = "role" if self.role is None else "function"
            yield Problem(missing, "a function and its role belong together", "Give both, or neither for a pause")

    def render(self) -> ecs.DeploymentLifecycleHook:
        """The deployment configuration's ``LifecycleHooks`` item."""
        target = {"TargetType": "PAUSE"}
        if self.function is not None:
            target = {"TargetType": "AWS_LAMBDA", "HookTargetArn": self.function, "RoleArn": self.role}
        return ecs.DeploymentLifecycleHook(
            LifecycleStages=list(self.stages),
            TimeoutConfiguration=ecs.HookTimeoutConfig(TimeoutInMinutes=self.timeout, Action=self.timeout_action),
            **target,
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
    alarms: Value = fields.several(fields.NOT_EMPTY, _ALARMS)

    def contradictions(self) -> Iterator[Problem]:
        """With no room above and none below, no task can ever be exchanged."""
        known = fields.is_literal(self.maximum_percent) and fields.is_literal(self.minimum_healthy_percent)
        if known and int(self.maximum_percent) == 100 and int(self.minimum_healthy_percent) == 100:
            problem = "at most 100 and at least 100 percent leave no room"
            yield Problem("minimum_healthy_percent", problem, "Lower it, or raise maximum_percent")

    def render(self) -> ecs.DeploymentConfiguration:
        """The service's ``DeploymentConfiguration``."""
        breaker = ecs.DeploymentCircuitBreaker(
            Enable=True,
            Rollback=True,
            ThresholdConfiguration=ecs.ThresholdConfiguration(Type="COUNT", Value=self.failure_threshold),
        )
        return ecs.DeploymentConfiguration(
            MaximumPercent=self.maximum_percent,
            MinimumHealthyPercent=self.minimum_healthy_percent,
            DeploymentCircuitBreaker=breaker,
            **_alarms(self.alarms),
        )


def zero_surge(**more: Any) -> Rolling:
    """For a singleton, of which there must never be two: the old task ends before the new one starts."""
    return Rolling(maximum_percent=100, minimum_healthy_percent=0, **more)


@dataclass(frozen=True, kw_only=True)
class _Shift:
    """The new version stands complete beside the old one before it gets traffic; the way back is at hand for a while."""

    bake_time: Value = fields.number(5, 0, 1440, "Minutes the old version is kept after all traffic has moved.")
    hooks: tuple[Hook, ...] = fields.several(Hook, "What must agree before the rollout goes on.", most=20)
    alarms: Value = fields.several(fields.NOT_EMPTY, _ALARMS)

    def render(self) -> ecs.DeploymentConfiguration:
        """The service's ``DeploymentConfiguration``."""
        hooks = {"LifecycleHooks": [hook.render() for hook in self.hooks]} if self.hooks else {}
        return ecs.DeploymentConfiguration(
            MaximumPercent=200,
            MinimumHealthyPercent=100,
            BakeTimeInMinutes=self.bake_time,
            **self._strategy(),
            **hooks,
            **_alarms(self.alarms),
        )

    def _strategy(self) -> dict[str, Any]:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class BlueGreen(_Shift):
    """All traffic moves at once, after the test traffic did."""

    def _strategy(self) -> dict[str, Any]:
        return {"Strategy": "BLUE_GREEN"}


@dataclass(frozen=True, kw_only=True)
class Canary(_Shift):
    """A small part of the traffic moves first."""

    canary_percent: Value = fields.number(10, 0.1, 100, "Percent of the traffic that moves first.", whole=False)
    canary_bake_time: Value = fields.number(10, 0, 1440, "Minutes until the rest follows.")

    def _strategy(self) -> dict[str, Any]:
        canary = ecs.CanaryConfiguration(
            CanaryPercent=self.canary_percent, CanaryBakeTimeInMinutes=self.canary_bake_time
        )
        return {"Strategy": "CANARY", "CanaryConfiguration": canary}


@dataclass(frozen=True, kw_only=True)
class Linear(_Shift):
    """The traffic moves in equal steps."""

    step_percent: Value = fields.number(10, 3, 100, "Percent of the traffic that moves with each step.", whole=False)
    step_bake_time: Value = fields.number(6, 0, 1440, "Minutes between steps.")

    def _strategy(self) -> dict[str, Any]:
        linear = ecs.LinearConfiguration(StepPercent=self.step_percent, StepBakeTimeInMinutes=self.step_bake_time)
        return {"Strategy": "LINEAR", "LinearConfiguration": linear}


ROLLOUTS = (Rolling, BlueGreen, Canary, Linear)
Rollout = Rolling | BlueGreen | Canary | Linear


def shifts_traffic(rollout: Rollout) -> bool:
    """Whether the rollout moves traffic between two target groups."""
    return isinstance(rollout, _Shift)


def _alarms(names: Value) -> dict[str, Any]:
    if fields.is_literal(names) and not names:
        return {}

    def watched(given: Value) -> ecs.DeploymentAlarms:
        listed = list(given) if isinstance(given, list | tuple) else given
        return ecs.DeploymentAlarms(AlarmNames=listed, Enable=True, Rollback=True)

    return {"Alarms": either(names, watched)}
