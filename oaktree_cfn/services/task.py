"""A task: the application's container on Fargate, what it may do, and its logs.

Every kind of service is a task and a reason to run it: requests (``web_service``), messages (``worker``), the clock
(``scheduled_task``). It has two roles with exactly what was granted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from troposphere import AWSObject, ecs
from troposphere.logs import LogGroup

from oaktree_cfn.services import fields, secrets
from oaktree_cfn.services.container import NAME, Container
from oaktree_cfn.services.exempt import ENCRYPTED_ANYWAY, exempt
from oaktree_cfn.services.fargate import MEMORY
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.grants import Grant
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.roles import execution_policy, execution_role, shell_policy, task_policy, task_role
from oaktree_cfn.services.sidecar import Sidecar
from oaktree_cfn.services.when import resources

_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
RETENTION = tuple(str(days) for days in _DAYS)
"""Days that CloudWatch Logs may keep a group's events (API reference, PutRetentionPolicy)."""

ARCHITECTURES = ("X86_64", "ARM64")
_MEBIBYTES = tuple(str(mib) for mib in sorted({mib for choices in MEMORY.values() for mib in choices}))


@dataclass(frozen=True, kw_only=True)
class Task(Container):
    """What every kind of service has in common."""

    container_name: Value = fields.text(
        None, NAME, "a container name", "Name of the container; the prefix where not given."
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
    sidecars: tuple[Sidecar, ...] = fields.several(Sidecar, "Other containers of the task.", most=9)
    grants: tuple[Grant, ...] = fields.several(Grant, "What the application may do with other resources.")
    policy_name: Value = fields.text(
        None, r"[A-Za-z0-9_+=,.@-]{1,128}", "a policy name", "Name of the policy that holds the grants."
    )
    execute_command: Value = fields.known(
        fields.conditional(
            fields.switch(False, "Whether people with the permission may open a shell in a container (ECS Exec).")
        )
    )
    log_retention_days: Value = fields.choice("30", RETENTION, "Days to keep logs.")

    def contradictions(self) -> Iterator[Problem]:
        """What Fargate refuses, and what could not work."""
        yield from super().contradictions()
        yield from _size(self.cpu, self.memory)
        yield from self._crowded()
        for index, container in enumerate((self, *self.sidecars)):
            if self.execute_command is True and container.readonly_root_filesystem is True:
                where = "" if container is self else f"sidecars.{index - 1}."
                why = "a shell needs a file system that can be written"
                fix = "Make readonly_root_filesystem false, or leave execute_command out"
                yield Problem(f"{where}readonly_root_filesystem", why, fix)

    def _crowded(self) -> Iterator[Problem]:
        """What the containers share: their names, the ports, the memory."""
        names = [sidecar.name for sidecar in self.sidecars]
        names += [self.container_name] if fields.is_literal(self.container_name) else []
        if len({*names}) < len(names):
            yield Problem("sidecars", "two containers have the same name", "Give each a name of its own")
        ports = [str(port) for port in self._ports() if fields.is_literal(port)]
        if len({*ports}) < len(ports):
            yield Problem("sidecars", "two containers listen on the same port", "They share the task's network")
        folders = [size for container in (self, *self.sidecars) for size in container.tmpfs.values()]
        for field, parts in (("tmpfs", folders), ("sidecars", [sidecar.memory for sidecar in self.sidecars])):
            whole, taken = fields.number_of(self.memory), sum(fields.number_of(size) or 0 for size in parts)
            if whole is not None and taken >= whole:
                problem = f"{taken:.0f} MiB leave nothing of the task's {self.memory} MiB"
                yield Problem(field, problem, "Take less, or more memory")

    def _ports(self) -> list[Value]:
        return [sidecar.port for sidecar in self.sidecars if sidecar.port is not None]

    # Resources

    def log_group(self, ground: Ground) -> LogGroup:
        """``/ecs/<prefix>``."""
        name = ground.name("/ecs/{}")
        days = fields.as_number(self.log_retention_days)
        group = LogGroup(ground.id("LogGroup"), LogGroupName=name, RetentionInDays=days)
        return exempt(group, ENCRYPTED_ANYWAY, "CKV_AWS_158")

    def roles(self, ground: Ground, *more: Grant) -> list[AWSObject]:
        """The two roles and what each may do; ``more`` is what the kind of service needs besides."""
        return [
            execution_role(ground),
            execution_policy(ground, self._repositories(), self._execution_grants()),
            task_role(ground),
            *task_policy(ground, self.policy_name, (*self.grants, *more)),
            *resources(self._shells(), lambda _: [shell_policy(ground)]),
        ]

    def _shells(self) -> Value:
        """True, perhaps under a condition; None where no shell can be opened."""
        return self.execute_command or None

    def after(self, *more: Grant) -> tuple[str, ...]:
        """Kinds of the policies that must be there before a task starts: without them it fails."""
        return ("ExecutionPolicy", "TaskPolicy") if self.grants or more else ("ExecutionPolicy",)

    def task_definition(self, ground: Ground, ports: Iterable[ecs.PortMapping] = (), **told: Value) -> Any:
        """The task definition. Any change makes a new revision, which is how ECS ships. ``told`` are variables that
        follow from the kind of service.
        """
        name, optional = self.name_of_container(ground), {"RuntimePlatform": _platform(self.architecture)}
        if self.ephemeral_storage is not None:
            optional["EphemeralStorage"] = ecs.EphemeralStorage(SizeInGiB=self.ephemeral_storage)
        return ecs.TaskDefinition(
            ground.id("TaskDefinition"),
            Family=ground.name("{}-task"),
            RequiresCompatibilities=["FARGATE"],
            NetworkMode="awsvpc",
            Cpu=self.cpu,
            Memory=self.memory,
            ExecutionRoleArn=ground.att("ExecutionRole", "Arn"),
            TaskRoleArn=ground.att("TaskRole", "Arn"),
            ContainerDefinitions=[
                self.definition(ground, name, ports, told, Essential=True),
                *(sidecar.render(ground) for sidecar in self.sidecars),
            ],
            **optional,
        )

    def name_of_container(self, ground: Ground) -> Value:
        """The name of the application's container."""
        return ground.prefix if self.container_name is None else self.container_name

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


def _platform(architecture: Value) -> ecs.RuntimePlatform:
    return ecs.RuntimePlatform(CpuArchitecture=architecture, OperatingSystemFamily="LINUX")
