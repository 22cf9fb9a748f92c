"""Which of GitHub's tokens get a role of the pipeline: those of the right repository in the right kind of run, no other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.services.github import HOST
from oaktree_cfn.template.authorization import trusted

Claims = dict[str, Any]

PROVIDER = "<Provider>"
OLD, NEW = "repo:octo-org/oaktree:", "repo:octo-org@6811672/oaktree@1296269:"
PULL_REQUEST, ENVIRONMENT, BRANCH = "pull_request", "environment:dev", "ref:refs/heads/main"
RUNS = {"PlanRole": (PULL_REQUEST, BRANCH), "DeployRole": (ENVIRONMENT,), "ImageRole": (ENVIRONMENT,)}
RIGHT = [(role, form + run) for role, runs in RUNS.items() for run in runs for form in (OLD, NEW)]


def token(sub: str | None, **other: Any) -> Claims:
    """What GitHub says of a run in the repository; claims that are None are not in it."""
    ours = {
        "iss": f"https://{HOST}",
        "aud": "sts.amazonaws.com",
        "sub": sub,
        "repository": "octo-org/oaktree",
        "repository_id": "1296269",
        "repository_owner": "octo-org",
        "repository_owner_id": "6811672",
        "repository_visibility": "private",
        "actor": "octocat",
        "job_workflow_ref": "octo-org/oaktree/.github/workflows/deploy.yml@refs/heads/main",
    }
    return {claim: value for claim, value in (ours | other).items() if value is not None}


@pytest.fixture(scope="session")
def roles(picture: Callable[..., Any]) -> dict[str, Any]:
    """Role -> whom it trusts, as IAM reads it."""
    drawn = picture("pipeline")
    return {role: drawn.properties(role)["AssumeRolePolicyDocument"] for role in RUNS}


def gets(roles: dict[str, Any], role: str, claims: Claims, provider: str = PROVIDER) -> bool:
    return trusted(roles[role], provider, claims, HOST)


@pytest.mark.parametrize(("role", "sub"), RIGHT)
def test_a_run_of_the_right_kind_gets_the_role_with_either_form_of_subject(
    roles: dict[str, Any], role: str, sub: str
) -> None:
    assert gets(roles, role, token(sub))


@pytest.mark.parametrize(("role", "sub"), RIGHT)
def test_it_gets_no_role_but_its_own(roles: dict[str, Any], role: str, sub: str) -> None:
    allowed = {other for other, runs in RUNS.items() if any(sub.endswith(run) for run in runs)}
    assert {other for other in RUNS if gets(roles, other, token(sub))} == allowed
    assert role in allowed


FORK = {
    "repository": "mallory/oaktree",
    "repository_id": "777",
    "repository_owner": "mallory",
    "repository_owner_id": "7",
}

# what somebody tries -> the role, and the token
WRONG: dict[str, tuple[str, Claims]] = {
    "another repository of the owner": (
        "DeployRole",
        token("repo:octo-org/website:environment:dev", repository="octo-org/website", repository_id="1296270"),
    ),
    "another repository, whose name begins with ours": (
        "DeployRole",
        token("repo:octo-org/oaktree-fork:environment:dev", repository_id="1296271"),
    ),
    "a fork's own pull request": ("PlanRole", token("repo:mallory/oaktree:pull_request", **FORK)),
    "a fork's own environment": ("DeployRole", token("repo:mallory/oaktree:environment:dev", **FORK)),
    "a fork with our subject, which nobody signs": ("DeployRole", token(f"{OLD}{ENVIRONMENT}", **FORK)),
    "a new owner under our old name": (
        "DeployRole",
        token(f"{OLD}{ENVIRONMENT}", repository_id="999", repository_owner_id="6811673"),
    ),
    "our owner, renamed": (
        "DeployRole",
        token("repo:octo-inc/oaktree:environment:dev", repository_owner="octo-inc", repository="octo-inc/oaktree"),
    ),
    "our repository, transferred": (
        "DeployRole",
        token("repo:mallory@7/oaktree@1296269:environment:dev", repository_owner="mallory", repository_owner_id="7"),
    ),
    "another repository made anew under our name": (
        "DeployRole",
        token("repo:octo-org@6811672/oaktree@1296999:environment:dev", repository_id="1296999"),
    ),
    "another branch, without an environment": ("DeployRole", token(f"{OLD}ref:refs/heads/feature")),
    "the main branch, without the environment": ("DeployRole", token(f"{OLD}{BRANCH}")),
    "a tag": ("DeployRole", token(f"{OLD}ref:refs/tags/v1")),
    "another environment": ("DeployRole", token(f"{OLD}environment:staging")),
    "an environment whose name begins with ours": ("DeployRole", token(f"{OLD}environment:dev2")),
    "a branch that is called as the environment's subject": ("DeployRole", token(f"{OLD}ref:refs/heads/{ENVIRONMENT}")),
    "a pull request that would deploy": ("DeployRole", token(f"{OLD}{PULL_REQUEST}")),
    "a pull request that would push images": ("ImageRole", token(f"{OLD}{PULL_REQUEST}")),
    "an environment's job that would plan": ("PlanRole", token(f"{OLD}{ENVIRONMENT}")),
    "the branch that would push images without the environment": ("ImageRole", token(f"{OLD}{BRANCH}")),
    "another branch that would plan": ("PlanRole", token(f"{OLD}ref:refs/heads/main2")),
    "a tag called main that would plan": ("PlanRole", token(f"{OLD}ref:refs/tags/main")),
    "a merge queue's branch that would plan": (
        "PlanRole",
        token(f"{OLD}ref:refs/heads/gh-readonly-queue/main/1"),
    ),
    "a wildcard for the environment": ("DeployRole", token(f"{OLD}environment:*")),
    "a wildcard for everything": ("DeployRole", token("repo:*")),
    "a wildcard for the repository": ("PlanRole", token("repo:octo-org/*:pull_request")),
    "one letter for any": ("DeployRole", token("repo:octo-org/oaktre?:environment:dev")),
    "wildcards for the numbers": (
        "DeployRole",
        token(f"{OLD}{ENVIRONMENT}", repository_id="*", repository_owner_id="*"),
    ),
    "other capitals in the owner": ("DeployRole", token("repo:Octo-Org/oaktree:environment:dev")),
    "other capitals in the environment": ("DeployRole", token(f"{OLD}environment:DEV")),
    "other capitals in the kind": ("DeployRole", token(f"{OLD}Environment:dev")),
    "the audience GitHub takes by default": (
        "DeployRole",
        token(f"{OLD}{ENVIRONMENT}", aud="https://github.com/octo-org"),
    ),
    "another cloud's audience": ("DeployRole", token(f"{OLD}{ENVIRONMENT}", aud="api://AzureADTokenExchange")),
    "no audience": ("DeployRole", token(f"{OLD}{ENVIRONMENT}", aud=None)),
    "no subject": ("DeployRole", token(None)),
    "an empty subject": ("PlanRole", token("")),
    "no number of the repository": ("DeployRole", token(f"{OLD}{ENVIRONMENT}", repository_id=None)),
    "no number of the owner": ("DeployRole", token(f"{OLD}{ENVIRONMENT}", repository_owner_id=None)),
    "the numbers exchanged": (
        "DeployRole",
        token(f"{OLD}{ENVIRONMENT}", repository_id="6811672", repository_owner_id="1296269"),
    ),
    "the numbers with a hyphen, as was once announced": (
        "DeployRole",
        token("repo:octo-org-6811672/oaktree-1296269:environment:dev"),
    ),
    "a subject that was customized": (
        "DeployRole",
        token("repository_owner_id:6811672:repository_id:1296269:environment:dev"),
    ),
    "more after the subject": ("DeployRole", token(f"{OLD}{ENVIRONMENT}:ref:refs/heads/feature")),
    "white space around the subject": ("DeployRole", token(f" {OLD}{ENVIRONMENT} ")),
}


@pytest.mark.parametrize("attempt", WRONG)
def test_nobody_else_gets_a_role(roles: dict[str, Any], attempt: str) -> None:
    role, claims = WRONG[attempt]
    assert not gets(roles, role, claims)


def test_another_provider_vouches_for_nobody(roles: dict[str, Any]) -> None:
    claims = token(f"{OLD}{ENVIRONMENT}")
    assert not gets(roles, "DeployRole", claims, "arn:aws:iam::123456789012:oidc-provider/gitlab.com")
    assert not trusted(roles["DeployRole"], PROVIDER, claims, "token.actions.example.com")


LOOKED_AT = ("aud", "sub", "repository_id", "repository_owner_id")


@given(
    run=st.sampled_from(RIGHT), claim=st.sampled_from(LOOKED_AT), value=st.none() | st.text() | st.sampled_from("*?")
)
def test_a_token_with_one_claim_changed_is_another_runs(
    roles: dict[str, Any], run: tuple[str, str], claim: str, value: str | None
) -> None:
    role, sub = run
    before = token(sub)
    if value != before[claim]:
        assert not gets(roles, role, {key: each for key, each in (before | {claim: value}).items() if each is not None})


def test_nothing_is_compared_by_pattern(templates: dict[str, Any]) -> None:
    for role in RUNS:
        document = templates["pipeline"]["Resources"][role]["Properties"]["AssumeRolePolicyDocument"]
        (statement,) = document["Statement"]
        (operator,) = statement["Condition"]
        assert operator == "StringEquals"
        assert sorted(statement["Condition"][operator]) == sorted(f"{HOST}:{claim}" for claim in LOOKED_AT)
        assert statement["Action"] == ["sts:AssumeRoleWithWebIdentity"]


def test_cloudformations_role_is_for_cloudformation_alone(picture: Callable[..., Any]) -> None:
    (statement,) = picture("pipeline").properties("CloudFormationRole")["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "cloudformation.amazonaws.com"}
    assert statement["Action"] == ["sts:AssumeRole"]


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("GitHubOwner", "*"),
        ("GitHubOwner", "octo-*"),
        ("GitHubOwner", "${aws:username}"),
        ("GitHubOwner", "octo/oaktree"),
        ("GitHubOwner", "-octo"),
        ("GitHubOwner", ""),
        ("GitHubRepository", "*"),
        ("GitHubRepository", "oaktree:environment:dev"),
        ("GitHubRepository", ".."),
        ("GitHubOwnerId", "*"),
        ("GitHubOwnerId", "0"),
        ("GitHubRepositoryId", "12?"),
        ("GitHubRepositoryId", ""),
        ("GitHubEnvironment", "*"),
        ("GitHubEnvironment", "dev:ref:refs/heads/main"),
        ("GitHubBranch", "*"),
        ("GitHubBranch", "feature/*"),
        ("GitHubBranch", "a..b"),
        ("OidcProviderArn", "arn:aws:iam::123456789012:oidc-provider/gitlab.com"),
        ("OidcProviderArn", "arn:aws:iam::123456789012:oidc-provider/token-actions-githubusercontent-com"),
    ],
)
def test_wildcards_and_what_is_no_name_cannot_be_given(picture: Callable[..., Any], parameter: str, value: str) -> None:
    assert picture("pipeline", **{parameter: value}).refused()


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("GitHubOwner", "octocat_acme"),
        ("GitHubOwner", "O"),
        ("GitHubRepository", ".github"),
        ("GitHubBranch", "release/2026.11"),
        ("OidcProviderArn", "arn:aws-us-gov:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"),
    ],
)
def test_what_github_calls_things_can(picture: Callable[..., Any], parameter: str, value: str) -> None:
    assert picture("pipeline", **{parameter: value}).refused() == []
