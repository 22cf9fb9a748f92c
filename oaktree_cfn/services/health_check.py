"""When a load balancer calls a container healthy, and the group of containers it asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troposphere import Tags
from troposphere.elasticloadbalancingv2 import Matcher, TargetGroup, TargetGroupAttribute

from oaktree_cfn.services.names import named


@dataclass(frozen=True)
class HealthCheck:
    """Values are text, numbers or intrinsic functions; times are in seconds, the timeout below the interval.

    The defaults forgive a slow or still incomplete page: any answer below 500 is a sign of life, and three failures in a
    row (90 seconds) are needed before a container is replaced.
    """

    path: Any = "/"
    matcher: Any = "200-499"
    interval: Any = 30
    timeout: Any = 20
    healthy: Any = 2
    unhealthy: Any = 3


def target_group(prefix: Any, vpc: Any, port: Any, check: HealthCheck, drain_seconds: Any) -> TargetGroup:
    """The containers behind a load balancer, by IP address.

    It has a ``Name`` tag and no name: a group with a name cannot be replaced, because the new one would need the name
    while the old one still has it. ``drain_seconds`` is how long a leaving container may finish its requests.
    """
    drain = str(drain_seconds) if isinstance(drain_seconds, int) else drain_seconds
    return TargetGroup(
        "TargetGroup",
        VpcId=vpc,
        TargetType="ip",
        Protocol="HTTP",
        Port=port,
        HealthCheckEnabled=True,
        HealthCheckProtocol="HTTP",
        HealthCheckPort="traffic-port",
        HealthCheckPath=check.path,
        HealthCheckIntervalSeconds=check.interval,
        HealthCheckTimeoutSeconds=check.timeout,
        HealthyThresholdCount=check.healthy,
        UnhealthyThresholdCount=check.unhealthy,
        Matcher=Matcher(HttpCode=check.matcher),
        TargetGroupAttributes=[TargetGroupAttribute(Key="deregistration_delay.timeout_seconds", Value=drain)],
        Tags=Tags(Name=named("{}-tasks", prefix)),
    )
