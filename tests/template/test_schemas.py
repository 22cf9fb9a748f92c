"""What AWS's resource schemas say of a change. Facts here are from the user guide's "Update requires" lines."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.template import schemas


@pytest.mark.parametrize(
    ("type_", "path", "recreation"),
    [
        ("AWS::SNS::Topic", "TopicName", "Always"),
        ("AWS::SNS::Topic", "DisplayName", "Never"),
        ("AWS::SSM::Parameter", "Name", "Always"),
        ("AWS::SSM::Parameter", "Value", "Never"),
        ("AWS::EC2::VPC", "CidrBlock", "Always"),
        ("AWS::EC2::VPC", "InstanceTenancy", "Conditionally"),
        ("AWS::DynamoDB::Table", "TableName", "Always"),
        ("AWS::DynamoDB::Table", "BillingMode", "Never"),
        ("AWS::ECS::TaskDefinition", "ContainerDefinitions.Image", "Always"),
        ("AWS::ElasticLoadBalancingV2::TargetGroup", "HealthCheckPath", "Never"),
        ("AWS::ElasticLoadBalancingV2::TargetGroup", "Port", "Always"),
        ("AWS::ECR::Repository", "RepositoryName", "Always"),
        ("AWS::ECR::Repository", "ImageTagMutability", "Never"),
        ("AWS::ECS::Service", "DesiredCount", "Never"),
        ("AWS::ECS::Service", "ServiceName", "Always"),
    ],
)
def test_what_a_change_requires(type_: str, path: str, recreation: str) -> None:
    schema = schemas.of(type_)
    assert schema is not None
    assert schema.recreation(path.split(".")) == recreation


def test_a_change_above_or_below_a_create_only_property_replaces_too() -> None:
    encryption = schemas.of("AWS::ECR::Repository")
    assert encryption is not None
    assert ("EncryptionConfiguration", "EncryptionType") in encryption.create_only
    assert encryption.recreation(["EncryptionConfiguration"]) == "Always"
    assert encryption.recreation(["EncryptionConfiguration", "EncryptionType"]) == "Always"
    assert encryption.recreation([]) == "Always"


@given(st.lists(st.sampled_from(["Tags", "CidrBlock", "InstanceTenancy", "Key"]), min_size=1, max_size=3))
def test_a_longer_path_never_requires_more_than_its_beginning(path: list[str]) -> None:
    schema = schemas.of("AWS::EC2::VPC")
    order = [schemas.NEVER, schemas.CONDITIONALLY, schemas.ALWAYS]
    assert schema is not None
    assert order.index(schema.recreation(path)) <= order.index(schema.recreation(path[:1]))


def test_attributes_are_named_as_get_att_names_them() -> None:
    vpc, bucket = schemas.of("AWS::EC2::VPC"), schemas.of("AWS::S3::Bucket")
    assert vpc is not None
    assert bucket is not None
    assert {"VpcId", "DefaultSecurityGroup"} <= vpc.attributes()
    assert "Arn" in bucket.attributes()


@pytest.mark.parametrize(
    ("type_", "tag_property", "as_map"),
    [
        ("AWS::EC2::VPC", "Tags", False),
        ("AWS::SSM::Parameter", "Tags", True),
        ("AWS::EC2::Route", "", False),
        ("AWS::IAM::Policy", "", False),
        ("AWS::EC2::VPCEndpoint", "Tags", False),
    ],
)
def test_where_a_type_takes_tags(type_: str, tag_property: str, *, as_map: bool) -> None:
    schema = schemas.of(type_)
    assert schema is not None
    assert (schema.tag_property, schema.tags_are_map) == (tag_property, as_map)


def test_a_type_that_nobody_knows_has_no_schema() -> None:
    assert schemas.of("Custom::Thing") is None
    assert schemas.raw("AWS::Nowhere::Thing") is None


def test_a_region_we_have_no_data_of_is_read_as_us_east_1() -> None:
    assert schemas.of("AWS::SNS::Topic", "mars-north-1") == schemas.of("AWS::SNS::Topic", "us-east-1")


def test_reading_schemas_does_not_import_cfn_lint() -> None:
    program = "import sys; from oaktree_cfn.template import schemas; schemas.of('AWS::EC2::VPC'); sys.exit('cfnlint' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0  # noqa: S603  # our own words
