"""``oaktree controls`` and ``oaktree evaluate``: what violates a control, who said why, and what an environment is."""

from __future__ import annotations

import re
import runpy
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from oaktree_cfn.cli.main import run
from oaktree_cfn.environment import load, names
from oaktree_cfn.template.controls import controls, violations
from oaktree_cfn.template.flat import of_environment
from oaktree_cfn.template.read import load as load_template
from oaktree_cfn.template.tree import load as load_tree

PROJECT = Path(__file__).parents[2]
PLACE = 'region = "eu-west-1"\naccount = "123456789012"\nprefix = "oaktree-test"\n'
ROOT = """\
Parameters:
  Prefix:
    Type: String
  Recovery:
    Type: String
    Default: "true"
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      DeletionProtectionEnabled: true
      PointInTimeRecoverySpecification:
        PointInTimeRecoveryEnabled: !Ref Recovery
"""
BACKUP = '"DynamoDB.4" = "the account has a backup plan for everything"\n'


@dataclass
class Project:
    """A folder with a template and environments, and what was said of it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def environment(self, name: str, accepted: str = BACKUP, parameters: str = "") -> None:
        text = f"{PLACE}[parameters]\n{parameters}\n[accepted]\n{accepted}"
        (self.folder / "environments" / f"{name}.toml").write_text(text)

    def ask(self, *arguments: str) -> tuple[int, str]:
        code = run(arguments)
        out, err = self.capsys.readouterr()
        return code, out + err


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    for name in ("templates", "environments"):
        (tmp_path / name).mkdir()
    (tmp_path / "templates" / "root.yaml").write_text(ROOT)
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path, capsys)


def test_what_is_explained_passes_and_is_counted(project: Project) -> None:
    project.environment("dev")
    assert project.ask("controls") == (
        0,
        "dev: 4 controls apply, 1 of them accepted as not satisfied, 0 left out for single resources\n",
    )


def test_what_nobody_explained_is_told_with_its_line_and_the_environment(project: Project) -> None:
    project.environment("dev")
    project.environment("prod", parameters="Recovery = false")
    code, said = project.ask("controls")
    assert code == 2
    assert said.splitlines()[1:-1] == [
        "templates/root.yaml:8: DynamoDB.2 is not satisfied by Table in prod: tables can be restored to any point in time"
    ]
    assert "[accepted] in the environment's file" in said


def test_one_environment_can_be_asked_for_and_a_value_given(project: Project) -> None:
    project.environment("dev")
    project.environment("prod", parameters="Recovery = false")
    assert project.ask("controls", "--env", "dev")[0] == 0
    assert project.ask("controls", "--env", "prod", "--parameter", "Recovery=true")[0] == 0
    assert project.ask("controls", "--env", "dev", "--parameter", "Recovery=false")[0] == 2


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ("DynamoDB.6", "nothing violates it"),
        ("DynamoDB.44", "there is no rule for such a control; did you mean DynamoDB.4?"),
        ("ZZZ.1", "there is no rule for such a control"),
    ],
)
def test_an_explanation_that_nobody_needs_is_a_finding_too(entry: str, why: str, project: Project) -> None:
    project.environment("dev", BACKUP + f'"{entry}" = "just in case"\n')
    code, said = project.ask("controls")
    assert code == 2
    assert f"environments/dev.toml: accepted {entry}: {why}\n" in said


def test_what_an_environment_is_can_be_read_or_written(project: Project) -> None:
    project.environment("dev", parameters="Recovery = false")
    code, said = project.ask("evaluate", "--env", "dev")
    assert (code, "PointInTimeRecoveryEnabled: false" in said, "Parameters" in said) == (0, True, False)
    assert project.ask("evaluate", "--env", "dev", "--out", "made/dev.yaml") == (0, "")
    assert (project.folder / "made" / "dev.yaml").read_text() == said
    assert load_template(project.folder / "made" / "dev.yaml")["Resources"].keys() == {"Table"}


# Our own


@pytest.fixture
def ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    for name in ("templates", "environments"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path, capsys)


def test_our_environments_satisfy_every_control_or_say_why_not(ours: Project) -> None:
    code, said = ours.ask("controls")
    assert code == 0, said
    assert [line.partition(":")[0] for line in said.splitlines()] == ["dev", "local", "prod"]


@pytest.mark.parametrize("name", names(PROJECT / "environments"))
def test_no_resource_is_left_out_of_a_control_that_it_satisfies(name: str) -> None:
    flat = of_environment(load(name, PROJECT / "environments"), load_tree(PROJECT / "templates" / "root.yaml"))
    bare = {
        logical_id: {key: value for key, value in resource.items() if key != "Metadata"}
        for logical_id, resource in flat.template["Resources"].items()
    }
    told, untold = violations([flat.template, {"Resources": bare}])
    suppressed = {
        (rule.replace("_", "."), logical_id)
        for logical_id, resource in flat.template["Resources"].items()
        for rule in resource.get("Metadata", {}).get("guard", {}).get("SuppressedRules", ())
    }
    assert {(each.control, each.logical_id) for each in untold} - {(each.control, each.logical_id) for each in told} == suppressed  # fmt: skip


def test_every_exception_has_a_reason_of_some_words() -> None:
    for name in names(PROJECT / "environments"):
        exceptions = load(name, PROJECT / "environments").exceptions
        assert exceptions.keys() <= controls().keys()
        assert all(len(re.findall(r"\w+", reason)) >= 4 for reason in exceptions.values())


def test_prod_satisfies_whatever_costs_no_choice_of_somebody_else() -> None:
    accepted = load("prod", PROJECT / "environments").exceptions
    assert set(accepted) == {"DynamoDB.4", "EC2.10", "EC2.58", "EC2.60", "ECR.5", "ELB.16", "ELB.18"}


def test_the_page_about_security_is_written_from_the_rules_the_templates_and_the_environments() -> None:
    page = runpy.run_path(str(PROJECT / "docs" / "security.py"))["page"]()
    assert (PROJECT / "docs" / "security.md").read_text(encoding="utf-8") == page, "run: python docs/security.py"
