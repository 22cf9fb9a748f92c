"""Failures on request: which resource, which step, how often, and how long to wait."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from oaktree_cfn.local.faults import STEPS, Fault, Faults, Rule


def met(faults: Faults, path: str, step: str = "create") -> str:
    """What a step meets: the reason to fail with, or nothing."""
    try:
        faults.meet(path, step)
    except Fault as fault:
        return str(fault)
    return ""


@pytest.mark.parametrize(
    ("pattern", "path", "hits"),
    [
        ("Data/UsersTable", "Data/UsersTable", True),
        ("Data/UsersTable", "UsersTable", False),
        ("*", "Data/UsersTable", True),
        ("*/UsersTable", "Data/UsersTable", True),
        ("Data/*", "Network/Vpc", False),
        ("Data/Users?able", "Data/UsersTable", True),
        ("data/userstable", "Data/UsersTable", False),
    ],
)
def test_a_fault_hits_the_resources_it_names(pattern: str, path: str, *, hits: bool) -> None:
    faults = Faults()
    faults.add(Rule(pattern, fail="no"))
    assert met(faults, path) == ("no" if hits else "")


@pytest.mark.parametrize("step", STEPS)
def test_a_fault_hits_its_own_step_only(step: str) -> None:
    faults = Faults()
    faults.add(Rule("*", step, fail="no"))
    assert {other: met(faults, "A", other) for other in STEPS if other != step} == {s: "" for s in STEPS if s != step}
    assert met(faults, "A", step) == "no"


def test_a_fault_is_met_as_often_as_it_says_and_then_the_next_one() -> None:
    faults = Faults()
    faults.add(Rule("A", fail="first", times=2))
    faults.add(Rule("A", fail="second"))
    assert [met(faults, "A") for _ in range(4)] == ["first", "first", "second", ""]


def test_cleared_faults_are_gone() -> None:
    faults = Faults()
    faults.add(Rule("*", fail="no", times=9))
    faults.clear()
    assert met(faults, "A") == ""


def test_a_delay_waits_and_then_goes_on_or_fails() -> None:
    faults = Faults()
    faults.add(Rule("*", delay=0.05))
    faults.add(Rule("*", delay=0.05, fail="late"))
    began = time.monotonic()
    assert [met(faults, "A"), met(faults, "A")] == ["", "late"]
    assert time.monotonic() - began >= 0.1


def test_a_hang_ends_when_faults_are_cleared() -> None:
    faults = Faults()
    faults.add(Rule("*", delay=600))
    waiting = threading.Thread(target=faults.meet, args=("A", "create"), daemon=True)
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    faults.clear()
    waiting.join(5)
    assert not waiting.is_alive()


def test_a_fault_put_in_force_later_does_not_keep_an_older_hang_from_ending() -> None:
    faults = Faults()
    faults.add(Rule("A", delay=600))
    waiting = threading.Thread(target=faults.meet, args=("A", "create"), daemon=True)
    waiting.start()
    waiting.join(0.05)
    faults.add(Rule("B", fail="no"))
    faults.clear()
    waiting.join(5)
    assert not waiting.is_alive()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"resource": "A", "step": "explode"}, "step must be one of create, update, delete, rollout, not 'explode'"),
        ({"resource": 1}, "resource must not be 1"),
        ({"resource": "A", "delay": "long"}, "delay must not be 'long'"),
        ({"resource": "A", "times": "often"}, "times must not be 'often'"),
        ({"resource": "A", "fail": None}, "fail must not be None"),
        ({"resource": "A", "step": "rollout", "fail": "no", "silent": "yes"}, "silent must not be 'yes'"),
        ({"resource": "A", "step": "rollout", "fail": "no", "exit_code": "1"}, "exit_code must not be '1'"),
        ({"resource": "A", "fail": "no", "silent": True}, "silent is for a rollout that fails"),
        ({"resource": "A", "step": "rollout", "log": "x"}, "log is for a rollout that fails"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Rule.parse(values)


@pytest.mark.parametrize("values", [{}, {"resource": "A", "colour": "red"}, ["A"]])
def test_a_rule_of_other_shape_is_refused(values: Any) -> None:
    with pytest.raises(TypeError):
        Rule.parse(values)
