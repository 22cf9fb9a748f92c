"""The load balancer: where requests come in, and to whom they go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troposphere import Equals, GetAtt, If, Not, Ref, Select, Split, Sub, Template
from troposphere.elasticloadbalancingv2 import (
    Action,
    Certificate,
    Listener,
    LoadBalancer,
    LoadBalancerAttributes,
    RedirectConfig,
)

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.services.health_check import HealthCheck
from oaktree_cfn.services.names import named
from oaktree_cfn.services.traffic import Targets, target_group

_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
"""TLS 1.2 and 1.3 with forward secrecy only, and a key exchange that resists quantum computers."""


@dataclass(frozen=True)
class Alb:
    """Load balancer: internet-facing, forwards HTTP, or redirects it to HTTPS when a certificate is given."""

    def compose(self) -> Template:
        """The template."""
        template = form.begin(self)
        _questions(template)
        template.add_condition("HasCertificate", Not(Equals(Ref("CertificateArn"), "")))
        template.add_condition("HasDomain", Not(Equals(Ref("DomainName"), "")))
        template.add_resource([_load_balancer(), _targets(), _http_listener(), _https_listener()])
        _outputs(template)
        return template


def _questions(template: Template) -> None:
    form.ask(template, form.NAMES, {"Prefix": form.prefix()})
    form.ask(template, "Web service", {"Port": form.container_port()})
    protection = form.switch(
        "LoadBalancerDeletionProtection",
        "Whether the load balancer refuses to be deleted until this is false.",
        default=True,
    )
    questions = {"Certificate": form.certificate(), "Domain": _domain(), "Deletion protection": protection}
    form.ask(template, "Load balancer", questions)
    form.ask(template, "Health check", _health_questions())
    wiring = {
        "VPC": form.given("VpcId", "VPC of the load balancer."),
        "Subnets": form.given_list("PublicSubnetIds", "Public subnets of the load balancer, in two or more zones."),
        "Security group": form.given("LoadBalancerSecurityGroupId", "Security group of the load balancer."),
    }
    form.ask(template, form.WIRING, wiring)


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
            "HealthyThreshold", "Successful checks in a row that make a task healthy.", usual.healthy, 2, 10
        ),
        "Unhealthy after": form.number(
            "UnhealthyThreshold", "Failed checks in a row that make a task unhealthy.", usual.unhealthy, 2, 10
        ),
        "Drain": form.number(
            "DrainSeconds", "Seconds a task that leaves may take to finish its requests.", 30, 0, 3600
        ),
    }


def _load_balancer() -> LoadBalancer:
    attributes = {
        "deletion_protection.enabled": Ref("LoadBalancerDeletionProtection"),
        "routing.http.drop_invalid_header_fields.enabled": "true",
    }
    return LoadBalancer(
        "LoadBalancer",
        Name=named("{}-alb", Ref("Prefix")),
        Type="application",
        Scheme="internet-facing",
        Subnets=Ref("PublicSubnetIds"),
        SecurityGroups=[Ref("LoadBalancerSecurityGroupId")],
        LoadBalancerAttributes=[LoadBalancerAttributes(Key=key, Value=value) for key, value in attributes.items()],
    )


def _targets() -> Any:
    check = HealthCheck(
        path=Ref("HealthCheckPath"),
        matcher=Ref("HealthCheckMatcher"),
        interval=Ref("HealthCheckInterval"),
        timeout=Ref("HealthCheckTimeout"),
        healthy=Ref("HealthyThreshold"),
        unhealthy=Ref("UnhealthyThreshold"),
    )
    targets = Targets(drain=Ref("DrainSeconds"))
    return target_group(Ref("Prefix"), Ref("VpcId"), Ref("ContainerPort"), check, targets)


def _http_listener() -> Listener:
    redirect = RedirectConfig(Protocol="HTTPS", Port="443", StatusCode="HTTP_301")
    return Listener(
        "HttpListener",
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


def _outputs(template: Template) -> None:
    host = If("HasDomain", Ref("DomainName"), GetAtt("LoadBalancer", "DNSName"))
    url = Sub("${Scheme}://${Host}", Scheme=If("HasCertificate", "https", "http"), Host=host)
    listener = If("HasCertificate", Ref("HttpsListener"), Ref("HttpListener"))
    form.tell(template, "LoadBalancerDnsName", "DNS name of the load balancer.", GetAtt("LoadBalancer", "DNSName"))
    form.tell(template, "ApplicationUrl", "Where the application answers.", url)
    form.tell(template, "ListenerArn", "The listener that forwards to the application.", listener)
    form.tell(template, "TargetGroupArn", "The target group of the tasks.", Ref("TargetGroup"))
    form.tell(
        template,
        "TargetGroupFullName",
        "The target group of the tasks, as metrics call it.",
        Select(5, Split(":", Ref("TargetGroup"))),  # its attribute of that name, in words that stock moto knows too
    )
    form.tell(
        template,
        "LoadBalancerFullName",
        "The load balancer, as metrics call it.",
        GetAtt("LoadBalancer", "LoadBalancerFullName"),
    )
