"""Failures on request: the local stage can be told to fail, delay or hang a resource, so that every bad path is rehearsed.

A fault names resources by their path below the root stack (``Data/UsersTable``; shell wildcards work), the step, and
what happens. Faults are kept until they were met ``times`` times or are cleared.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

STEPS = ("create", "update", "delete")


class Fault(Exception):
    """The failure that was asked for."""


@dataclass
class Rule:
    """One fault: ``fail`` is the reason to fail with (empty: do not fail), ``delay`` the seconds to wait first."""

    resource: str
    step: str = "create"
    fail: str = ""
    delay: float = 0
    times: int = 1

    @staticmethod
    def parse(values: Mapping[str, Any]) -> Rule:
        """A rule from JSON. Raises ValueError naming what is wrong."""
        rule = Rule(**values)
        for name, kind in (("resource", str), ("fail", str), ("delay", int | float), ("times", int)):
            if not isinstance(getattr(rule, name), kind):
                raise ValueError(f"{name} must not be {getattr(rule, name)!r}")
        if rule.step not in STEPS:
            raise ValueError(f"step must be one of {', '.join(STEPS)}, not {rule.step!r}")
        return rule


class Faults:
    """The faults in force. Waiting ends early when ``clear`` is called, so a hang can be ended."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self._cleared = threading.Event()

    def add(self, rule: Rule) -> None:
        """Put a fault in force."""
        with self._lock:
            self._rules.append(rule)

    def clear(self) -> None:
        """Forget all faults and end every wait."""
        with self._lock:
            self._rules.clear()
            self._cleared.set()
            self._cleared = threading.Event()

    def meet(self, path: str, step: str) -> None:
        """Called before each step of a resource: wait or raise Fault when a rule says so."""
        with self._lock:
            rule = next(
                (r for r in self._rules if r.times > 0 and r.step == step and fnmatchcase(path, r.resource)), None
            )
            if rule is None:
                return
            rule.times -= 1
            cleared = self._cleared
        cleared.wait(rule.delay)
        if rule.fail:
            raise Fault(rule.fail)
