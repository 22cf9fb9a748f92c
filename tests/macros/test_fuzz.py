"""A short run of the fuzzer; the long ones are ``make fuzz``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.cage import BROKEN

HERE = Path(__file__).parents[2]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False, cwd=HERE)  # noqa: S603


def test_random_events_are_answered_by_success_or_a_named_failure() -> None:
    run = python("-m", "fuzz.macros", "4")
    assert run.returncode == 0, run.stderr[-2000:]
    assert "nothing raised, hung or got out" in run.stdout


@pytest.mark.parametrize(
    "escape",
    ["import socket; socket.socket()", "import subprocess; subprocess.run(['true'])", "open('x', 'w')"],
)
def test_the_cage_holds(escape: str, tmp_path: Path) -> None:
    prelude = "import socket, subprocess; from fuzz import cage; cage.lock(); import os; "
    run = python("-c", f"{prelude}{escape.replace('x', str(tmp_path / 'x'), 1) if 'open' in escape else escape}")
    assert run.returncode == BROKEN
    assert "the cage was broken" in run.stderr
    assert list(tmp_path.iterdir()) == []
