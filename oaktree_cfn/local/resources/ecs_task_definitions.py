"""Task definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import tagging
from oaktree_cfn.local.resources.service import already_gone, call, refusal
from oaktree_cfn.local.resources.shapes import given, known

_CONTAINER = (
    "Command",
    "Cpu",
    "CredentialSpecs",
    "DependsOn",
    "DisableNetworking",
    "DnsSearchDomains",
    "DnsServers",
    "DockerLabels",
    "DockerSecurityOptions",
    "EntryPoint",
    "Environment",
    "EnvironmentFiles",
    "Essential",
    "ExtraHosts",
    "FirelensConfiguration",
    "HealthCheck",
    "Hostname",
    "Image",
    "Interactive",
    "Links",
    "LinuxParameters",
    "LogConfiguration",
    "Memory",
    "MemoryReservation",
    "MountPoints",
    "Name",
    "PortMappings",
    "Privileged",
    "PseudoTerminal",
    "ReadonlyRootFilesystem",
    "RepositoryCredentials",
    "ResourceRequirements",
    "RestartPolicy",
    "Secrets",
    "StartTimeout",
    "StopTimeout",
    "SystemControls",
    "Ulimits",
    "User",
    "VersionConsistency",
    "VolumesFrom",
    "WorkingDirectory",
)
_PLAIN = (
    "Cpu",
    "EphemeralStorage",
    "ExecutionRoleArn",
    "Family",
    "IpcMode",
    "Memory",
    "NetworkMode",
    "PidMode",
    "PlacementConstraints",
    "RequiresCompatibilities",
    "RuntimePlatform",
    "TaskRoleArn",
)


class TaskDefinition(Handler):
    """One revision of a task family; ``Ref`` is its ARN with the revision. A deletion deregisters it."""

    type = "AWS::ECS::TaskDefinition"
    supported = frozenset(
        {
            *_PLAIN,
            *(f"ContainerDefinitions.{name}" for name in _CONTAINER),
            "ProxyConfiguration.ContainerName",
            "ProxyConfiguration.ProxyConfigurationProperties",
            "ProxyConfiguration.Type",
            "Tags",
            "Volumes.ConfiguredAtLaunch",
            "Volumes.DockerVolumeConfiguration",
            "Volumes.EFSVolumeConfiguration",
            "Volumes.Host",
            "Volumes.Name",
        }
    )
    not_kept: ClassVar[Mapping[str, str]] = {"EnableFaultInjection": "moto's task definitions do not hold it"}

    def create(self, properties: Properties, request: Request) -> Made:
        definition = call(
            request.client("ecs"),
            "register_task_definition",
            **given(properties, *(set(_PLAIN) - {"Family"}), "EnableFaultInjection", "Tags", "Volumes"),
            ContainerDefinitions=properties.get("ContainerDefinitions") or [],
            Family=properties.get("Family") or request.name(255),
            ProxyConfiguration=_proxy(properties),
        )["TaskDefinition"]
        return Made(definition["TaskDefinitionArn"], {"TaskDefinitionArn": definition["TaskDefinitionArn"]})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        tagging.retag(request.client("ecs"), made.physical_id, before, after)  # all else makes a new revision
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("ClientException"):
            call(request.client("ecs"), "deregister_task_definition", TaskDefinition=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        ecs = request.client("ecs")
        answer = call(ecs, "describe_task_definition", TaskDefinition=made.physical_id, Include=["TAGS"])
        found = answer["TaskDefinition"]
        if found["Status"] != "ACTIVE":
            raise refusal("ClientException", "The specified task definition is inactive.", "DescribeTaskDefinition")
        return known(
            {
                **given(found, *_PLAIN, "ContainerDefinitions"),
                "ProxyConfiguration": _read_proxy(found),
                "Volumes": [_read_volume(volume) for volume in found.get("Volumes", [])],
                "Tags": tagging.in_order(answer.get("Tags"), properties),
            }
        )


def _proxy(properties: Properties) -> dict[str, Any] | None:
    proxy = properties.get("ProxyConfiguration")
    if not proxy:
        return None
    return {**given(proxy, "ContainerName", "Type"), "Properties": proxy.get("ProxyConfigurationProperties")}


def _read_proxy(found: dict[str, Any]) -> dict[str, Any] | None:
    proxy = found.get("ProxyConfiguration")
    if not proxy:
        return None
    return {**given(proxy, "ContainerName", "Type"), "ProxyConfigurationProperties": proxy.get("Properties")}


def _read_volume(volume: dict[str, Any]) -> dict[str, Any]:
    """CloudFormation writes the words of an EFS volume in a case of its own."""
    plain = given(volume, "ConfiguredAtLaunch", "DockerVolumeConfiguration", "Host", "Name")
    shared = volume.get("EfsVolumeConfiguration")
    if not shared:
        return plain
    access = shared.get("AuthorizationConfig", {})
    efs = {
        **given(shared, "RootDirectory", "TransitEncryption", "TransitEncryptionPort"),
        "FilesystemId": shared["FileSystemId"],
        "AuthorizationConfig": known({**given(access, "AccessPointId"), "IAM": access.get("Iam")}),
    }
    return {**plain, "EFSVolumeConfiguration": known(efs)}
