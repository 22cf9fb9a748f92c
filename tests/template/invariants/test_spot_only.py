"""In production not everything can be taken back."""

from __future__ import annotations

import pytest

from .ground import found

SPOT, FIRM = "{{CapacityProvider: FARGATE_SPOT, Weight: {}}}", "{{CapacityProvider: FARGATE, {}}}"


def service(*strategy: str, production: bool = True) -> list[str]:
    listed = ", ".join(strategy)
    text = f"Service: {{Type: AWS::ECS::Service, Properties: {{CapacityProviderStrategy: [{listed}]}}}}"
    return found("spot-only", text, production=production)


@pytest.mark.parametrize(
    "others", [(), (FIRM.format("Weight: 0"),), (FIRM.format("Base: 0"),), (FIRM.format("Weight: '0'"),)]
)
def test_nothing_but_spot_is_found(others: tuple[str, ...]) -> None:
    assert service(SPOT.format(1), *others) == ["Service.CapacityProviderStrategy is all FARGATE_SPOT"]


@pytest.mark.parametrize("other", ["Base: 1", "Weight: 1", "Weight: !ImportValue Share"])
def test_a_base_or_a_weight_on_fargate_is_enough(other: str) -> None:
    assert service(SPOT.format(3), FIRM.format(other)) == []


def test_a_provider_that_is_not_known_may_be_firm() -> None:
    assert service(SPOT.format(3), "{CapacityProvider: !ImportValue Provider, Weight: 1}") == []


def test_outside_production_spot_will_do() -> None:
    assert service(SPOT.format(1), production=False) == []


@pytest.mark.parametrize("type_", ["AWS::ECS::Cluster", "AWS::ECS::ClusterCapacityProviderAssociations"])
def test_a_clusters_own_strategy_is_judged_too(type_: str) -> None:
    text = f"Home: {{Type: {type_}, Properties: {{DefaultCapacityProviderStrategy: [{SPOT.format(1)}]}}}}"
    assert found("spot-only", text, production=True) == ["Home.DefaultCapacityProviderStrategy is all FARGATE_SPOT"]
