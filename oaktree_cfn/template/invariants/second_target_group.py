"""A deployment that shifts traffic has somewhere to shift it to: a second target group, a listener rule, a role.

Blue/green, canary and linear need ``AdvancedConfiguration`` with ``AlternateTargetGroupArn``, ``ProductionListenerRule`` and
``RoleArn`` at every load balancer of the service.
"""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.template.invariants._system import SERVICE, Finding, Part, System

WHY = (
    "The update of the service fails, when everything before it is already done. "
    '(ECS developer guide, "Required resources for Amazon ECS blue/green deployments")'
)
FIX = (
    "Give AdvancedConfiguration another target group, the listener rule of production traffic, and a role with "
    "AmazonECSInfrastructureRolePolicyForLoadBalancers; or set Strategy to ROLLING."
)

_SHIFTING = {"BLUE_GREEN", "CANARY", "LINEAR"}
_NEEDED = ("AlternateTargetGroupArn", "ProductionListenerRule", "RoleArn")


def find(system: System) -> Iterator[Finding]:
    """Services that would shift traffic and lack what it takes."""
    for service in system.of_type(SERVICE):
        strategy = service.at("DeploymentConfiguration", "Strategy").text
        for balancer in service.at("LoadBalancers").items if strategy in _SHIFTING else ():
            yield from _lacking(system, balancer, str(strategy))


def _lacking(system: System, balancer: Part, strategy: str) -> Iterator[Finding]:
    advanced = balancer.at("AdvancedConfiguration")
    missing = [name for name in _NEEDED if advanced.at(name).absent]
    first, second = balancer.at("TargetGroupArn"), advanced.at("AlternateTargetGroupArn")
    if missing:
        yield advanced.finding(f"lacks {', '.join(missing)}, which {strategy} needs")
    elif system.identity(first) is not None and system.identity(first) == system.identity(second):
        yield second.finding(f"is the service's own target group; {strategy} needs a second one")
