"""Every bound and every word of a description is AWS's own: compared with its resource schemas and its API's model.

Where AWS tells a bound in prose only, the prose must speak of it.
"""

from __future__ import annotations

import re
from dataclasses import fields as declared
from functools import cache
from typing import Any

import pytest
from botocore.loaders import Loader

from oaktree_cfn.services import fields
from oaktree_cfn.services.container import Container
from oaktree_cfn.services.container_health_check import ContainerHealthCheck
from oaktree_cfn.services.health_check import HealthCheck
from oaktree_cfn.services.hook import STAGES, Hook
from oaktree_cfn.services.metrics import STATISTICS
from oaktree_cfn.services.queue import Queue
from oaktree_cfn.services.restart_policy import RestartPolicy
from oaktree_cfn.services.rollout import BlueGreen, Canary, EarlySuccess, Linear
from oaktree_cfn.services.scheduled_task import ScheduledTask
from oaktree_cfn.services.service import Service
from oaktree_cfn.services.service_connect import ServiceConnect
from oaktree_cfn.services.sidecar import Sidecar
from oaktree_cfn.services.spot import Spot
from oaktree_cfn.services.task import ARCHITECTURES, RETENTION, Task
from oaktree_cfn.services.traffic import Targets
from oaktree_cfn.services.web_service import WebService
from oaktree_cfn.services.worker import Worker
from oaktree_cfn.template import schemas

SERVICE, TASK = "AWS::ECS::Service", "AWS::ECS::TaskDefinition"
SCHEDULE, GROUP, QUEUE = "AWS::Scheduler::Schedule", "AWS::ElasticLoadBalancingV2::TargetGroup", "AWS::SQS::Queue"


@cache
def schema(kind: str) -> dict[str, Any]:
    found = schemas.raw(kind)
    assert found is not None
    return dict(found)


def property_of(kind: str, path: str) -> dict[str, Any]:
    """What a resource's schema says of the property at a path."""
    whole = node = schema(kind)
    for name in path.split("."):
        node = node["properties"][name]
        node = node.get("items", node)
        if "$ref" in node:
            node = whole["definitions"][node["$ref"].rsplit("/", 1)[1]]
    return node


BOUNDS: list[tuple[type, str, str, str]] = [
    (BlueGreen, "bake_time", SERVICE, "DeploymentConfiguration.BakeTimeInMinutes"),
    (Canary, "canary_percent", SERVICE, "DeploymentConfiguration.CanaryConfiguration.CanaryPercent"),
    (Canary, "canary_bake_time", SERVICE, "DeploymentConfiguration.CanaryConfiguration.CanaryBakeTimeInMinutes"),
    (Linear, "step_percent", SERVICE, "DeploymentConfiguration.LinearConfiguration.StepPercent"),
    (Linear, "step_bake_time", SERVICE, "DeploymentConfiguration.LinearConfiguration.StepBakeTimeInMinutes"),
    (EarlySuccess, "healthy_percent", SERVICE, "DeploymentConfiguration.EarlySuccessCriteria.HealthyPercent"),
    (Hook, "timeout", SERVICE, "DeploymentConfiguration.LifecycleHooks.TimeoutConfiguration.TimeoutInMinutes"),
    (Spot, "base", SERVICE, "CapacityProviderStrategy.Base"),
    (Spot, "on_demand_weight", SERVICE, "CapacityProviderStrategy.Weight"),
    (HealthCheck, "interval", GROUP, "HealthCheckIntervalSeconds"),
    (HealthCheck, "timeout", GROUP, "HealthCheckTimeoutSeconds"),
    (HealthCheck, "healthy_threshold", GROUP, "HealthyThresholdCount"),
    (HealthCheck, "unhealthy_threshold", GROUP, "UnhealthyThresholdCount"),
    (WebService, "port", GROUP, "Port"),
    (Queue, "visibility_timeout", QUEUE, "VisibilityTimeout"),
    (Queue, "message_retention_period", QUEUE, "MessageRetentionPeriod"),
    (ScheduledTask, "flexible_time_window", SCHEDULE, "FlexibleTimeWindow.MaximumWindowInMinutes"),
    (ScheduledTask, "task_count", SCHEDULE, "Target.EcsParameters.TaskCount"),
    (ScheduledTask, "maximum_retry_attempts", SCHEDULE, "Target.RetryPolicy.MaximumRetryAttempts"),
    (ScheduledTask, "maximum_event_age", SCHEDULE, "Target.RetryPolicy.MaximumEventAgeInSeconds"),
]


