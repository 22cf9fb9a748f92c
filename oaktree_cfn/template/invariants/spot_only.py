"""In production a part of every service's capacity is not Spot: a base or a weight on ``FARGATE``."""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.template.invariants._system import CLUSTER, SERVICE, Finding, Part, System

WHY = (
    "AWS takes Spot capacity back with two minutes' warning, and when there is none left no task starts: the service is down "
    'while everything is configured as it should be. (ECS developer guide, "Amazon ECS clusters for Fargate")'
)
FIX = "Give FARGATE a Base of at least 1, or a Weight."

_STRATEGIES = {
    SERVICE: "CapacityProviderStrategy",
    CLUSTER: "DefaultCapacityProviderStrategy",
    "AWS::ECS::ClusterCapacityProviderAssociations": "DefaultCapacityProviderStrategy",
}


def find(system: System) -> Iterator[Finding]:
    """Strategies in production that hold nothing but Spot."""
    for type_, name in _STRATEGIES.items() if system.production else ():
        for resource in system.of_type(type_):
            strategy = resource.at(name)
            if _providers(strategy) == {"FARGATE_SPOT"}:
                yield strategy.finding("is all FARGATE_SPOT")


def _providers(strategy: Part) -> set[str | None]:
    """The providers that get a task; one of which too little is known may be any."""
    items = strategy.items
    used = [each for each in items if any(each.at(key).default(0).number != 0 for key in ("Base", "Weight"))]
    return {each.at("CapacityProvider").text for each in used or items}
