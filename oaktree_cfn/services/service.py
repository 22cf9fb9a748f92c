"""A service: a task that ECS keeps running, so and so many of it, and how a new version takes over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from troposphere import NoValue, ecs

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.network import place
from oaktree_cfn.services.rollout import ROLLOUTS, Rolling, Shift
from oaktree_cfn.services.scaling import MOST_TASKS, Scaling
from oaktree_cfn.services.service_connect import ServiceConnect
from oaktree_cfn.services.spot import Spot, strategy
from oaktree_cfn.services.task import Task
from oaktree_cfn.services.when import either, the_part


@dataclass(frozen=True, kw_only=True)
class Service(Task):
    """What web services and workers have in common."""

    desired_count: Value = fields.number(
        None, 0, MOST_TASKS, "Tasks to keep running; 1 where neither this nor scaling is given."
    )
    scaling: Value = fields.conditional(fields.part(None, Scaling, "Between how many tasks it scales, and by what."))
    spot: Value = fields.conditional(fields.part(None, Spot, "Share of the tasks on Fargate Spot."))
    availability_zone_rebalancing: Value = fields.choice(
        "ENABLED", ("ENABLED", "DISABLED"), "Whether ECS moves tasks to even out the availability zones."
    )
    service_connect: ServiceConnect | None = fields.part(
        None, ServiceConnect, "How it takes part in Service Connect: services call each other by name."
    )
    rollout: Any = fields.part(Rolling(), ROLLOUTS, "How a new version takes over.")

    def contradictions(self) -> Iterator[Problem]:
        """One number of tasks cannot be kept by two, and tasks need room to be exchanged."""
        yield from super().contradictions()
        if isinstance(self.scaling, Scaling) and self.desired_count is not None:
            fix = "Leave it out: scaling sets the number of tasks, from its minimum on"
            yield Problem("desired_count", "a fixed number of tasks fights the autoscaler", fix)
        if isinstance(self.rollout, Rolling):
            yield from self._exchange(self.rollout)

    def _exchange(self, rolling: Rolling) -> Iterator[Problem]:
        scaling = self.scales()
        tasks = self.desired_count if scaling is None else scaling.min_capacity
        yield from rolling.stuck(1 if tasks is None else tasks)
        most = fields.number_of(rolling.maximum_percent)
        if most is not None and most <= 100 and self.availability_zone_rebalancing == "ENABLED":
            problem = "it needs room for one more task than desired, more than 100 maximum_percent"
            yield Problem("availability_zone_rebalancing", problem, "Make availability_zone_rebalancing DISABLED")

    def ecs_service(self, ground: Ground, after: tuple[str, ...], **more: Any) -> ecs.Service:
        """The service, made after the resources of these kinds."""
        return ecs.Service(
            ground.id("Service"),
            DependsOn=[ground.id(kind) for kind in after],
            ServiceName=ground.name("{}-service"),
            Cluster=ground.cluster,
            TaskDefinition=ground.ref("TaskDefinition"),
            CapacityProviderStrategy=strategy(self.spot),
            **self._count(),
            DeploymentController=ecs.DeploymentController(Type="ECS"),
            DeploymentConfiguration=self.rollout.render(ground),
            AvailabilityZoneRebalancing=self.availability_zone_rebalancing,
            NetworkConfiguration=ecs.NetworkConfiguration(
                AwsvpcConfiguration=ecs.AwsvpcConfiguration(**place(ground, *self._groups(ground)))
            ),
            EnableECSManagedTags=True,
            PropagateTags="SERVICE",
            EnableExecuteCommand=either(self._shells(), lambda said: said, False),
            **self._connected(ground),
            **more,
        )

    def _count(self) -> dict[str, Any]:
        """No number while an autoscaler sets it."""
        count = either(self.scaling, lambda _: NoValue, 1 if self.desired_count is None else self.desired_count)
        return {} if count is NoValue else {"DesiredCount": count}

    def _connected(self, ground: Ground) -> dict[str, Any]:
        if self.service_connect is None:
            return {}
        return {"ServiceConnectConfiguration": self.service_connect.render(ground)}

    def _groups(self, ground: Ground) -> tuple[Value, ...]:
        """The security groups besides its own: who takes part in Service Connect is in the peers' group."""
        joins = self.service_connect is not None and ground.peers is not None and ground.security_group is None
        return (ground.peers,) if joins else ()

    def shifts(self) -> bool:
        """Whether a rollout moves traffic between two target groups."""
        return isinstance(self.rollout, Shift)

    def scales(self) -> Scaling | None:
        """The scaling, whether or not under a condition."""
        found: Scaling | None = the_part(self.scaling)
        return found
