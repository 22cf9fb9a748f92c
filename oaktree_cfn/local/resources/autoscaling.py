"""Application Auto Scaling: what scales, and by which policy."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources.service import already_gone, call, refusal, undone_on_failure
from oaktree_cfn.local.resources.shapes import given, known, only

_SERVICE = "application-autoscaling"
_TARGET = ("ResourceId", "ScalableDimension", "ServiceNamespace")
_SCHEDULED = ("EndTime", "ScalableTargetAction", "Schedule", "ScheduledActionName", "StartTime", "Timezone")


class ScalableTarget(Handler):
    """Something that scales; ``Ref`` is ``<resource>|<dimension>|<namespace>``."""

    type = "AWS::ApplicationAutoScaling::ScalableTarget"
    supported = frozenset(
        {
            *_TARGET,
            "MaxCapacity",
            "MinCapacity",
            "RoleARN",
            "ScheduledActions.ScalableTargetAction",
            "ScheduledActions.Schedule",
            "ScheduledActions.ScheduledActionName",
            "ScheduledActions.Timezone",
            "SuspendedState",
        }
    )

    def create(self, properties: Properties, request: Request) -> Made:
        settings = given(properties, *_TARGET, "MaxCapacity", "MinCapacity", "RoleARN", "SuspendedState")
        if properties["ServiceNamespace"] == "dynamodb":
            _refuse_unknown_table(properties["ResourceId"], request)
        if properties["ServiceNamespace"] == "ecs":
            _service_of(properties["ResourceId"], request)
        call(request.client(_SERVICE), "register_scalable_target", **settings)
        identity = "|".join(properties[name] for name in _TARGET)
        made = Made(identity, {"Id": identity})
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._schedule({}, properties, request)
            _bring_into_bounds(properties, request)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        awake = {f"{name}Suspended": False for name in ("DynamicScalingIn", "DynamicScalingOut", "ScheduledScaling")}
        suspended = after.get("SuspendedState") or awake
        settings = given(after, *_TARGET, "MaxCapacity", "MinCapacity", "RoleARN")
        call(request.client(_SERVICE), "register_scalable_target", **settings, SuspendedState=suspended)
        self._schedule(before, after, request)
        _bring_into_bounds(after, request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        self._schedule(properties, {**properties, "ScheduledActions": []}, request)
        if _registered(properties, request):
            call(request.client(_SERVICE), "deregister_scalable_target", **given(properties, *_TARGET))

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        found = only(_registered(properties, request))
        actions = call(request.client(_SERVICE), "describe_scheduled_actions", **given(properties, *_TARGET))
        settings = given(found, *_TARGET, "MaxCapacity", "MinCapacity", "RoleARN", "SuspendedState")
        scheduled = [given(action, *_SCHEDULED) for action in actions["ScheduledActions"]]
        return known({**settings, "ScheduledActions": scheduled})

    def _schedule(self, before: Properties, after: Properties, request: Request) -> None:
        client, target = request.client(_SERVICE), given(after, *_TARGET)
        old = {action["ScheduledActionName"]: action for action in before.get("ScheduledActions") or ()}
        new = {action["ScheduledActionName"]: action for action in after.get("ScheduledActions") or ()}
        for name in old.keys() - new.keys():
            call(client, "delete_scheduled_action", **target, ScheduledActionName=name)
        for name, action in new.items():
            if old.get(name) != action:
                call(client, "put_scheduled_action", **target, **action)


def _refuse_unknown_table(place: str, request: Request) -> None:
    """AWS wants the table first (``table/<name>`` or ``table/<name>/index/<index>``); moto does not look."""
    name = place.removeprefix("table/").partition("/")[0]
    if name not in call(request.client("dynamodb"), "list_tables")["TableNames"]:
        raise refusal("ValidationException", f"DynamoDB table does not exist: {place}", "RegisterScalableTarget")


def _registered(properties: Properties, request: Request) -> list[dict[str, Any]]:
    asked = {**given(properties, "ScalableDimension", "ServiceNamespace"), "ResourceIds": [properties["ResourceId"]]}
    return list(call(request.client(_SERVICE), "describe_scalable_targets", **asked)["ScalableTargets"])


def _service_of(resource: str, request: Request) -> dict[str, Any]:
    """The service that ``service/<cluster>/<name>`` is; AWS wants it first, moto does not look."""
    _, cluster, name = [*resource.split("/"), "", ""][:3]
    with already_gone("ClusterNotFoundException"):
        found = call(request.client("ecs"), "describe_services", Cluster=cluster, Services=[name])["Services"]
        living = [service for service in found if service["Status"] != "INACTIVE"]
        if living:
            return {**living[0], "Cluster": cluster}
    raise refusal("ValidationException", f"ECS service doesn't exist: {resource}", "RegisterScalableTarget")


def _bring_into_bounds(properties: Properties, request: Request) -> None:
    """Registering a target "changes the resource's current capacity to a value that is inside of this range"
    (Application Auto Scaling API reference, RegisterScalableTarget); here of a service, through ECS.
    """
    if properties["ServiceNamespace"] != "ecs":
        return
    service = _service_of(properties["ResourceId"], request)
    inside = min(max(service["DesiredCount"], int(properties["MinCapacity"])), int(properties["MaxCapacity"]))
    if inside != service["DesiredCount"]:
        place = {"Cluster": service["Cluster"], "Service": service["ServiceName"]}
        call(request.client("ecs"), "update_service", **place, DesiredCount=inside)


class ScalingPolicy(Handler):
    """A scaling policy; ``Ref`` is its ARN. It names its target by id, or by resource, dimension and namespace."""

    type = "AWS::ApplicationAutoScaling::ScalingPolicy"
    _configurations = ("StepScalingPolicyConfiguration", "TargetTrackingScalingPolicyConfiguration")
    supported = frozenset({*_TARGET, *_configurations, "PolicyName", "PolicyType", "ScalingTargetId"})

    def create(self, properties: Properties, request: Request) -> Made:
        settings = {**_target(properties), **given(properties, "PolicyName", "PolicyType", *self._configurations)}
        _refuse_unregistered(settings, request)
        arn = call(request.client(_SERVICE), "put_scaling_policy", **settings)["PolicyARN"]
        return Made(arn, {"Arn": arn})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        settings = {**_target(after), **given(after, "PolicyName", "PolicyType", *self._configurations)}
        call(request.client(_SERVICE), "put_scaling_policy", **settings)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        if _policies(properties, request):
            settings = {**_target(properties), **given(properties, "PolicyName")}
            with already_gone("ObjectNotFoundException"):
                call(request.client(_SERVICE), "delete_scaling_policy", **settings)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        found = only(_policies(properties, request))
        plain = given(found, "PolicyName", "PolicyType", *self._configurations)
        if "ScalingTargetId" in properties:
            return {**plain, "ScalingTargetId": "|".join(found[name] for name in _TARGET)}
        return {**plain, **given(found, *_TARGET)}


def _target(properties: Properties) -> dict[str, Any]:
    if properties.get("ScalingTargetId"):
        return dict(zip(_TARGET, properties["ScalingTargetId"].split("|"), strict=True))
    return given(properties, *_TARGET)


def _policies(properties: Properties, request: Request) -> list[dict[str, Any]]:
    found = call(request.client(_SERVICE), "describe_scaling_policies", **_target(properties))["ScalingPolicies"]
    return [policy for policy in found if policy["PolicyName"] == properties["PolicyName"]]


def _refuse_unregistered(target: dict[str, Any], request: Request) -> None:
    """AWS wants the scalable target first; moto does not look."""
    if not _registered(target, request):
        place = ", ".join(str(target.get(name)) for name in _TARGET)
        raise refusal("ObjectNotFoundException", f"No scalable target registered for {place}", "PutScalingPolicy")
