"""A container of a task: what it runs, as whom, what it is told and where it may write.

The defaults are the safe ones: no root, a read-only file system with one folder in memory, a first process that reaps its
children.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from troposphere import AWS_REGION, Ref, ecs

from oaktree_cfn.services import fields, secrets
from oaktree_cfn.services.container_health_check import ContainerHealthCheck
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.restart_policy import RestartPolicy

NAME = r"[A-Za-z0-9_-]{1,255}"
_IMAGE = r"[A-Za-z0-9][A-Za-z0-9._:/@#-]*"
_USER = r"[a-z0-9_][a-z0-9_.-]*(:[a-z0-9_][a-z0-9_.-]*)?"
_VARIABLE, _VARIABLES = r"[A-Za-z_][A-Za-z0-9_]*", "names of environment variables"


@dataclass(frozen=True, kw_only=True)
class Container:
    """What every container has. ``told`` are the variables that its kind is told anyway."""

    told: ClassVar[tuple[str, ...]] = ()

    image: Value = fields.text(
        fields.REQUIRED, _IMAGE, "an image such as nginx:1.29", "Image to run, with its tag or digest.", 255
    )
    repository: Value = fields.arn(None, "ARN of the ECR repository the image is in; none for a public image.", "ecr")
    command: tuple[Value, ...] = fields.several(fields.Scalar(), "What to run instead of the image's own command.")
    entry_point: tuple[Value, ...] = fields.several(
        fields.Scalar(), "What to run it with instead of the image's own entry point."
    )
    environment: Mapping[str, Value] = fields.named(
        fields.Scalar(), _VARIABLE, _VARIABLES, "Environment variables: text, or references to other resources."
    )
    secrets: Mapping[str, secrets.Secret] = fields.named(
        fields.Part((secrets.SecretsManager, secrets.ParameterStore)),
        _VARIABLE,
        _VARIABLES,
        "Environment variables that ECS fills from Secrets Manager or Parameter Store at start.",
    )
    user: Value = fields.text(
        "1000", _USER, "a user of the image", "User the container runs as; not root.", 64, digits=True
    )
    readonly_root_filesystem: Value = fields.switch(
        True, "Whether the container's file system is read-only, but for the folders in tmpfs."
    )
    tmpfs: Mapping[str, Value] = fields.named(
        fields.Number(1, 249856),
        r"(/[A-Za-z0-9_.-]+)+/?",
        "absolute paths",
        "Folders in memory that may be written, each with its size in MiB.",
        {"/tmp": 64},  # noqa: S108 - a path inside the container
    )
    init_process: Value = fields.switch(True, "Whether a small first process passes signals on and reaps children.")
    stop_timeout: Value = fields.number(30, 2, 120, "Seconds to finish after SIGTERM, before SIGKILL.")
    container_health_check: ContainerHealthCheck | None = fields.part(
        None, ContainerHealthCheck, "How ECS asks the container itself whether it is well."
    )
    restart_policy: RestartPolicy | None = fields.part(
        None, RestartPolicy, "Restart a container that exits inside its task."
    )

    def contradictions(self) -> Iterator[Problem]:
        """What would be insecure, and what is said twice."""
        if fields.is_literal(self.user) and str(self.user).partition(":")[0] in ("root", "0"):
            fix = "Give the number of a user of the image, such as 1000"
            yield Problem("user", "the container would run as root", fix)
        yield from secrets.in_the_open(self.environment)
        for name in sorted({*self.environment} & {*self.secrets}):
            yield Problem(f"secrets.{name}", "the same variable stands in environment", "Leave it in one of them")
        for name in self.told:
            for field in ("environment", "secrets"):
                if name in getattr(self, field):
                    yield Problem(f"{field}.{name}", "the container is told this anyway", "Leave it out")

    def definition(
        self, ground: Ground, name: Value, ports: Iterable[ecs.PortMapping], told: Mapping[str, Value], **more: Any
    ) -> ecs.ContainerDefinition:
        """The container definition. ``told`` are the variables besides its own."""
        optional = {
            "Command": [fields.as_text(word) for word in self.command] or None,
            "EntryPoint": [fields.as_text(word) for word in self.entry_point] or None,
            "PortMappings": list(ports) or None,
            "Secrets": secrets.in_container(self.secrets) or None,
            "HealthCheck": self.container_health_check and self.container_health_check.render(),
            "RestartPolicy": self.restart_policy and self.restart_policy.render(),
        }
        return ecs.ContainerDefinition(
            Name=name,
            Image=self.image,
            Environment=_variables({**told, **self.environment}),
            User=self.user,
            ReadonlyRootFilesystem=self.readonly_root_filesystem,
            LinuxParameters=self._linux(),
            StopTimeout=self.stop_timeout,
            LogConfiguration=logs(ground),
            **{name: value for name, value in optional.items() if value is not None},
            **more,
        )

    def _linux(self) -> ecs.LinuxParameters:
        """Folders in memory, not volumes: Fargate makes those for root only, and no user of ours could write there."""
        folders = [ecs.Tmpfs(ContainerPath=path, Size=size) for path, size in self.tmpfs.items()]
        return ecs.LinuxParameters(InitProcessEnabled=self.init_process, **({"Tmpfs": folders} if folders else {}))


def mapping(port: Value, **more: Any) -> ecs.PortMapping:
    """A port the container listens on; with ``awsvpc`` the host's is the same."""
    return ecs.PortMapping(ContainerPort=port, HostPort=port, Protocol="tcp", **more)


def logs(ground: Ground) -> ecs.LogConfiguration:
    """To the service's own log group."""
    options = {
        "awslogs-group": ground.ref("LogGroup"),
        "awslogs-region": Ref(AWS_REGION),
        "awslogs-stream-prefix": "ecs",
    }
    return ecs.LogConfiguration(LogDriver="awslogs", Options=options)


def _variables(environment: Mapping[str, Value]) -> list[ecs.Environment]:
    return [ecs.Environment(Name=name, Value=fields.as_text(value)) for name, value in environment.items()]
