"""The pipeline's template: one provider at most, policies within IAM's limits, names, and what is left to the account."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.template.controls import violations
from oaktree_cfn.template.packing import ATTACHED, INLINE, MANAGED

PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
JOBS = ("PlanRole", "DeployRole", "ImageRole")


def characters(document: Any) -> int:
    return len(json.dumps(document, separators=(",", ":")))


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


LONG = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=28)


@given(prefix=LONG | st.just("x" * 28), repository=st.just("") | st.just("a/" * 100 + "b"), bounded=st.booleans())
def test_every_policy_is_within_iams_limits(
    picture: Callable[..., Any], prefix: str, repository: str, bounded: bool
) -> None:
    """IAM and AWS STS quotas: characters without white space."""
    drawn = picture("pipeline", Prefix=prefix, Repository=repository, RolesNeedBoundary=str(bounded).lower())
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
