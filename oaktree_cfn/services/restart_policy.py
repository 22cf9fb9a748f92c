"""Restarting a container inside its task, instead of replacing the task."""

from __future__ import annotations

from dataclasses import dataclass

from troposphere import ecs

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Value


@dataclass(frozen=True, kw_only=True)
class RestartPolicy:
    """A container that exits is started again where it was: quicker than a new task, and its neighbours live on."""

    attempt_period: Value = fields.number(
        300, 60, 1800, "Seconds a container must have run before it is restarted; and at most one restart in that time."
    )
    ignored_exit_codes: tuple[Value, ...] = fields.several(
        fields.Number(0, 255), "Exit codes that end the container for good.", most=50
    )

    def render(self) -> ecs.RestartPolicy:
        """The container's ``RestartPolicy``."""
        more = {"IgnoredExitCodes": list(self.ignored_exit_codes)} if self.ignored_exit_codes else {}
        return ecs.RestartPolicy(Enabled=True, RestartAttemptPeriod=self.attempt_period, **more)
