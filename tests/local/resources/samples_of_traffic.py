"""Samples of what stands before a load balancer: web ACLs, names, certificates."""

from __future__ import annotations

from typing import Any

from .ground import Ground
from .samples import OTHER_TAGS, TAGS, Life, Sample, life
from .samples_of_containers import load_balancer_of


def visibility(metric: str) -> dict[str, Any]:
    return {"CloudWatchMetricsEnabled": True, "MetricName": metric, "SampledRequestsEnabled": False}


def managed_rules(priority: int, name: str) -> dict[str, Any]:
    return {
        "Name": name,
        "Priority": priority,
        "OverrideAction": {"None": {}},
        "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": name}},
        "VisibilityConfig": visibility(name),
    }


def rate_limit(priority: int) -> dict[str, Any]:
    return {
        "Name": "rate",
        "Priority": priority,
        "Action": {"Block": {}},
        "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}},
        "VisibilityConfig": visibility("rate"),
    }


def listed_addresses(ground: Ground) -> dict[str, Any]:
    waf, name = ground.client("wafv2"), f"offices-{ground.number()}"
    made = waf.create_ip_set(Name=name, Scope="REGIONAL", IPAddressVersion="IPV4", Addresses=["203.0.113.0/24"])
    return {
        "Name": "offices",
        "Priority": 0,
        "Action": {"Allow": {}},
        "Statement": {"IPSetReferenceStatement": {"Arn": made["Summary"]["ARN"]}},
        "VisibilityConfig": visibility("offices"),
    }


def web_acl(ground: Ground) -> Life:
    common = managed_rules(1, "AWSManagedRulesCommonRuleSet")
    return life(
        {
            "Name": f"oaktree-{ground.number()}",
            "Scope": "REGIONAL",
            "Description": "before the load balancer",
            "DefaultAction": {"Allow": {}},
            "Rules": [listed_addresses(ground), common],
            "VisibilityConfig": visibility("oaktree"),
            "Tags": TAGS,
        },
        {
            "Description": "before every load balancer",
            "DefaultAction": {"Block": {}},
            "Rules": [common, rate_limit(2)],
            "VisibilityConfig": visibility("all"),
            "Tags": OTHER_TAGS,
        },
    )


def web_acl_of(ground: Ground) -> str:
    properties = {"Scope": "REGIONAL", "DefaultAction": {"Allow": {}}, "VisibilityConfig": visibility("web")}
    return str(ground.make("AWS::WAFv2::WebACL", **properties).attributes["Arn"])


def association(ground: Ground) -> Life:
    return life({"ResourceArn": load_balancer_of(ground), "WebACLArn": web_acl_of(ground)})


def hosted_zone(ground: Ground) -> Life:
    return life(
        {
            "Name": f"zone-{ground.number()}.example.com",
            "HostedZoneConfig": {"Comment": "the application's"},
            "HostedZoneTags": TAGS,
        },
        {"HostedZoneConfig": {"Comment": "everybody's"}, "HostedZoneTags": OTHER_TAGS},
    )


def zone_of(ground: Ground) -> tuple[str, str]:
    """The id and the name of a new zone."""
    name = f"zone-{ground.number()}.example.com"
    return ground.make("AWS::Route53::HostedZone", Name=name).physical_id, name


def record(ground: Ground) -> Life:
    zone, name = zone_of(ground)
    record = {"HostedZoneId": zone, "Name": f"www.{name}", "Type": "A", "TTL": "300", "Comment": "the first"}
    return life(
        {**record, "ResourceRecords": ["192.0.2.1", "192.0.2.2"], "SetIdentifier": "one", "Weight": 10},
        {"TTL": "60", "ResourceRecords": ["192.0.2.3"], "Weight": 20},
    )


def record_that_changes_its_type(ground: Ground) -> Life:
    zone, name = zone_of(ground)
    return life(
        {"HostedZoneId": zone, "Name": f"info.{name}.", "Type": "TXT", "TTL": "60", "ResourceRecords": ['"hello"']},
        {"Type": "A", "ResourceRecords": ["192.0.2.9"]},
    )


def alias(ground: Ground) -> Life:
    zone, name = zone_of(ground)
    found = ground.client("elbv2").describe_load_balancers(LoadBalancerArns=[load_balancer_of(ground)])
    balancer = found["LoadBalancers"][0]
    target = {"DNSName": balancer["DNSName"], "HostedZoneId": balancer["CanonicalHostedZoneId"]}
    return life(
        {"HostedZoneId": zone, "Name": name, "Type": "A", "AliasTarget": {**target, "EvaluateTargetHealth": True}},
        {"AliasTarget": {**target, "EvaluateTargetHealth": False}},
    )


def certificate(ground: Ground) -> Life:
    name = f"site-{ground.number()}.example.com"
    return life(
        {
            "DomainName": name,
            "SubjectAlternativeNames": [f"www.{name}", f"api.{name}"],
            "CertificateTransparencyLoggingPreference": "DISABLED",
            "ValidationMethod": "DNS",
            "DomainValidationOptions": [{"DomainName": name, "HostedZoneId": "Z1D633PJN98FT9"}],
            "Tags": TAGS,
        },
        {"Tags": OTHER_TAGS},
    )


SAMPLES: list[tuple[str, Sample]] = [
    ("AWS::WAFv2::WebACL", web_acl),
    ("AWS::WAFv2::WebACLAssociation", association),
    ("AWS::Route53::HostedZone", hosted_zone),
    ("AWS::Route53::RecordSet", record),
    ("AWS::Route53::RecordSet", record_that_changes_its_type),
    ("AWS::Route53::RecordSet", alias),
    ("AWS::CertificateManager::Certificate", certificate),
]
