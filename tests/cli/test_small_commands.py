"""build, lint and outputs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oaktree_cfn.cli.main import run

from .conftest import ENVIRONMENT, Project


def test_build_renders_says_what_and_then_has_nothing_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run(["build", "--out", str(out)]) == 0
    assert "root.yaml" in capsys.readouterr().out
    assert run(["build", "--out", str(out)]) == 0
    assert "up to date" in capsys.readouterr().out
    assert run(["build", "--out", str(out), "--check"]) == 0


@pytest.mark.parametrize(
    "arguments",
    [["build"], ["macros", "package"], ["evaluate", "--env", "local"]],
    ids=" ".join,
)
def test_a_place_that_cannot_be_written_is_told(project: Project, arguments: list[str]) -> None:
    (project.folder / "templates" / "root.yaml").write_text('{"Resources": {"It": {"Type": "AWS::SNS::Topic"}}}')
    (project.folder / "file").touch()
    done = project.run(*arguments, "--out", "file/below")
    assert done.code == 2
    assert "Stopped: file/below: cannot be written: " in done.err
    assert "Next: Give another place: --out" in done.err


def test_build_check_names_what_is_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    run(["build", "--out", str(out)])
    (out / "root.yaml").write_text("{}")
    capsys.readouterr()
    assert run(["build", "--out", str(out), "--check"]) == 2
    assert "root.yaml: stale" in capsys.readouterr().err


MINE = """
from oaktree_cfn.compose import Ecr, System

root = System("Images.", {"Ecr": Ecr()}, ("RepositoryUrl",))
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A project with blueprints of its own."""
    (tmp_path / "blueprints").mkdir()
    (tmp_path / "blueprints" / "root.py").write_text(MINE)
    return tmp_path


def test_build_in_a_project_renders_its_own_blueprints(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(mine)
    assert run(["build"]) == 0
    assert {path.name for path in (mine / "templates").iterdir()} == {"root.yaml", "ecr.yaml"}
    assert run(["build", "--check"]) == 0


def test_build_takes_blueprints_from_anywhere(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    choice = ["--blueprints", str(mine / "blueprints" / "root.py"), "--out", str(mine / "out")]
    assert run(["build", *choice]) == 0
    assert run(["build", *choice, "--check"]) == 0
    (mine / "blueprints" / "root.py").write_text(MINE.replace("Images.", "Pictures."))
    assert run(["build", *choice, "--check"]) == 2
    assert "root.yaml: stale" in capsys.readouterr().err


def test_a_project_is_worked_in_from_elsewhere(mine: Path) -> None:
    before = Path.cwd()
    assert run(["--project", str(mine), "build"]) == 0
    assert (mine / "templates" / "root.yaml").is_file()
    assert Path.cwd() == before


def test_an_error_in_a_blueprint_is_told_with_its_line(mine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (mine / "blueprints" / "root.py").write_text(MINE.replace("Ecr()", "Ecr(days=3)"))
    assert run(["--project", str(mine), "build"]) == 2
    said = capsys.readouterr().err
    assert "Stopped: blueprints/root.py:4: TypeError: " in said
    assert "Next: Correct the blueprint." in said
    assert "Traceback" not in said


def test_a_project_deploys_what_its_own_blueprints_render(project: Project) -> None:
    for template in project.folder.glob("templates/*"):
        template.unlink()
    (project.folder / "blueprints").mkdir()
    (project.folder / "blueprints" / "root.py").write_text(MINE)
    project.environment(ENVIRONMENT.replace('kept_parameters = ["Greeting"]', ""))
    refused = project.run("deploy", "--env", "local")
    assert refused.code == 2
    assert "root.yaml: missing" in refused.err
    assert project.run("build").code == 0
    done = project.run("deploy", "--env", "local")
    assert done.code == 0, done.err
    assert "RepositoryUrl  123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/oaktree-local" in done.out


def test_lint_names_file_line_and_rule(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.yaml").write_text(
        "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      Naem: x\n"
    )
    assert run(["lint", "--templates", str(tmp_path), "--region", "eu-west-1"]) == 2
    assert "t.yaml:5: E3002" in capsys.readouterr().err


def test_lint_is_clean_for_a_clean_template(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.yaml").write_text("Resources:\n  Handle:\n    Type: AWS::CloudFormation::WaitConditionHandle\n")
    assert run(["lint", "--templates", str(tmp_path), "--region", "eu-west-1"]) == 0
    assert "clean for eu-west-1" in capsys.readouterr().out


def test_outputs_in_every_format(project: Project) -> None:
    project.deploy()
    assert "TableName  oaktree-local-users\n" in project.run("outputs", "--env", "local").out
    assert (
        json.loads(project.run("outputs", "--env", "local", "--format", "json").out)["TableName"]
        == "oaktree-local-users"
    )
    assert "TABLE_NAME=oaktree-local-users\n" in project.run("outputs", "--env", "local", "--format", "env").out
    assert "TableName=oaktree-local-users\n" in project.run("outputs", "--env", "local", "--format", "github").out


def test_outputs_of_nothing_say_what_to_do(project: Project) -> None:
    done = project.run("outputs", "--env", "local")
    assert done.code == 2
    assert "oaktree-local is not deployed" in done.err
    assert "make deploy ENV=local" in done.err


def test_what_macros_made_of_a_stack_that_is_not_there_is_no_reason_to_deploy_the_environment(project: Project) -> None:
    done = project.run("expand", "--diff", "deployed", "--env", "local", "shop")
    assert done.code == 2
    assert "shop is not deployed.\nNext: Deploy it first, or correct the name." in done.err


def test_watching_nothing_is_done(project: Project) -> None:
    done = project.run("watch", "--env", "local")
    assert done.code == 0
    assert "nothing runs" in done.err
