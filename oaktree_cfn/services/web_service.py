"""A web service: tasks that answer HTTP requests behind the shared load balancer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from troposphere import AWSObject, Sub, ecs

from oaktree_cfn.services import fields
from oaktree_cfn.services.container import mapping
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.health_check import HealthCheck
from oaktree_cfn.services.hook import hook_role
from oaktree_cfn.services.network import behind_balancer, from_peers
from oaktree_cfn.services.service import Service
from oaktree_cfn.services.traffic import Route, Targets, listener_rule, target_group, to, traffic_role
from oaktree_cfn.services.when import resources


@dataclass(frozen=True, kw_only=True)
class WebService(Service):
    """One container answering on ``port``, which it finds in the variable ``PORT``.

    Without a ``route`` it is the service behind the load balancer's default target group. With one it brings a target
    group and a listener rule of its own, so that several services share one load balancer.
    """

    told: ClassVar[tuple[str, ...]] = ("PORT",)

    port: Value = fields.number(5000, 1, 65535, "TCP port the application listens on inside its container.")
    health_check_grace_period: Value = fields.number(
        60, 1, 86400, "Seconds a new task has before failed health checks count."
    )
    route: Route | None = fields.part(None, Route, "Which of the load balancer's requests are for it.")
    health_check: HealthCheck = fields.part(HealthCheck(), HealthCheck, "When the load balancer calls a task healthy.")
    targets: Targets = fields.part(Targets(), Targets, "How the load balancer treats its tasks.")

    def contradictions(self) -> Iterator[Problem]:
        """What needs a route, what a first check must be able to reach, what cannot be measured."""
        yield from super().contradictions()
        if self.route is None:
            yield from self._unrouted()
        grace, check = fields.number_of(self.health_check_grace_period), self.container_health_check
        start = None if check is None else fields.number_of(check.start_period)
        if grace is not None and start is not None and grace < start:
            problem = f"{grace:.0f} seconds are less than the {start:.0f} that the container may need"
            yield Problem("health_check_grace_period", problem, "Make it at least container_health_check.start_period")
        scaling = self.scales()
        if self.shifts() and scaling is not None and scaling.requests is not None:
            problem = "they are measured at one target group, and the rollout moves them to the other"
            yield Problem("scaling.requests", problem, "Scale by cpu or memory, or roll out by Rolling")

    def _unrouted(self) -> Iterator[Problem]:
        for name, default in (("health_check", HealthCheck()), ("targets", Targets())):
            if getattr(self, name) != default:
                why = "the load balancer's default target group has its own"
                yield Problem(name, why, "Give a route, or say it in the load balancer's parameters")
        if self.shifts():
            yield Problem("rollout", "it moves traffic by a listener rule of its own", "Give a route")

    def _ports(self) -> list[Value]:
        return [self.port, *super()._ports()]

    def resources(self, ground: Ground) -> list[AWSObject]:
        """Everything the service is made of, in reading order. Raises InvalidInput for a wrong description, or a ground
        that lacks what it needs.
        """
        return fields.verified(self).compose(ground)

    def compose(self, ground: Ground) -> list[AWSObject]:
        """The same, of what is verified already."""
        return [
            self.log_group(ground),
            *self.roles(ground),
            self.task_definition(ground, [self._mapping()], PORT=self.port),
            *behind_balancer(ground, self.port),
            *self._called(ground),
            *self._entrance(ground),
            self.ecs_service(ground, self._waits(), **self._balanced(ground)),
            *resources(self.scaling, lambda scaling: scaling.render(ground, self._label(ground, scaling))),
        ]

    def _mapping(self) -> ecs.PortMapping:
        return mapping(self.port) if self.service_connect is None else self.service_connect.mapping(self.port)

    def _called(self, ground: Ground) -> list[AWSObject]:
        named = self.service_connect is not None and self.service_connect.name is not None
        return [from_peers(ground, self.port)] if named else []

    def _waits(self) -> tuple[str, ...]:
        """For the rule too: ECS takes a target group only once a listener forwards to it. A rollout that shifts traffic
        names its rules, and waits for them anyway.
        """
        rule = ("ListenerRule",) if self.route is not None and not self.shifts() else ()
        return (*self.after(), *rule)

    def _balanced(self, ground: Ground) -> dict[str, Any]:
        group = ground.ref("TargetGroup")
        if self.route is None:
            group = ground.needed(
                "balancer.target_group", "a service without a route is behind the default target group"
            )
        more = {"AdvancedConfiguration": self._advanced(ground)} if self.shifts() else {}
        behind = ecs.LoadBalancer(
            ContainerName=self.name_of_container(ground), ContainerPort=self.port, TargetGroupArn=group, **more
        )
        return {"HealthCheckGracePeriodSeconds": self.health_check_grace_period, "LoadBalancers": [behind]}

    # Its own entrance

    def _entrance(self, ground: Ground) -> Iterator[AWSObject]:
        if self.route is None:
            return
        listener = ground.needed("balancer.listener", "a route is a rule of the load balancer's listener")
        groups = ["TargetGroup", "AlternateTargetGroup"] if self.shifts() else ["TargetGroup"]
        for kind in groups:
            yield self._group(ground, kind)
        action = to(*(ground.ref(kind) for kind in groups))
        yield listener_rule(ground, "ListenerRule", listener, self.route, action)
        test = self._test_listener(ground)
        if test is not None:
            yield listener_rule(ground, "TestListenerRule", test, self.route, to(ground.ref("AlternateTargetGroup")))
        if self.shifts():
            yield traffic_role(ground, ["ListenerRule"] if test is None else ["ListenerRule", "TestListenerRule"])
            yield from hook_role(ground, self.rollout.hooks)

    def _group(self, ground: Ground, kind: str) -> Any:
        vpc = ground.needed("vpc", "a target group is made in a VPC")
        return target_group(ground.prefix, vpc, self.port, self.health_check, self.targets, ground.id(kind))

    def _advanced(self, ground: Ground) -> ecs.AdvancedConfiguration:
        tests = self._test_listener(ground) is not None
        test = {"TestListenerRule": ground.ref("TestListenerRule")} if tests else {}
        return ecs.AdvancedConfiguration(
            AlternateTargetGroupArn=ground.ref("AlternateTargetGroup"),
            ProductionListenerRule=ground.ref("ListenerRule"),
            RoleArn=ground.att("TrafficRole", "Arn"),
            **test,
        )

    def _test_listener(self, ground: Ground) -> Value:
        """The listener on which the new version is shown first; None where it is not."""
        return ground.balancer.test_listener if self.shifts() and ground.balancer is not None else None

    def _label(self, ground: Ground, scaling: Any) -> Any:
        """``app/<load balancer>/targetgroup/<group>``, by which Application Auto Scaling finds the requests."""
        if scaling.requests is None:
            return None
        why = "requests are measured at the load balancer"
        group = (
            ground.att("TargetGroup", "TargetGroupFullName")
            if self.route is not None
            else ground.needed("balancer.target_group_name", why)
        )
        balancer = ground.needed("balancer.full_name", why)
        return Sub("${LoadBalancer}/${TargetGroup}", LoadBalancer=balancer, TargetGroup=group)
