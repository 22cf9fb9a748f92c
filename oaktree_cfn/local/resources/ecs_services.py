"""Services.

moto's ``create_service`` keeps less than its ``update_service``, so a service is created and then updated to its full
description. Then its tasks are rolled out, which moto does not do (``local/rollouts.py``): AWS's handler waits for that
before it calls the resource complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from oaktree_cfn.local.handler import Handler, Made, NotPlayed, Properties, Request
from oaktree_cfn.local.resources import tagging
from oaktree_cfn.local.resources.service import already_gone, call, refusal, undone_on_failure
from oaktree_cfn.local.resources.shapes import differ, given, known, only

# What an update may change, and what it is when the template does not say.
_CHANGEABLE: dict[str, Any] = {
    "AvailabilityZoneRebalancing": None,
    "CapacityProviderStrategy": [],
    "DeploymentConfiguration": {"MaximumPercent": 200, "MinimumHealthyPercent": 100},
    "EnableECSManagedTags": False,
    "EnableExecuteCommand": False,
    "HealthCheckGracePeriodSeconds": 0,
    "LoadBalancers": [],
    "NetworkConfiguration": None,
    "PlacementConstraints": [],
    "PlacementStrategies": [],
    "PlatformVersion": "LATEST",
    "PropagateTags": "NONE",
    "ServiceRegistries": [],
    "TaskDefinition": None,
}
_AT_CREATION = ("DeploymentController", "LaunchType", "Role", "SchedulingStrategy")
_LOST = {
    "ServiceConnectConfiguration": "moto's services do not hold it",
    "VolumeConfigurations": "moto's services do not hold it",
}


class Service(Handler):
    """A service; ``Ref`` is its ARN. Its name is taken until the old one is gone: a named one cannot be replaced."""

    type = "AWS::ECS::Service"
    supported = frozenset({*_CHANGEABLE, *_AT_CREATION, "Cluster", "DesiredCount", "ServiceName", "Tags"})
    not_kept: ClassVar[Mapping[str, str]] = {
        **_LOST,
        "ForceNewDeployment": "write-only: a new nonce starts a new deployment",
    }

    def create(self, properties: Properties, request: Request) -> Made:
        ecs, cluster = request.client("ecs"), properties.get("Cluster", "default")
        name = properties.get("ServiceName") or request.name(255)
        _refuse_taken_name(ecs, cluster, name)
        _refuse_idle_target_groups(properties, request)
        service = call(
            ecs,
            "create_service",
            Cluster=cluster,
            ServiceName=name,
            DesiredCount=0,
            **_sent(given(properties, *_CHANGEABLE, *_AT_CREATION, *_LOST, "Tags")),
        )["Service"]
        made = Made(service["ServiceArn"], {"ServiceArn": service["ServiceArn"], "Name": service["ServiceName"]})
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            daemon = properties.get("SchedulingStrategy") == "DAEMON"
            count = properties.get("DesiredCount", 0 if daemon else 1)
            kept = _sent(given(properties, *_CHANGEABLE))
            call(ecs, "update_service", Cluster=cluster, Service=name, DesiredCount=count, **kept)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        for name in _AT_CREATION:
            if differ(before, after, name) and not (name == "LaunchType" and not self.replaces(before, after)):
                raise NotPlayed(self.type, name, "moto's UpdateService does not know it")
        _refuse_idle_target_groups(after, request)
        ecs, cluster = request.client("ecs"), after.get("Cluster", "default")
        changed = {
            name: default if after.get(name) is None else after[name]
            for name, default in _CHANGEABLE.items()
            if differ(before, after, name)
        }
        count = after.get("DesiredCount", _described(ecs, cluster, made.physical_id)["DesiredCount"])
        call(
            ecs,
            "update_service",
            Cluster=cluster,
            Service=made.attributes["Name"],
            DesiredCount=count,
            ForceNewDeployment=differ(before, after, "ForceNewDeployment", "TaskDefinition"),
            **_sent(changed),
        )
        tagging.retag(ecs, made.physical_id, before, after)
        return made

    def settle(self, made: Made, properties: Properties, request: Request) -> None:
        """As AWS's handler: wait until the service has rolled out. Raises Fault when its tasks do not come up."""
        if request.scheduler is not None:
            cluster = properties.get("Cluster", "default")
            request.scheduler.roll_out(_described(request.client("ecs"), cluster, made.physical_id))

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        ecs, cluster = request.client("ecs"), properties.get("Cluster", "default")
        with already_gone("ServiceNotFoundException", "ClusterNotFoundException"):
            _described(ecs, cluster, made.physical_id)
            call(ecs, "delete_service", Cluster=cluster, Service=made.attributes["Name"], Force=True)

    def replaces(self, before: Properties, after: Properties) -> bool:
        """A launch type gives way to a capacity provider strategy in place."""
        return not after.get("CapacityProviderStrategy")

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        cluster = properties.get("Cluster", "default")
        found = _described(request.client("ecs"), cluster, made.physical_id)
        plain = given(found, *(self.supported - {"Cluster", "PlacementStrategies", "Role", "Tags"}))
        if found.get("CapacityProviderStrategy"):
            plain.pop("LaunchType", None)  # AWS tells one or the other
        return known(
            {
                **plain,
                "Cluster": cluster if found["ClusterArn"].endswith(f"/{cluster}") else found["ClusterArn"],
                "PlacementStrategies": found.get("PlacementStrategy"),
                "Role": found.get("RoleArn"),
                "Tags": tagging.in_order(found.get("Tags"), properties),
            }
        )


