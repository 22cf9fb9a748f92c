"""Every example deploys, changes and goes without a trace; and the runner notices when one does not."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from examples import runner
from examples.account import Change
from examples.cycle import NAMES, Example, Failed, Life, copy
from oaktree_cfn.local.process import Stage
from tests.stages import lend

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, stage: Stage) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    lend(stage, folder)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_it_lives_as_its_proof_says(name: str, home: Path, stage: Stage) -> None:
    life = Life(copy(name, home, stage))
    life.example.oaktree("build")
    life.deploy()
    life.update()
    life.destroy()


@pytest.fixture
def small(tmp_path: Path, home: Path, stage: Stage) -> Iterator[Life]:
    """An example whose proof can be spoilt: a queue and nothing else."""
    (tmp_path / "blueprints").mkdir()
    (tmp_path / "blueprints" / "root.py").write_text(QUEUE)
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "local.toml").write_text(ENVIRONMENT)
    (tmp_path / ".oaktree").symlink_to(home / ".oaktree")
    example = Example("small", tmp_path, stage.endpoint)
    example.__dict__["proof"] = SimpleNamespace(
        CHANGE=Change("Longer", "blueprints/root.py", "60", "90"),
        DEPLOYED={"hidden": "60"},
        CHANGED={"hidden": "90"},
        facts=lambda account: {"hidden": hidden(account)},
    )
    life = Life(example)
    example.oaktree("build")
    yield life
    stage.ask("POST", "reset", {})


QUEUE = """
from troposphere import Template
from troposphere.sqs import Queue


class Root:
    def compose(self):
        template = Template("A queue.")
        template.add_resource(Queue("Queue", QueueName="small", VisibilityTimeout=60))
        return template
"""

ENVIRONMENT = """
region = "ap-southeast-1"
account = "123456789012"
prefix = "small"
review = {ask = false}
"""


def hidden(account: object) -> str:
    sqs = account.client("sqs")  # type: ignore[attr-defined]
    url = sqs.get_queue_url(QueueName="small")["QueueUrl"]
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["VisibilityTimeout"])


def test_a_value_that_is_not_as_declared_fails_the_deploy(small: Life) -> None:
    small.example.proof.DEPLOYED["hidden"] = "61"
    with pytest.raises(Failed, match="not so: hidden: expected '61', but it is '60'"):
        small.deploy()


def test_a_value_that_nobody_declared_fails_the_deploy(small: Life) -> None:
    small.example.proof.DEPLOYED.clear()
    with pytest.raises(Failed, match="not so: hidden: expected None, but it is '60'"):
        small.deploy()


def test_an_update_without_effect_fails(small: Life) -> None:
    small.deploy()
    small.example.proof.CHANGE = replace(small.example.change, after="60")
    with pytest.raises(Failed, match="hidden: expected '90', but it is '60'"):
        small.update()


def test_an_edit_that_finds_nothing_to_edit_fails(small: Life) -> None:
    small.example.proof.CHANGE = replace(small.example.change, before="61")
    with pytest.raises(Failed, match=r"blueprints/root\.py does not say '61' exactly once"):
        small.update()


def test_what_is_left_after_destroying_is_named(small: Life) -> None:
    small.deploy()
    small.example.account.client("sqs").create_queue(QueueName="forgotten")
    with pytest.raises(Failed, match=r"left of AWS::SQS::Queue: \S+/forgotten"):
        small.destroy()


def test_a_type_that_nobody_could_find_again_is_named(small: Life) -> None:
    small.deploy()
    small.kinds.add("AWS::Moon::Base")
    with pytest.raises(Failed, match=r"cannot tell whether these are left: AWS::Moon::Base"):
        small.destroy()


def test_a_command_that_fails_tells_what_it_said(small: Life) -> None:
    (small.example.folder / "blueprints" / "root.py").write_text("nonsense(")
    with pytest.raises(Failed, match=r"oaktree build ended with 2:\nStopped: blueprints/root\.py:1: "):
        small.build()


def test_an_unknown_name_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner.main(["wroker"]) == 2
    assert "There is no example wroker. There are: arm_spot, " in " ".join(capsys.readouterr().out.split())


def test_an_interrupt_ends_the_stage_too(tmp_path: Path) -> None:
    """As ^C does: the whole group of processes gets the signal; and so it does of who is impatient."""
    running = subprocess.Popen(
        [sys.executable, "-m", "examples", "scheduled_task"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not list(tmp_path.glob("*/.oaktree/stage.json")):
        assert running.poll() is None, running.communicate()
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    time.sleep(0.02)
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert (running.returncode, "Interrupted" in out) == (130, True), out + err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []
