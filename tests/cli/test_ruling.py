"""Invariants at the command line: what is found, where, and that nothing leaves the machine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from oaktree_cfn.cli.main import run
from oaktree_cfn.cli.ruling import broken_rules
from oaktree_cfn.environment import load

from .conftest import ENVIRONMENT, NOTES, ROOT, Done, Project

OURS = Path(__file__).parents[2]

GROUP = """\
Parameters:
  Timeout: {Type: Number, Default: 5}
Resources:
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      Protocol: HTTP
      HealthCheckTimeoutSeconds: !Ref Timeout
      HealthCheckIntervalSeconds: 10
"""

FILE = """\
region = "eu-west-1"
account = "123456789012"
prefix = "oaktree-{name}"

[parameters]
Timeout = {timeout}
{more}
"""


class Folder:
    """A folder with a root template and environments."""

    def __init__(self, path: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self._capture = capture
        (path / "environments").mkdir()
        (path / "templates").mkdir()
        self.template("root", GROUP)

    def template(self, name: str, text: str) -> None:
        (self.path / "templates" / f"{name}.yaml").write_text(text)

    def environment(self, name: str, timeout: int, more: str = "") -> None:
        text = FILE.format(name=name, timeout=timeout, more=more)
        (self.path / "environments" / f"{name}.toml").write_text(text)

    def run(self, *arguments: str) -> Done:
        self._capture.readouterr()
        code = run(arguments)
        return Done(code, *self._capture.readouterr())

    def lines(self, *names: str) -> list[str]:
        judged = [load(name, Path("environments")) for name in names]
        return list(broken_rules(Path("templates"), judged))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Folder:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENV", raising=False)
    return Folder(tmp_path, capsys)


SAID = (
    "templates/root.yaml:9: check-timeout Group.HealthCheckTimeoutSeconds is {timeout} s, and the next check comes after "
    "10 s. Set the timeout below the interval. ({names})"
)


def test_a_line_names_file_line_rule_place_values_fix_and_environments(folder: Folder) -> None:
    for name, timeout in (("dev", 10), ("prod", 10), ("qa", 20), ("fine", 5)):
        folder.environment(name, timeout)
    found = folder.lines("dev", "fine", "prod", "qa")
    assert found == [SAID.format(timeout=10, names="dev, prod"), SAID.format(timeout=20, names="qa")]


def test_lint_judges_with_every_environment_or_with_one(folder: Folder) -> None:
    folder.environment("fine", 5)
    folder.environment("slow", 10)
    both, one, other = (folder.run("lint", *more) for more in ((), ("--env", "slow"), ("--env", "fine")))
    assert (both.code, one.code, other.code) == (2, 2, 0)
    assert SAID.format(timeout=10, names="slow") in both.err
    assert SAID.format(timeout=10, names="slow") in one.err
    assert "clean for eu-west-1, with the values of fine" in other.out


def test_an_accepted_finding_passes_and_an_idle_entry_is_found(folder: Folder) -> None:
    folder.environment("dev", 10, '[accepted]\n"check-timeout:Group" = "a test"\n"check-timeout:Grop" = "a slip"')
    assert folder.lines("dev") == [
        'environments/dev.toml: accepted "check-timeout:Grop" accepts what is not found. '
        "Take it out of [accepted], or correct its rule or its path. (dev)"
    ]


def test_what_an_environment_accepts_says_nothing_about_other_templates(folder: Folder) -> None:
    folder.environment("dev", 5, '[accepted]\n"check-timeout:Group" = "a test"')
    (folder.path / "templates" / "root.yaml").rename(folder.path / "templates" / "other.yaml")
    assert folder.lines("dev") == []


def test_a_value_that_does_not_fit_is_found_in_the_environments_file(folder: Folder) -> None:
    folder.environment("dev", 10, 'Timout = "5"')
    assert folder.lines("dev") == [
        "environments/dev.toml: evaluation Parameters: [Timout] do not exist in the template. "
        "Correct environments/dev.toml or the template. (dev)"
    ]


def test_other_templates_are_judged_with_their_own_defaults(folder: Folder) -> None:
    folder.environment("dev", 20)
    folder.template("root", "Resources: {Topic: {Type: AWS::SNS::Topic}}\nParameters: {Timeout: {Type: Number}}\n")
    folder.template("other", GROUP)
    assert folder.lines("dev") == []
    folder.template("other", GROUP.replace("Default: 5", "Default: 10"))
    (line,) = folder.lines("dev")
    assert line.startswith("templates/other.yaml:9: check-timeout Group.")


def test_without_environments_templates_are_judged_all_the_same(folder: Folder) -> None:
    folder.template("root", GROUP.replace("Default: 5", "Default: 10"))
    (line,) = folder.lines()
    assert line.endswith("Set the timeout below the interval.")


def test_a_nested_template_is_judged_where_it_is_nested_and_named_by_its_own_file(folder: Folder) -> None:
    folder.template("group", GROUP)
    nests = "{Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./group.yaml, Parameters: {Timeout: !Ref Timeout}}}"
    folder.template("root", f"Parameters: {{Timeout: {{Type: Number}}}}\nResources: {{Alb: {nests}}}\n")
    folder.environment("dev", 10)
    (line,) = folder.lines("dev")
    assert line.startswith("templates/group.yaml:9: check-timeout Alb/Group.HealthCheckTimeoutSeconds is 10 s")


def test_a_plan_is_refused_by_what_it_would_break_unless_rules_are_left_out(folder: Folder) -> None:
    folder.environment("dev", 5)
    shutil.copytree("templates", "before")
    plan = ("plan", "--env", "dev", "--templates", "templates", "--against", "before", "--parameter", "Timeout=10")
    refused, left_out = folder.run(*plan), folder.run(*plan, "--no-lint")
    assert refused.code == 2
    assert "Invariants are broken in dev:\ntemplates/root.yaml:9: check-timeout Group." in refused.err
    assert "under [accepted] in environments/dev.toml" in refused.err
    assert left_out.code == 0
    assert "HealthCheckTimeoutSeconds: 5 → 10" in left_out.out


SHORT = """\
Transform: OakTree
Parameters:
  Tag: {Type: String, Default: 1a2b3c4}
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Web:
    Type: OakTree::WebService
    Properties:
      Platform: oaktree-dev
      Image: !Sub "registry/web:${Tag}"
      Route: {Priority: 10, Paths: ["/web/*"]}
