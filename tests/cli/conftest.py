"""A project with two small nested templates, the ``oaktree`` command in this process, and a local stage beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from oaktree_cfn.cli.main import run
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.local import process
from tests.stages import client

ENVIRONMENT = """
region = "ap-southeast-1"
account = "123456789012"
prefix = "oaktree-local"
kept_parameters = ["Greeting"]

[parameters]

[review]
ask = {ask}
"""

DATA = {
    "Parameters": {"Key": {"Type": "String"}, "Prefix": {"Type": "String"}},
    "Resources": {
        "UsersTable": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "TableName": {"Fn::Sub": "${Prefix}-users"},
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": {"Ref": "Key"}, "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": {"Ref": "Key"}, "KeyType": "HASH"}],
            },
        }
    },
    "Outputs": {"Name": {"Value": {"Ref": "UsersTable"}}},
}
NOTES = {
    "Parameters": {"Greeting": {"Type": "String"}, "Table": {"Type": "String"}},
    "Resources": {
        "Note": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Name": "/oaktree/note", "Value": {"Fn::Sub": "${Greeting} ${Table}"}},
        },
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "oaktree-notes"}},
    },
}
ROOT = {
    "Parameters": {
        "Prefix": {"Type": "String"},
        "Greeting": {"Type": "String", "Default": "hello", "AllowedPattern": "[a-z]+"},
        "Key": {"Type": "String", "Default": "id"},
    },
    "Resources": {
        "Data": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {
                "TemplateURL": "./data.json",
                "Parameters": {"Key": {"Ref": "Key"}, "Prefix": {"Ref": "Prefix"}},
            },
        },
        "Notes": {
            "Type": "AWS::CloudFormation::Stack",
            "Properties": {
                "TemplateURL": "./notes.json",
                "Parameters": {"Greeting": {"Ref": "Greeting"}, "Table": {"Fn::GetAtt": ["Data", "Outputs.Name"]}},
            },
        },
    },
    "Outputs": {
        "TableName": {"Value": {"Fn::GetAtt": ["Data", "Outputs.Name"]}},
        "Commands": {"Description": "What to run next.", "Value": {"Fn::Sub": "echo ${Greeting}\necho done"}},
    },
}


@dataclass(frozen=True)
class Done:
    """How a command line ended."""

    code: int
    out: str
    err: str


class Project:
    """A folder to work in, on a stage that is empty at first."""

    def __init__(self, folder: Path, stage: process.Stage, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.stage = stage
        self._capture = capture

    def run(self, *arguments: str) -> Done:
        """``oaktree ...``."""
        self._capture.readouterr()
        code = run(arguments)
        return Done(code, *self._capture.readouterr())

    def deploy(self, *arguments: str) -> Done:
        """``oaktree deploy`` of the project's templates."""
        return self.run("deploy", "--env", "local", "--templates", "templates", "--no-lint", *arguments)

    def review(self, *arguments: str) -> Done:
        """``oaktree review`` of the project's templates."""
        return self.run("review", "--env", "local", "--templates", "templates", "--no-lint", *arguments)

    def environment(self, text: str = ENVIRONMENT, *, name: str = "local", ask: bool = False) -> None:
        """Write an environment file."""
        (self.folder / "environments" / f"{name}.toml").write_text(text.replace("{ask}", str(ask).lower()))

    def template(self, name: str, document: dict[str, Any]) -> None:
        """Write a template."""
        (self.folder / "templates" / f"{name}.json").write_text(json.dumps(document))

    def fault(self, resource: str, step: str = "create", **what: Any) -> None:
        """Tell the stage to fail or delay a resource."""
        self.stage.ask("POST", "faults", {"resource": resource, "step": step, **what})

    def client(self, service: str) -> Any:
        """A boto3 client of the stage."""
        return client(self.stage, service)

    @property
    def stacks(self) -> dict[str, str]:
        """Name and status of every stack that is not deleted."""
        found = self.client("cloudformation").describe_stacks()["Stacks"]
        return {stack["StackName"]: stack["StackStatus"] for stack in found}

    @property
    def status(self) -> str:
        """The root stack's status, empty when there is none."""
        return self.stacks.get("oaktree-local", "")

    @property
    def waiting(self) -> list[str]:
        """The change sets that wait on the root stack."""
        found = self.client("cloudformation").list_change_sets(StackName="oaktree-local")["Summaries"]
        return [summary["ChangeSetName"] for summary in found if summary.get("ExecutionStatus") == "AVAILABLE"]

    @property
    def note(self) -> str:
        """What the note says."""
        return str(self.client("ssm").get_parameter(Name="/oaktree/note")["Parameter"]["Value"])


@pytest.fixture
def project(
    tmp_path: Path, stage: process.Stage, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Project:
    stage.ask("POST", "reset", {})
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENV", raising=False)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setattr(process, "running", lambda home: stage)
    (tmp_path / "templates").mkdir()
    (tmp_path / "environments").mkdir()
    made = Project(tmp_path, stage, capsys)
    made.environment()
    for name, document in (("root", ROOT), ("data", DATA), ("notes", NOTES)):
        made.template(name, document)
    return made


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lines that a person at the terminal will type; appending makes the terminal one."""
    lines: list[str] = []
    monkeypatch.setattr(Screen, "can_ask", property(lambda self: True))
    monkeypatch.setattr(Screen, "read", lambda self, prompt: lines.pop(0))
    return lines
