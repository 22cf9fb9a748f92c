"""What runs beside and around the application's container: its own health, restarts, sidecars."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from troposphere import AWS_REGION, Ref, ecs

from oaktree_cfn.services import fields, secrets
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground

VARIABLE = r"[A-Za-z_][A-Za-z0-9_]*"
VARIABLES = "names of environment variables"
CONTAINER = r"[A-Za-z0-9_-]{1,255}"
USER = r"[a-z0-9_][a-z0-9_.-]*(:[a-z0-9_][a-z0-9_.-]*)?"


@dataclass(frozen=True, kw_only=True)
class ContainerHealthCheck:
    """How ECS asks the container itself whether it is well, besides the load balancer asking from outside."""

    command: Value = fields.several(
        fields.Scalar(), "What to run in the container: CMD-SHELL and a line for its shell, or CMD and words.", most=50
    )
    interval: Value = fields.number(30, 5, 300, "Seconds between checks.")
    timeout: Value = fields.number(5, 2, 60, "Seconds a check may take; less than the interval.")
    retries: Value = fields.number(3, 1, 10, "Failed checks in a row that make the container unhealthy.")
    start_period: Value = fields.number(30, 0, 300, "Seconds after the start in which failed checks do not count.")

    def contradictions(self) -> Iterator[Problem]:
        """A check that is still running when the next one is due never fails by its timeout."""
        if not self.command or str(self.command[0]) not in ("CMD", "CMD-SHELL"):
            yield Problem("command", "it does not begin with CMD or CMD-SHELL", "For example CMD-SHELL, wget -q -O- …")
        if at_least(self.timeout, self.interval):
            yield Problem("timeout", f"{self.timeout} is not less than the interval {self.interval}", "Make it less")

    def render(self) -> ecs.HealthCheck:
        """The container's ``HealthCheck``."""
        return ecs.HealthCheck(
            Command=[str(word) for word in self.command],
            Interval=self.interval,
            Timeout=self.timeout,
            Retries=self.retries,
            StartPeriod=self.start_period,
        )


@dataclass(frozen=True, kw_only=True)
class RestartPolicy:
    """Restart a container that exits inside its task, instead of replacing the task."""

    attempt_period: Value = fields.number(300, 60, 1800, "Seconds a container must have run before it is restarted.")
    ignored_exit_codes: Value = fields.several(
        fields.Number(0, 255), "Exit codes that end the container for good.", most=50
    )

    def render(self) -> ecs.RestartPolicy:
        """The container's ``RestartPolicy``."""
        more = {"IgnoredExitCodes": list(self.ignored_exit_codes)} if self.ignored_exit_codes else {}
        return ecs.RestartPolicy(Enabled=True, RestartAttemptPeriod=self.attempt_period, **more)


@dataclass(frozen=True, kw_only=True)
class Sidecar:
    """Another container of the same task: a proxy, an agent. Hardened like the application's own."""

    name: str = fields.text(fields.REQUIRED, CONTAINER, "a container name", "Name of the container.")
    image: Value = fields.text(fields.REQUIRED, r"\S+", "an image", "Image to run.")
    repository: Value = fields.arn(None, "ARN of the ECR repository of the image, where it is one of ECR.")
    essential: bool = fields.switch(False, "Whether the task ends when this container does.")
    port: Value = fields.number(None, 1, 65535, "TCP port it listens on, where it does.")
    command: Value = fields.several(fields.Scalar(), "What to run instead of the image's own command.")
    environment: Mapping[str, Value] = fields.named(fields.Scalar(), VARIABLE, VARIABLES, "Environment variables.")
    secrets: Mapping[str, secrets.Secret] = fields.named(
        fields.Part((secrets.SecretsManager, secrets.ParameterStore)), VARIABLE, VARIABLES, "Secrets to read at start."
    )
    memory: Value = fields.number(None, 6, 249856, "Most memory it may use, in MiB.")
    user: Value = fields.text("1000", USER, "a user", "User it runs as; not root.", 64)
    readonly_root_filesystem: Value = fields.switch(True, "Whether its file system is read-only.")

    def contradictions(self) -> Iterator[Problem]:
        """Root defeats the isolation that a container gives."""
        yield from secrets.in_the_open(self.environment)
        yield from not_root(self.user)

    def render(self, ground: Ground) -> ecs.ContainerDefinition:
        """The container definition."""
        optional = {
            "Command": [str(word) for word in self.command] or None,
            "PortMappings": [mapping(self.port)] if self.port is not None else None,
            "Secrets": secrets.in_container(self.secrets) or None,
            "Memory": self.memory,
        }
        return ecs.ContainerDefinition(
            Name=self.name,
            Image=self.image,
            Essential=self.essential,
            User=self.user,
            ReadonlyRootFilesystem=self.readonly_root_filesystem,
            Environment=variables(self.environment),
            LogConfiguration=logs(ground),
            **{name: value for name, value in optional.items() if value is not None},
        )


def mapping(port: Value, name: str | None = None) -> ecs.PortMapping:
    """A port the container listens on; with ``awsvpc`` the host's is the same. Service Connect needs its name."""
    more = {"Name": name} if name else {}
    return ecs.PortMapping(ContainerPort=port, HostPort=port, Protocol="tcp", **more)


def variables(environment: Mapping[str, Value]) -> list[ecs.Environment]:
    """The container's ``Environment``: numbers and booleans as CloudFormation would write them."""
    return [ecs.Environment(Name=name, Value=_as_text(value)) for name, value in environment.items()]


def _as_text(value: Value) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def logs(ground: Ground) -> ecs.LogConfiguration:
    """To the service's own log group."""
    options = {
        "awslogs-group": ground.ref("LogGroup"),
        "awslogs-region": Ref(AWS_REGION),
        "awslogs-stream-prefix": "ecs",
    }
    return ecs.LogConfiguration(LogDriver="awslogs", Options=options)


def not_root(user: Value) -> Iterator[Problem]:
    """Complains of a literal root user."""
    if fields.is_literal(user) and str(user).partition(":")[0] in ("root", "0"):
        yield Problem("user", "the container would run as root", "Give the number of a user of the image, such as 1000")


def at_least(left: Value, right: Value) -> bool:
    """Whether both numbers are known and the left one is not less."""
    return fields.is_literal(left) and fields.is_literal(right) and float(left) >= float(right)
