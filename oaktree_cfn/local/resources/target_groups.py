"""Target groups."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources.load_balancers import changed_attributes, retag, tags_of
from oaktree_cfn.local.resources.service import already_gone, call, undone_on_failure
from oaktree_cfn.local.resources.shapes import attributes, differ, given, known, only, split

_HEALTH = {
    "HealthCheckEnabled": True,
    "HealthCheckIntervalSeconds": 30,
    "HealthCheckPath": "/",
    "HealthCheckPort": "traffic-port",
    "HealthCheckProtocol": "HTTP",
    "HealthCheckTimeoutSeconds": 5,
    "HealthyThresholdCount": 5,
    "Matcher": {"HttpCode": "200"},
    "UnhealthyThresholdCount": 2,
}
_AT_CREATION = ("IpAddressType", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId")
_DEFAULTS = {
    "deregistration_delay.timeout_seconds": "300",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "slow_start.duration_seconds": "0",
    "stickiness.enabled": "false",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.type": "lb_cookie",
}


class TargetGroup(Handler):
    """A target group; ``Ref`` is its ARN."""

    type = "AWS::ElasticLoadBalancingV2::TargetGroup"
    supported = frozenset(
        {*_HEALTH, *_AT_CREATION, "Name", "Tags", "TargetGroupAttributes", "Targets.Id", "Targets.Port"}
    )

    def create(self, properties: Properties, request: Request) -> Made:
        found = call(
            request.client("elbv2"),
            "create_target_group",
            Name=properties.get("Name") or request.name(32),
            **given(properties, *_HEALTH, *_AT_CREATION, "Tags"),
        )
        group = only(found["TargetGroups"])
        made = Made(group["TargetGroupArn"])
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._attributes(made, {}, properties, request)
            self._targets(made, {}, properties, request)
        return _made(group)

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        elbv2, arn = request.client("elbv2"), made.physical_id
        changed = {name: after.get(name, default) for name, default in _HEALTH.items() if differ(before, after, name)}
        if changed:
            call(elbv2, "modify_target_group", TargetGroupArn=arn, **changed)
        self._attributes(made, before, after, request)
        self._targets(made, before, after, request)
        retag(elbv2, arn, before, after)
        group = only(call(elbv2, "describe_target_groups", TargetGroupArns=[arn])["TargetGroups"])
        return _made(group)

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("TargetGroupNotFound"):
            call(request.client("elbv2"), "delete_target_group", TargetGroupArn=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        elbv2, arn = request.client("elbv2"), made.physical_id
        group = only(call(elbv2, "describe_target_groups", TargetGroupArns=[arn])["TargetGroups"])
        kept = call(elbv2, "describe_target_group_attributes", TargetGroupArn=arn)["Attributes"]
        declared = [target["Id"] for target in properties.get("Targets") or ()]
        return known(
            {
                **given(group, *_HEALTH, *_AT_CREATION),
                "Name": group["TargetGroupName"],
                "TargetGroupAttributes": attributes(properties.get("TargetGroupAttributes"), kept),
                # A service registers its tasks in the same group: only the template's own targets are its property.
                "Targets": [target for target in _targets(elbv2, arn) if target["Id"] in declared],
                "Tags": tags_of(elbv2, arn, properties),
            }
        )

    def _attributes(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        wanted = changed_attributes("TargetGroupAttributes", _DEFAULTS, before, after)
        if wanted:
            elbv2 = request.client("elbv2")
            call(elbv2, "modify_target_group_attributes", TargetGroupArn=made.physical_id, Attributes=wanted)

    def _targets(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        added, removed = split(before.get("Targets") or [], after.get("Targets") or [])
        if removed:
            call(request.client("elbv2"), "deregister_targets", TargetGroupArn=made.physical_id, Targets=removed)
        if added:
            call(request.client("elbv2"), "register_targets", TargetGroupArn=made.physical_id, Targets=added)


def _targets(elbv2: Any, arn: str) -> list[dict[str, Any]]:
    found = call(elbv2, "describe_target_health", TargetGroupArn=arn)["TargetHealthDescriptions"]
    return [given(item["Target"], "Id", "Port") for item in found]


def _made(group: dict[str, Any]) -> Made:
    arn = group["TargetGroupArn"]
    attributes = {
        "TargetGroupArn": arn,
        "TargetGroupName": group["TargetGroupName"],
        "TargetGroupFullName": arn.rsplit(":", 1)[1],
        "LoadBalancerArns": group.get("LoadBalancerArns", []),
    }
    return Made(arn, attributes)