def _sent(properties: dict[str, Any]) -> dict[str, Any]:
    """The service's own name for placement strategies; a list of groups even where none is given, for moto's sake."""
    sent = {name: value for name, value in properties.items() if name != "PlacementStrategies"}
    if "PlacementStrategies" in properties:
        sent["PlacementStrategy"] = properties["PlacementStrategies"]
    network = (properties.get("NetworkConfiguration") or {}).get("AwsvpcConfiguration")
    if network:
        sent["NetworkConfiguration"] = {"AwsvpcConfiguration": {"SecurityGroups": [], **network}}
    return sent


def _described(ecs: Any, cluster: str, service: str) -> dict[str, Any]:
    found = call(ecs, "describe_services", Cluster=cluster, Services=[service], Include=["TAGS"])["Services"]
    living = [item for item in found if item["Status"] != "INACTIVE"]
    if not living:
        raise refusal("ServiceNotFoundException", "Service not found.", "DescribeServices")
    return dict(living[0])


def _refuse_taken_name(ecs: Any, cluster: str, name: str) -> None:
    """AWS answers this for a name in use; moto would overwrite the service."""
    with already_gone("ServiceNotFoundException"):
        _described(ecs, cluster, name)
        message = "Creation of service was not idempotent."
        raise refusal("InvalidParameterException", message, "CreateService")


def _refuse_idle_target_groups(properties: Properties, request: Request) -> None:
    """AWS takes a target group only once a listener forwards to it: how a forgotten ``DependsOn`` shows."""
    for balancer in properties.get("LoadBalancers") or ():
        alternate = (balancer.get("AdvancedConfiguration") or {}).get("AlternateTargetGroupArn")
        for arn in (balancer.get("TargetGroupArn"), alternate):
            if arn and not _forwarded_to(arn, request.client("elbv2")):
                message = f"The target group with targetGroupArn {arn} does not have an associated load balancer."
                raise refusal("InvalidParameterException", message, "CreateService")


def _forwarded_to(arn: str, elbv2: Any) -> bool:
    group = only(call(elbv2, "describe_target_groups", TargetGroupArns=[arn])["TargetGroups"])
    if group.get("LoadBalancerArns"):
        return True
    for balancer in call(elbv2, "describe_load_balancers")["LoadBalancers"]:  # moto forgets listener rules
        for listener in call(elbv2, "describe_listeners", LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
            rules = call(elbv2, "describe_rules", ListenerArn=listener["ListenerArn"])["Rules"]
            if any(arn in str(rule["Actions"]) for rule in rules):
                return True
    return False
