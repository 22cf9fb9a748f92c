"""Destroy: what is lost is shown, the name is typed in full, and what must stay stays."""

from __future__ import annotations

import copy

from .conftest import DATA, ENVIRONMENT, Project


def test_it_lists_what_goes_and_deletes_it(project: Project) -> None:
    project.deploy()
    done = project.run("destroy", "--env", "local", "--yes")
    assert done.code == 0, done.err
    assert "3 resources will be deleted" in done.out
    assert "- UsersTable AWS::DynamoDB::Table oaktree-local-users" in done.out
    assert "oaktree-local was deleted" in done.err
    assert project.stacks == {}
    assert len(project.client("s3").list_buckets()["Buckets"]) == 1


def test_the_artifact_bucket_goes_on_request(project: Project) -> None:
    project.deploy()
    assert project.run("destroy", "--env", "local", "--yes", "--artifacts").code == 0
    assert project.client("s3").list_buckets()["Buckets"] == []
    assert "does not exist" in project.run("destroy", "--env", "local", "--yes", "--artifacts").err


def test_nothing_to_destroy_is_done(project: Project) -> None:
    done = project.run("destroy", "--env", "local")
    assert done.code == 0
    assert "nothing to destroy" in done.err


def test_a_stack_that_waits_for_its_first_change_set_can_be_destroyed(project: Project) -> None:
    project.review("--out", "plan.json")
    done = project.run("destroy", "--env", "local", "--yes")
    assert done.code == 0, done.err
    assert project.stacks == {}


def test_without_a_terminal_it_needs_yes(project: Project) -> None:
    project.deploy()
    done = project.run("destroy", "--env", "local")
    assert done.code == 3
    assert "Add --yes" in done.err
    assert project.status == "CREATE_COMPLETE"


def test_the_name_must_be_typed(project: Project, answers: list[str]) -> None:
    project.deploy()
    answers += ["yes", "local"]
    assert project.run("destroy", "--env", "local").code == 3
    assert project.status == "CREATE_COMPLETE"
    assert project.run("destroy", "--env", "local").code == 0
    assert project.status == ""


def test_an_environment_may_refuse(project: Project) -> None:
    project.deploy()
    project.environment(ENVIRONMENT + 'destroy = "refuse"\n')
    done = project.run("destroy", "--env", "local", "--yes")
    assert done.code == 3
    assert "refuses to be destroyed" in done.err
    assert project.status == "CREATE_COMPLETE"


def test_what_is_retained_is_named_and_stays(project: Project) -> None:
    data = copy.deepcopy(DATA)
    data["Resources"]["UsersTable"]["DeletionPolicy"] = "Retain"
    project.template("data", data)
    project.deploy()
    done = project.run("destroy", "--env", "local", "--yes")
    assert done.code == 0, done.err
    assert "1 resource will stay in the account" in done.out
    assert "stays: Data/UsersTable AWS::DynamoDB::Table oaktree-local-users" in done.err
    assert project.client("dynamodb").list_tables()["TableNames"] == ["oaktree-local-users"]


def test_a_deletion_that_fails_says_where_and_why(project: Project) -> None:
    project.deploy()
    project.fault("Data/UsersTable", "delete", fail="the table is protected")
    done = project.run("destroy", "--env", "local", "--yes")
    assert done.code == 5
    assert "Data/UsersTable (AWS::DynamoDB::Table): the table is protected" in done.err
    assert "aws cloudformation delete-stack --stack-name oaktree-local" in done.err
    again = project.run("destroy", "--env", "local", "--yes")
    assert again.code == 0, again.err
