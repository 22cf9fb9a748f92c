"""The load balancer: where requests come in, and to whom they go.

Everything an environment may choose is a parameter. Its defaults are AWS's own or stricter; the one thing that has no
default is serving plain HTTP to the internet, which an environment without a certificate must say it wants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from troposphere import (
    And,
    AWSObject,
    Condition,
    Equals,
    GetAtt,
    If,
    Not,
    NoValue,
    Or,
    Ref,
    Select,
    Split,
    Sub,
    Template,
)
from troposphere.ec2 import SecurityGroupIngress
from troposphere.elasticloadbalancingv2 import (
    Action,
    Certificate,
    Listener,
    LoadBalancer,
    LoadBalancerAttributes,
    RedirectConfig,
    TargetGroup,
    TargetGroupAttribute,
)
from troposphere.route53 import AliasTarget, RecordSetType
from troposphere.wafv2 import WebACLAssociation

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.services import access_logs
from oaktree_cfn.services.health_check import HealthCheck
from oaktree_cfn.services.names import named
from oaktree_cfn.services.traffic import Targets, target_group

_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.2 and 1.3 with forward secrecy only, and a key exchange that resists quantum computers."""

_ONE_DAY = 86400


@dataclass(frozen=True)
class Alb:
    """Load balancer: internet-facing, redirects HTTP to HTTPS, or forwards HTTP where there is no certificate.

    ``test_port`` adds a listener that shows the next version before everybody sees it (blue/green rollouts), open to one
    block of addresses only.
    """

    test_port: int | None = None

    def compose(self) -> Template:
        """The template."""
        template = form.begin(self)
        _questions(template, self.test_port)
        _rules(template)
        _conditions(template)
        template.add_resource([_load_balancer(), _targets(), _http_listener(), _https_listener()])
        template.add_resource(access_logs.access_logs(Ref("AccessLogDays"), "HasAccessLogs"))
        template.add_resource([_web_acl(), _dns_record()])
        template.add_resource(list(_test_listener(self.test_port)))
        _outputs(template, self.test_port)
        return template


# Questions


def _questions(template: Template, test_port: int | None) -> None:
    form.ask(template, form.NAMES, {"Prefix": form.prefix()})
    form.ask(template, "Web service", {"Port": form.container_port()})
    form.ask(template, "Load balancer", {**_reaching_it(), **_handling_requests()})
    form.ask(template, "Access logs", _log_questions())
    form.ask(template, "Health check", _health_questions())
    form.ask(template, "Tasks behind the load balancer", _target_questions())
    if test_port is not None:
        form.ask(template, "Test listener", {"Open to": _test_cidr(test_port)})
    wiring = {
        "VPC": form.given("VpcId", "VPC of the load balancer."),
        "Subnets": form.given_list("PublicSubnetIds", "Public subnets of the load balancer, in two or more zones."),
        "Security group": form.given("LoadBalancerSecurityGroupId", "Security group of the load balancer."),
    }
    form.ask(template, form.WIRING, wiring)


def _reaching_it() -> dict[str, Any]:
    return {
        "Certificate": form.certificate(),
        "Plain HTTP": form.switch(
            "PlainHttp",
            "Whether the load balancer may serve HTTP to the internet while there is no certificate.",
            default=False,
        ),
        "Redirect HTTP": form.switch(
            "HttpRedirect",
            "Whether port 80 redirects to HTTPS; when false, nothing listens there. Only with a certificate.",
            default=True,
        ),
        "Domain": _domain(),
        "Hosted zone": _hosted_zone(),
        "Web ACL": _web_acl_arn(),
        "Deletion protection": form.switch(
            "LoadBalancerDeletionProtection",
            "Whether the load balancer refuses to be deleted until this is false.",
            default=True,
        ),
    }


def _handling_requests() -> dict[str, Any]:
    return {
        "Invalid headers": form.switch(
            "DropInvalidHeaders",
            "Whether headers are dropped whose name is not letters, digits and hyphens.",
            default=True,
        ),
        "Desync mitigation": form.choice(
            "DesyncMitigation",
            "What happens to requests that others on the way may read differently: defensive lets the harmless ones pass, "
            "strictest only those that follow RFC 7230.",
            ("defensive", "strictest"),
            "defensive",
        ),
        "X-Forwarded-For": form.choice(
            "XForwardedFor",
            "Whether the client's address is appended to this header, or the header is left as it is, or removed.",
            ("append", "preserve", "remove"),
            "append",
        ),
        "HTTP/2": form.switch("Http2", "Whether clients may speak HTTP/2.", default=True),
        "Idle timeout": form.number(
            "IdleTimeoutSeconds", "Seconds a connection may be silent before it is closed.", 60, 1, 4000
        ),
        "Client keep-alive": form.number(
            "ClientKeepAliveSeconds", "Seconds a client's connection is kept open at most.", 3600, 60, 604800
        ),
    }


