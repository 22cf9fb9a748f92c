"""In production a rolling deployment stops and goes back by itself: a circuit breaker with a threshold, and alarms.

``DeploymentCircuitBreaker`` is on, rolls back and has a ``ThresholdConfiguration``, and ``Alarms`` watch the rollout.
"""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.template.invariants._system import SERVICE, Finding, Part, System

WHY = (
    "ECS's own threshold is half the tasks, at least 3 and at most 200: a broken rollout of a big service goes on for "
    "hours. A rollout that answers its health checks and fails its users is stopped by an alarm only. "
    "[containers-roadmap #1247](https://github.com/aws/containers-roadmap/issues/1247), "
    "[#1573](https://github.com/aws/containers-roadmap/issues/1573)"
)
FIX = (
    "Set DeploymentCircuitBreaker to Enable and Rollback with ThresholdConfiguration {Type: COUNT, Value: ...}, and Alarms "
    "to Enable and Rollback with the AlarmNames that watch the service."
)


def find(system: System) -> Iterator[Finding]:
    """Services in production whose rollouts nobody stops."""
    for service in system.of_type(SERVICE) if system.production else ():
        if service.at("DeploymentController", "Type").default("ECS").value == "ECS":
            yield from _rollout(service.at("DeploymentConfiguration"))


def _rollout(rollout: Part) -> Iterator[Finding]:
    breaker, alarms = rollout.at("DeploymentCircuitBreaker"), rollout.at("Alarms")
    if rollout.at("Strategy").default("ROLLING").value == "ROLLING":
        if _off(breaker):
            yield breaker.finding("is not on and rolling back")
        elif breaker.at("ThresholdConfiguration").absent:
            yield breaker.finding("has no ThresholdConfiguration")
    if _off(alarms):
        yield alarms.finding("are not on and rolling back")
    elif not alarms.at("AlarmNames").items and alarms.at("AlarmNames").default([]).known:
        yield alarms.finding("name no alarm")


def _off(part: Part) -> bool:
    """Whether it is surely not switched on to roll back."""
    return any(part.at(key).default("false").text == "false" for key in ("Enable", "Rollback"))
