"""A health check waits for its answer for less time than lies between two checks.

Of target groups and of containers; what is not stated counts with AWS's default.
"""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.template.invariants._system import TARGET_GROUP, Finding, Part, System

WHY = (
    "The load balancer refuses the target group (`Health check interval must be greater than the timeout`), in the middle of "
    "the deployment. [tflint-ruleset-aws #404](https://github.com/terraform-linters/tflint-ruleset-aws/issues/404)"
)
FIX = "Set the timeout below the interval."


def find(system: System) -> Iterator[Finding]:
    """Health checks that overtake each other."""
    for group in system.of_type(TARGET_GROUP):
        http = group.at("Protocol").text in {"HTTP", "HTTPS"}
        timeout = group.at("HealthCheckTimeoutSeconds")
        yield from _too_long(
            timeout.default(5) if http else timeout, group.at("HealthCheckIntervalSeconds").default(30)
        )
    for container in system.containers():
        check = container.at("HealthCheck")
        if not check.absent:
            yield from _too_long(check.at("Timeout").default(5), check.at("Interval").default(30))


def _too_long(timeout: Part, interval: Part) -> Iterator[Finding]:
    if timeout.number is not None and interval.number is not None and timeout.number >= interval.number:
        yield timeout.finding(f"is {timeout.number:g} s, and the next check comes after {interval.number:g} s")
