"""How ECS asks a container itself whether it is well, besides the load balancer asking from outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from troposphere import ecs

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value


@dataclass(frozen=True, kw_only=True)
class ContainerHealthCheck:
    """A command that runs in the container: it ends with 0 while the container is well."""

    command: tuple[Value, ...] = fields.several(
        fields.Scalar(), "What to run: CMD-SHELL and a line for the container's shell, or CMD and words.", most=50
    )
    interval: Value = fields.number(30, 5, 300, "Seconds between checks.")
    timeout: Value = fields.number(5, 2, 60, "Seconds a check may take; less than the interval.")
    retries: Value = fields.number(3, 1, 10, "Failed checks in a row that make the container unhealthy.")
    start_period: Value = fields.number(30, 0, 300, "Seconds after the start in which failed checks do not count.")

    def contradictions(self) -> Iterator[Problem]:
        """What ECS would not take for a command, and a timeout that is never reached."""
        if not self.command or str(self.command[0]) not in ("CMD", "CMD-SHELL"):
            fix = "For example CMD-SHELL, then wget -q -O- localhost:5000"
            yield Problem("command", "it does not begin with CMD or CMD-SHELL", fix)
        yield from less_than_interval(self.timeout, self.interval)

    def render(self) -> ecs.HealthCheck:
        """The container's ``HealthCheck``."""
        return ecs.HealthCheck(
            Command=[fields.as_text(word) for word in self.command],
            Interval=self.interval,
            Timeout=self.timeout,
            Retries=self.retries,
            StartPeriod=self.start_period,
        )


def less_than_interval(timeout: Value, interval: Value) -> Iterator[Problem]:
    """Complains of a check that is still waiting for its answer when the next one is due."""
    seconds, between = fields.number_of(timeout), fields.number_of(interval)
    if seconds is not None and between is not None and seconds >= between:
        yield Problem("timeout", f"{timeout} is not less than the interval {interval}", "Make it less")
