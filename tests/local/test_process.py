"""The stage as a process of its own: started once, found again, ended for good, and never mistaken for another."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from oaktree_cfn.errors import InvalidInput, Unknown
from oaktree_cfn.local import process

from .player import Player, template, topic


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    process.stop(tmp_path)


def paper(home: Path) -> Path:
    return home / ".oaktree" / "stage.json"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_stage_is_started_once_found_again_and_ended_for_good(home: Path) -> None:
    assert process.running(home) is None
    assert process.stop(home) is False
    stage = process.start(home)
    assert process.start(home) == process.running(home) == stage
    assert stage.endpoint.startswith("http://127.0.0.1:")
    assert stage.account == "123456789012"
    assert json.loads(paper(home).read_text()) == {"pid": stage.pid, "endpoint": stage.endpoint}
    assert stat.S_IMODE(paper(home).parent.stat().st_mode) == 0o700
    player = Player(stage.endpoint)
    assert player.stack(player.create(template(Topic=topic())))["StackStatus"] == "CREATE_COMPLETE"
    assert len(stage.ask("GET", "state")["stacks"]) == 1
    with pytest.raises(InvalidInput, match="the local stage refuses: no such door"):
        stage.ask("GET", "nowhere")
    assert process.stop(home) is True
    assert not alive(stage.pid)
    assert not paper(home).exists()
    assert process.running(home) is None
    assert stage.log.read_text() == ""
    with pytest.raises(Unknown, match="does not answer") as lost:
        stage.ask("GET", "state")
    assert "oaktree local start" in lost.value.advice


def test_two_that_start_it_at_once_start_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Path] = []
    start = process._started

    def counted(home: Path, port: int) -> process.Stage:
        started.append(home)
        return start(home, port)

    monkeypatch.setattr(process, "_started", counted)
    with ThreadPoolExecutor(2) as both:
        stages = list(both.map(process.start, [home, home]))
    assert stages[0] == stages[1] == process.running(home)
    assert started == [home]


def test_a_start_that_is_interrupted_leaves_no_stage(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    def remembered(*arguments: object, **more: object) -> subprocess.Popen[bytes]:
        started.append(popen(*arguments, **more))
        return started[-1]

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    popen = subprocess.Popen
    monkeypatch.setattr(process.subprocess, "Popen", remembered)
    monkeypatch.setattr(process.time, "sleep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        process.start(home)
    assert not alive(started[0].pid)


def test_a_stage_that_was_killed_is_not_running_and_the_next_start_is_a_new_one(home: Path) -> None:
    first = process.start(home)
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    assert paper(home).exists()
    assert process.running(home) is None
    second = process.start(home)
    assert second.pid != first.pid
    assert process.running(home) == second


def test_a_port_in_use_is_said_so_and_nothing_is_left_running(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(InvalidInput, match=f"could not start on port {port}") as refused:
            process.start(home, port)
    assert "port in use" in refused.value.advice
    assert process.running(home) is None
    assert not paper(home).exists()


def test_a_port_can_be_chosen(home: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert process.start(home, port).endpoint == f"http://127.0.0.1:{port}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"pid": "x", "endpoint": 1}',
        '{"pid": 999999999, "endpoint": "http://127.0.0.1:1"}',
        '{"pid": 99999999999999999999, "endpoint": "http://127.0.0.1:1"}',
    ],
)
def test_a_paper_that_tells_nothing_is_no_stage(home: Path, text: str) -> None:
    paper(home).parent.mkdir()
    paper(home).write_text(text)
    assert process.running(home) is None
    assert process.stop(home) is False


def test_somebody_elses_process_on_that_number_is_no_stage_and_is_not_ended(home: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        paper(home).parent.mkdir()
        paper(home).write_text(json.dumps({"pid": other.pid, "endpoint": "http://127.0.0.1:1"}))
        assert process.running(home) is None
        assert process.stop(home) is False
        assert other.poll() is None
        other.kill()


def test_somebody_elses_server_at_that_address_is_no_stage(home: Path) -> None:
    program = "import http.server as h; s = h.HTTPServer(('127.0.0.1', 0), h.SimpleHTTPRequestHandler); print(s.server_port, flush=True); s.serve_forever()"
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True, "cwd": home}
    with subprocess.Popen([sys.executable, "-c", program], **quiet) as other:  # type: ignore[call-overload]  # noqa: S603
        assert other.stdout is not None
        port = other.stdout.readline().strip()
        paper(home).parent.mkdir()
        paper(home).write_text(json.dumps({"pid": other.pid, "endpoint": f"http://127.0.0.1:{port}"}))
        assert process.running(home) is None
        other.kill()


def test_a_stage_of_another_folder_at_that_address_is_not_ours(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    stage = process.start(other)
    paper(home).parent.mkdir()
    paper(home).write_text(json.dumps({"pid": os.getpid(), "endpoint": stage.endpoint}))
    assert process.running(home) is None
    assert process.stop(home) is False
    assert process.stop(other) is True


def test_a_stage_ends_by_itself_when_it_is_told_to(home: Path) -> None:
    stage = process.start(home)
    os.kill(stage.pid, signal.SIGINT)
    os.waitpid(stage.pid, 0)
    assert not paper(home).exists()
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(stage.endpoint, timeout=5)  # noqa: S310  # our own server


def test_a_stage_that_hangs_in_an_operation_can_be_ended_still(home: Path) -> None:
    stage = process.start(home)
    stage.ask("POST", "faults", {"resource": "*", "step": "create", "delay": 600})
    Player(stage.endpoint).start(template(Topic=topic()))
    began = time.monotonic()
    assert process.stop(home) is True
    assert time.monotonic() - began < 5
    assert not alive(stage.pid)
