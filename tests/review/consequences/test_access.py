"""Who may do more, who less."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.models import KNOWN_AFTER_APPLY, Change, Detail
from tests.review.ours import create, update

from .find import ACCOUNT, add, alone, modify, of, remove, said

ROLE, POLICY = "AWS::IAM::Role", "AWS::IAM::Policy"
ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/users"


def statement(action: Any, resource: Any = ARN, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def policy(*statements: Any, **more: Any) -> dict[str, Any]:
    return {"PolicyDocument": {"Version": "2012-10-17", "Statement": list(statements)}, **more}


def worst(before: Any, after: Any, type_: str = POLICY) -> str:
    found = said(alone(modify(type_, before, after)), "access")
    return found[0][0] if found else ""


# Our own templates


def everything_with_the_table(properties: dict[str, Any]) -> None:
    properties["PolicyDocument"]["Statement"][0]["Action"] = ["dynamodb:*"]


def test_our_task_role_given_every_action_on_the_table_is_refused() -> None:
    (found,) = of(update(edits={"Service/TaskPolicy": everything_with_the_table}), "access")
    assert (found.place, found.severity) == ("Service/TaskPolicy", "refuse")
    assert found.text == "TaskPolicy grants more: dynamodb:*"
    assert found.details[0].startswith("allows dynamodb:* on ")


def read_only(properties: dict[str, Any]) -> None:
    properties["PolicyDocument"]["Statement"][0]["Action"] = ["dynamodb:GetItem"]


def test_less_for_our_task_role_is_a_note() -> None:
    (found,) = of(update(edits={"Service/TaskPolicy": read_only}), "access")
    assert found.severity == "note"
    assert "dynamodb:PutItem" in found.text


def test_a_first_create_shows_what_it_grants() -> None:
    found = {each.place: each.severity for each in of(create(), "access")}
    assert found["Service/TaskPolicy"] == "ask"
    assert found["Service/TaskRole"] == "note"
    assert "refuse" not in found.values()


# What bounds and grants nothing

ENDPOINT = "AWS::EC2::VPCEndpoint"
OURS = {"StringEquals": {"aws:ResourceAccount": ACCOUNT}}


def passing(**more: Any) -> dict[str, Any]:
    return policy(statement("s3:*", "*", Principal="*", **more))


def test_an_endpoint_gives_nobody_anything_when_it_comes_or_goes() -> None:
    assert said(alone(add(ENDPOINT, passing())), "access") == []
    assert said(alone(remove(ENDPOINT, passing())), "access") == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (passing(Condition=OURS), passing(), ("refuse", "Thing lets more pass: s3:*")),
        (passing(Condition=OURS), {}, ("refuse", "Thing lets more pass: *")),
        (passing(), passing(Condition=OURS), ("note", "Thing lets less pass: s3:*")),
        ({}, passing(), ("note", "Thing lets less pass: *")),
    ],
)
def test_more_may_not_pass_an_endpoint_unnoticed_and_without_a_policy_everything_does(
    before: Any, after: Any, expected: tuple[str, str]
) -> None:
    assert said(alone(modify(ENDPOINT, before, after)), "access") == [expected]


# Wider and narrower

GET = statement("dynamodb:GetItem")
TLS = {"Bool": {"aws:SecureTransport": "true"}}
DENY = {"Effect": "Deny", "Action": "dynamodb:DeleteTable", "Resource": "*"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (policy(GET), policy(statement("dynamodb:*"))),
        (policy(GET), policy(statement("dynamodb:GetItem", "*"))),
        (policy(GET), policy(statement("dynamodb:GetItem", f"{ARN}*"))),
        (policy(GET), policy(GET, statement("s3:GetObject"))),
        (policy(GET | {"Condition": TLS}), policy(GET)),
        (policy(GET, DENY), policy(GET)),
        (policy(GET, DENY), policy(GET, DENY | {"Condition": TLS})),
        (policy(GET, Roles=["app"]), policy(GET, Roles=["app", "other"])),
        (policy({"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"}),
         policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})),
        (policy(GET), policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})),
        (policy(statement("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})),
         policy(statement("s3:GetObject", Condition={"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "11.0.0.0/8"]}}))),
        (policy(statement("s3:GetObject", Condition={"StringNotEquals": {"a": ["x", "y"]}})),
         policy(statement("s3:GetObject", Condition={"StringNotEquals": {"a": ["x"]}}))),
    ],
)  # fmt: skip
def test_more_on_what_exists_is_refused_and_the_way_back_is_a_note(before: Any, after: Any) -> None:
    assert worst(before, after) == "refuse"
    assert worst(after, before) in {"note", "refuse"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (policy(statement(["a:B", "a:C"])), policy(statement("a:B"), statement("a:C"))),
        (policy(statement("a:b*")), policy(statement("A:B*"))),
        (policy(GET), policy(GET | {"Sid": "Named"})),
        (policy(GET), {"PolicyDocument": json.dumps(policy(GET)["PolicyDocument"])}),
        (policy(statement("s3:*")), policy(statement("s3:*"), statement("s3:GetObject"))),
    ],
)
def test_the_same_said_otherwise_says_nothing(before: Any, after: Any) -> None:
    assert worst(before, after) == ""


def test_a_name_known_only_later_is_no_wider_grant() -> None:
    (found,) = said(
        alone(modify(POLICY, policy(GET), policy(statement("dynamodb:GetItem", KNOWN_AFTER_APPLY)))), "access"
    )
    assert found[0] == "note"
    assert "known only after apply" in found[1]
    assert worst(policy(GET), policy(statement("dynamodb:*", KNOWN_AFTER_APPLY))) == "refuse"


# Where it leads further


@pytest.mark.parametrize(
    ("actions", "resource", "words"),
    [
        ("*", "*", "administrator"),
        ("*:*", "*", "administrator"),
        ("iam:PassRole", "*", "hand any role"),
        ("iam:*", "arn:aws:iam::123456789012:role/x", "iam:putrolepolicy"),
        ("iam:AttachRolePolicy", "*", "AdministratorAccess"),
        ("iam:CreatePolicyVersion", "*", "rewrite a managed policy"),
        ("sts:AssumeRole", "*", "become any role"),
        (["lambda:UpdateFunctionCode", "iam:PassRole"], "arn:aws:iam::123456789012:role/x", "Lambda"),
        (["cloudformation:CreateStack", "iam:PassRole"], "arn:aws:iam::123456789012:role/x", "CloudFormation"),
    ],
)  # fmt: skip
def test_escalation_is_named_and_refused_even_for_a_new_role(actions: Any, resource: str, words: str) -> None:
    inline = {"Policies": [{"PolicyName": "p", **policy(statement(actions, resource))}]}
    found = of(alone(add(ROLE, inline)), "access")
    assert found[0].severity == "refuse"
    assert words in " ".join((found[0].text, *found[0].details))


def test_an_ordinary_policy_of_a_new_role_is_asked_about() -> None:
    assert said(alone(add(POLICY, policy(GET, Roles=[KNOWN_AFTER_APPLY]))), "access")[0][0] == "ask"


def test_a_new_policy_for_a_role_that_exists_is_refused() -> None:
    assert said(alone(add(POLICY, policy(GET, Roles=["app-role"]))), "access")[0][0] == "refuse"


def trust(principal: Any, condition: Any = None) -> dict[str, Any]:
    one = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    return {"AssumeRolePolicyDocument": {"Statement": [one | ({"Condition": condition} if condition else {})]}}


@pytest.mark.parametrize(
    ("principal", "severity", "words"),
    [
        ({"Service": "ecs-tasks.amazonaws.com"}, "note", "ecs-tasks.amazonaws.com"),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "ask", f"account {ACCOUNT}"),
        ({"AWS": "999999999999"}, "ask", "account 999999999999 is not this one"),
        ("*", "refuse", "open to everybody"),
        ({"AWS": "*"}, "refuse", "open to everybody"),
        ({"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}, "refuse",
         "every GitHub repository"),
    ],
)  # fmt: skip
def test_who_may_assume_a_new_role(principal: Any, severity: str, words: str) -> None:
    (found,) = of(alone(add(ROLE, trust(principal))), "access")
    assert found.severity == severity
    assert words in found.text


def test_a_workflow_of_one_repository_is_no_open_door() -> None:
    provider = {"Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"}
    condition = {"StringEquals": {"token.actions.githubusercontent.com:sub": "repo:o/r:environment:prod"}}
    assert said(alone(add(ROLE, trust(provider, condition))), "access")[0][0] == "ask"


@pytest.mark.parametrize(
    "type_", ["AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"]
)  # fmt: skip
def test_a_resource_opened_to_everybody_is_refused(type_: str) -> None:
    everybody = policy(statement("s3:GetObject", "*", Principal="*"))
    assert "open to everybody" in said(alone(add(type_, everybody)), "access")[0][1]
    assert worst(policy(), everybody, type_) == "refuse"


def test_a_deny_for_everybody_opens_nothing() -> None:
    tls = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    assert said(alone(add("AWS::S3::BucketPolicy", policy(tls))), "access") == [("note", "Thing grants less: s3:*")]
    assert said(alone(remove("AWS::S3::BucketPolicy", policy(tls))), "access")[0][0] == "refuse"


@pytest.mark.parametrize(
    ("before", "after", "severity", "words"),
    [
        ({}, {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}, "refuse", "AdministratorAccess"),
        ({}, {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}, "refuse", "ReadOnlyAccess attached"),
        ({"ManagedPolicyArns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}, {}, "note", "loses"),
        ({"PermissionsBoundary": "arn:b"}, {}, "refuse", "loses its permissions boundary"),
        ({}, {"PermissionsBoundary": "arn:b"}, "note", "gets a permissions boundary"),
    ],
)
def test_attached_policies_and_boundaries(before: Any, after: Any, severity: str, words: str) -> None:
    (found,) = said(alone(modify(ROLE, before, after)), "access")
    assert found[0] == severity
    assert words in found[1]


def test_a_bucket_that_may_become_public_is_refused() -> None:
    block = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), "true")
    before = {"PublicAccessBlockConfiguration": block}
    assert worst(before, {}, "AWS::S3::Bucket") == "refuse"


# What cannot be read


@pytest.mark.parametrize(
    "change",
    [
        Change("Modify", "P", POLICY, details=(Detail("Properties", "PolicyDocument"),)),
        Change("Modify", "P", POLICY, details=(Detail("Properties", "PolicyDocument", before="{}", after='{"Statement": [{"Ef'),)),
        modify(POLICY, policy(GET), {"PolicyDocument": "nonsense"}),
        modify(POLICY, policy(GET), {"PolicyDocument": {"Statement": ["nonsense"]}}),
    ],
)  # fmt: skip
def test_a_policy_that_is_not_told_whole_is_refused(change: Change) -> None:
    assert said(alone(change), "access")[0][0] == "refuse"


ACTIONS = st.sampled_from(["a:B", "a:C", "a:*", "b:D", "*"])
RESOURCES = st.sampled_from(["arn:x", "arn:y", "arn:*", "*"])
STATEMENTS = st.builds(
    statement,
    st.lists(ACTIONS, min_size=1, max_size=3),
    st.lists(RESOURCES, min_size=1, max_size=2),
    Effect=st.sampled_from(["Allow", "Deny"]),
    Condition=st.sampled_from([None, TLS]),
)


def allowed(statements: list[Any]) -> set[tuple[str, str, bool]]:
    """A plain account of what is granted, for actions and resources of two letters, by trying each."""
    import fnmatch

    def says(effect: str, action: str, where: str, tls: bool) -> bool:
        return any(
            one["Effect"] == effect
            and any(fnmatch.fnmatchcase(action, each) for each in one["Action"])
            and any(fnmatch.fnmatchcase(where, each) for each in one["Resource"])
            and (tls or not one["Condition"])
            for one in statements
        )

    every = [
        (a, r, t) for a in ("a:B", "a:C", "a:E", "b:D", "c:F") for r in ("arn:x", "arn:y", "z") for t in (True, False)
    ]
    return {each for each in every if says("Allow", *each) and not says("Deny", *each)}


@given(st.lists(STATEMENTS, max_size=3), st.lists(STATEMENTS, max_size=3))
def test_nothing_granted_anew_is_silent(before: list[Any], after: list[Any]) -> None:
    if allowed(after) - allowed(before):
        assert worst(policy(*before), policy(*after)) == "refuse"


@given(st.lists(STATEMENTS, max_size=3), STATEMENTS)
def test_adding_a_statement_never_hides_what_it_grants(before: list[Any], one: Any) -> None:
    if allowed([*before, one]) - allowed(before):
        assert worst(policy(*before), policy(*before, one)) == "refuse"
