"""A web service: one container on Fargate behind a target group, its logs, and how it is rolled out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from troposphere import AWS_REGION, GetAtt, Ref, ecs
from troposphere.logs import LogGroup

from oaktree_cfn.services.names import named


@dataclass(frozen=True)
class WebService:
    """What makes a web service; values are text, numbers or intrinsic functions.

    ``prefix`` names everything (``<prefix>-service``, ``<prefix>-task``, container ``<prefix>``). ``environment`` is a
    plain map of environment variables. ``cpu`` is in units of 1/1024 of a core, ``memory`` in MiB, ``grace`` in seconds.
    """

    prefix: Any
    image: Any
    cluster: Any
    target_group: Any
    subnets: Any
    security_group: Any
    public_ip: Any
    port: Any = 5000
    cpu: Any = "256"
    memory: Any = "512"
    desired: Any = 1
    grace: Any = 60
    log_days: Any = 30
    environment: Mapping[str, Any] = field(default_factory=dict)

    def log_group(self) -> LogGroup:
        """``/ecs/<prefix>``."""
        return LogGroup("LogGroup", LogGroupName=named("/ecs/{}", self.prefix), RetentionInDays=self.log_days)

    def task_definition(self) -> ecs.TaskDefinition:
        """The task: one essential container. Any change makes a new revision, which is how ECS ships."""
        return ecs.TaskDefinition(
            "TaskDefinition",
            Family=named("{}-task", self.prefix),
            RequiresCompatibilities=["FARGATE"],
            NetworkMode="awsvpc",
            Cpu=self.cpu,
            Memory=self.memory,
            ExecutionRoleArn=GetAtt("ExecutionRole", "Arn"),
            TaskRoleArn=GetAtt("TaskRole", "Arn"),
            ContainerDefinitions=[self._container()],
        )

    def service(self, *after: str) -> ecs.Service:
        """The service, made after the resources named in ``after``: a task that starts before its policies fails."""
        return ecs.Service(
            "Service",
            DependsOn=list(after),
            ServiceName=named("{}-service", self.prefix),
            Cluster=self.cluster,
            TaskDefinition=Ref("TaskDefinition"),
            LaunchType="FARGATE",
            DesiredCount=self.desired,
            DeploymentController=ecs.DeploymentController(Type="ECS"),
            DeploymentConfiguration=_rollout(),
            AvailabilityZoneRebalancing="ENABLED",
            HealthCheckGracePeriodSeconds=self.grace,
            LoadBalancers=[self._behind()],
            NetworkConfiguration=self._network(),
            EnableECSManagedTags=True,
            PropagateTags="SERVICE",
        )

    def _container(self) -> ecs.ContainerDefinition:
        variables = [ecs.Environment(Name=name, Value=value) for name, value in self.environment.items()]
        return ecs.ContainerDefinition(
            Name=self.prefix,
            Image=self.image,
            Essential=True,
            PortMappings=[ecs.PortMapping(ContainerPort=self.port, HostPort=self.port, Protocol="tcp")],
            Environment=variables,
            LogConfiguration=_logs(),
        )

    def _behind(self) -> ecs.LoadBalancer:
        return ecs.LoadBalancer(ContainerName=self.prefix, ContainerPort=self.port, TargetGroupArn=self.target_group)

    def _network(self) -> ecs.NetworkConfiguration:
        place = ecs.AwsvpcConfiguration(
            AssignPublicIp=self.public_ip, SecurityGroups=[self.security_group], Subnets=self.subnets
        )
        return ecs.NetworkConfiguration(AwsvpcConfiguration=place)


def _logs() -> ecs.LogConfiguration:
    options = {"awslogs-group": Ref("LogGroup"), "awslogs-region": Ref(AWS_REGION), "awslogs-stream-prefix": "ecs"}
    return ecs.LogConfiguration(LogDriver="awslogs", Options=options)


def _rollout() -> ecs.DeploymentConfiguration:
    """New tasks come first, half may be missing; a rollout that does not get healthy goes back by itself."""
    return ecs.DeploymentConfiguration(
        MaximumPercent=200,
        MinimumHealthyPercent=50,
        DeploymentCircuitBreaker=ecs.DeploymentCircuitBreaker(Enable=True, Rollback=True),
    )
