"""Interruptions and lost capacity to expect, from the properties that change.

What is only a note makes something smaller or less careful; asked about is what stops, or may stop, somebody's requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from oaktree_cfn.models import KNOWN_AFTER_APPLY
from oaktree_cfn.review.action import REPLACING, Action
from oaktree_cfn.review.changed import Changed, Changes
from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.template.plain import at, listed, number, truth

SERVICE, TASK = "AWS::ECS::Service", "AWS::ECS::TaskDefinition"
TARGETS = "AWS::ElasticLoadBalancingV2::TargetGroup"

_CARRIES: Mapping[str, str] = {
    SERVICE: "its tasks stop before the new service has any, unless names let both run side by side",
    "AWS::ECS::Cluster": "every service in it is made anew",
    TARGETS: "targets must register and pass their health checks anew",
    "AWS::ElasticLoadBalancingV2::Listener": "connections to its port are refused in between",
    "AWS::ElasticLoadBalancingV2::ListenerRule": "its requests fall through to other rules in between",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "clients find the new one only when DNS has followed",
    "AWS::EC2::NatGateway": "connections out are cut, and come from another address afterwards",
    "AWS::EC2::Subnet": "whatever runs in it must move",
    "AWS::EC2::RouteTable": "its subnets have no way out in between",
    "AWS::EC2::Route": "its subnets have no such way out in between",
    "AWS::EC2::VPCGatewayAttachment": "the network is cut off from the internet in between",
    "AWS::EC2::SecurityGroup": "whatever uses it must take the new one first",
    "AWS::EC2::Instance": "it stops, and another starts",
    "AWS::AutoScaling::AutoScalingGroup": "its machines stop, and others start",
    "AWS::Lambda::Function": "calls fail in between",
    "AWS::RDS::DBInstance": "the database is not there in between",
    "AWS::RDS::DBCluster": "the database is not there in between",
    "AWS::ElastiCache::ReplicationGroup": "the cache is not there in between, and empty afterwards",
}
"""Types that carry requests, and what happens while one is made anew."""

Row = tuple[str, str, Severity, str]

_LOWERED: tuple[Row, ...] = (
    (TASK, "Cpu", Severity.NOTE, "gives each task less CPU"),
    (TASK, "Memory", Severity.ASK, "gives each task less memory: one that needs more is killed"),
    ("AWS::Lambda::Function", "MemorySize", Severity.NOTE, "gets less memory, and CPU with it"),
    ("AWS::Lambda::Function", "Timeout", Severity.ASK, "is stopped earlier"),
    ("AWS::Lambda::Function", "ReservedConcurrentExecutions", Severity.ASK, "runs fewer times at once"),
    ("AWS::ApplicationAutoScaling::ScalableTarget", "MaxCapacity", Severity.ASK, "scales out less far"),
    ("AWS::ApplicationAutoScaling::ScalableTarget", "MinCapacity", Severity.NOTE, "keeps less running"),
    ("AWS::AutoScaling::AutoScalingGroup", "MaxSize", Severity.ASK, "scales out less far"),
    ("AWS::AutoScaling::AutoScalingGroup", "MinSize", Severity.NOTE, "keeps less running"),
    ("AWS::AutoScaling::AutoScalingGroup", "DesiredCapacity", Severity.ASK, "runs fewer machines"),
    ("AWS::DynamoDB::Table", "ProvisionedThroughput.ReadCapacityUnits", Severity.ASK, "reads less: more is throttled"),
    (
        "AWS::DynamoDB::Table",
        "ProvisionedThroughput.WriteCapacityUnits",
        Severity.ASK,
        "writes less: more is throttled",
    ),
    ("AWS::DynamoDB::Table", "OnDemandThroughput.MaxReadRequestUnits", Severity.ASK, "reads less: more is throttled"),
    ("AWS::DynamoDB::Table", "OnDemandThroughput.MaxWriteRequestUnits", Severity.ASK, "writes less: more is throttled"),
    ("AWS::ElastiCache::ReplicationGroup", "NumCacheClusters", Severity.ASK, "has fewer copies"),
    ("AWS::Kinesis::Stream", "ShardCount", Severity.ASK, "takes in less"),
    (TARGETS, "UnhealthyThresholdCount", Severity.NOTE, "gives targets up sooner"),
    (TARGETS, "HealthCheckTimeoutSeconds", Severity.NOTE, "wants health checks answered sooner"),
    (TARGETS, "HealthCheckIntervalSeconds", Severity.NOTE, "checks more often, and gives targets up sooner"),
    (SERVICE, "HealthCheckGracePeriodSeconds", Severity.NOTE, "gives new tasks less time to start"),
)
"""Type, property, severity, and what a lower number means."""

_SWITCHED_OFF: tuple[Row, ...] = (
    ("AWS::RDS::DBInstance", "MultiAZ", Severity.ASK, "has no stand-by in another zone any more"),
    ("AWS::ElastiCache::ReplicationGroup", "MultiAZEnabled", Severity.ASK, "no longer spreads over zones"),
    ("AWS::ElastiCache::ReplicationGroup", "AutomaticFailoverEnabled", Severity.ASK, "no longer fails over"),
    (SERVICE, "DeploymentConfiguration.DeploymentCircuitBreaker.Enable", Severity.ASK, "no longer stops a deployment that fails"),
    (SERVICE, "DeploymentConfiguration.DeploymentCircuitBreaker.Rollback", Severity.ASK, "no longer goes back when a deployment fails"),
    (TARGETS, "HealthCheckEnabled", Severity.ASK, "no longer checks its targets"),
)  # fmt: skip

_TEXTS: tuple[Row, ...] = (
    (TARGETS, "HealthCheckPath", Severity.NOTE, "asks another path for health: targets that do not answer there go out of service"),
    (TARGETS, "HealthCheckPort", Severity.NOTE, "asks another port for health: targets that do not answer there go out of service"),
    (TARGETS, "Matcher", Severity.NOTE, "takes other answers for healthy"),
    ("AWS::DynamoDB::Table", "BillingMode", Severity.NOTE, "is paid for, and limited, in another way"),
    (SERVICE, "DeploymentController", Severity.ASK, "is deployed by another controller"),
)  # fmt: skip


def find(changes: Changes) -> Iterator[Consequence]:
    """What to expect of every change to something that carries requests."""
    for changed in changes:
        yield from _comes_and_goes(changed)
        if changed.action in {Action.MODIFY, *REPLACING}:
            for rule in (_lowered, _switched_off, _other, _service, _zones):
                yield from rule(changed)


def _comes_and_goes(changed: Changed) -> Iterator[Consequence]:
    meaning = _CARRIES.get(changed.type)
    if meaning and changed.gone:
        yield _tell(changed, Severity.ASK, "goes: whoever still uses it is cut off")
    elif meaning and changed.action in REPLACING:
        verb = "is" if changed.action is Action.REPLACE else "may be"
        yield _tell(changed, Severity.ASK, f"{verb} made anew: {meaning}")


def _lowered(changed: Changed) -> Iterator[Consequence]:
    for type_, name, severity, text in _LOWERED:
        keys = name.split(".")
        if type_ == changed.type and changed.differs(*keys):
            before, after = number(changed.was(*keys)), number(changed.will(*keys))
            if before is not None and after is not None and after < before:
                yield _tell(changed, severity, f"{text} ({name} {before:g}, becomes {after:g})")


def _switched_off(changed: Changed) -> Iterator[Consequence]:
    for type_, name, severity, text in _SWITCHED_OFF:
        keys = name.split(".")
        if type_ == changed.type and truth(changed.was(*keys)) and not truth(changed.will(*keys)):
            yield _tell(changed, severity, text)


def _other(changed: Changed) -> Iterator[Consequence]:
    for type_, name, severity, text in _TEXTS:
        if type_ == changed.type and changed.differs(name) and KNOWN_AFTER_APPLY not in str(changed.will(name)):
            yield _tell(changed, severity, text)


# ECS services


def _service(changed: Changed) -> Iterator[Consequence]:
    if changed.type != SERVICE:
        return
    rules: tuple[Callable[[Changed], Iterator[Consequence]], ...] = (_fewer, _all_at_once, _spot, _rolls)
    for rule in rules:
        yield from rule(changed)


def _fewer(changed: Changed) -> Iterator[Consequence]:
    before, after = number(changed.was("DesiredCount")), number(changed.will("DesiredCount"))
    if before is None or after is None or after >= before:
        return
    text = "stops: no task is left running" if after == 0 else "runs fewer tasks"
    yield _tell(changed, Severity.ASK, f"{text} (DesiredCount {before:g}, becomes {after:g})")


def _all_at_once(changed: Changed) -> Iterator[Consequence]:
    keys = ("DeploymentConfiguration", "MinimumHealthyPercent")
    before, after = number(changed.was(*keys)), number(changed.will(*keys))
    if not changed.differs(*keys) or after is None:
        return
    if after == 0:
        yield _tell(changed, Severity.ASK, "may stop every task during a deployment (MinimumHealthyPercent 0)")
    elif before is not None and after < before:
        yield _tell(changed, Severity.NOTE, f"keeps fewer tasks during a deployment ({after:g} %, was {before:g} %)")


def _spot(changed: Changed) -> Iterator[Consequence]:
    before, after = (_providers(side("CapacityProviderStrategy")) for side in (changed.was, changed.will))
    if after == {"FARGATE_SPOT"} and before != after:
        yield _tell(changed, Severity.ASK, "runs on Spot capacity only, which AWS may take back at any time")


def _providers(strategy: Any) -> set[str]:
    used = (each for each in listed(strategy) if number(at(each, "Weight")) != 0 or number(at(each, "Base")))
    return {str(at(each, "CapacityProvider")) for each in used}


def _rolls(changed: Changed) -> Iterator[Consequence]:
    """A new task definition is how a service ships; it deserves a word, no more."""
    if changed.action is Action.MODIFY and changed.differs("TaskDefinition"):
        yield _tell(changed, Severity.NOTE, "replaces its tasks one after the other")


_SPREAD = {
    SERVICE: "NetworkConfiguration.AwsvpcConfiguration.Subnets",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "Subnets",
    "AWS::AutoScaling::AutoScalingGroup": "VPCZoneIdentifier",
    "AWS::RDS::DBSubnetGroup": "SubnetIds",
}
"""Type -> the list of subnets it spreads over."""


def _zones(changed: Changed) -> Iterator[Consequence]:
    name = _SPREAD.get(changed.type)
    if name is None:
        return
    before, after = (listed(side(*name.split("."))) for side in (changed.was, changed.will))
    if after and len(after) < len(before) and KNOWN_AFTER_APPLY not in after:
        yield _tell(changed, Severity.ASK, f"spreads over {len(after)} subnets, no longer {len(before)}")


def _tell(changed: Changed, severity: Severity, text: str) -> Consequence:
    return Consequence("availability", changed.place, severity, f"{changed.name} {text}")