"""


def test_a_shorthand_is_judged_by_what_it_becomes_and_named_where_it_stands(folder: Folder) -> None:
    folder.template("root", SHORT)
    folder.environment("dev", 5, 'Tag = "latest"')
    path = folder.path / "environments" / "dev.toml"
    path.write_text(path.read_text().replace("Timeout = 5", "").replace("[param", "production = true\n[param"))
    said = [line for line in folder.lines("dev") if "mutable-tag" in line]
    assert said == [
        "templates/root.yaml:6: mutable-tag WebTaskDefinition.ContainerDefinitions.0.Image has the tag latest. "
        "Name the tag that was pushed for this version, such as the commit's, or the digest. (dev)"
    ]


def test_a_shorthand_that_cannot_be_expanded_is_found(folder: Folder) -> None:
    folder.template("root", SHORT.replace("Platform: oaktree-dev", "Platfrom: oaktree-dev"))
    (line,) = folder.lines()
    assert line.startswith("templates/root.yaml: evaluation ")
    assert "Platfrom" in line


SECRETIVE = {
    **ROOT["Resources"],
    "Task": {
        "Type": "AWS::ECS::TaskDefinition",
        "Properties": {
            "ContainerDefinitions": [{"Name": "app", "Image": {"Fn::Sub": "nginx:${Greeting}"}, "Memory": 128}]
        },
    },
}


@pytest.fixture
def in_production(project: Project) -> Project:
    """A project whose image's tag is a kept parameter, in an environment that is production."""
    project.environment(ENVIRONMENT.replace("[parameters]", "production = true\n\n[parameters]", 1))
    project.template("root", {**ROOT, "Resources": SECRETIVE})
    project.template("notes", NOTES)
    return project


def test_a_deploy_is_refused_before_anything_is_sent(in_production: Project) -> None:
    done = in_production.run("deploy", "--env", "local", "--templates", "templates", "--parameter", "Greeting=latest")
    assert done.code == 2
    assert "Invariants are broken in local:\ntemplates/root.json" in done.err
    assert "mutable-tag Task.ContainerDefinitions.0.Image has the tag latest" in done.err
    assert in_production.stacks == {}


def test_a_value_that_the_stack_keeps_is_judged_too(in_production: Project) -> None:
    assert in_production.deploy("--parameter", "Greeting=latest").code == 0
    review = ("review", "--env", "local", "--templates", "templates", "--parameter", "Key=key")
    done = in_production.run(*review)
    assert done.code == 2
    assert "mutable-tag Task.ContainerDefinitions.0.Image has the tag latest" in done.err
    assert in_production.waiting == []
    assert in_production.run(*review, "--parameter", "Greeting=abc").code != 2
    assert in_production.run(*review, "--no-lint").code != 2


def test_our_own_environments_are_all_judged_by_make_check() -> None:
    command = ["make", "--dry-run", "check"]
    would = subprocess.run(command, cwd=OURS, text=True, capture_output=True, check=True)  # noqa: S603
    assert any(line.endswith("/oaktree lint") for line in would.stdout.splitlines()), would.stdout
