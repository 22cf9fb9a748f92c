"""Where a shorthand service runs: the exports of an environment, or what its properties say instead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from troposphere import ImportValue, Select, Split, Sub

from oaktree_cfn.macros.fragment import Fault
from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Balancer, Ground, Lacking
from oaktree_cfn.services.platform import PREFIX, Platform, full_name

_ID = fields.NOT_EMPTY


@dataclass(frozen=True, kw_only=True)
class Placement:
    """The properties that every shorthand that runs has besides its description."""

    platform: Value = fields.of(
        PREFIX,
        None,
        "Prefix of the environment it runs in: its VPC, subnets, cluster and listener are imported from there.",
    )
    name: Value = fields.text(
        None,
        r"[a-z][a-z0-9-]{1,39}",
        "2 to 40 lower-case letters, digits and hyphens",
        "What its resources' names begin with; the stack's name and its logical id where not given.",
    )
    cluster: Value = fields.of(_ID, None, "Name of the cluster; the platform's where not given.")
    vpc: Value = fields.of(_ID, None, "Id of the VPC; the platform's where not given.")
    subnets: Value = fields.several(
        _ID, "Ids of the subnets its tasks run in; the platform's where not given.", whole=True
    )
    security_group: Value = fields.of(
        _ID, None, "Id of a security group for its tasks; one of its own where not given."
    )
    public_ip: Value = fields.choice(
        "DISABLED", ("ENABLED", "DISABLED"), "Whether its tasks have public IPs: ENABLED in public subnets."
    )

    def contradictions(self) -> Iterator[Problem]:
        """Without a platform, what it would give must be said."""
        if self.platform is None:
            for name in ("cluster", "subnets"):
                if not getattr(self, name) and fields.is_literal(getattr(self, name)):
                    yield Problem(name, "neither it nor a platform is given", "Give Platform, or this")

    def ground(self, title: str) -> Ground:
        """What the service with this logical id stands on."""
        return Ground(
            prefix=Sub(f"${{AWS::StackName}}-{title.lower()}") if self.name is None else self.name,
            cluster=self._or("cluster", "ClusterName"),
            vpc=self._or("vpc", "VpcId"),
            subnets=self._subnets(),
            security_group=self.security_group,
            peers=None if self.platform is None else self._export("TaskSecurityGroupId"),
            public_ip=self.public_ip,
            stem=title,
        )

    def _subnets(self) -> Value:
        if not fields.is_literal(self.subnets):
            return self.subnets
        return list(self.subnets) if self.subnets else Platform(self.platform).subnets()

    def _or(self, field: str, export: str) -> Value:
        given = getattr(self, field)
        return self._export(export) if given is None and self.platform is not None else given

    def _export(self, output: str) -> ImportValue:
        return Platform(self.platform).export(output)


@dataclass(frozen=True, kw_only=True)
class ServicePlacement(Placement):
    """What a service that others may call has besides."""

    namespace: Value = fields.arn(
        None, "ARN of the Cloud Map namespace of Service Connect; the cluster's default if not."
    )

    def ground(self, title: str) -> Ground:
        """With the namespace."""
        return replace(super().ground(title), namespace=self.namespace)


@dataclass(frozen=True, kw_only=True)
class WebPlacement(ServicePlacement):
    """What a service behind a load balancer has besides."""

    listener: Value = fields.arn(None, "ARN of the listener in front of it; the platform's where not given.")
    test_listener: Value = fields.arn(None, "ARN of a listener on which a new version is shown first.")
    target_group: Value = fields.arn(None, "ARN of a target group of the listener, where it brings none of its own.")
    load_balancer_security_group: Value = fields.of(
        _ID, None, "Id of the load balancer's security group; the platform's where not given."
    )

    def ground(self, title: str) -> Ground:
        """With the load balancer."""
        return replace(super().ground(title), balancer=self._balancer())

    def url(self) -> Value:
        """Where the platform answers; None without one."""
        return None if self.platform is None else self._export("ApplicationUrl")

    def _balancer(self) -> Balancer:
        listener = self._or("listener", "ListenerArn")
        return Balancer(
            listener=listener,
            security_group=self._or("load_balancer_security_group", "LoadBalancerSecurityGroupId"),
            full_name=None if listener is None else full_name(listener),
            target_group=self.target_group,
            target_group_name=None if self.target_group is None else Select(5, Split(":", self.target_group)),
            test_listener=self.test_listener,
        )


_GIVEN_BY = {
    "vpc": "Vpc",
    "balancer.listener": "Listener",
    "balancer.full_name": "Listener",
    "balancer.security_group": "LoadBalancerSecurityGroup",
    "balancer.target_group": "TargetGroup",
    "balancer.target_group_name": "TargetGroup",
}
"""What a ground may lack -> the property that gives it."""


def lacking(error: Lacking, path: str) -> Fault:
    """What a service's place does not give, as a fault of the properties that say where it runs."""
    name = _GIVEN_BY[error.field]
    other = "a Route, or this" if name == "TargetGroup" else "Platform, or this"
    return Fault(f"{path}/{name}", f"{error.why}, and there is none", f"Give {other}")
