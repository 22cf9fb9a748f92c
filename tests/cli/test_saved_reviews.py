"""``oaktree review --change-set``: no account, no environment, every face, the documented exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oaktree_cfn.cli.main import run
from tests.review.answers import FIXTURES

UPDATE = str(FIXTURES / "update.json")
IMPORT = str(FIXTURES / "import.json")


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENV", raising=False)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an account was asked")

    monkeypatch.setattr("boto3.session.Session.__init__", refuse)


@pytest.mark.parametrize("face", ["terminal", "markdown", "html", "json", "sarif", "annotations"])
def test_it_exits_three_where_a_gate_refuses_and_shows_why(
    face: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["review", "--change-set", UPDATE, "--format", face]) == 3
    out, err = (stream.decode() for stream in capfdbinary.readouterr())
    assert "UsersTable" in out
    assert "Data/UsersTable" in err
    assert "--allow Data/UsersTable" in err


def test_it_exits_zero_where_none_does(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["review", "--change-set", IMPORT, "--format", "json"]) == 0
    assert json.loads(capfd.readouterr().out)["verdict"]["refused"] is False


def test_a_set_without_changes_is_no_refusal() -> None:
    assert run(["review", "--change-set", str(FIXTURES / "no-change.json")]) == 0


def test_a_set_that_failed_otherwise_is() -> None:
    assert run(["review", "--change-set", str(FIXTURES / "failed.json")]) == 3


def test_gates_open_for_the_paths_that_are_allowed(capfd: pytest.CaptureFixture[str]) -> None:
    places = json.loads((FIXTURES / "two-pages.json").read_text())
    names = [c["ResourceChange"]["LogicalResourceId"] for page in places for c in page["Changes"]]
    allow = [word for name in names for word in ("--allow", name)]
    assert run(["review", "--change-set", str(FIXTURES / "two-pages.json"), *allow]) == 0
    assert "--allow Topic: no gate asks about this." in capfd.readouterr().err


def test_findings_stand_on_lines_of_the_templates(capfd: pytest.CaptureFixture[str]) -> None:
    templates = Path(__file__).parents[2] / "templates"
    run(["review", "--change-set", UPDATE, "--format", "annotations", "--templates", str(templates)])
    table = next(line for line in capfd.readouterr().out.splitlines() if "::Data/UsersTable: replace" in line)
    number = int(table.partition("line=")[2].partition(",")[0])
    assert "AttributeName" in (templates / "data.yaml").read_text().splitlines()[number - 1]


def test_the_policy_of_an_environment_is_in_force(capfd: pytest.CaptureFixture[str]) -> None:
    folder = Path("environments")
    folder.mkdir()
    text = 'region = "eu-west-1"\naccount = "123456789012"\nprefix = "orders"\n'
    (folder / "dev.toml").write_text(text)
    assert run(["review", "--change-set", IMPORT, "--env", "dev"]) == 0
    assert run(["review", "--change-set", IMPORT, "--env", "nope"]) == 2
    assert "no environment 'nope'" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[{", ["answers.json:1", "not valid JSON"]),
        (b"\xff\xfe[", ["answers.json", "not UTF-8"]),
        (b'{"Stacks": []}', ["answers.json", "ChangeSetId"]),
        (b'[{"ChangeSetId": "a", "StackName": "s", "Status": "x", "NextToken": "t"}]', ["NextToken", "s"]),
    ],
)
def test_what_is_not_whole_is_invalid_input(
    content: bytes, words: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    Path("answers.json").write_bytes(content)
    assert run(["review", "--change-set", "answers.json"]) == 2
    err = capfd.readouterr().err
    assert all(word in err for word in [*words, "Stopped: ", "Next: "])
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--change-set", "none.json"],
        ["--change-set", UPDATE, "--out", "plan.json"],
        ["--change-set", UPDATE, "--format", "pdf"],
        ["--format", "html"],
        [],
    ],
)
def test_other_slips_are_invalid_input_too(arguments: list[str]) -> None:
    assert run(["review", *arguments]) == 2
