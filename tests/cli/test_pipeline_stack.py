"""``oaktree pipeline``: the stack beside an environment, from its file and its own templates, and what is wrong with either."""

from __future__ import annotations

from typing import Any

import pytest

from oaktree_cfn.deploy.watch import Watcher

from .conftest import ENVIRONMENT, Project

PIPELINE = """
[pipeline]
GitHubOwner = "octo-org"
GitHubOwnerId = 6811672
GitHubRepository = "shop"
GitHubRepositoryId = 1296269
"""
HERE = ("--env", "local", "--templates", "templates", "--no-lint")


@pytest.fixture
def shop(project: Project) -> Project:
    project.environment(ENVIRONMENT + PIPELINE)
    return project


def test_an_interrupt_says_how_to_see_the_end_of_this_stack(shop: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Watcher, "follow", interrupted)
        done = shop.run("pipeline", "deploy", *HERE)
    assert done.code == 7
    assert "describe-stacks --stack-name oaktree-local-pipeline` says when it is done" in done.err
    assert "oaktree watch" not in done.err  # follows the environment's own stack
    waiter = shop.client("cloudformation").get_waiter("stack_create_complete")
    waiter.wait(StackName="oaktree-local-pipeline", WaiterConfig={"Delay": 0.1, "MaxAttempts": 200})


def test_its_roles_are_those_of_the_environment_and_of_its_own_templates(shop: Project) -> None:
    done = shop.run("pipeline", "deploy", *HERE)
    assert done.code == 0, done.err
    assert "DeployRoleArn           arn:aws:iam::123456789012:role/oaktree-local-deploy-role" in done.out
    assert shop.stacks == {"oaktree-local-pipeline": "CREATE_COMPLETE"}
    iam = shop.client("iam")
    attached = iam.list_attached_role_policies(RoleName="oaktree-local-cloudformation-role")["AttachedPolicies"]
    (policy,) = (iam.get_policy_version(PolicyArn=each["PolicyArn"], VersionId="v1") for each in attached)
    actions = {action for each in policy["PolicyVersion"]["Document"]["Statement"] for action in each["Action"]}
    assert {action.partition(":")[0] for action in actions} == {"cloudformation", "dynamodb", "sns", "ssm"}


def test_the_environment_is_then_deployed_as_its_role(shop: Project) -> None:
    assert shop.run("pipeline", "deploy", *HERE).code == 0
    shop.environment('service_role = "oaktree-local-cloudformation-role"\n' + ENVIRONMENT + PIPELINE)
    assert shop.deploy().code == 0
    (stack,) = shop.client("cloudformation").describe_stacks(StackName="oaktree-local")["Stacks"]
    assert stack["RoleARN"] == "arn:aws:iam::123456789012:role/oaktree-local-cloudformation-role"


def test_a_second_deploy_has_nothing_to_change_and_a_review_shows_what_would(shop: Project) -> None:
    shop.run("pipeline", "deploy", *HERE)
    assert "nothing to change" in shop.run("pipeline", "deploy", *HERE).err
    done = shop.run("pipeline", "review", *HERE, "--parameter", "GitHubEnvironment=production")
    assert "environment:production" in done.out
    assert shop.stacks == {"oaktree-local-pipeline": "CREATE_COMPLETE"}


def test_it_stays_while_the_environments_stack_works_as_its_role(shop: Project) -> None:
    shop.run("pipeline", "deploy", *HERE)
    shop.deploy("--role-arn", "oaktree-local-cloudformation-role")
    done = shop.run("pipeline", "destroy", "--env", "local", "--yes")
    assert done.code == 3
    assert "without that role it could be neither changed nor deleted" in done.err
    assert shop.stacks["oaktree-local-pipeline"] == "CREATE_COMPLETE"
    assert shop.run("destroy", "--env", "local", "--yes").code == 0
    assert shop.run("pipeline", "destroy", "--env", "local", "--yes").code == 0
    assert shop.stacks == {}


def test_it_is_destroyed_alone(shop: Project) -> None:
    shop.deploy()
    shop.run("pipeline", "deploy", *HERE)
    done = shop.run("pipeline", "destroy", "--env", "local", "--yes")
    assert done.code == 0, done.err
    assert "oaktree-local-pipeline" not in shop.stacks
    assert shop.status == "CREATE_COMPLETE"


@pytest.mark.parametrize(
    ("text", "said", "advice"),
    [
        ("", "The parameter GitHubOwner has no value", "Give it in environments/local.toml [pipeline]"),
        (
            PIPELINE.replace("octo-org", "octo-*"),
            "local.toml [pipeline]: GitHubOwner = 'octo-*'",
            "Change GitHubOwner in",
        ),
        (PIPELINE.replace("1296269", '"R_kgDO"'), "local.toml [pipeline]: GitHubRepositoryId = 'R_kgDO'", "Change"),
        (
            PIPELINE.replace("GitHubOwnerId", "OwnerId"),
            "[pipeline]: no template has a parameter OwnerId",
            "parameters:",
        ),
        (PIPELINE + 'Prefix = "x"\n', "local.toml: pipeline.Prefix: is set by the library", "Correct"),
        (PIPELINE + "GitHubBranch = 1.5\n", "local.toml: pipeline.GitHubBranch: must be a text", "Correct"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_key(project: Project, text: str, said: str, advice: str) -> None:
    project.environment(ENVIRONMENT + text)
    done = project.run("pipeline", "deploy", *HERE)
    assert done.code == 2
    assert said in done.err
    assert advice in done.err
    assert project.stacks == {}


def test_a_type_of_which_nothing_says_what_it_needs_is_named(shop: Project) -> None:
    shop.template("notes", {"Resources": {"It": {"Type": "Custom::Thing", "Properties": {"ServiceToken": "arn"}}}})
    done = shop.run("pipeline", "deploy", *HERE)
    assert done.code == 2
    assert "Custom::Thing: no schema says which permissions its deployment needs" in done.err