def _hosted_zone() -> Any:
    return form.text(
        "HostedZoneId",
        "Hosted zone of Route 53 in which DomainName becomes an alias of the load balancer; empty where your DNS is "
        "elsewhere.",
        pattern="[0-9A-Z]{0,32}",
        constraint="empty or the id of a hosted zone, such as Z1D633PJN98FT9",
        Default="",
    )


def _web_acl_arn() -> Any:
    return form.text(
        "WebAclArn",
        "ARN of a regional web ACL of AWS WAF that every request has to pass; empty for none.",
        pattern="(arn:aws[a-z-]*:wafv2:[a-z0-9-]+:[0-9]{12}:regional/webacl/[^/]+/[A-Za-z0-9-]+)?",
        constraint="empty or the ARN of a regional web ACL of AWS WAF",
        Default="",
    )


def _log_questions() -> dict[str, Any]:
    switch = form.switch(
        "AccessLogs",
        "Whether every request is logged, in a bucket that stays when the load balancer is deleted.",
        default=True,
    )
    days = form.number("AccessLogDays", "Days to keep access logs.", 90, 1, 3650)
    return {"Access logs": switch, "Kept for": days}


def _target_questions() -> dict[str, Any]:
    slow_start = form.text(
        "SlowStartSeconds",
        "Seconds in which a new task gets more and more requests, for applications that have to warm up; 0 for its full "
        "share at once.",
        pattern="(0|[3-9][0-9]|[1-8][0-9]{2}|900)",
        constraint="0, or a whole number from 30 to 900",
        Default="0",
    )
    return {
        "Algorithm": form.asked(Targets, "algorithm", "RoutingAlgorithm"),
        "Slow start": slow_start,
        "Stickiness": form.number(
            "StickinessSeconds",
            "Seconds a client stays with the task that answered it first, by a cookie; 0 for not at all.",
            0,
            0,
            604800,
        ),
    }


def _test_cidr(port: int) -> Any:
    octet = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    return form.text(
        "TestCidr",
        f"IPv4 addresses from which port {port} may be reached, where the next version is shown first.",
        pattern=rf"({octet}\.){{3}}{octet}/([89]|[12][0-9]|3[0-2])",
        constraint="an IPv4 block from /8 to /32, for example 203.0.113.0/24",
    )


def _domain() -> Any:
    label = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    return form.text(
        "DomainName",
        "Name your DNS points at the load balancer, used in ApplicationUrl; empty for the load balancer's own name.",
        pattern=rf"({label}(\.{label})+)?",
        constraint="empty or a domain name such as oaktree.example.com",
        MaxLength=253,
        Default="",
    )


def _health_questions() -> dict[str, Any]:
    usual = HealthCheck()
    return {
        "Path": form.text(
            "HealthCheckPath",
            "Path the load balancer asks for.",
            pattern="/[!-~]*",
            constraint="a path starting with /",
            MaxLength=1024,
            Default=usual.path,
        ),
        "Healthy answers": form.text(
            "HealthCheckMatcher",
            "HTTP status codes that count as healthy: a code, a range, or a list of them.",
            pattern="[2-4][0-9]{2}([-,][2-4][0-9]{2})*",
            constraint="codes from 200 to 499 such as 200, 200-299 or 200,202",
            Default=usual.matcher,
        ),
        "Interval": form.number("HealthCheckInterval", "Seconds between checks.", usual.interval, 5, 300),
        "Timeout": form.number(
            "HealthCheckTimeout", "Seconds to wait for an answer; less than the interval.", usual.timeout, 2, 120
        ),
        "Healthy after": form.number(
            "HealthyThreshold", "Successful checks in a row that make a task healthy.", usual.healthy_threshold, 2, 10
        ),
        "Unhealthy after": form.number(
            "UnhealthyThreshold", "Failed checks in a row that make a task unhealthy.", usual.unhealthy_threshold, 2, 10
        ),
        "Drain": form.number(
            "DrainSeconds", "Seconds a task that leaves may take to finish its requests.", 30, 0, 3600
        ),
    }


# Rules and conditions


