"""The load balancer: how it is reached, what it keeps out, whom it tells, and what every choice changes."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oaktree_cfn.blueprints.alb import Alb

Draw = Callable[..., Any]
CERTIFICATE = "arn:aws:acm:ap-southeast-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
WEB_ACL = "arn:aws:wafv2:ap-southeast-1:123456789012:regional/webacl/oaktree/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
FORWARD = [{"Type": "forward", "TargetGroupArn": "<TargetGroup>"}]
REDIRECT = [{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}]
LISTENER = "AWS::ElasticLoadBalancingV2::Listener"


def balancer(drawn: Any) -> dict[str, str]:
    """The load balancer's attributes."""
    return {each["Key"]: each["Value"] for each in drawn.properties("LoadBalancer")["LoadBalancerAttributes"]}


def targets(drawn: Any) -> dict[str, str]:
    """The target group's attributes."""
    return {each["Key"]: each["Value"] for each in drawn.properties("TargetGroup")["TargetGroupAttributes"]}


# The load balancer


def test_it_faces_the_internet_in_the_public_subnets(picture: Draw) -> None:
    properties = picture("alb").properties("LoadBalancer")
    del properties["LoadBalancerAttributes"]
    assert properties == {
        "Name": "oaktree-dev-alb",
        "Type": "application",
        "Scheme": "internet-facing",
        "Subnets": ["subnet-1", "subnet-2"],
        "SecurityGroups": ["sg-1"],
    }


def test_by_default_it_is_careful(picture: Draw) -> None:
    assert balancer(picture("alb")) == {
        "deletion_protection.enabled": "true",
        "routing.http.drop_invalid_header_fields.enabled": "true",
        "routing.http.desync_mitigation_mode": "defensive",
        "routing.http.xff_header_processing.mode": "append",
        "routing.http2.enabled": "true",
        "idle_timeout.timeout_seconds": "60",
        "client_keep_alive.seconds": "3600",
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": "<AccessLogBucket>",
    }


@pytest.mark.parametrize(
    ("parameter", "value", "attribute"),
    [
        ("LoadBalancerDeletionProtection", "false", "deletion_protection.enabled"),
        ("DropInvalidHeaders", "false", "routing.http.drop_invalid_header_fields.enabled"),
        ("DesyncMitigation", "strictest", "routing.http.desync_mitigation_mode"),
        ("XForwardedFor", "remove", "routing.http.xff_header_processing.mode"),
        ("Http2", "false", "routing.http2.enabled"),
        ("IdleTimeoutSeconds", "300", "idle_timeout.timeout_seconds"),
        ("ClientKeepAliveSeconds", "60", "client_keep_alive.seconds"),
    ],
)
@pytest.mark.parametrize("logs", ["true", "false"])
def test_how_it_handles_requests_is_a_choice(
    parameter: str, value: str, attribute: str, logs: str, picture: Draw
) -> None:
    assert balancer(picture("alb", AccessLogs=logs, **{parameter: value}))[attribute] == value


# Listeners


def test_without_a_certificate_plain_http_is_a_choice_somebody_has_to_make(picture: Draw) -> None:
    assert picture("alb").broken_rules() == [
        "Without CertificateArn everything would go over plain HTTP: give a certificate, or say PlainHttp true"
    ]
    assert picture("alb", PlainHttp="true").broken_rules() == []
    assert picture("alb", CertificateArn=CERTIFICATE).broken_rules() == []


@pytest.mark.parametrize("redirect", ["true", "false"])
def test_without_a_certificate_http_is_forwarded(redirect: str, picture: Draw) -> None:
    drawn = picture("alb", PlainHttp="true", HttpRedirect=redirect)
    assert drawn.resources(LISTENER) == {"HttpListener"}
    listener = drawn.properties("HttpListener")
    assert (listener["Port"], listener["Protocol"], listener["DefaultActions"]) == ("80", "HTTP", FORWARD)
    assert drawn.output("ListenerArn") == "<HttpListener>"
    assert drawn.output("ApplicationUrl") == "http://<LoadBalancer.DNSName>"


