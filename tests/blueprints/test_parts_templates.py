"""Repository, table and load balancer, value by value."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Draw = Callable[..., Any]
CERTIFICATE = "arn:aws:acm:ap-southeast-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"


def test_the_repository_is_named_by_the_prefix_and_scans_what_is_pushed(picture: Draw) -> None:
    repository = picture("ecr", ImageTagMutability="MUTABLE", EmptyRepositoryOnDelete="true").properties("Repository")
    assert repository["RepositoryName"] == "oaktree-dev"
    assert repository["ImageTagMutability"] == "MUTABLE"
    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": "true"}
    assert repository["EmptyOnDelete"] == "true"


def test_the_repository_is_careful_unless_told_otherwise(picture: Draw) -> None:
    repository = picture("ecr").properties("Repository")
    assert (repository["ImageTagMutability"], repository["EmptyOnDelete"]) == ("IMMUTABLE", "false")


def test_only_images_without_a_tag_expire(picture: Draw) -> None:
    text = picture("ecr").properties("Repository")["LifecyclePolicy"]["LifecyclePolicyText"]
    (rule,) = json.loads(text)["rules"]
    assert rule["selection"] == {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 14,
    }


@pytest.mark.parametrize(("retain", "title"), [("true", "RetainedUsersTable"), ("false", "UsersTable")])
def test_there_is_one_users_table_whichever_way_it_ends(retain: str, title: str, picture: Draw) -> None:
    drawn = picture("data", RetainTable=retain)
    assert drawn.resources() == {title}
    assert drawn.properties(title) == {
        "TableName": "oaktree-dev-users",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "DeletionProtectionEnabled": "true",
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": "true"},
    }
    assert drawn.output("TableName") == f"<{title}>"
    assert drawn.output("TableArn") == f"<{title}.Arn>"


def test_a_retained_table_survives_its_stack_but_not_a_failed_first_deploy(templates: dict[str, Any]) -> None:
    table = templates["data"]["Resources"]["RetainedUsersTable"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_the_load_balancer_faces_the_internet_and_drops_invalid_headers(picture: Draw) -> None:
    balancer = picture("alb", LoadBalancerDeletionProtection="false").properties("LoadBalancer")
    attributes = {each["Key"]: each["Value"] for each in balancer.pop("LoadBalancerAttributes")}
    assert balancer == {
        "Name": "oaktree-dev-alb",
        "Type": "application",
        "Scheme": "internet-facing",
        "Subnets": ["subnet-1", "subnet-2"],
        "SecurityGroups": ["sg-1"],
    }
    assert attributes == {
        "deletion_protection.enabled": "false",
        "routing.http.drop_invalid_header_fields.enabled": "true",
    }


def test_the_target_group_checks_health_as_required(picture: Draw) -> None:
    group = picture("alb").properties("TargetGroup")
    assert "Name" not in group
    wanted = {
        "Protocol": "HTTP",
        "Port": "5000",
        "TargetType": "ip",
        "HealthCheckPath": "/",
        "HealthCheckIntervalSeconds": "30",
        "HealthCheckTimeoutSeconds": "20",
        "HealthyThresholdCount": "2",
        "UnhealthyThresholdCount": "3",
        "Matcher": {"HttpCode": "200-499"},
    }
    assert group | wanted == group


def test_without_a_certificate_http_is_forwarded(picture: Draw) -> None:
    drawn = picture("alb")
    assert drawn.resources("AWS::ElasticLoadBalancingV2::Listener") == {"HttpListener"}
    listener = drawn.properties("HttpListener")
    assert (listener["Port"], listener["DefaultActions"]) == (
        "80",
        [{"Type": "forward", "TargetGroupArn": "<TargetGroup>"}],
    )
    assert drawn.output("ListenerArn") == "<HttpListener>"
    assert drawn.output("ApplicationUrl") == "http://<LoadBalancer.DNSName>"


def test_with_a_certificate_http_is_redirected_and_https_forwarded(picture: Draw) -> None:
    drawn = picture("alb", CertificateArn=CERTIFICATE, DomainName="oaktree.example.com")
    assert drawn.properties("HttpListener")["DefaultActions"] == [
        {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    ]
    https = drawn.properties("HttpsListener")
    assert https["Certificates"] == [{"CertificateArn": CERTIFICATE}]
    assert https["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert https["DefaultActions"] == [{"Type": "forward", "TargetGroupArn": "<TargetGroup>"}]
    assert drawn.output("ListenerArn") == "<HttpsListener>"
    assert drawn.output("ApplicationUrl") == "https://oaktree.example.com"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CertificateArn", "arn:aws:iam::123456789012:server-certificate/x"),
        ("DomainName", "not a name"),
        ("HealthCheckPath", "health"),
        ("HealthCheckMatcher", "200-599"),
        ("HealthCheckInterval", "4"),
        ("HealthyThreshold", "1"),
        ("Prefix", "internal-oaktree"),
        ("Prefix", "Oaktree"),
        ("Prefix", "oaktree--dev"),
        ("Prefix", "o" * 29),
    ],
)
def test_values_that_aws_would_refuse_late_are_refused_first(name: str, value: str, picture: Draw) -> None:
    (complaint,) = picture("alb", **{name: value}).refused()
    assert complaint.startswith(f"Parameter {name} failed to satisfy constraint: must be ")
