"""An environment that others build on: what its root stack exports, under the environment's prefix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troposphere import ImportValue, Join, Select, Split

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Value
from oaktree_cfn.services.ground import Balancer, Ground
from oaktree_cfn.services.names import named

PREFIX = fields.Text(r"[A-Za-z0-9:-]{1,200}", "the prefix of an environment, such as oaktree-dev")
"""What may be said for a platform."""


@dataclass(frozen=True)
class Platform:
    """The exports of one environment: ``<prefix>-VpcId``, ``<prefix>-ListenerArn`` and so on."""

    prefix: Value

    def export(self, output: str) -> ImportValue:
        """The value of one of its outputs."""
        return ImportValue(named(f"{{}}-{output}", self.prefix))

    def subnets(self) -> Split:
        """The subnets its tasks run in."""
        return Split(",", self.export("TaskSubnetIds"))

    def ground(self, prefix: Value) -> Ground:
        """Where a service with names of its own runs on this platform: in a security group of its own, behind the
        platform's load balancer, with a public IP where the platform's tasks have one.
        """
        listener = self.export("ListenerArn")
        return Ground(
            prefix=prefix,
            cluster=self.export("ClusterName"),
            vpc=self.export("VpcId"),
            subnets=self.subnets(),
            public_ip=self.export("TaskPublicIp"),
            balancer=Balancer(
                listener=listener,
                security_group=self.export("LoadBalancerSecurityGroupId"),
                full_name=full_name(listener),
            ),
        )


def full_name(listener: Value) -> Any:
    """``app/<name>/<id>``, from the listener's ARN, which is ``…:listener/app/<name>/<id>/<its own id>``."""
    parts = Split("/", listener)
    return Join("/", [Select(index, parts) for index in (1, 2, 3)])
