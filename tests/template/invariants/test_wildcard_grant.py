"""Grants name what they allow."""

from __future__ import annotations

import json
from importlib import resources

import pytest

from oaktree_cfn.template.invariants.wildcard_grant import WITHOUT_RESOURCE

from .ground import found

STATEMENT = "{{Effect: {effect}, Action: {action}, Resource: {resource}}}"
TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/users"
PLACES = {
    "AWS::IAM::Policy": "{PolicyName: p, PolicyDocument: {Statement: [%s]}}",
    "AWS::IAM::ManagedPolicy": "{PolicyDocument: {Statement: %s}}",
    "AWS::IAM::Role": "{AssumeRolePolicyDocument: {}, Policies: [{PolicyName: p, PolicyDocument: {Statement: [%s]}}]}",
    "AWS::SSO::PermissionSet": '{InlinePolicy: !Sub \'{"Statement": [{"Effect": "Allow", "Action": "s3:*"}]}\'}',
}


def policy(action: str, resource: str = TABLE, effect: str = "Allow", type_: str = "AWS::IAM::Policy") -> list[str]:
    statement = STATEMENT.format(effect=effect, action=action, resource=resource)
    properties = PLACES[type_].replace("%s", statement)
    return found("wildcard-grant", f"Grant: {{Type: {type_}, Properties: {properties}}}")


def messages(lines: list[str]) -> list[str]:
    return [line.partition(" ")[2] for line in lines]


@pytest.mark.parametrize("action", ["'*'", "dynamodb:*", "'*:*'", "[dynamodb:GetItem, 's3:*']", "'s3:**'"])
def test_a_wildcard_for_all_actions_is_found(action: str) -> None:
    (said,) = messages(policy(action))
    assert said.startswith("is ")


@pytest.mark.parametrize(
    "resource", ["'*'", "arn:aws:s3:::*", "'arn:aws:dynamodb:eu-west-1:123456789012:*'", "'arn:*'", "['*']"]
)
def test_a_wildcard_for_all_resources_is_found(resource: str) -> None:
    (said,) = messages(policy("dynamodb:GetItem", resource))
    assert said.endswith("for dynamodb:GetItem")


@pytest.mark.parametrize("resource", [f"{TABLE}/index/*", "arn:aws:s3:::bucket/*", "!Sub '${AWS::StackName}:*'",
                                      "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/x:*", "!ImportValue Arn"])  # fmt: skip
def test_a_wildcard_within_one_resource_is_fine(resource: str) -> None:
    assert policy("dynamodb:Get*", resource) == []


@pytest.mark.parametrize("action", ["ecr:GetAuthorizationToken", "ECR:getauthorizationtoken", "ec2:DescribeSubnets", "ec2:Describe*",
                                    "[ssmmessages:OpenDataChannel, elasticloadbalancing:DescribeRules]", "!ImportValue Actions"])  # fmt: skip
def test_actions_without_resources_may_name_none(action: str) -> None:
    assert policy(action, "'*'") == []


def test_one_action_with_resources_among_them_is_found() -> None:
    said = "Grant.PolicyDocument.Statement.0.Resource.0 is * for ecr:BatchGetImage"
    assert policy("[ecr:GetAuthorizationToken, ecr:BatchGetImage]", "'*'") == [said]


@pytest.mark.parametrize("type_", PLACES)
def test_every_kind_of_identity_policy_is_judged(type_: str) -> None:
    assert messages(policy("s3:*", type_=type_)) == ["is s3:*"]


def test_everything_but_something_is_a_wildcard() -> None:
    text = "Grant: {Type: AWS::IAM::Policy, Properties: {PolicyDocument: {Statement: {Effect: Allow, %s}}}}"
    assert messages(found("wildcard-grant", text % "NotAction: iam:*, Resource: '*'")) == [
        "allows every action but these"
    ]
    said = messages(found("wildcard-grant", text % f"Action: s3:GetObject, NotResource: {TABLE}"))
    assert said == ["allows it on everything but these"]


def test_what_is_denied_may_be_everything() -> None:
    assert policy("'*'", "'*'", effect="Deny") == []


def resource_policy(type_: str, name: str, statement: str) -> list[str]:
    text = f"Grant: {{Type: {type_}, Properties: {{{name}: {{Statement: [{{Effect: Allow, {statement}}}]}}}}}}"
    return messages(found("wildcard-grant", text))


def test_the_resource_of_a_resources_policy_is_itself() -> None:
    principal = "Principal: {Service: logs.amazonaws.com}"
    assert resource_policy("AWS::KMS::Key", "KeyPolicy", f"{principal}, Action: kms:Decrypt, Resource: '*'") == []
    assert (
        resource_policy(
            "AWS::SQS::QueuePolicy", "PolicyDocument", f"{principal}, Action: sqs:SendMessage, Resource: '*'"
        )
        == []
    )
    assert resource_policy("AWS::SQS::QueuePolicy", "PolicyDocument", f"{principal}, Action: sqs:*, Resource: '*'") == [
        "is sqs:*"
    ]


def test_a_key_may_be_left_to_the_accounts_own_iam_and_to_nobody_else() -> None:
    root = "Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}, Action: kms:*, Resource: '*'"
    assert resource_policy("AWS::KMS::Key", "KeyPolicy", root) == []
    service = "Principal: {Service: logs.amazonaws.com}, Action: kms:*, Resource: '*'"
    assert resource_policy("AWS::KMS::Key", "KeyPolicy", service) == ["is kms:*"]


def test_an_endpoints_policy_grants_nothing() -> None:
    assert (
        resource_policy("AWS::EC2::VPCEndpoint", "PolicyDocument", "Principal: '*', Action: '*', Resource: '*'") == []
    )


WITHOUT_ITS_RESOURCE = {
    "cloudformation:GetTemplateSummary": "of a template by its address, where there is no stack to name",
    "ecs:ListTasks": "its resource is a container instance, and Fargate has none",
}


@pytest.mark.parametrize(
    "action", [each for each in WITHOUT_RESOURCE if not each.endswith("*") and each not in WITHOUT_ITS_RESOURCE]
)
def test_each_exempt_action_is_one_that_iam_knows_no_resource_for(action: str) -> None:
    file = resources.files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json"
    service, _, name = action.partition(":")
    known = json.loads(file.read_text())[service]["Actions"]
    assert known[name.lower()].get("Resources", []) == []
