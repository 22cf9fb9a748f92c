"""What a deployment is allowed to do, derived from its template: enough, and no more than its properties need."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from oaktree_cfn.blueprints import catalogue
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template import iam, schemas
from oaktree_cfn.template.permissions import BESIDES, ONLY_WITH, Naming, actions, statements

PRODUCT = Naming("SC-${AWS::AccountId}-pp-*")


def template(type_: str, **properties: Any) -> dict[str, Any]:
    return {"Resources": {"It": {"Type": type_, "Properties": properties}}}


def allowed(*found: dict[str, Any]) -> set[str]:
    return {action for statement in found for action in statement["Action"]}


@pytest.fixture(scope="module")
def of_product() -> list[dict[str, Any]]:
    return statements(PRODUCT, catalogue()["product"].compose().to_dict())


def test_no_action_is_a_wildcard_and_each_is_one_that_iam_knows(of_product: list[dict[str, Any]]) -> None:
    assert [action for action in allowed(*of_product) if "*" in action or iam.kinds(action) is None] == []


def test_everything_is_allowed_only_where_iam_takes_nothing_less(of_product: list[dict[str, Any]]) -> None:
    wide = [statement for statement in of_product if "*" in statement["Resource"]]
    assert wide
    assert {action for action in allowed(*wide) if iam.kinds(action)} == set()


NAMED = ("iam", "dynamodb", "logs", "ecs", "cloudwatch")


def test_what_has_a_name_is_limited_to_the_provisioned_stacks_names(of_product: list[dict[str, Any]]) -> None:
    for statement in of_product:
        service = statement["Action"][0].partition(":")[0]
        for resource in statement["Resource"] if service in NAMED else ():
            arn = resource["Fn::Sub"] if isinstance(resource, dict) else resource
            theirs = "SC-${AWS::AccountId}-pp-*" in arn or "aws-service-role/" in arn or "alarm:TargetTracking-" in arn
            assert arn == "*" or theirs, statement


def test_a_target_group_without_a_name_begins_like_its_stack(of_product: list[dict[str, Any]]) -> None:
    (found,) = (each for each in of_product if "elasticloadbalancing:CreateTargetGroup" in each["Action"])
    assert [each["Fn::Sub"].rpartition(":")[2] for each in found["Resource"]] == ["targetgroup/SC-*/*"]


def test_roles_are_handed_to_tasks_only(of_product: list[dict[str, Any]]) -> None:
    (found,) = (each for each in of_product if "iam:PassRole" in each["Action"])
    assert found["Condition"] == {"StringEquals": {"iam:PassedToService": ["ecs-tasks.amazonaws.com"]}}
    assert all("role/SC-" in each["Fn::Sub"] for each in found["Resource"])


def test_it_fits_into_the_inline_policies_of_a_role(of_product: list[dict[str, Any]]) -> None:
    """10,240 characters without white space (IAM quotas)."""
    import json

    assert len(json.dumps(of_product, separators=(",", ":"))) < 10_240


@pytest.mark.parametrize(
    ("property_", "value", "gained"),
    [
        ("KinesisStreamSpecification", {"StreamArn": "arn"}, {"kinesis:DescribeStream", "kinesis:PutRecords"}),
        ("SSESpecification", {"SSEEnabled": True}, {"kms:CreateGrant", "kms:Decrypt"}),
        ("TimeToLiveSpecification", {"Enabled": True}, {"dynamodb:UpdateTimeToLive"}),
    ],
)
def test_an_option_that_is_used_brings_its_actions(property_: str, value: Any, gained: set[str]) -> None:
    table = "AWS::DynamoDB::Table"
    without, with_ = actions(table, [{}]), actions(table, [{property_: value}])
    assert without < with_
    assert gained <= with_ - without
    assert {each.partition(":")[0] for each in without} == {"dynamodb"}


def test_an_option_under_a_condition_counts_as_used() -> None:
    maybe = {"Fn::If": ["Has", {"StreamArn": "arn"}, {"Ref": "AWS::NoValue"}]}
    never = {"Ref": "AWS::NoValue"}
    assert "kinesis:DescribeStream" in actions("AWS::DynamoDB::Table", [{"KinesisStreamSpecification": maybe}])
    assert "kinesis:DescribeStream" not in actions("AWS::DynamoDB::Table", [{"KinesisStreamSpecification": never}])


def test_a_type_that_nobody_reviewed_keeps_all_that_its_schema_says() -> None:
    assert "AWS::SQS::Queue" not in ONLY_WITH
    handlers = (schemas.raw("AWS::SQS::Queue") or {})["handlers"]
    told = {action for name, each in handlers.items() if name != "list" for action in each["permissions"]}
    assert told <= actions("AWS::SQS::Queue", [{}])


def test_a_type_of_which_no_schema_tells_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match=r"Custom::Thing: no schema says"):
        statements(PRODUCT, template("Custom::Thing"))


def test_a_load_balancer_is_limited_to_its_name_whatever_sort_it_is() -> None:
    balancer = template("AWS::ElasticLoadBalancingV2::LoadBalancer", Name={"Fn::Sub": "${Prefix}-alb"})
    found = statements(Naming("oaktree-dev-*", {"Prefix": "oaktree-dev"}), balancer)
    (made,) = (each for each in found if "elasticloadbalancing:CreateLoadBalancer" in each["Action"])
    assert "elasticloadbalancing:SetSubnets" in made["Action"]
    assert [each["Fn::Sub"].rpartition(":")[2] for each in made["Resource"]] == ["loadbalancer/*/oaktree-dev-alb/*"]


@pytest.mark.parametrize(("namespace", "other"), [("ecs", "dynamodb"), ("dynamodb", "ecs")])
def test_what_scales_is_what_autoscaling_may_touch(namespace: str, other: str) -> None:
    found = statements(PRODUCT, template("AWS::ApplicationAutoScaling::ScalableTarget", ServiceNamespace=namespace))
    (linked,) = (each for each in found if "iam:CreateServiceLinkedRole" in each["Action"])
    service = f"{namespace}.application-autoscaling.amazonaws.com"
    assert linked["Condition"] == {"StringEquals": {"iam:AWSServiceName": service}}
    services = {action.partition(":")[0] for action in allowed(*found)}
    assert namespace in services
    assert other not in services


@pytest.mark.parametrize(
    ("type_", "property_", "name", "action", "ends"),
    [
        ("AWS::KMS::Alias", "AliasName", "alias/mine", "kms:CreateAlias", {"kms:R:A:alias/mine", "kms:R:A:key/*"}),
        ("AWS::SSM::Parameter", "Name", "/mine/one", "ssm:PutParameter", {"ssm:R:A:parameter/mine/one"}),
        ("AWS::Scheduler::Schedule", "Name", "mine", "scheduler:CreateSchedule", {"scheduler:R:A:schedule/*/mine"}),
        ("AWS::SSM::Parameter", "Name", "mine", "ssm:PutParameter", {"ssm:R:A:parameter/mine"}),
        (
            *("AWS::SecretsManager::Secret", "Name", "mine", "secretsmanager:CreateSecret"),
            {"secretsmanager:R:A:secret:mine-*"},
        ),
        ("AWS::SSM::Parameter", "Description", "unnamed", "ssm:PutParameter", {"ssm:R:A:parameter/*"}),
        ("AWS::Route53::HostedZone", "Name", "example.com", "route53:DeleteHostedZone", {"route53:::hostedzone/*"}),
    ],
)
def test_a_name_stands_in_the_arn_as_the_service_writes_it(
    type_: str, property_: str, name: str, action: str, ends: set[str]
) -> None:
    found = statements(PRODUCT, template(type_, **{property_: name}))
    (one,) = (each for each in found if action in each["Action"])
    arns = {each["Fn::Sub"].replace("${AWS::Region}:${AWS::AccountId}", "R:A") for each in one["Resource"]}
    assert arns == {"arn:${AWS::Partition}:" + end for end in ends}


def test_a_nested_stack_is_limited_to_names_that_begin_as_its_parents() -> None:
    found = statements(Naming("oaktree-dev-*"), template("AWS::CloudFormation::Stack", TemplateURL="./a.yaml"))
    (made,) = found
    assert [each["Fn::Sub"].rpartition(":")[2] for each in made["Resource"]] == ["stack/oaktree-dev-*/*"]
    assert {"cloudformation:CreateChangeSet", "cloudformation:CancelUpdateStack"} <= {*made["Action"]}


@pytest.mark.parametrize("type_", ["AWS::EC2::EIP", "AWS::EC2::FlowLog", "AWS::EC2::VPC", "AWS::EC2::VPCEndpoint"])
def test_tagging_is_about_the_type_alone(type_: str) -> None:
    tagging = [each for each in statements(PRODUCT, template(type_)) if "ec2:CreateTags" in each["Action"]]
    assert [len(each["Resource"]) for each in tagging] == [1]


def test_a_pipelines_role_is_limited_to_an_environments_names() -> None:
    naming = Naming("oaktree-dev*", {"Prefix": "oaktree-dev"})
    found = statements(naming, catalogue()["cluster"].compose().to_dict())
    (made,) = (each for each in found if "ecs:CreateCluster" in each["Action"] and each["Resource"] != ["*"])
    assert [each["Fn::Sub"].rpartition(":")[2] for each in made["Resource"]] == ["cluster/oaktree-dev-cluster"]


@pytest.mark.parametrize("type_", sorted({*ONLY_WITH, *BESIDES}))
def test_the_reviewed_lists_speak_of_what_there_is(type_: str) -> None:
    """A property or an action that is renamed must not leave a line behind that says nothing."""
    schema = schemas.of(type_)
    assert schema is not None
    told = allowed_by(type_) | {*BESIDES.get(type_, ())}
    for name, patterns in ONLY_WITH.get(type_, {}).items():
        assert not name or name.partition("=")[0].partition(".")[0] in schema.properties, name
        assert all(any(fnmatchcase(action, each) for action in told) for each in patterns), patterns
    assert all(iam.kinds(action) is not None for action in BESIDES.get(type_, ()))


def allowed_by(type_: str) -> set[str]:
    raw = schemas.raw(type_) or {}
    handlers = {action for each in raw["handlers"].values() for action in each.get("permissions", ())}
    return handlers | set((raw.get("tagging") or {}).get("permissions", ()))
