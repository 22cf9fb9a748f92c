"""Preflight in deploy, review and on its own: before any change set, and for nothing where nothing changes."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from oaktree_cfn.aws.connection import Connection
from oaktree_cfn.cli.main import run
from oaktree_cfn.errors import AwsError

from .conftest import NOTES, ROOT, Project

LOOKED_UP = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "{{resolve:ssm:/shop/name}}"}}


@pytest.fixture
def missing(project: Project) -> Project:
    """A topic's name is looked up in Parameter Store, which does not have it."""
    notes: dict[str, Any] = copy.deepcopy(NOTES)
    notes["Resources"]["Named"] = LOOKED_UP
    project.template("notes", notes)
    return project


def found(text: str) -> bool:
    return "templates/notes.json:1: parameter Notes/Named refers to /shop/name, which there is not." in text


def test_what_stands_in_the_way_is_told_before_anything_is_made(missing: Project) -> None:
    done = missing.deploy()
    assert done.code == 2
    assert found(done.err)
    assert "Make the parameter, in this region, or correct the name." in done.err
    assert "--no-preflight goes on without having looked" in done.err
    assert missing.stacks == {}


def test_a_review_looks_too(missing: Project) -> None:
    done = missing.review()
    assert done.code == 2
    assert found(done.err)
    assert missing.stacks == {}


def test_whoever_does_not_want_to_know_goes_on(missing: Project) -> None:
    done = missing.deploy("--no-preflight")
    assert done.code == 5
    assert "This stands in the way" not in done.err


def test_for_stacks_beside_the_environments_too(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "ends", lambda self: datetime.now(UTC))
    done = project.run("macros", "review", "--env", "local", "--no-lint")
    assert done.code == 2
    assert "credentials end in 0 minutes" in done.err
    assert "--no-preflight goes on without having looked" in done.err
    assert project.run("macros", "review", "--env", "local", "--no-lint", "--no-preflight").code == 0


@pytest.mark.parametrize("command", ["macros deploy", "pipeline deploy", "pipeline review", "catalog publish"])
def test_whoever_looks_can_be_told_not_to(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--help"]) == 0
    assert "--no-preflight" in capsys.readouterr().out


def test_on_an_update_the_stack_stays_as_it_was(project: Project) -> None:
    assert project.deploy().code == 0
    root = copy.deepcopy(ROOT)
    root["Outputs"]["More"] = {"Value": "x", "Export": {"Name": "taken"}}
    project.template("root", root)
    taken = '{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"O": {"Value": "x", "Export": {"Name": "taken"}}}}'
    cloudformation = project.client("cloudformation")
    cloudformation.create_stack(StackName="billing", TemplateBody=taken)
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="billing", WaiterConfig={"Delay": 0.1, "MaxAttempts": 300}
    )
    done = project.deploy()
    assert done.code == 2
    assert "templates/root.json: export-name the export taken is one of the stack billing already." in done.err
    assert (project.status, project.waiting) == ("CREATE_COMPLETE", [])


def preflight(project: Project, *arguments: str) -> Any:
    return project.run("preflight", "--env", "local", "--templates", "templates", *arguments)


def test_it_looks_on_its_own_and_changes_nothing(missing: Project) -> None:
    done = preflight(missing)
    assert done.code == 2
    assert found(done.err)
    missing.client("ssm").put_parameter(Name="/shop/name", Type="String", Value="shop")
    done = preflight(missing)
    assert done.code == 0, done.err
    assert "Nothing stands in the way of a deploy to oaktree-local: 9 rules looked." in done.err
    assert missing.stacks == {}
    assert missing.deploy().code == 0
    assert preflight(missing).code == 0


def test_a_rule_that_may_not_look_warns_and_stops_nobody(missing: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    missing.client("ssm").put_parameter(Name="/shop/name", Type="String", Value="shop")
    call = Connection.call

    def denied(self: Connection, service: str, operation: str, **arguments: Any) -> Any:
        if operation == "describe_parameters":
            raise AwsError("DescribeParameters", "AccessDeniedException", "not you")
        return call(self, service, operation, **arguments)

    monkeypatch.setattr(Connection, "call", denied)
    done = preflight(missing)
    assert done.code == 0
    assert (
        "Warning: preflight: parameter: could not look: DescribeParameters failed with AccessDeniedException"
        in done.err
    )
    assert "8 rules looked" in done.err
    assert missing.deploy().code == 0


def test_where_nothing_changes_nothing_is_looked_at(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    root = copy.deepcopy(ROOT)
    root["Outputs"]["More"] = {"Value": "x", "Export": {"Name": "ours"}}
    project.template("root", root)
    assert project.deploy().code == 0
    called: list[str] = []
    call = Connection.call

    def noted(self: Connection, service: str, operation: str, **arguments: Any) -> Any:
        called.append(operation)
        return call(self, service, operation, **arguments)

    monkeypatch.setattr(Connection, "call", noted)
    assert "nothing to change" in project.deploy().err
    assert not {"list_exports", "create_change_set", "put_object"} & set(called)
    called.clear()
    root["Outputs"]["Other"] = {"Value": "x", "Export": {"Name": "new"}}
    project.template("root", root)
    assert project.deploy().code == 0
    assert called.index("list_exports") < called.index("create_change_set")


def test_templates_that_cannot_be_judged_here_are_a_warning(project: Project) -> None:
    root: dict[str, Any] = copy.deepcopy(ROOT)
    root["Resources"]["Data"]["Properties"]["Parameters"]["Nothing"] = "x"
    project.template("root", root)
    done = preflight(project)
    assert done.code == 0
    assert "Warning: preflight: the templates cannot be judged here: " in done.err
    assert "0 rules looked" in done.err
