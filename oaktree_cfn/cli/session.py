"""Where a command works: the environment, the account behind it, and nobody else's."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from oaktree_cfn.aws import Aws
from oaktree_cfn.deploy.pace import Time
from oaktree_cfn.deploy.plan import Target, guard
from oaktree_cfn.deploy.watch import PATIENCE
from oaktree_cfn.environment import Environment
from oaktree_cfn.errors import InvalidInput

LOCAL = "local"
"""The environment that is this machine."""
HOME = Path()
"""The folder whose ``.oaktree`` holds the local stage's papers."""
LOCAL_PATIENCE = 5.0
"""Seconds without an answer after which the local stage is taken for dead; where nobody listens, it is at once."""

LOCAL_WAIT, LONGEST_LOCAL_WAIT = 0.05, 0.3
"""Seconds between two looks at the local stage, which is near and answers at once."""


@dataclass(frozen=True, slots=True)
class Session:
    """An environment and where it is deployed."""

    environment: Environment
    target: Target

    @property
    def patience(self) -> float:
        """Seconds without any answer after which an outcome is Unknown."""
        return LOCAL_PATIENCE if self.target.aws.endpoint else PATIENCE


def connect(environment: Environment, *, start: bool = True) -> Session:
    """Make sure that the credentials belong to the environment's account; nothing else is asked of AWS before.

    ``start`` starts the local stage when it does not run. Raises InvalidInput for a wrong account or credentials.
    """
    aws = Aws(environment.region, _endpoint(start) if environment.name == LOCAL else None)
    account = aws.identity().account
    guard(account, environment.account, environment.name)
    time = Time(shortest=LOCAL_WAIT, longest=LONGEST_LOCAL_WAIT) if aws.endpoint else Time()
    return Session(environment, Target(aws, account, time))


def running() -> bool:
    """Whether the local stage runs."""
    from oaktree_cfn.local import process

    return process.running(HOME) is not None


def _endpoint(start: bool) -> str:
    from oaktree_cfn.local import process

    stage = process.running(HOME) or (process.start(HOME) if start else None)
    if stage is None:
        raise InvalidInput("The local stage does not run: nothing is deployed there.", "Run `make deploy ENV=local`.")
    return str(stage.endpoint)
