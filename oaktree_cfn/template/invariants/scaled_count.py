"""A service that is scaled does not also state how many tasks it runs.

``DesiredCount`` is left out where a scalable target scales the service; 0 is fine, before there is an image to run.
"""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.template.invariants._system import Finding, System

WHY = (
    "Every update of the service sets the count back: from a hundred tasks to two, at the worst moment. "
    "[containers-roadmap #493](https://github.com/aws/containers-roadmap/issues/493), "
    "[aws-cdk #3919](https://github.com/aws/aws-cdk/issues/3919)"
)
FIX = "Leave DesiredCount out and let MinCapacity of the scalable target say it."


def find(system: System) -> Iterator[Finding]:
    """Scaled services with a count of their own."""
    for target in system.of_type("AWS::ApplicationAutoScaling::ScalableTarget"):
        service = system.scaled(target)
        count = service.at("DesiredCount") if service is not None else None
        if count is not None and count.number:
            yield count.finding(f"is {count.number:g}, and {target.place} scales the service")
