"""A task: the application's container on Fargate, what it may do, what it is told, and its logs.

Every kind of service is a task and a reason to run it: requests (``web_service``), messages (``worker``), the clock
(``scheduled_task``). The defaults are the safe ones: no root, a read-only file system with a scratch folder in memory, a
process that reaps its children, two roles with exactly what was granted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from troposphere import AWSObject, ecs
from troposphere.logs import LogGroup

from oaktree_cfn.services import fields, secrets
from oaktree_cfn.services.container import (
    CONTAINER,
    USER,
    VARIABLE,
    VARIABLES,
    ContainerHealthCheck,
    RestartPolicy,
    Sidecar,
    logs,
    not_root,
    variables,
)
from oaktree_cfn.services.fargate import MEMORY
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.grants import Grant
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.roles import execution_policy, execution_role, shell_policy, task_policy, task_role
from oaktree_cfn.services.when import resources

RETENTION = ("1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731")
"""Days that CloudWatch Logs may keep a group's events."""

ARCHITECTURES = ("X86_64", "ARM64")
_MEBIBYTES = tuple(str(mib) for mib in sorted({mib for choices in MEMORY.values() for mib in choices}))


@dataclass(frozen=True, kw_only=True)
class Task:
    """What every kind of service has in common."""

    image: Value = fields.text(fields.REQUIRED, r"\S{1,255}", "an image", "Image to run, with its tag or digest.")
    repository: Value = fields.arn(None, "ARN of the ECR repository the image is in; none for a public image.")
    command: Value = fields.several(fields.Scalar(), "What to run instead of the image's own command.")
    entry_point: Value = fields.several(fields.Scalar(), "What to run it with instead of the image's own entry point.")
    container_name: Value = fields.text(
        None, CONTAINER, "a container name", "Name of the container; the prefix where not given."
    )
    cpu: Value = fields.choice("256", tuple(MEMORY), "CPU units of a task; 1024 are one core.")
    memory: Value = fields.choice(
        "512",
        _MEBIBYTES,
        "Memory of a task in MiB. What is possible depends on the CPU units.",
        "512 or a multiple of 1024 that Fargate offers",
    )
    architecture: Value = fields.choice(
        "X86_64", ARCHITECTURES, "Processor architecture; the image must be built for it."
    )
    ephemeral_storage: Value = fields.number(
        None, 21, 200, "Ephemeral storage of a task in GiB, where 20 are not enough."
    )
    environment: Mapping[str, Value] = fields.named(
        fields.Scalar(), VARIABLE, VARIABLES, "Environment variables: text, or references to other resources."
    )
    secrets: Mapping[str, secrets.Secret] = fields.named(
        fields.Part((secrets.SecretsManager, secrets.ParameterStore)),
        VARIABLE,
        VARIABLES,
        "Environment variables that ECS fills from Secrets Manager or Parameter Store at start.",
    )
    grants: tuple[Grant, ...] = fields.several(Grant, "What the application may do with other resources.")
    policy_name: Value = fields.text(
        None, r"[\w+=,.@-]{1,128}", "a policy name", "Name of the policy that holds the grants."
    )
    user: Value = fields.text("1000", USER, "a user", "User the container runs as; not root.", 64)
    readonly_root_filesystem: Value = fields.switch(
        True, "Whether the container's file system is read-only, but for scratch."
    )
    tmpfs: Mapping[str, Value] = fields.named(
        fields.Number(1, 249856),
        r"/[\w./-]*",
        "absolute paths",
        "Folders in memory that may be written, each with its size in MiB.",
        {"/tmp": 64},  # noqa: S108 - a path inside the container
    )
    init_process: Value = fields.switch(True, "Whether a small first process passes signals on and reaps children.")
    stop_timeout: Value = fields.number(30, 2, 120, "Seconds to finish after SIGTERM, before SIGKILL.")
    container_health_check: Value = fields.part(
        None, ContainerHealthCheck, "How ECS asks the container itself whether it is well."
    )
    restart_policy: Value = fields.part(None, RestartPolicy, "Restart a container that exits inside its task.")
    sidecars: tuple[Sidecar, ...] = fields.several(Sidecar, "Other containers of the task.", most=9)
    execute_command: Value = fields.switch(
        False, "Whether people with the permission may open a shell in a container (ECS Exec)."
    )
    log_retention_days: Value = fields.choice("30", RETENTION, "Days to keep logs.")

    def contradictions(self) -> Iterator[Problem]:
        """What Fargate refuses, and what would be insecure."""
        yield from _size(self.cpu, self.memory)
        yield from not_root(self.user)
        yield from secrets.in_the_open(self.environment)
        for name in sorted({*self.environment} & {*self.secrets}):
            yield Problem(f"secrets.{name}", "the same variable stands in environment", "Leave it in one of them")
        if fields.is_literal(self.execute_command) and self.execute_command and self.readonly_root_filesystem is True:
            why = "a shell needs a file system that can be written"
            yield Problem(
                "readonly_root_filesystem", why, "Say readonly_root_filesystem=False, or leave execute_command out"
            )
        names = [sidecar.name for sidecar in self.sidecars]
        if len(set(names)) < len(names):
            yield Problem("sidecars", "two have the same name", "Give each a name of its own")

    # Resources

    def log_group(self, ground: Ground) -> LogGroup:
        """``/ecs/<prefix>``."""
        name = ground.name("/ecs/{}")
        return LogGroup(ground.id("LogGroup"), LogGroupName=name, RetentionInDays=_number(self.log_retention_days))

    def roles(self, ground: Ground, *more: Grant) -> list[AWSObject]:
        """The two roles and what each may do; ``more`` is what the kind of service needs besides."""
        return [
            execution_role(ground),
            execution_policy(ground, self._repositories(), self._execution_grants()),
            task_role(ground),
            *task_policy(ground, self.policy_name, (*self.grants, *more)),
            *resources(self.execute_command or None, lambda _: [shell_policy(ground)]),
        ]

    def after(self, *more: Grant) -> tuple[str, ...]:
        """Kinds of the policies that must be there before a task starts: without them it fails."""
        return ("ExecutionPolicy", "TaskPolicy") if self.grants or more else ("ExecutionPolicy",)

    def task_definition(self, ground: Ground, ports: Iterable[ecs.PortMapping] = (), **told: Value) -> Any:
        """The task definition. Any change makes a new revision, which is how ECS ships. ``told`` are variables that
        follow from the kind of service.
        """
        optional = {
            "EphemeralStorage": None
            if self.ephemeral_storage is None
            else ecs.EphemeralStorage(SizeInGiB=self.ephemeral_storage),
            "RuntimePlatform": _platform(self.architecture),
        }
        return ecs.TaskDefinition(
            ground.id("TaskDefinition"),
            Family=ground.name("{}-task"),
            RequiresCompatibilities=["FARGATE"],
            NetworkMode="awsvpc",
            Cpu=_text(self.cpu),
            Memory=_text(self.memory),
            ExecutionRoleArn=ground.att("ExecutionRole", "Arn"),
            TaskRoleArn=ground.att("TaskRole", "Arn"),
            ContainerDefinitions=[
                self._container(ground, ports, told),
                *(sidecar.render(ground) for sidecar in self.sidecars),
            ],
            **_known(optional),
        )

    def name_of_container(self, ground: Ground) -> Value:
        """The name of the application's container."""
        return ground.prefix if self.container_name is None else self.container_name

    def _container(
        self, ground: Ground, ports: Iterable[ecs.PortMapping], told: Mapping[str, Value]
    ) -> ecs.ContainerDefinition:
        optional = {
            "Command": [str(word) for word in self.command] or None,
            "EntryPoint": [str(word) for word in self.entry_point] or None,
            "PortMappings": list(ports) or None,
            "Secrets": secrets.in_container(self.secrets) or None,
            "HealthCheck": None if self.container_health_check is None else self.container_health_check.render(),
            "RestartPolicy": None if self.restart_policy is None else self.restart_policy.render(),
        }
        return ecs.ContainerDefinition(
            Name=self.name_of_container(ground),
            Image=self.image,
            Essential=True,
            Environment=variables({**told, **self.environment}),
            User=self.user,
            ReadonlyRootFilesystem=self.readonly_root_filesystem,
            LinuxParameters=self._linux(),
            StopTimeout=self.stop_timeout,
            LogConfiguration=logs(ground),
            **_known(optional),
        )

    def _linux(self) -> ecs.LinuxParameters:
        """Folders in memory, not volumes: Fargate makes those for root only, and no user of ours could write there."""
        folders = [ecs.Tmpfs(ContainerPath=path, Size=size) for path, size in self.tmpfs.items()]
        return ecs.LinuxParameters(InitProcessEnabled=self.init_process, **({"Tmpfs": folders} if folders else {}))

    def _repositories(self) -> tuple[Value, ...]:
        found: list[Value] = []
        for repository in (self.repository, *(sidecar.repository for sidecar in self.sidecars)):
            if repository is not None and repository not in found:
                found.append(repository)
        return tuple(found)

    def _execution_grants(self) -> tuple[Grant, ...]:
        return secrets.grants(self.secrets, *(sidecar.secrets for sidecar in self.sidecars))


def _size(cpu: Value, memory: Value) -> Iterator[Problem]:
    if fields.is_literal(cpu) and fields.is_literal(memory) and int(memory) not in MEMORY[str(cpu)]:
        choices = MEMORY[str(cpu)]
        yield Problem(
            "memory",
            f"Fargate sells no task of {cpu} CPU units with {memory} MiB",
            f"Take {choices[0]} to {choices[-1]} MiB, or other CPU units",
        )


def _platform(architecture: Value) -> Any:
    """Nothing for X86_64, which is what a task without a platform gets."""
    if architecture == "X86_64":
        return None
    return ecs.RuntimePlatform(CpuArchitecture=architecture, OperatingSystemFamily="LINUX")


def _number(value: Value) -> Value:
    return int(value) if isinstance(value, str) and value.isdigit() else value


def _text(value: Value) -> Value:
    return str(value) if isinstance(value, int) else value


def _known(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}
