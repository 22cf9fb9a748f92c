"""The local stage as a process of its own: started, asked, emptied, ended, and killed in the middle of a deploy."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from oaktree_cfn.local import process

from .conftest import DATA, NOTES, ROOT, Project


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Project]:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "templates").mkdir()
    (tmp_path / "environments").mkdir()
    made = Project(tmp_path, process.Stage(0, "", tmp_path), capsys)
    made.environment()
    for name, document in (("root", ROOT), ("data", DATA), ("notes", NOTES)):
        made.template(name, document)
    yield made
    process.stop(tmp_path)


def test_it_starts_once_says_where_and_stops(place: Project) -> None:
    assert place.run("local", "status").code == 2
    first = place.run("local", "start")
    assert first.code == 0
    assert place.run("local", "start").out == first.out
    assert place.run("local", "stop").out == "The local stage was stopped.\n"
    assert place.run("local", "stop").out == "The local stage does not run.\n"
    assert not (place.folder / ".oaktree" / "stage.json").exists()


def test_its_exports_lead_boto3_to_it_and_reset_empties_it(place: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert place.deploy().code == 0, "a deploy starts the stage by itself"
    for line in place.run("local", "env").out.splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        monkeypatch.setenv(name, value)
    assert boto3.client("dynamodb").list_tables()["TableNames"] == ["oaktree-local-users"]
    assert "oaktree-local in ap-southeast-1: create complete, 3 resources\n" in place.run("local", "status").out
    assert place.run("local", "reset").code == 0
    assert "Nothing is deployed on it." in place.run("local", "status").out


def test_a_port_in_use_is_said_and_nothing_is_left_running(place: Project) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = place.run("local", "start", "--port", str(port))
    assert done.code == 2
    assert str(port) in done.err
    assert "Next: " in done.err
    assert process.running(place.folder) is None


def test_a_stage_killed_mid_way_is_unknown_and_the_next_deploy_works(place: Project) -> None:
    stage = process.start(place.folder)
    stage.ask("POST", "faults", {"resource": "Notes/Note", "step": "create", "delay": 60})

    def kill() -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end and not any(
            s["nested"] and s["status"] == "CREATE_IN_PROGRESS" for s in stage.ask("GET", "state")["stacks"]
        ):
            time.sleep(0.05)
        time.sleep(0.3)  # ExecuteChangeSet has been answered by now
        os.kill(stage.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    done = place.deploy()
    killer.join()
    assert done.code == 7, done.err
    assert "We can no longer see how it ends" in done.err
    assert "make deploy ENV=local" in done.err
    assert place.deploy().code == 0


def test_an_interrupt_from_the_keyboard_ends_the_watching_and_not_the_deploy(place: Project) -> None:
    stage = process.start(place.folder)
    stage.ask("POST", "faults", {"resource": "Notes/Note", "step": "create", "delay": 60})
    command = [
        Path(sys.executable).parent / "oaktree",
        "deploy",
        "--env",
        "local",
        "--templates",
        "templates",
        "--no-lint",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as deploying:  # noqa: S603
        end = time.monotonic() + 30
        while time.monotonic() < end and not any(
            s["status"] == "CREATE_IN_PROGRESS" for s in stage.ask("GET", "state")["stacks"]
        ):
            time.sleep(0.05)
        time.sleep(1)
        deploying.send_signal(signal.SIGINT)
        _, told = deploying.communicate(timeout=30)
    assert deploying.returncode == 7
    assert "the operation goes on without us" in told
    assert "Traceback" not in told
    stage.ask("DELETE", "faults")
    assert place.run("watch", "--env", "local").code == 0
