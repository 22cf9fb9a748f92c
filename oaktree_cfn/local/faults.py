"""Failures on request: the local stage can be told to fail, delay or hang a resource, so that every bad path is rehearsed.

A fault names resources by their path below the root stack (``Data/UsersTable``; shell wildcards work), the step, and
what happens. Faults are kept until they were met ``times`` times or are cleared.

The step ``rollout`` comes after ``create`` and ``update`` of an ECS service: what goes wrong there are its tasks, and what
CloudFormation makes of it depends on the service's circuit breaker (``rollouts``).
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

ROLLOUT = "rollout"
STEPS = ("create", "update", "delete", ROLLOUT)


class Fault(Exception):
    """The failure that was asked for, and the HandlerErrorCode it is told with."""

    def __init__(self, reason: str, code: str = "GeneralServiceException") -> None:
        super().__init__(reason)
        self.code = code


@dataclass
class Rule:
    """One fault: ``fail`` is the reason to fail with (empty: do not fail), ``delay`` the seconds to wait first.

    The rest is for rollouts, whose ``fail`` is the reason why tasks stop: the ``exit_code`` of their container (None: it
    never ran), what it wrote to its ``log``, and ``silent`` where CloudFormation does not notice and goes on.
    """

    resource: str
    step: str = "create"
    fail: str = ""
    delay: float = 0
    times: int = 1
    exit_code: int | None = None
    log: str = ""
    silent: bool = False

    @staticmethod
    def parse(values: Mapping[str, Any]) -> Rule:
        """A rule from JSON. Raises ValueError naming what is wrong."""
        rule = Rule(**values)
        for name, kind in _KINDS.items():
            if not isinstance(getattr(rule, name), kind):
                raise ValueError(f"{name} must not be {getattr(rule, name)!r}")
        if rule.step not in STEPS:
            raise ValueError(f"step must be one of {', '.join(STEPS)}, not {rule.step!r}")
        strange = [name for name in ("exit_code", "log", "silent") if name in values]
        if strange and (rule.step != ROLLOUT or not rule.fail):
            raise ValueError(f"{strange[0]} is for a {ROLLOUT} that fails")
        return rule


_KINDS: Mapping[str, Any] = {
    "resource": str,
    "fail": str,
    "delay": int | float,
    "times": int,
    "exit_code": int | None,
    "log": str,
    "silent": bool,
}


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
        rule = self.take(path, step)
        if rule is not None:
            self.wait(rule)
            if rule.fail:
                raise Fault(rule.fail)

    def take(self, path: str, step: str) -> Rule | None:
        """The rule that is in force for a step, used up by one time."""
        with self._lock:
            rule = next(
                (r for r in self._rules if r.times > 0 and r.step == step and fnmatchcase(path, r.resource)), None
            )
            if rule is not None:
                rule.times -= 1
            return rule

    def wait(self, rule: Rule) -> None:
        """The rule's delay, or less when faults are cleared meanwhile."""
        with self._lock:
            cleared = self._cleared if rule in self._rules else None
        if cleared is not None:
            cleared.wait(rule.delay)
