"""A service behind a load balancer gives its tasks time to start: ``HealthCheckGracePeriodSeconds`` above 0."""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.template.invariants._system import SERVICE, Finding, System

WHY = (
    "The default is 0: a task that is still starting fails its first checks, is killed, and the next one fares no better, "
    "for ever. [cfn-lint #3612](https://github.com/aws-cloudformation/cfn-lint/issues/3612), "
    "[copilot-cli #2506](https://github.com/aws/copilot-cli/issues/2506)"
)
FIX = "Set HealthCheckGracePeriodSeconds to what the slowest start takes."


def find(system: System) -> Iterator[Finding]:
    """Services whose tasks have no time to start."""
    for service in system.of_type(SERVICE):
        grace = service.at("HealthCheckGracePeriodSeconds")
        if service.at("LoadBalancers").items and grace.default(0).number == 0:
            yield grace.finding("is 0, and a load balancer checks the tasks from their first second")