def _rules(template: Template) -> None:
    no_certificate = Equals(Ref("CertificateArn"), "")
    _rule(
        template,
        "PlainHttpIsAChoice",
        no_certificate,
        form.is_true("PlainHttp"),
        "Without CertificateArn everything would go over plain HTTP: give a certificate, or say PlainHttp true",
    )
    _rule(
        template,
        "RecordNeedsDomain",
        Not(Equals(Ref("HostedZoneId"), "")),
        Not(Equals(Ref("DomainName"), "")),
        "HostedZoneId needs the DomainName that is to point at the load balancer",
    )
    _rule(
        template,
        "SlowStartNeedsRoundRobin",
        Not(Equals(Ref("RoutingAlgorithm"), "round_robin")),
        Equals(Ref("SlowStartSeconds"), "0"),
        "Only round_robin knows a slow start: set SlowStartSeconds to 0",
    )


def _rule(template: Template, title: str, when: Any, holds: Any, otherwise: str) -> None:
    assertion = {"Assert": holds, "AssertDescription": otherwise}
    template.add_rule(title, {"RuleCondition": when, "Assertions": [assertion]})


def _conditions(template: Template) -> None:
    add = template.add_condition
    add("HasCertificate", Not(Equals(Ref("CertificateArn"), "")))
    add("HasHttp", Or(Not(Condition("HasCertificate")), form.is_true("HttpRedirect")))
    add("HasDomain", Not(Equals(Ref("DomainName"), "")))
    add("HasRecord", And(Condition("HasDomain"), Not(Equals(Ref("HostedZoneId"), ""))))
    add("HasWebAcl", Not(Equals(Ref("WebAclArn"), "")))
    add("HasAccessLogs", form.is_true("AccessLogs"))
    add("IsSticky", Not(Equals(Ref("StickinessSeconds"), "0")))
    add("IsWeighted", Equals(Ref("RoutingAlgorithm"), "weighted_random"))


# Resources


def _load_balancer() -> LoadBalancer:
    """Zones are always shared: an application load balancer cannot do otherwise.

    It waits for the log bucket's policy by naming it beside the bucket: DependsOn takes no resource that may not exist.
    """
    attributes = {
        "deletion_protection.enabled": Ref("LoadBalancerDeletionProtection"),
        "routing.http.drop_invalid_header_fields.enabled": Ref("DropInvalidHeaders"),
        "routing.http.desync_mitigation_mode": Ref("DesyncMitigation"),
        "routing.http.xff_header_processing.mode": Ref("XForwardedFor"),
        "routing.http2.enabled": Ref("Http2"),
        "idle_timeout.timeout_seconds": Ref("IdleTimeoutSeconds"),
        "client_keep_alive.seconds": Ref("ClientKeepAliveSeconds"),
    }
    bucket = Select(0, [Ref(access_logs.BUCKET), Ref(access_logs.POLICY)])
    logging = {"access_logs.s3.enabled": "true", "access_logs.s3.bucket": bucket}
    silent = {"access_logs.s3.enabled": "false"}
    return LoadBalancer(
        "LoadBalancer",
        Name=named("{}-alb", Ref("Prefix")),
        Type="application",
        Scheme="internet-facing",
        Subnets=Ref("PublicSubnetIds"),
        SecurityGroups=[Ref("LoadBalancerSecurityGroupId")],
        LoadBalancerAttributes=If("HasAccessLogs", _listed(attributes | logging), _listed(attributes | silent)),
    )


def _listed(attributes: Mapping[str, Any]) -> list[LoadBalancerAttributes]:
    return [LoadBalancerAttributes(Key=key, Value=value) for key, value in attributes.items()]


def _targets() -> TargetGroup:
    check = HealthCheck(
        path=Ref("HealthCheckPath"),
        matcher=Ref("HealthCheckMatcher"),
        interval=Ref("HealthCheckInterval"),
        timeout=Ref("HealthCheckTimeout"),
        healthy_threshold=Ref("HealthyThreshold"),
        unhealthy_threshold=Ref("UnhealthyThreshold"),
    )
    group = target_group(
        Ref("Prefix"), Ref("VpcId"), Ref("ContainerPort"), check, Targets(deregistration_delay=Ref("DrainSeconds"))
    )
    attributes = {
        "load_balancing.algorithm.type": Ref("RoutingAlgorithm"),
        "load_balancing.algorithm.anomaly_mitigation": If("IsWeighted", "on", "off"),
        "slow_start.duration_seconds": Ref("SlowStartSeconds"),
        "stickiness.enabled": If("IsSticky", "true", "false"),
        "stickiness.type": "lb_cookie",
        "stickiness.lb_cookie.duration_seconds": If("IsSticky", Ref("StickinessSeconds"), str(_ONE_DAY)),
    }
    group.TargetGroupAttributes += [TargetGroupAttribute(Key=key, Value=value) for key, value in attributes.items()]
    return group


