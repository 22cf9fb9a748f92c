"""A service that ECS keeps running: how many tasks, on which capacity, and how a new version takes over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from troposphere import AWSObject, NoValue, Tags, ecs
from troposphere.ec2 import SecurityGroup, SecurityGroupIngress, SecurityGroupRule

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.rollout import ROLLOUTS, Rolling, shifts_traffic
from oaktree_cfn.services.scaling import Scaling
from oaktree_cfn.services.service_connect import ServiceConnect
from oaktree_cfn.services.task import Task
from oaktree_cfn.services.when import When, either, the_part

MOST_TASKS = 5000
"""Tasks per service (Amazon ECS quotas)."""


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A mix of Fargate and Fargate Spot, which is cheaper and may be taken away with two minutes' notice."""

    base: Value = fields.number(1, 0, 100000, "Tasks that are never on Spot.")
    on_demand_weight: Value = fields.number(1, 0, 1000, "Share of the other tasks on Fargate …")
    spot_weight: Value = fields.number(3, 1, 1000, "… for so many on Fargate Spot.")

    def render(self) -> list[ecs.CapacityProviderStrategyItem]:
        """The service's ``CapacityProviderStrategy``."""
        return [
            ecs.CapacityProviderStrategyItem(CapacityProvider="FARGATE", Base=self.base, Weight=self.on_demand_weight),
            ecs.CapacityProviderStrategyItem(CapacityProvider="FARGATE_SPOT", Weight=self.spot_weight),
        ]


@dataclass(frozen=True, kw_only=True)
class Service(Task):
    """What web services and workers have in common."""

    desired_count: Value = fields.number(
        None, 0, MOST_TASKS, "Tasks to keep running; 1 where neither this nor scaling is given."
    )
    scaling: Value = fields.part(None, Scaling, "Between how many tasks it scales, and by what.")
    spot: Value = fields.part(None, Spot, "Share of the tasks on Fargate Spot.")
    availability_zone_rebalancing: Value = fields.choice(
        "ENABLED", ("ENABLED", "DISABLED"), "Whether ECS moves tasks to even out the availability zones."
    )
    service_connect: Value = fields.part(None, ServiceConnect, "How it takes part in Service Connect.")
    rollout: Value = fields.part(Rolling(), ROLLOUTS, "How a new version takes over.")

    def contradictions(self) -> Iterator[Problem]:
        """One number of tasks cannot be kept by two."""
        yield from super().contradictions()
        if isinstance(self.scaling, Scaling) and self.desired_count is not None:
            fix = "Leave it out: scaling sets the number of tasks, from its minimum on"
            yield Problem("desired_count", "a fixed number of tasks fights the autoscaler", fix)
        rolling = self.rollout if isinstance(self.rollout, Rolling) else Rolling()
        tight = fields.is_literal(rolling.maximum_percent) and int(rolling.maximum_percent) <= 100
        if tight and self.availability_zone_rebalancing == "ENABLED":
            fix = "Say availability_zone_rebalancing='DISABLED'"
            yield Problem("availability_zone_rebalancing", "it needs room for one more task than desired", fix)

    def ecs_service(self, ground: Ground, after: tuple[str, ...], **more: Any) -> ecs.Service:
        """The service, made after the resources of these kinds."""
        return ecs.Service(
            ground.id("Service"),
            DependsOn=[ground.id(kind) for kind in after],
            ServiceName=ground.name("{}-service"),
            Cluster=ground.cluster,
            TaskDefinition=ground.ref("TaskDefinition"),
            **self._capacity(),
            **self._count(),
            DeploymentController=ecs.DeploymentController(Type="ECS"),
            DeploymentConfiguration=self.rollout.render(),
            AvailabilityZoneRebalancing=self.availability_zone_rebalancing,
            NetworkConfiguration=network(ground, *self._groups(ground)),
            EnableECSManagedTags=True,
            PropagateTags="SERVICE",
            **self._optional(ground),
            **more,
        )

    def _capacity(self) -> Mapping[str, Any]:
        """A launch type or a mix of capacity providers: ECS takes one or the other."""
        if self.spot is None:
            return {"LaunchType": "FARGATE"}
        strategy = either(self.spot, Spot.render)
        if isinstance(self.spot, When):
            return {"LaunchType": either(self.spot, lambda _: NoValue, "FARGATE"), "CapacityProviderStrategy": strategy}
        return {"CapacityProviderStrategy": strategy}

    def _count(self) -> Mapping[str, Any]:
        """No number while an autoscaler sets it."""
        fixed = 1 if self.desired_count is None else self.desired_count
        count = either(self.scaling, lambda _: NoValue, fixed)
        return {} if count is NoValue else {"DesiredCount": count}

    def _optional(self, ground: Ground) -> Mapping[str, Any]:
        found: dict[str, Any] = {}
        if self.execute_command is not False:
            found["EnableExecuteCommand"] = either(self.execute_command, lambda said: said, False)
        if self.service_connect is not None:
            found["ServiceConnectConfiguration"] = self.service_connect.render(ground)
        return found

    def _groups(self, ground: Ground) -> tuple[Value, ...]:
        """The security groups besides its own: who takes part in Service Connect is in the peers' group."""
        joins = self.service_connect is not None and ground.peers is not None and ground.security_group is None
        return (ground.peers,) if joins else ()

    def peer_ingress(self, ground: Ground, port: Value) -> list[SecurityGroupIngress]:
        """The way in for services that call this one by name."""
        if self.service_connect is None or self.service_connect.name is None:
            return []
        ingress = SecurityGroupIngress(
            ground.id("PeerIngress"),
            GroupId=group_of(ground),
            Description="From services that call this one by name",
            IpProtocol="tcp",
            FromPort=port,
            ToPort=port,
            SourceSecurityGroupId=group_of(ground) if ground.peers is None else ground.peers,
        )
        return [ingress]

    def shifts(self) -> bool:
        """Whether a rollout moves traffic between two target groups."""
        return shifts_traffic(self.rollout)

    def scales(self) -> Scaling | None:
        """The scaling, whether or not under a condition."""
        found: Scaling | None = the_part(self.scaling)
        return found


def network(ground: Ground, *more: Value) -> ecs.NetworkConfiguration:
    """The service's place: subnets, security groups, public IP or none."""
    return ecs.NetworkConfiguration(
        AwsvpcConfiguration=ecs.AwsvpcConfiguration(
            AssignPublicIp=ground.public_ip, SecurityGroups=[group_of(ground), *more], Subnets=ground.subnets
        )
    )


def group_of(ground: Ground) -> Value:
    """The security group the tasks are in: the ground's, or their own."""
    return ground.att("SecurityGroup", "GroupId") if ground.security_group is None else ground.security_group


def own_group(ground: Ground, *ingress: SecurityGroupRule) -> list[AWSObject]:
    """A security group of the tasks' own, where the ground gives none: in from nowhere else, out to anywhere."""
    if ground.security_group is not None:
        return []
    out = SecurityGroupRule(Description="Out to anywhere", IpProtocol="-1", CidrIp="0.0.0.0/0")
    more = {"SecurityGroupIngress": list(ingress)} if ingress else {}
    group = SecurityGroup(
        ground.id("SecurityGroup"),
        VpcId=ground.vpc,
        GroupDescription="Tasks of one service",
        SecurityGroupEgress=[out],
        Tags=Tags(Name=ground.name("{}-tasks")),
        **more,
    )
    return [group]
