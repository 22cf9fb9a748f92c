"""The pipeline's template: one provider at most, policies within IAM's limits, names, and what is left to the account."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.blueprints.pipeline import Pipeline
from oaktree_cfn.compose import Cluster, Described, Network, System, Worker
from oaktree_cfn.template import read
from oaktree_cfn.template.authorization import allowed
from oaktree_cfn.template.controls import violations
from oaktree_cfn.template.packing import ATTACHED, INLINE, MANAGED

PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
JOBS = ("PlanRole", "DeployRole", "ImageRole")


ROLE = f"arn:aws:iam::123456789012:role/{'x' * 28}-cloudformation-role"


def characters(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":")).replace("<CloudFormationRole.Arn>", ROLE))


def test_it_makes_githubs_provider_for_aws_alone(picture: Callable[..., Any]) -> None:
    provider = picture("pipeline").properties("Provider")
    assert provider == {
        "Url": "https://token.actions.githubusercontent.com",
        "ClientIdList": ["sts.amazonaws.com"],
    }


def test_an_account_that_has_the_provider_keeps_its_own(picture: Callable[..., Any]) -> None:
    drawn = picture("pipeline", OidcProviderArn=PROVIDER)
    assert drawn.resources("AWS::IAM::OIDCProvider") == set()
    for role in JOBS:
        (statement,) = drawn.properties(role)["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Federated": [PROVIDER]}
    assert drawn.output("OidcProviderArn") == PROVIDER


def test_each_role_is_told(picture: Callable[..., Any]) -> None:
    drawn = picture("pipeline")
    for role in (*JOBS, "CloudFormationRole"):
        assert drawn.output(f"{role}Arn") == f"<{role}.Arn>"


def test_names_begin_with_the_environments(picture: Callable[..., Any]) -> None:
    drawn = picture("pipeline", Prefix="oaktree-prod")
    assert {drawn.properties(role)["RoleName"] for role in drawn.resources("AWS::IAM::Role")} == {
        f"oaktree-prod-{name}-role" for name in ("plan", "deploy", "image", "cloudformation")
    }


def test_jobs_and_applications_have_boundaries(picture: Callable[..., Any]) -> None:
    drawn = picture("pipeline")
    assert {drawn.properties(role)["PermissionsBoundary"] for role in JOBS} == {"<JobsBoundary>"}
    assert "PermissionsBoundary" not in drawn.properties("CloudFormationRole")
    assert drawn.output("ApplicationBoundaryArn") == "<ApplicationBoundary>"


def test_it_is_the_same_from_the_blueprints_and_from_the_rendered_templates(templates: dict[str, Any]) -> None:
    """As the library renders it, and as a deploy derives it from an environment's own templates."""
    folder = Path(__file__).parents[2] / "templates"
    system = ("root", "network", "ecr", "data", "cluster", "alb", "monitoring", "service")
    assert (
        Pipeline(tuple(read.load(folder / f"{name}.yaml") for name in system)).compose().to_dict()
        == templates["pipeline"]
    )


# The boundary of applications


BOUNDARY = "arn:aws:iam::123456789012:policy/oaktree-dev-application-boundary"
TASK_ROLE = "arn:aws:iam::123456789012:role/oaktree-dev-task-role"


def bounded(picture: Callable[..., Any], switch: str) -> list[Any]:
    """The inline policies of CloudFormation's role, and one that allows everything."""
    drawn = picture("pipeline", RolesNeedBoundary=switch)
    everything = {"Statement": [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]}
    return [everything, *(each["PolicyDocument"] for each in drawn.properties("CloudFormationRole")["Policies"])]


@pytest.mark.parametrize("action", ["CreateRole", "PutRolePolicy", "AttachRolePolicy", "PutRolePermissionsBoundary"])
def test_where_roles_need_the_boundary_no_other_gets_a_right(picture: Callable[..., Any], action: str) -> None:
    asked = f"iam:{action}"
    for switch, without in (("true", False), ("false", True)):
        policies = bounded(picture, switch)
        assert allowed(asked, TASK_ROLE, {"iam:PermissionsBoundary": "<ApplicationBoundary>"}, policies)
        assert allowed(asked, TASK_ROLE, {"iam:PermissionsBoundary": f"{BOUNDARY}-wide"}, policies) is without
        assert allowed(asked, TASK_ROLE, {}, policies) is without


def test_where_roles_need_the_boundary_it_stays_on_them(picture: Callable[..., Any]) -> None:
    kept = {"iam:PermissionsBoundary": "<ApplicationBoundary>"}
    take = "iam:DeleteRolePermissionsBoundary"
    assert not allowed(take, TASK_ROLE, kept, bounded(picture, "true"))
    assert allowed(take, TASK_ROLE, kept, bounded(picture, "false"))


def test_the_environment_puts_it_on_every_role_and_on_none_unless_it_is_given(picture: Callable[..., Any]) -> None:
    for name, more in (("service", {}), ("network", {"FlowLogs": "true"})):
        with_it, without = picture(name, PermissionsBoundaryArn=BOUNDARY, **more), picture(name, **more)
        roles = with_it.resources("AWS::IAM::Role")
        assert roles
        assert {with_it.properties(role)["PermissionsBoundary"] for role in roles} == {BOUNDARY}
        assert all("PermissionsBoundary" not in without.properties(role) for role in roles)


