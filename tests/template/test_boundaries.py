"""A boundary for the roles of templates: what they do today, anywhere in the account, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from oaktree_cfn.blueprints import catalogue
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template.boundaries import boundary

NOTHING = [{"Sid": "Nothing", "Effect": "Deny", "Action": ["*"], "Resource": ["*"]}]
TABLE = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/*"


def allow(*actions: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": [*actions], "Resource": ["arn:aws:dynamodb:eu-west-1:1:table/a"]}


def template(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": type_, "Properties": properties}}}


@pytest.mark.parametrize(
    "made",
    [
        template("AWS::IAM::Policy", PolicyDocument={"Statement": [allow("dynamodb:GetItem")]}),
        template("AWS::IAM::ManagedPolicy", PolicyDocument={"Statement": allow("dynamodb:GetItem")}),
        template("AWS::IAM::Role", Policies=[{"PolicyDocument": {"Statement": [allow("dynamodb:GetItem")]}}]),
        template(
            "AWS::IAM::RolePolicy", PolicyDocument={"Statement": [{"Fn::If": ["C", allow("dynamodb:GetItem"), {}]}]}
        ),
        template(
            "AWS::IAM::Role",
            Policies=[
                {
                    "Fn::If": [
                        "C",
                        {"PolicyDocument": {"Statement": [allow("dynamodb:GetItem")]}},
                        {"Ref": "AWS::NoValue"},
                    ]
                }
            ],
        ),
    ],
)
def test_it_holds_the_actions_of_every_policy_on_everything_of_the_account(made: dict[str, Any]) -> None:
    assert boundary(made) == [
        {"Sid": "Dynamodb", "Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": [{"Fn::Sub": TABLE}]}
    ]


def test_what_is_denied_and_whom_a_role_trusts_is_not_in_it() -> None:
    denied = {**allow("dynamodb:DeleteTable"), "Effect": "Deny"}
    trust = {"Statement": [{"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": "*"}]}
    policy = [{"PolicyDocument": {"Statement": [denied]}}]
    assert boundary(template("AWS::IAM::Role", AssumeRolePolicyDocument=trust, Policies=policy)) == NOTHING
    assert boundary(template("AWS::S3::BucketPolicy", PolicyDocument={"Statement": [allow("s3:GetObject")]})) == NOTHING


def test_a_role_with_policies_of_others_is_refused() -> None:
    with pytest.raises(InvalidInput, match="AmazonECSTaskExecutionRolePolicy"):
        boundary(
            template("AWS::IAM::Role", ManagedPolicyArns=["arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy"])
        )


def test_the_librarys_roles_need_no_right_over_rights() -> None:
    templates = [catalogue()[name].compose().to_dict() for name in ("network", "service", "cluster", "alb")]
    actions = {action for statement in boundary(*templates) for action in statement["Action"]}
    assert {"dynamodb:PutItem", "logs:PutLogEvents", "ecr:BatchGetImage"} <= actions
    assert {action.partition(":")[0] for action in actions} == {"dynamodb", "ecr", "logs", "ssmmessages"}
