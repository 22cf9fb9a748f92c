"""The command line as a whole: help is cheap, errors are calm, bugs are loud."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from oaktree_cfn.cli import main
from oaktree_cfn.errors import (
    AwsError,
    DeployFailed,
    InvalidInput,
    OaktreeError,
    Refused,
    StackBusy,
    Unknown,
)

COMMANDS = ["build", "deploy", "destroy", "lint", "local", "outputs", "review", "watch"]
HEAVY = {"boto3", "botocore", "moto", "cfnlint", "troposphere", "awacs", "rich", "yaml"}


def modules_after(*arguments: str) -> set[str]:
    """The top-level modules a command line imports, in a process of its own."""
    script = (
        "import json, sys; from oaktree_cfn.cli.main import run; code = run(sys.argv[1:]);"
        "print(); print(json.dumps([code, sorted({name.split('.')[0] for name in sys.modules})]))"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)  # noqa: S603
    code, names = json.loads(done.stdout.splitlines()[-1])
    assert code == 0, done.stderr
    return set(names)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_imports_nothing_heavy(command: str) -> None:
    assert not modules_after(*command.split(), "--help") & HEAVY


@pytest.mark.parametrize("command", ["build --check", "environment --env local"])
def test_what_asks_no_account_imports_no_aws(command: str) -> None:
    assert not modules_after(*command.split()) & {"boto3", "botocore", "moto", "cfnlint"}


def test_the_folder_is_the_list_of_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {command}  " in shown for command in COMMANDS)


def groups(group: click.Group) -> Iterator[click.Group]:
    yield group
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from groups(command)


@pytest.mark.parametrize("group", tuple(groups(main.oaktree)), ids=lambda group: group.name)
def test_the_list_of_commands_says_each_to_its_end(group: click.Group) -> None:
    shown = group.get_help(click.Context(group, terminal_width=80))
    assert "..." not in shown.partition("Commands:")[2]


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["depoly"]) == 2
    assert "No such command 'depoly'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidInput("m", "a"), 2),
        (Refused("m", "a"), 3),
        (StackBusy("m", "a"), 4),
        (DeployFailed("m", "a"), 5),
        (AwsError("Op", "Code", "m", advice="a"), 6),
        (Unknown("m", "a"), 7),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_error_has_its_exit_code_its_message_and_its_advice(
    error: OaktreeError, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main.oaktree, "get_command", lambda *_: raising(error))
    assert main.run(["anything"]) == code
    assert capsys.readouterr().err == f"Stopped: {error.message}\nNext: a\n"


def raising(error: BaseException) -> click.Command:
    def callback() -> None:
        raise error

    return click.Command("anything", callback=callback)


def test_an_interrupt_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main.oaktree, "get_command", lambda *_: raising(KeyboardInterrupt()))
    assert main.run(["anything"]) == 130


def test_a_bug_escapes_with_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main.oaktree, "get_command", lambda *_: raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        main.run(["anything"])
