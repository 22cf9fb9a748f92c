"""build, lint and outputs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from oaktree_cfn.cli.main import run

from .conftest import Project


def test_build_renders_says_what_and_then_has_nothing_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert run(["build", "--out", str(out)]) == 0
    assert "root.yaml" in capsys.readouterr().out
    assert run(["build", "--out", str(out)]) == 0
    assert "up to date" in capsys.readouterr().out
    assert run(["build", "--out", str(out), "--check"]) == 0


def test_build_check_names_what_is_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    run(["build", "--out", str(out)])
    (out / "root.yaml").write_text("{}")
    capsys.readouterr()
    assert run(["build", "--out", str(out), "--check"]) == 2
    assert "root.yaml: stale" in capsys.readouterr().err


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


def test_watching_nothing_is_done(project: Project) -> None:
    done = project.run("watch", "--env", "local")
    assert done.code == 0
    assert "nothing runs" in done.err
