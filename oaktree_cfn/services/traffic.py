"""Which requests reach a service, and how the load balancer hands them out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from awacs import elasticloadbalancing as elb
from awacs.aws import Allow, Statement
from troposphere import Tags
from troposphere.elasticloadbalancingv2 import (
    Condition,
    ForwardConfig,
    HostHeaderConfig,
    ListenerRule,
    ListenerRuleAction,
    Matcher,
    PathPatternConfig,
    TargetGroup,
    TargetGroupAttribute,
    TargetGroupTuple,
)
from troposphere.iam import Policy, Role

from oaktree_cfn.services import fields
from oaktree_cfn.services.exempt import exempt
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.health_check import HealthCheck
from oaktree_cfn.services.names import named
from oaktree_cfn.services.roles import document, trusted_by

_TLS_ENDS = (
    "TLS ends at the load balancer, and what it sends on stays inside the VPC, where security groups let only the load "
    "balancer reach the tasks (decided in November 2026)"
)

_MOST_PATTERNS = 5
"""A rule may have five values in all (Elastic Load Balancing quotas, "Condition values per rule")."""


@dataclass(frozen=True, kw_only=True)
class Route:
    """The requests of a service that shares a load balancer: by host, by path, or both."""

    priority: Value = fields.number(
        fields.REQUIRED, 1, 50000, "Place among the listener's rules, the smallest first; each its own."
    )
    hosts: tuple[Value, ...] = fields.several(
        fields.Text(r"[A-Za-z0-9.*?-]{1,128}", "a host name, * and ? allowed"), "Host names.", most=_MOST_PATTERNS
    )
    paths: tuple[Value, ...] = fields.several(
        fields.Text(r"[/*?][A-Za-z0-9_.$/~\"'@:+&*?-]{0,127}", "a path starting with /, * and ? allowed"),
        "Paths.",
        most=_MOST_PATTERNS,
    )

    def contradictions(self) -> Iterator[Problem]:
        """A rule needs something to go by, and only so much, each once."""
        if not self.hosts and not self.paths:
            yield Problem("hosts", "neither hosts nor paths are given", "Give one, for example the path /api/*")
        if len(self.hosts) + len(self.paths) > _MOST_PATTERNS:
            yield Problem("paths", f"a rule takes {_MOST_PATTERNS} hosts and paths in all", "Leave some out")
        for name, patterns in (("hosts", self.hosts), ("paths", self.paths)):
            if any(pattern in patterns[:index] for index, pattern in enumerate(patterns)):
                yield Problem(name, "one stands there twice", "Say it once")


@dataclass(frozen=True, kw_only=True)
class Targets:
    """How the load balancer treats the tasks behind it."""

    deregistration_delay: Value = fields.number(
        30, 0, 3600, "Seconds a task that leaves may take to finish its requests."
    )
    stickiness: Value = fields.number(
        None, 1, 604800, "Seconds a client stays with the task that answered first, where it should."
    )
    slow_start: Value = fields.number(
        None, 30, 900, "Seconds in which a new task gets more and more requests, where it needs to warm up."
    )
    algorithm: Value = fields.choice(
        "round_robin",
        ("round_robin", "least_outstanding_requests", "weighted_random"),
        "Which task gets the next request.",
    )

    def contradictions(self) -> Iterator[Problem]:
        """Only round robin knows a slow start (Elastic Load Balancing user guide, "Slow start mode")."""
        if self.slow_start is not None and fields.is_literal(self.algorithm) and self.algorithm != "round_robin":
            yield Problem("slow_start", f"{self.algorithm} has no slow start", "Take round_robin, or leave it out")

    def attributes(self) -> dict[str, Value]:
        """The target group's attributes that differ from the load balancer's own defaults."""
        found: dict[str, Value] = {"deregistration_delay.timeout_seconds": self.deregistration_delay}
        if self.stickiness is not None:
            found |= {
                "stickiness.enabled": "true",
                "stickiness.type": "lb_cookie",
                "stickiness.lb_cookie.duration_seconds": self.stickiness,
            }
        if self.slow_start is not None:
            found["slow_start.duration_seconds"] = self.slow_start
        if self.algorithm != "round_robin":
            found["load_balancing.algorithm.type"] = self.algorithm
        return found


def target_group(
    prefix: Any, vpc: Any, port: Any, check: HealthCheck, targets: Targets, title: str = "TargetGroup"
) -> TargetGroup:
    """The containers behind a load balancer, by IP address.

    It has a ``Name`` tag and no name: a group with a name cannot be replaced, because the new one would need the name
    while the old one still has it.
    """
    group = TargetGroup(
        title,
        VpcId=vpc,
        TargetType="ip",
        Protocol="HTTP",
        Port=port,
        HealthCheckEnabled=True,
        HealthCheckProtocol="HTTP",
        HealthCheckPort="traffic-port",
        HealthCheckPath=check.path,
        HealthCheckIntervalSeconds=check.interval,
        HealthCheckTimeoutSeconds=check.timeout,
        HealthyThresholdCount=check.healthy_threshold,
        UnhealthyThresholdCount=check.unhealthy_threshold,
        Matcher=Matcher(HttpCode=check.matcher),
        TargetGroupAttributes=[
            TargetGroupAttribute(Key=key, Value=fields.as_text(value)) for key, value in targets.attributes().items()
        ],
        Tags=Tags(Name=named("{}-tasks", prefix)),
    )
    return exempt(group, _TLS_ENDS, "ELB_21", "ELB_22")


def listener_rule(ground: Ground, kind: str, listener: Value, route: Route, action: ListenerRuleAction) -> ListenerRule:
    """Hands the route's requests on."""
    conditions = []
    if route.hosts:
        hosts = HostHeaderConfig(Values=list(route.hosts))
        conditions.append(Condition(Field="host-header", HostHeaderConfig=hosts))
    if route.paths:
        paths = PathPatternConfig(Values=list(route.paths))
        conditions.append(Condition(Field="path-pattern", PathPatternConfig=paths))
    return ListenerRule(
        ground.id(kind),
        ListenerArn=listener,
        Priority=route.priority,
        Conditions=conditions,
        Actions=[action],
    )


