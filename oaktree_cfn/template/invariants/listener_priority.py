"""The rules of a listener each have a priority of their own, in whatever stack they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oaktree_cfn.template.invariants._system import Finding, Part, System

WHY = (
    "The second rule cannot be made (`Priority ... is currently in use`), and the stack it is in rolls back. "
    "[mu #85](https://github.com/stelligent/mu/issues/85), "
    "[copilot-cli #4532](https://github.com/aws/copilot-cli/issues/4532)"
)
FIX = "Give each rule of the listener its own Priority."


def find(system: System) -> Iterator[Finding]:
    """Rules that want the place of another."""
    first: dict[tuple[Any, float], Part] = {}
    for rule in system.of_type("AWS::ElasticLoadBalancingV2::ListenerRule"):
        listener, priority = system.identity(rule.at("ListenerArn")), rule.at("Priority")
        if listener is not None and priority.number is not None:
            earlier = first.setdefault((listener, priority.number), rule)
            if earlier is not rule:
                yield priority.finding(f"is {priority.number:g}, as that of {earlier.place} on the same listener")
