"""The stage as a process of its own: start it, find it, end it. Its papers lie in ``<home>/.oaktree``.

``stage.json`` holds pid and endpoint while it runs, ``stage.log`` what it had to say; ``stage.lock`` is held by whoever is starting
it. State is in memory: whoever ends the process forgets the stacks.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oaktree_cfn.errors import InvalidInput, Unknown

ACCOUNT = "123456789012"
"""The account moto plays."""

PATIENCE = 60.0
"""Seconds a start may take; importing moto on a cold disk is the longest part."""

_AT_ONCE = {"MOTO_ACM_VALIDATION_WAIT": "0"}
"""What moto waits for unless it is told not to: certificates are validated at once, unless the environment says otherwise."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A running stage."""

    pid: int
    endpoint: str
    log: Path
    account: str = ACCOUNT

    def ask(self, method: str, door: str, body: Mapping[str, Any] | None = None) -> Any:
        """Use the stage's own door (``state``, ``reset``, ``faults``). Raises Unknown when it does not answer."""
        data = json.dumps(body).encode() if body is not None else None
        address = f"{self.endpoint}/_oaktree/{door}"
        request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310  # http on loopback
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise InvalidInput(f"the local stage refuses: {json.load(error)['error']}") from error
        except OSError as error:
            raise Unknown(
                f"the local stage at {self.endpoint} does not answer: {error}",
                f"Look into {self.log}, then `oaktree local start`.",
            ) from error


def _papers(home: Path) -> tuple[Path, Path]:
    folder = home / ".oaktree"
    return folder / "stage.json", folder / "stage.log"


def running(home: Path) -> Stage | None:
    """The stage that runs for this folder, None when there is none (a stale paper is no stage)."""
    paper, log = _papers(home)
    try:
        found = json.loads(paper.read_text())
        stage = Stage(int(found["pid"]), str(found["endpoint"]), log)
        os.kill(stage.pid, 0)
        ours = stage.ask("GET", "state")["pid"] == stage.pid  # else somebody else's stage has that address now
    except (OSError, OverflowError, ValueError, KeyError, TypeError, InvalidInput, Unknown):
        return None
    return stage if ours else None


def start(home: Path, port: int = 0) -> Stage:
    """The running stage, started when there is none. Raises InvalidInput when it cannot start (a port in use)."""
    found = running(home)
    if found is not None:
        return found
    _papers(home)[0].parent.mkdir(mode=0o700, exist_ok=True)
    with (home / ".oaktree" / "stage.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two that start at once, the second finds the first one's stage
        return running(home) or _started(home, port)


def _started(home: Path, port: int) -> Stage:
    paper, log = _papers(home)
    paper.unlink(missing_ok=True)
    with log.open("ab") as sink:
        child = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-m", "oaktree_cfn.local", str(paper), str(port)],
            stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True, env={**_AT_ONCE, **os.environ},
        )  # fmt: skip
    try:
        found = _await(child, home, port)
    except BaseException:  # ^C too: nobody would ever find this one
        child.kill()
        child.wait()
        raise
    child.returncode = 0  # it outlives us on purpose: no warning about a child left running
    return found


def _await(child: subprocess.Popen[bytes], home: Path, port: int) -> Stage:
    end = time.monotonic() + PATIENCE
    _, log = _papers(home)
    while time.monotonic() < end:
        if child.poll() is not None:
            raise InvalidInput(
                f"the local stage could not start{f' on port {port}' if port else ''}: {_last_line(log)}",
                f"Is the port in use? The whole story is in {log}.",
            )
        found = running(home)
        if found is not None:
            return found
        time.sleep(0.05)
    raise InvalidInput(f"the local stage did not answer within {PATIENCE:.0f} s", f"Look into {log}.")


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def stop(home: Path) -> bool:
    """End the stage; False when none ran."""
    found = running(home)
    if found is None:
        return False
    os.kill(found.pid, signal.SIGTERM)
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if _ended(found.pid, home):
            return True
        time.sleep(0.02)
    os.kill(found.pid, signal.SIGKILL)
    return True


def _ended(pid: int, home: Path) -> bool:
    """Whether it took its paper away, the last thing it does, or is gone without. Who should reap it may never do so."""
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        if _papers(home)[0].exists():
            return False
    with suppress(ChildProcessError):
        os.waitpid(pid, 0)  # a child of ours we bury ourselves
    return True
