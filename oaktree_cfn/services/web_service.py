"""A web service: tasks that answer HTTP requests behind the shared load balancer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from troposphere import AWSObject, Sub, ecs
from troposphere.ec2 import SecurityGroupEgress, SecurityGroupRule

from oaktree_cfn.services import fields
from oaktree_cfn.services.container import mapping
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Balancer, Ground
from oaktree_cfn.services.health_check import HealthCheck
from oaktree_cfn.services.service import Service, group_of, own_group
from oaktree_cfn.services.service_connect import PORT_NAME
from oaktree_cfn.services.traffic import Route, Targets, listener_rule, target_group, traffic_role
from oaktree_cfn.services.when import resources


@dataclass(frozen=True, kw_only=True)
class WebService(Service):
    """One container answering on ``port``.

    Without a ``route`` it is the service behind the load balancer's default target group. With one it brings a target
    group and a listener rule of its own, so that several services share one load balancer.
    """

    port: Value = fields.number(5000, 1, 65535, "TCP port the application listens on inside its container.")
    health_check_grace_period: Value = fields.number(
        60, 1, 86400, "Seconds a new task has before failed health checks count."
    )
    route: Value = fields.part(None, Route, "Which of the load balancer's requests are for it.")
    health_check: Value = fields.part(HealthCheck(), HealthCheck, "When the load balancer calls a task healthy.")
    targets: Value = fields.part(Targets(), Targets, "How the load balancer treats its tasks.")

    def contradictions(self) -> Iterator[Problem]:
        """What needs a route, and what a first check must be able to reach."""
        yield from super().contradictions()
        if self.route is None:
            why = "the load balancer's default target group has its own"
            for name, default in (("health_check", HealthCheck()), ("targets", Targets())):
                if getattr(self, name) != default:
                    yield Problem(name, why, "Give a route, or say it in the load balancer's parameters")
            if self.shifts():
                yield Problem("rollout", "it moves traffic by a listener rule of its own", "Give a route")
        start = 0 if self.container_health_check is None else self.container_health_check.start_period
        if (
            fields.is_literal(self.health_check_grace_period)
            and fields.is_literal(start)
            and float(self.health_check_grace_period) < float(start)
        ):
            problem = f"{self.health_check_grace_period} seconds are less than the {start} that the container may need"
            yield Problem("health_check_grace_period", problem, "Make it at least container_health_check.start_period")

    def resources(self, ground: Ground) -> list[AWSObject]:
        """Everything the service is made of, in reading order. Raises InvalidInput for a wrong description."""
        fields.verify(self)
        return [
            self.log_group(ground),
            *self.roles(ground),
            self.task_definition(ground, [self._mapping()], PORT=self.port),
            *self._network(ground),
            *self._entrance(ground),
            self.ecs_service(ground, self._waits(), **self._balanced(ground)),
            *resources(self.scaling, lambda scaling: scaling.render(ground, self._label(ground))),
        ]

    def _mapping(self) -> ecs.PortMapping:
        return mapping(self.port, PORT_NAME if self.service_connect is not None else None)

    def _waits(self) -> tuple[str, ...]:
        """For the rule too: ECS takes a target group only once a listener forwards to it. A rollout that shifts traffic
        names its rules, and waits for them anyway.
        """
        rule = ("ListenerRule",) if self.route is not None and not self.shifts() else ()
        return (*self.after(), *rule)

    def _balanced(self, ground: Ground) -> dict[str, Any]:
        group = ground.ref("TargetGroup") if self.route is not None else _balancer(ground).target_group
        more = {"AdvancedConfiguration": self._advanced(ground)} if self.shifts() else {}
        behind = ecs.LoadBalancer(
            ContainerName=self.name_of_container(ground), ContainerPort=self.port, TargetGroupArn=group, **more
        )
        return {"HealthCheckGracePeriodSeconds": self.health_check_grace_period, "LoadBalancers": [behind]}

    # Its own entrance

    def _entrance(self, ground: Ground) -> Iterator[AWSObject]:
        if self.route is None:
            return
        balancer = _balancer(ground)
        yield self._group(ground, "TargetGroup")
        if self.shifts():
            yield self._group(ground, "AlternateTargetGroup")
            yield from traffic_role(ground)
        if _tests(self, ground):
            test = balancer.test_listener
            yield listener_rule(ground, "TestListenerRule", test, self.route, ground.ref("AlternateTargetGroup"))
        yield listener_rule(ground, "ListenerRule", balancer.listener, self.route, ground.ref("TargetGroup"))

    def _group(self, ground: Ground, kind: str) -> Any:
        return target_group(ground.prefix, ground.vpc, self.port, self.health_check, self.targets, ground.id(kind))

    def _network(self, ground: Ground) -> Iterator[AWSObject]:
        """The way from the load balancer to the tasks, and among services that call each other."""
        balancer = _balancer(ground)
        if ground.security_group is None:
            source = balancer.security_group
            yield from own_group(ground, _from_group(self.port, source, "Application port from the load balancer"))
            yield SecurityGroupEgress(
                ground.id("LoadBalancerEgress"),
                GroupId=source,
                Description="To the tasks of one service",
                IpProtocol="tcp",
                FromPort=self.port,
                ToPort=self.port,
                DestinationSecurityGroupId=group_of(ground),
            )
        yield from self.peer_ingress(ground, self.port)

    def _advanced(self, ground: Ground) -> ecs.AdvancedConfiguration:
        test = {"TestListenerRule": ground.ref("TestListenerRule")} if _tests(self, ground) else {}
        return ecs.AdvancedConfiguration(
            AlternateTargetGroupArn=ground.ref("AlternateTargetGroup"),
            ProductionListenerRule=ground.ref("ListenerRule"),
            RoleArn=ground.att("TrafficRole", "Arn"),
            **test,
        )

    def _label(self, ground: Ground) -> Any:
        """``app/<load balancer>/targetgroup/<group>``, by which Application Auto Scaling finds the requests."""
        balancer = _balancer(ground)
        group = (
            ground.att("TargetGroup", "TargetGroupFullName") if self.route is not None else balancer.target_group_name
        )
        return Sub("${LoadBalancer}/${TargetGroup}", LoadBalancer=balancer.full_name, TargetGroup=group)


def _balancer(ground: Ground) -> Balancer:
    if ground.balancer is None:
        raise ValueError("a web service stands behind a load balancer: its ground has none")
    return ground.balancer


def _from_group(port: Value, source: Value, description: str) -> SecurityGroupRule:
    return SecurityGroupRule(
        Description=description, IpProtocol="tcp", FromPort=port, ToPort=port, SourceSecurityGroupId=source
    )


def _tests(service: WebService, ground: Ground) -> bool:
    """Whether the new version is shown on a test listener first."""
    return service.shifts() and _balancer(ground).test_listener is not None
