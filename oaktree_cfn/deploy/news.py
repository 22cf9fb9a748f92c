"""What there is to tell of a running operation. No account is asked here: who only shows it starts without boto3."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from oaktree_cfn.models import Stack, StackEvent


@dataclass(frozen=True, slots=True)
class Told:
    """One event with the place of its resource below the root stack; the root stack itself is ``()``."""

    path: tuple[str, ...]
    event: StackEvent


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a resource's own service about it (ECS of a service that rolls out), at its path."""

    path: tuple[str, ...]
    time: datetime
    message: str


@dataclass(frozen=True, slots=True)
class Progress:
    """What a look brought: the root stack, the news since the last look, and what hinders us, if anything.

    ``began`` is the time of the operation's first event, by AWS's clock; ``said`` are messages of the services at work.
    """

    stack: Stack
    news: tuple[Told, ...] = ()
    elapsed: float = 0.0
    trouble: str = ""
    began: datetime | None = None
    said: tuple[Said, ...] = ()


Report = Callable[[Progress], None]
"""Where progress is told."""