def to(*groups: Value) -> ListenerRuleAction:
    """Forward to the first group. The others get nothing yet: they are there because ECS takes a target group only when
    a load balancer knows it.
    """
    if len(groups) == 1:
        return ListenerRuleAction(Type="forward", TargetGroupArn=groups[0])
    weights = [TargetGroupTuple(TargetGroupArn=group, Weight=int(index == 0)) for index, group in enumerate(groups)]
    return ListenerRuleAction(Type="forward", ForwardConfig=ForwardConfig(TargetGroups=weights))


def traffic_role(ground: Ground, rules: Sequence[str]) -> Role:
    """The role with which ECS moves a service's traffic between its two target groups, by the rules of these kinds.

    The actions are those of AmazonECSInfrastructureRolePolicyForLoadBalancers that the rules of an Application Load
    Balancer need, on these groups and rules only; IAM allows the describing ones on ``*`` only.
    """
    groups = [ground.ref("TargetGroup"), ground.ref("AlternateTargetGroup")]
    look = [elb.DescribeListeners, elb.DescribeRules, elb.DescribeTargetGroups, elb.DescribeTargetHealth]
    statements = [
        Statement(Sid="Look", Effect=Allow, Action=look, Resource=["*"]),
        Statement(
            Sid="MoveTargets", Effect=Allow, Action=[elb.DeregisterTargets, elb.RegisterTargets], Resource=groups
        ),
        Statement(
            Sid="MoveTraffic", Effect=Allow, Action=[elb.ModifyRule], Resource=[ground.ref(kind) for kind in rules]
        ),
    ]
    return Role(
        ground.id("TrafficRole"),
        RoleName=ground.name("{}-traffic-role"),
        Description="ECS moves traffic between the versions of a service with it",
        AssumeRolePolicyDocument=trusted_by("ecs.amazonaws.com"),
        Policies=[Policy(PolicyName="move-traffic", PolicyDocument=document(statements))],
    )