@pytest.mark.parametrize(("cls", "field", "kind", "path"), BOUNDS, ids=lambda value: str(value).rsplit(".", 1)[-1])
def test_a_number_has_the_bounds_of_the_property(cls: type, field: str, kind: str, path: str) -> None:
    theirs, ours = property_of(kind, path), fields.kind_of(cls, field)
    assert isinstance(ours, fields.Number)
    assert (ours.low, ours.high) == (theirs["minimum"], theirs["maximum"])
    assert ours.decimals == (1 if theirs.get("multipleOf") == 0.1 else 0)


WORDS: list[tuple[type, str, str, str]] = [
    (Service, "availability_zone_rebalancing", SERVICE, "AvailabilityZoneRebalancing"),
    (Hook, "timeout_action", SERVICE, "DeploymentConfiguration.LifecycleHooks.TimeoutConfiguration.Action"),
    (EarlySuccess, "cleanup", SERVICE, "DeploymentConfiguration.EarlySuccessCriteria.SourceServiceRevisionCleanup"),
    (Task, "architecture", TASK, "RuntimePlatform.CpuArchitecture"),
]


@pytest.mark.parametrize(("cls", "field", "kind", "path"), WORDS, ids=lambda value: str(value).rsplit(".", 1)[-1])
def test_a_choice_has_the_words_of_the_property(cls: type, field: str, kind: str, path: str) -> None:
    ours = fields.kind_of(cls, field)
    assert isinstance(ours, fields.Choice)
    assert set(ours.values) == set(property_of(kind, path)["enum"])


def test_a_connection_speaks_what_ecs_knows_or_tcp_where_it_is_told_nothing() -> None:
    protocols = property_of(TASK, "ContainerDefinitions.PortMappings.AppProtocol")["enum"]
    ours = fields.kind_of(ServiceConnect, "protocol")
    assert isinstance(ours, fields.Choice)
    assert set(ours.values) == {*protocols, "tcp"}


def test_logs_are_kept_for_as_many_days_as_cloudwatch_offers() -> None:
    assert [int(days) for days in RETENTION] == property_of("AWS::Logs::LogGroup", "RetentionInDays")["enum"]


def test_statistics_are_those_that_scaling_knows() -> None:
    path = "TargetTrackingScalingPolicyConfiguration.CustomizedMetricSpecification.Statistic"
    assert set(STATISTICS) == set(property_of("AWS::ApplicationAutoScaling::ScalingPolicy", path)["enum"])


# The API's own model


@cache
def model(service: str) -> dict[str, Any]:
    found: dict[str, Any] = Loader().load_service_model(service, "service-2")["shapes"]
    return found


def prose(service: str, shape: str, member: str) -> str:
    text = model(service)[shape]["members"][member]["documentation"]
    return re.sub(r"<[^>]+>|,(?=\d)", "", text)


@pytest.mark.parametrize(
    ("shape", "ours"),
    [
        ("DeploymentLifecycleHookStage", STAGES),
        ("CPUArchitecture", ARCHITECTURES),
        ("DeploymentStrategy", ("ROLLING", "BLUE_GREEN", "LINEAR", "CANARY")),
        ("DeploymentLifecycleHookTargetType", ("AWS_LAMBDA", "PAUSE")),
    ],
)
def test_the_api_knows_the_same_words(shape: str, ours: tuple[str, ...]) -> None:
    assert set(model("ecs")[shape]["enum"]) == set(ours)


PROSE: list[tuple[type, str, str, str, str]] = [
    (ContainerHealthCheck, "interval", "ecs", "HealthCheck", "interval"),
    (ContainerHealthCheck, "timeout", "ecs", "HealthCheck", "timeout"),
    (ContainerHealthCheck, "retries", "ecs", "HealthCheck", "retries"),
    (ContainerHealthCheck, "start_period", "ecs", "HealthCheck", "startPeriod"),
    (RestartPolicy, "attempt_period", "ecs", "ContainerRestartPolicy", "restartAttemptPeriod"),
    (Task, "ephemeral_storage", "ecs", "EphemeralStorage", "sizeInGiB"),
]


