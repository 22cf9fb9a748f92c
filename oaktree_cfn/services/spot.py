"""On which of Fargate's capacities tasks run.

A service always names capacity providers, never a launch type: ECS moves a service between providers in place, but one that
was made with providers can never go back to a launch type, and CloudFormation's "no value" leaves it on those it has
(CloudFormation reference, AWS::ECS::Service, notes of June 2025). The cluster must have the two providers of Fargate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troposphere import ecs

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Value
from oaktree_cfn.services.when import either


@dataclass(frozen=True, kw_only=True)
class Spot:
    """A mix of Fargate and Fargate Spot, which is cheaper and may be taken away with two minutes' notice."""

    base: Value = fields.number(1, 0, 100000, "Tasks that are never on Spot.")
    on_demand_weight: Value = fields.number(1, 0, 1000, "Share of the other tasks on Fargate …")
    spot_weight: Value = fields.number(3, 1, 1000, "… for so many on Fargate Spot.")

    def render(self) -> list[ecs.CapacityProviderStrategyItem]:
        """The service's ``CapacityProviderStrategy``."""
        return [_on("FARGATE", self.on_demand_weight, Base=self.base), _on("FARGATE_SPOT", self.spot_weight)]


def strategy(spot: Value) -> Any:
    """The service's ``CapacityProviderStrategy``: the mix, or Fargate alone."""
    return either(spot, Spot.render, [_on("FARGATE", 1)])


def _on(provider: str, weight: Value, **more: Value) -> ecs.CapacityProviderStrategyItem:
    return ecs.CapacityProviderStrategyItem(CapacityProvider=provider, Weight=weight, **more)
