"""An environment with everything a load balancer can have: HTTPS, a name, a web ACL, access logs. And what stays of it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from oaktree_cfn.local.process import Stage
from tests.end_to_end.place import Place, make_place

DOMAIN = "oaktree.example.com"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, stage: Stage) -> Place:
    return make_place(tmp_path_factory.mktemp("front-door"), stage)


@pytest.fixture(scope="module")
def answers(place: Place) -> dict[str, str]:
    """What the environment's people made by hand before."""
    certificate = place.client("acm").request_certificate(DomainName=DOMAIN)["CertificateArn"]
    zone = place.client("route53").create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "oaktree"}
    acl = place.client("wafv2").create_web_acl(
        Name="oaktree", Scope="REGIONAL", DefaultAction={"Allow": {}}, VisibilityConfig=seen
    )
    return {
        "CertificateArn": certificate,
        "DomainName": DOMAIN,
        "HostedZoneId": zone.rpartition("/")[2],
        "WebAclArn": acl["Summary"]["ARN"],
        "PlainHttp": "false",
        "AccessLogs": "true",
        "DesyncMitigation": "strictest",
        "RoutingAlgorithm": "least_outstanding_requests",
        "StickinessSeconds": "600",
    }


@pytest.fixture(scope="module")
def deployed(place: Place, answers: dict[str, str]) -> Place:
    done = place.deploy(*parameters(answers))
    assert done.returncode == 0, done.stderr
    return place


def parameters(answers: dict[str, str]) -> list[str]:
    return [word for name, value in answers.items() for word in ("--parameter", f"{name}={value}")]


def balancer(place: Place) -> dict[str, Any]:
    (found,) = place.client("elbv2").describe_load_balancers()["LoadBalancers"]
    return dict(found)


def attributes(place: Place) -> dict[str, str]:
    arn = balancer(place)["LoadBalancerArn"]
    found = place.client("elbv2").describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    return {each["Key"]: each["Value"] for each in found}


def test_it_answers_by_https_under_its_own_name(deployed: Place, answers: dict[str, str]) -> None:
    elbv2 = deployed.client("elbv2")
    listeners = elbv2.describe_listeners(LoadBalancerArn=balancer(deployed)["LoadBalancerArn"])["Listeners"]
    by_port = {listener["Port"]: listener for listener in listeners}
    assert by_port[80]["DefaultActions"][0]["RedirectConfig"]["Protocol"] == "HTTPS"
    assert by_port[443]["Certificates"] == [{"CertificateArn": answers["CertificateArn"]}]
    records = deployed.client("route53").list_resource_record_sets(HostedZoneId=answers["HostedZoneId"])
    (alias,) = (each for each in records["ResourceRecordSets"] if each["Type"] == "A")
    assert alias["Name"] == f"{DOMAIN}."
    assert alias["AliasTarget"]["DNSName"].strip(".") == balancer(deployed)["DNSName"]
    assert f"https://{DOMAIN}" in deployed.run("outputs", "--env", "local").stdout


def test_the_web_acl_guards_it(deployed: Place, answers: dict[str, str]) -> None:
    arn = balancer(deployed)["LoadBalancerArn"]
    found = deployed.client("wafv2").get_web_acl_for_resource(ResourceArn=arn)
    assert found["WebACL"]["ARN"] == answers["WebAclArn"]


def test_it_handles_requests_as_it_was_told(deployed: Place) -> None:
    elbv2 = deployed.client("elbv2")
    (group,) = elbv2.describe_target_groups()["TargetGroups"]
    found = elbv2.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"]
    targets = {each["Key"]: each["Value"] for each in found}
    assert attributes(deployed)["routing.http.desync_mitigation_mode"] == "strictest"
    assert targets["load_balancing.algorithm.type"] == "least_outstanding_requests"
    assert (targets["stickiness.enabled"], targets["stickiness.lb_cookie.duration_seconds"]) == ("true", "600")


def test_it_logs_into_a_bucket_that_says_who_may_write(deployed: Place) -> None:
    bucket = attributes(deployed)["access_logs.s3.bucket"]
    s3 = deployed.client("s3")
    assert attributes(deployed)["access_logs.s3.enabled"] == "true"
    assert "logdelivery.elasticloadbalancing.amazonaws.com" in s3.get_bucket_policy(Bucket=bucket)["Policy"]
    assert set(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values()) == {True}


def test_deploying_it_again_changes_nothing(deployed: Place, answers: dict[str, str]) -> None:
    done = deployed.deploy(*parameters(answers))
    assert done.returncode == 0, done.stderr
    assert "nothing to change" in done.stderr + done.stdout


def test_without_a_certificate_and_without_saying_so_nothing_is_deployed(deployed: Place) -> None:
    done = deployed.deploy("--parameter", "PlainHttp=false")
    assert done.returncode != 0
    assert "give a certificate, or say PlainHttp true" in done.stderr


def test_nobody_reaches_the_logs_without_tls(deployed: Place) -> None:
    """The stage is reached over plain HTTP, and moto heeds bucket policies."""
    with pytest.raises(ClientError, match="Forbidden"):
        put_log(deployed, attributes(deployed)["access_logs.s3.bucket"])


def put_log(place: Place, bucket: str) -> None:
    key = "AWSLogs/123456789012/elasticloadbalancing/log.gz"
    place.client("s3").put_object(Bucket=bucket, Key=key, Body=b"GET /")


def test_logs_stay_when_it_goes(deployed: Place) -> None:
    bucket, s3 = attributes(deployed)["access_logs.s3.bucket"], deployed.client("s3")
    s3.delete_bucket_policy(Bucket=bucket)
    put_log(deployed, bucket)
    done = deployed.run("destroy", "--env", "local", "--yes")
    assert done.returncode == 0, done.stderr
    assert "Alb/AccessLogBucket" in done.stderr + done.stdout
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
    assert deployed.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