def test_a_system_of_ones_own_takes_it_as_well() -> None:
    worker = Described(Worker(image="public.ecr.aws/nginx/nginx:1.29", command=("work",)), "jobs")
    template = System("Jobs.", {"Network": Network(), "Cluster": Cluster(), "Jobs": worker}).compose().to_dict()
    assert template["Parameters"]["PermissionsBoundaryArn"]["Default"] == ""
    assert template["Resources"]["Jobs"]["Properties"]["Parameters"]["PermissionsBoundaryArn"] == {
        "Ref": "PermissionsBoundaryArn"
    }


def grants(drawn: Any) -> Iterator[tuple[str, str]]:
    """Action and resource of everything that the policies for a template's roles allow."""
    for title in drawn.resources("AWS::IAM::Policy") | drawn.resources("AWS::IAM::ManagedPolicy"):
        for statement in drawn.properties(title)["PolicyDocument"]["Statement"]:
            yield from ((action, resource) for action in statement["Action"] for resource in statement["Resource"])


LOGS = "arn:aws:logs:ap-southeast-1:123456789012:log-group:/ecs/oaktree-dev:*"


def test_under_it_every_role_can_do_all_that_it_is_granted(picture: Callable[..., Any]) -> None:
    boundary = picture("pipeline").properties("ApplicationBoundary")["PolicyDocument"]
    granted = [*grants(picture("service", ExecuteCommand="true")), *grants(picture("network", FlowLogs="true"))]
    assert len(granted) > 15
    refused = [
        (action, resource)
        for action, resource in granted
        if not allowed(action, LOGS if resource.endswith("LogGroup.Arn>") else resource, {}, [boundary])
    ]
    assert refused == []


@pytest.mark.parametrize(
    "action", ["iam:CreateRole", "dynamodb:DeleteTable", "ec2:RunInstances", "sts:AssumeRole", "s3:GetObject"]
)
def test_under_it_no_role_can_do_what_none_does(picture: Callable[..., Any], action: str) -> None:
    boundary = picture("pipeline").properties("ApplicationBoundary")["PolicyDocument"]
    everything = {"Statement": [{"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}]}
    assert allowed(
        "dynamodb:PutItem", "arn:aws:dynamodb:ap-southeast-1:123456789012:table/a", {}, [everything], boundary
    )
    assert not allowed(action, "arn:aws:any:ap-southeast-1:123456789012:thing/a", {}, [everything], boundary)


# Limits


LONG = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=28)


@given(prefix=LONG | st.just("x" * 28), repository=st.just("") | st.just("a/" * 127 + "b"), bounded=st.booleans())
def test_every_policy_is_within_iams_limits(
    picture: Callable[..., Any], prefix: str, repository: str, bounded: bool
) -> None:
    """IAM and AWS STS quotas: characters without white space."""
    names = {"Prefix": prefix, "Repository": repository, "ArtifactBucket": "b" * 63}
    drawn = picture("pipeline", **names, RolesNeedBoundary=str(bounded).lower())
    for policy in drawn.resources("AWS::IAM::ManagedPolicy"):
        assert characters(drawn.properties(policy)["PolicyDocument"]) <= MANAGED, policy
    for role in drawn.resources("AWS::IAM::Role"):
        inline = [each["PolicyDocument"] for each in drawn.properties(role)["Policies"]]
        assert sum(map(characters, inline)) <= INLINE, role


LONGEST = {
    "GitHubOwner": "o" * 39,
    "GitHubOwnerId": "9" * 19,
    "GitHubRepository": "r" * 100,
    "GitHubRepositoryId": "9" * 19,
    "GitHubEnvironment": "e" * 100,
    "GitHubBranch": "b" * 200,
    "OidcProviderArn": PROVIDER,
}


def test_every_trust_policy_is_within_iams_limit_with_the_longest_names(picture: Callable[..., Any]) -> None:
    drawn = picture("pipeline", **LONGEST)
    assert drawn.refused() == []
    for role in drawn.resources("AWS::IAM::Role"):
        assert characters(drawn.properties(role)["AssumeRolePolicyDocument"]) <= 2048, role


def test_cloudformations_role_has_no_more_policies_than_a_role_may(picture: Callable[..., Any]) -> None:
    drawn = picture("pipeline")
    held = [each for each in drawn.resources("AWS::IAM::ManagedPolicy") if "Roles" in drawn.properties(each)]
    assert all(drawn.properties(each)["Roles"] == ["<CloudFormationRole>"] for each in held)
    assert 1 < len(held) <= ATTACHED


def test_a_deploy_may_last_as_long_as_it_was_given(picture: Callable[..., Any]) -> None:
    drawn = picture("pipeline", DeploySeconds="10800")
    assert float(drawn.properties("DeployRole")["MaxSessionDuration"]) == 10800
    assert "MaxSessionDuration" not in drawn.properties("PlanRole")
    assert picture("pipeline", DeploySeconds="43201").refused()


@pytest.mark.parametrize("bounded", ["true", "false"])
def test_it_violates_no_control_of_security_hub(picture: Callable[..., Any], bounded: str) -> None:
    drawn = picture("pipeline", RolesNeedBoundary=bounded)
    resources = {
        title: {"Type": drawn.template["Resources"][title]["Type"], "Properties": drawn.properties(title)}
        for title in drawn.resources()
    }
    assert violations([{"Resources": resources}]) == ((),)