@pytest.mark.parametrize(("cls", "field", "service", "shape", "member"), PROSE)
def test_a_number_has_the_bounds_that_the_api_tells(
    cls: type, field: str, service: str, shape: str, member: str
) -> None:
    ours = fields.kind_of(cls, field)
    assert isinstance(ours, fields.Number)
    told = re.findall(r"\d+", prose(service, shape, member))
    assert {str(ours.low), str(ours.high)} <= set(told)


def test_a_container_has_at_most_two_minutes_to_stop() -> None:
    ours = fields.kind_of(Container, "stop_timeout")
    assert isinstance(ours, fields.Number)
    assert "max stop timeout value is 120 seconds" in prose("ecs", "ContainerDefinition", "stopTimeout")
    assert ours.high == 120


def test_at_most_fifty_exit_codes_are_ignored() -> None:
    ours = fields.kind_of(RestartPolicy, "ignored_exit_codes")
    assert isinstance(ours, fields.Several)
    assert f"a maximum of {ours.most} container exit codes" in prose(
        "ecs", "ContainerRestartPolicy", "ignoredExitCodes"
    )


@pytest.mark.parametrize(
    ("field", "attribute", "told"),
    [
        ("deregistration_delay", "deregistration_delay.timeout_seconds", "The range is {low}-{high} seconds"),
        ("stickiness", "stickiness.lb_cookie.duration_seconds", "The range is {low} second to 1 week ({high} seconds)"),
        ("slow_start", "slow_start.duration_seconds", "The range is {low}-{high} seconds"),
    ],
)
def test_a_target_groups_attribute_has_the_bounds_that_the_api_tells(field: str, attribute: str, told: str) -> None:
    text = prose("elbv2", "TargetGroupAttribute", "Key")
    ours = fields.kind_of(Targets, field)
    assert isinstance(ours, fields.Number)
    assert told.format(low=ours.low, high=ours.high) in text[text.index(attribute) :][:400]


def test_a_target_groups_algorithms_are_those_that_the_api_tells() -> None:
    text = prose("elbv2", "TargetGroupAttribute", "Key")
    said = text[text.index("load_balancing.algorithm.type") :][:400]
    ours = fields.kind_of(Targets, "algorithm")
    assert isinstance(ours, fields.Choice)
    assert all(word in said for word in ours.values)


# The fields' own house


def descriptions(cls: type) -> set[type]:
    """A description and the parts of its parts."""
    found = {cls}
    for each in declared(cls):
        kind = fields.kind_of(cls, each.name)
        while isinstance(kind, fields.Several | fields.Named):
            kind = kind.kind
        if isinstance(kind, fields.Part):
            for inner in kind.classes:
                found |= descriptions(inner)
    return found


EVERY = sorted(
    {*descriptions(WebService), *descriptions(Worker), *descriptions(ScheduledTask)}, key=lambda c: c.__name__
)


TYPES: dict[type, tuple[type, ...]] = {
    fields.Number: (int, float),
    fields.Choice: (str,),
    fields.Text: (str,),
    fields.Switch: (bool,),
    fields.Several: (tuple,),
    fields.Named: (dict,),
    fields.Part: (*EVERY,),
}
"""Kind -> the types that its values have for AWS."""


@pytest.mark.parametrize("cls", EVERY, ids=lambda cls: cls.__name__)
def test_every_field_has_a_sentence_and_a_default_that_it_takes_itself(cls: type) -> None:
    for each in declared(cls):
        assert fields.says_of(cls, each.name).endswith((".", "…")), each.name
        default = fields.default_of(cls, each.name)
        if default is not None:
            assert fields.kind_of(cls, each.name).takes(default), each.name
            assert type(default) in TYPES[type(fields.kind_of(cls, each.name))], each.name


@pytest.mark.parametrize("cls", EVERY, ids=lambda cls: cls.__name__)
def test_what_is_not_known_before_cloudformation_has_the_type_of_any_value(cls: type) -> None:
    """``Value`` may be an intrinsic function; a field with a type of its own is what it says. A list's items may be."""
    for each in declared(cls):
        is_value = each.type in ("Value", "Any")
        conditional = each.name in ("scaling", "spot", "execute_command", "rollout")
        assert is_value == (not fields.is_known(cls, each.name)) or conditional, each.name


def test_a_sidecar_may_have_all_the_memory_that_fargate_sells() -> None:
    ours, tasks = fields.kind_of(Sidecar, "memory"), fields.kind_of(Task, "memory")
    assert isinstance(ours, fields.Number)
    assert isinstance(tasks, fields.Choice)
    assert ours.high == max(int(mib) for mib in tasks.values)