@pytest.mark.parametrize("plain", ["true", "false"])
def test_with_a_certificate_http_is_redirected_and_https_forwarded(plain: str, picture: Draw) -> None:
    drawn = picture("alb", CertificateArn=CERTIFICATE, DomainName="oaktree.example.com", PlainHttp=plain)
    assert drawn.properties("HttpListener")["DefaultActions"] == REDIRECT
    https = drawn.properties("HttpsListener")
    assert (https["Port"], https["Protocol"], https["SslPolicy"]) == ("443", "HTTPS", TLS_POLICY)
    assert https["Certificates"] == [{"CertificateArn": CERTIFICATE}]
    assert https["DefaultActions"] == FORWARD
    assert drawn.output("ListenerArn") == drawn.output("HttpsListenerArn") == "<HttpsListener>"
    assert drawn.output("ApplicationUrl") == "https://oaktree.example.com"


def test_nothing_needs_to_listen_on_port_80(picture: Draw) -> None:
    drawn = picture("alb", CertificateArn=CERTIFICATE, HttpRedirect="false")
    assert drawn.resources(LISTENER) == {"HttpsListener"}
    assert drawn.output("ListenerArn") == "<HttpsListener>"


# Access logs


def test_without_access_logs_there_is_no_bucket(picture: Draw) -> None:
    drawn = picture("alb", AccessLogs="false")
    assert drawn.resources("AWS::S3::Bucket") == drawn.resources("AWS::S3::BucketPolicy") == set()
    assert balancer(drawn)["access_logs.s3.enabled"] == "false"
    assert "access_logs.s3.bucket" not in balancer(drawn)