def _http_listener() -> Listener:
    redirect = RedirectConfig(Protocol="HTTPS", Port="443", StatusCode="HTTP_301")
    return Listener(
        "HttpListener",
        Condition="HasHttp",
        LoadBalancerArn=Ref("LoadBalancer"),
        Port=80,
        Protocol="HTTP",
        DefaultActions=[If("HasCertificate", Action(Type="redirect", RedirectConfig=redirect), _forward())],
    )


def _https_listener() -> Listener:
    return Listener(
        "HttpsListener",
        Condition="HasCertificate",
        LoadBalancerArn=Ref("LoadBalancer"),
        Port=443,
        Protocol="HTTPS",
        SslPolicy=_TLS_POLICY,
        Certificates=[Certificate(CertificateArn=Ref("CertificateArn"))],
        DefaultActions=[_forward()],
    )


def _forward() -> Action:
    return Action(Type="forward", TargetGroupArn=Ref("TargetGroup"))


def _web_acl() -> WebACLAssociation:
    balancer, acl = Ref("LoadBalancer"), Ref("WebAclArn")
    return WebACLAssociation("WebAcl", Condition="HasWebAcl", ResourceArn=balancer, WebACLArn=acl)


def _dns_record() -> RecordSetType:
    """IPv4 only, as the load balancer is."""
    balancer = AliasTarget(
        DNSName=GetAtt("LoadBalancer", "DNSName"),
        HostedZoneId=GetAtt("LoadBalancer", "CanonicalHostedZoneID"),
        EvaluateTargetHealth=True,
    )
    return RecordSetType(
        "DnsRecord",
        Condition="HasRecord",
        HostedZoneId=Ref("HostedZoneId"),
        Name=Ref("DomainName"),
        Type="A",
        AliasTarget=balancer,
    )


def _test_listener(port: int | None) -> Iterator[AWSObject]:
    """Encrypted like the other one where there is a certificate."""
    if port is None:
        return
    yield Listener(
        "TestListener",
        LoadBalancerArn=Ref("LoadBalancer"),
        Port=port,
        Protocol=If("HasCertificate", "HTTPS", "HTTP"),
        SslPolicy=If("HasCertificate", _TLS_POLICY, NoValue),
        Certificates=If("HasCertificate", [Certificate(CertificateArn=Ref("CertificateArn"))], NoValue),
        DefaultActions=[_forward()],
    )
    yield SecurityGroupIngress(
        "TestIngress",
        GroupId=Ref("LoadBalancerSecurityGroupId"),
        Description="Test listener",
        IpProtocol="tcp",
        FromPort=port,
        ToPort=port,
        CidrIp=Ref("TestCidr"),
    )


# Outputs


def _outputs(template: Template, test_port: int | None) -> None:
    host = If("HasDomain", Ref("DomainName"), GetAtt("LoadBalancer", "DNSName"))
    url = Sub("${Scheme}://${Host}", Scheme=If("HasCertificate", "https", "http"), Host=host)
    listener = If("HasCertificate", Ref("HttpsListener"), Ref("HttpListener"))
    tell = form.tell
    tell(template, "LoadBalancerArn", "The load balancer.", Ref("LoadBalancer"))
    tell(template, "LoadBalancerDnsName", "DNS name of the load balancer.", GetAtt("LoadBalancer", "DNSName"))
    tell(
        template,
        "LoadBalancerFullName",
        "The load balancer as its metrics call it (dimension LoadBalancer).",
        GetAtt("LoadBalancer", "LoadBalancerFullName"),
    )
    tell(
        template,
        "CanonicalHostedZoneId",
        "Hosted zone of the load balancer's DNS name, for alias records elsewhere.",
        GetAtt("LoadBalancer", "CanonicalHostedZoneID"),
    )
    tell(template, "ApplicationUrl", "Where the application answers.", url)
    tell(template, "ListenerArn", "The listener that forwards to the application.", listener)
    tell(template, "TargetGroupArn", "The target group of the tasks.", Ref("TargetGroup"))
    tell(
        template,
        "TargetGroupFullName",
        "The target group as its metrics call it (dimension TargetGroup).",
        Select(5, Split(":", Ref("TargetGroup"))),  # its attribute of that name, in words that stock moto knows too
    )
    https, bucket = Ref("HttpsListener"), Ref(access_logs.BUCKET)
    tell(template, "HttpsListenerArn", "The HTTPS listener.", https, condition="HasCertificate")
    tell(template, "AccessLogBucketName", "Where access logs are.", bucket, condition="HasAccessLogs")
    if test_port is not None:
        tell(template, "TestListenerArn", "The listener that shows the next version first.", Ref("TestListener"))
