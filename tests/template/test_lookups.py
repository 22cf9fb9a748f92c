"""What CloudFormation looks up for a template, and needs a right for."""

from __future__ import annotations

from typing import Any

import pytest

from oaktree_cfn.template import iam
from oaktree_cfn.template.lookups import lookups

SSM = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/"
SECRET = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:"
FULL = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"


def using(value: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": [value]}}}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{resolve:ssm:/app/name}}", ("ssm:GetParameters", f"{SSM}app/name")),
        ("{{resolve:ssm:name:3}}", ("ssm:GetParameters", f"{SSM}name")),
        ("{{resolve:ssm-secure:/app/name:1}}", ("ssm:GetParameters", f"{SSM}app/name")),
        ("{{resolve:secretsmanager:db}}", ("secretsmanager:GetSecretValue", f"{SECRET}db-*")),
        ("u={{resolve:secretsmanager:db:SecretString:user}};", ("secretsmanager:GetSecretValue", f"{SECRET}db-*")),
        (f"{{{{resolve:secretsmanager:{FULL}:SecretString:user}}}}", ("secretsmanager:GetSecretValue", FULL)),
        ("{{resolve:ssm:/${Prefix}/${AWS::Region}/name}}", ("ssm:GetParameters", f"{SSM}*/${{AWS::Region}}/name")),
    ],
)
def test_a_dynamic_reference_needs_the_right_to_read_it(text: str, expected: tuple[str, str]) -> None:
    assert list(lookups(using(text))) == [expected]
    assert list(lookups(using({"Fn::Sub": text}))) == [expected]


def test_zones_are_asked_for_where_they_are_used() -> None:
    zones = {"Fn::Select": [0, {"Fn::GetAZs": ""}]}
    assert {action for action, _ in lookups(using(zones))} >= {"ec2:DescribeAvailabilityZones"}
    assert list(lookups(using("plain"))) == []


@pytest.mark.parametrize(
    ("type_", "action"),
    [
        ("AWS::SSM::Parameter::Value<String>", "ssm:GetParameters"),
        ("AWS::SSM::Parameter::Name", "ssm:GetParameters"),
        ("AWS::EC2::VPC::Id", "ec2:DescribeVpcs"),
        ("List<AWS::EC2::Subnet::Id>", "ec2:DescribeSubnets"),
        ("AWS::Route53::HostedZone::Id", "route53:GetHostedZone"),
    ],
)
def test_a_parameter_whose_value_is_checked_needs_the_right_to_look(type_: str, action: str) -> None:
    template = {"Parameters": {"It": {"Type": type_}}, "Resources": {}}
    assert [found for found, _ in lookups(template)] == [action]
    assert iam.kinds(action) is not None


def test_a_plain_parameter_is_not_looked_up() -> None:
    template = {"Parameters": {"It": {"Type": "CommaDelimitedList", "Default": "{{resolve:ssm:a}}"}}, "Resources": {}}
    assert list(lookups(template)) == []