def test_the_log_bucket_is_private_encrypted_and_empties_itself(picture: Draw) -> None:
    bucket = picture("alb", AccessLogDays="30").properties("AccessLogBucket")
    assert "BucketName" not in bucket
    (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {"true"}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    expire, sweep = bucket["LifecycleConfiguration"]["Rules"]
    assert (expire["ExpirationInDays"], expire["NoncurrentVersionExpiration"]) == ("30", {"NoncurrentDays": "7"})
    assert sweep["ExpiredObjectDeleteMarker"] == "true"
    assert {expire["Status"], sweep["Status"]} == {"Enabled"}


def test_only_elastic_load_balancing_writes_logs_of_this_account_and_nobody_without_tls(picture: Draw) -> None:
    policy = picture("alb").properties("AccessLogPolicy")
    write, refuse = policy["PolicyDocument"]["Statement"]
    assert policy["Bucket"] == "<AccessLogBucket>"
    assert write == {
        "Sid": "WriteAccessLogs",
        "Effect": "Allow",
        "Principal": {"Service": ["logdelivery.elasticloadbalancing.amazonaws.com"]},
        "Action": ["s3:PutObject"],
        "Resource": ["<AccessLogBucket.Arn>/AWSLogs/123456789012/*"],
    }
    assert (refuse["Effect"], refuse["Principal"], refuse["Action"]) == ("Deny", "*", ["s3:*"])
    assert refuse["Resource"] == ["<AccessLogBucket.Arn>", "<AccessLogBucket.Arn>/*"]
    assert refuse["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_logs_outlive_the_load_balancer(templates: dict[str, Any]) -> None:
    for title in ("AccessLogBucket", "AccessLogPolicy"):
        resource = templates["alb"]["Resources"][title]
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_load_balancer_is_made_after_the_policy_that_lets_it_write(templates: dict[str, Any]) -> None:
    from oaktree_cfn.template.graph import creation_order

    order = creation_order(templates["alb"])
    assert order.index("AccessLogBucket") < order.index("AccessLogPolicy") < order.index("LoadBalancer")


# Web ACL and DNS


def test_a_web_acl_guards_it_where_one_is_given(picture: Draw) -> None:
    assert picture("alb").resources("AWS::WAFv2::WebACLAssociation") == set()
    association = picture("alb", WebAclArn=WEB_ACL).properties("WebAcl")
    assert association == {"ResourceArn": "<LoadBalancer>", "WebACLArn": WEB_ACL}


def test_the_domain_becomes_an_alias_of_it_where_a_zone_is_given(picture: Draw) -> None:
    assert picture("alb", DomainName="oaktree.example.com").resources("AWS::Route53::RecordSet") == set()
    record = picture("alb", DomainName="oaktree.example.com", HostedZoneId="Z1D633PJN98FT9").properties("DnsRecord")
    assert record == {
        "HostedZoneId": "Z1D633PJN98FT9",
        "Name": "oaktree.example.com",
        "Type": "A",
        "AliasTarget": {
            "DNSName": "<LoadBalancer.DNSName>",
            "HostedZoneId": "<LoadBalancer.CanonicalHostedZoneID>",
            "EvaluateTargetHealth": "true",
        },
    }


def test_a_zone_without_a_domain_is_refused_in_words(picture: Draw) -> None:
    drawn = picture("alb", HostedZoneId="Z1D633PJN98FT9", PlainHttp="true")
    assert drawn.broken_rules() == ["HostedZoneId needs the DomainName that is to point at the load balancer"]
    assert drawn.resources("AWS::Route53::RecordSet") == set()


# The tasks behind it


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


def test_requests_are_handed_out_as_elastic_load_balancing_does_by_default(picture: Draw) -> None:
    assert targets(picture("alb")) == {
        "deregistration_delay.timeout_seconds": "30",
        "load_balancing.algorithm.type": "round_robin",
        "load_balancing.algorithm.anomaly_mitigation": "off",
        "slow_start.duration_seconds": "0",
        "stickiness.enabled": "false",
        "stickiness.type": "lb_cookie",
        "stickiness.lb_cookie.duration_seconds": "86400",
    }


def test_clients_stay_with_a_task_for_as_long_as_is_said(picture: Draw) -> None:
    attributes = targets(picture("alb", StickinessSeconds="600"))
    assert (attributes["stickiness.enabled"], attributes["stickiness.lb_cookie.duration_seconds"]) == ("true", "600")


def test_weighted_random_also_steers_clear_of_tasks_that_answer_worse(picture: Draw) -> None:
    attributes = targets(picture("alb", RoutingAlgorithm="weighted_random"))
    assert attributes["load_balancing.algorithm.anomaly_mitigation"] == "on"


@pytest.mark.parametrize("algorithm", ["least_outstanding_requests", "weighted_random"])
def test_only_round_robin_knows_a_slow_start(algorithm: str, picture: Draw) -> None:
    refused = picture("alb", PlainHttp="true", RoutingAlgorithm=algorithm, SlowStartSeconds="60").broken_rules()
    assert refused == ["Only round_robin knows a slow start: set SlowStartSeconds to 0"]
    drawn = picture("alb", PlainHttp="true", SlowStartSeconds="60")
    assert (drawn.broken_rules(), targets(drawn)["slow_start.duration_seconds"]) == ([], "60")


# The test listener


def test_there_is_no_test_listener_unless_a_blueprint_asks_for_one(templates: dict[str, Any]) -> None:
    assert not {"TestListener", "TestIngress"} & templates["alb"]["Resources"].keys()


@pytest.mark.parametrize(("certificate", "protocol"), [("", "HTTP"), (CERTIFICATE, "HTTPS")])
def test_a_test_listener_is_as_encrypted_as_the_other_and_open_to_a_few(
    certificate: str, protocol: str, picture: Draw
) -> None:
    drawn = picture(Alb(test_port=8443), CertificateArn=certificate, TestCidr="203.0.113.0/24")
    listener = drawn.properties("TestListener")
    assert (listener["Port"], listener["Protocol"], listener["DefaultActions"]) == ("8443", protocol, FORWARD)
    assert listener.get("SslPolicy") == (TLS_POLICY if certificate else None)
    assert listener.get("Certificates") == ([{"CertificateArn": certificate}] if certificate else None)
    assert drawn.properties("TestIngress") == {
        "GroupId": "sg-1",
        "Description": "Test listener",
        "IpProtocol": "tcp",
        "FromPort": "8443",
        "ToPort": "8443",
        "CidrIp": "203.0.113.0/24",
    }
    assert drawn.output("TestListenerArn") == "<TestListener>"


@pytest.mark.parametrize("block", ["0.0.0.0/0", "203.0.113.0", "203.0.113.0/33", "300.0.0.0/8", "::/0", ""])
def test_a_test_listener_cannot_be_open_to_everybody(block: str, picture: Draw) -> None:
    (complaint,) = picture(Alb(test_port=8443), TestCidr=block).refused()
    assert complaint.endswith("must be an IPv4 block from /8 to /32, for example 203.0.113.0/24")


# What other stacks and people need


def test_metrics_and_records_elsewhere_find_what_they_need_in_its_outputs(picture: Draw) -> None:
    drawn = picture("alb", CertificateArn=CERTIFICATE)
    told = drawn.template["Outputs"].keys() - {"TargetGroupFullName"}  # cut from an ARN, which there is none of here
    assert {name: drawn.output(name) for name in told} == {
        "LoadBalancerArn": "<LoadBalancer>",
        "LoadBalancerDnsName": "<LoadBalancer.DNSName>",
        "LoadBalancerFullName": "<LoadBalancer.LoadBalancerFullName>",
        "CanonicalHostedZoneId": "<LoadBalancer.CanonicalHostedZoneID>",
        "ApplicationUrl": "https://<LoadBalancer.DNSName>",
        "ListenerArn": "<HttpsListener>",
        "TargetGroupArn": "<TargetGroup>",
        "HttpsListenerArn": "<HttpsListener>",
        "AccessLogBucketName": "<AccessLogBucket>",
    }


@pytest.mark.parametrize(("output", "condition"), [("HttpsListenerArn", "HasCertificate"), ("AccessLogBucketName", "HasAccessLogs")])  # fmt: skip
def test_an_output_of_what_may_not_exist_is_there_only_with_it(
    output: str, condition: str, templates: dict[str, Any]
) -> None:
    assert templates["alb"]["Outputs"][output]["Condition"] == condition


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CertificateArn", "arn:aws:iam::123456789012:server-certificate/x"),
        ("DomainName", "not a name"),
        ("HostedZoneId", "oaktree.example.com"),
        ("WebAclArn", "arn:aws:wafv2:us-east-1:123456789012:global/webacl/oaktree/0f1e2d3c"),
        ("DesyncMitigation", "monitor"),
        ("IdleTimeoutSeconds", "4001"),
        ("ClientKeepAliveSeconds", "59"),
        ("AccessLogDays", "0"),
        ("SlowStartSeconds", "29"),
        ("SlowStartSeconds", "901"),
        ("StickinessSeconds", "604801"),
        ("RoutingAlgorithm", "random"),
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


@pytest.mark.parametrize("seconds", ["0", "30", "99", "100", "899", "900"])
def test_a_slow_start_is_as_long_as_elastic_load_balancing_allows(seconds: str, picture: Draw) -> None:
    assert picture("alb", SlowStartSeconds=seconds).refused() == []


def test_the_page_about_it_knows_its_parameters_their_defaults_and_its_outputs(templates: dict[str, Any]) -> None:
    page = (Path(__file__).parents[2] / "docs" / "load-balancer.md").read_text(encoding="utf-8")
    asked, told = templates["alb"]["Parameters"], templates["alb"]["Outputs"].keys() | {"TestListenerArn"}
    words = set(re.findall(r"`([A-Z][A-Za-z0-9]+)`", page))
    assert words <= asked.keys() | told | {"TestCidr"}
    assert told <= words
    rows = re.findall(r"^\| `(\w+)` \| ([\w-]+) \|", page, re.MULTILINE)
    assert dict(rows) == {name: str(asked[name]["Default"]) for name, _ in rows}
    assert len(rows) == 10
