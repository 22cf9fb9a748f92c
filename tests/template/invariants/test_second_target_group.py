"""Traffic that is shifted needs somewhere to go."""

from __future__ import annotations

import pytest

from .ground import found

SERVICE = """
Blue: {{Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {{Port: 80}}}}
Green: {{Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {{Port: 80}}}}
Service:
  Type: AWS::ECS::Service
  Properties:
    TaskDefinition: task
    DeploymentConfiguration: {{Strategy: {strategy}}}
    LoadBalancers:
      - ContainerName: app
        ContainerPort: 80
        TargetGroupArn: !Ref Blue
        AdvancedConfiguration: {advanced}
"""
WHOLE = "{AlternateTargetGroupArn: !Ref Green, ProductionListenerRule: !ImportValue Rule, RoleArn: !ImportValue Role}"
AT = "Service.LoadBalancers.0.AdvancedConfiguration"


def service(strategy: str, advanced: str) -> list[str]:
    return found("second-target-group", SERVICE.format(strategy=strategy, advanced=advanced))


@pytest.mark.parametrize("strategy", ["BLUE_GREEN", "CANARY", "LINEAR"])
def test_each_shifting_strategy_needs_all_three(strategy: str) -> None:
    assert service(strategy, WHOLE) == []
    missing = f"lacks AlternateTargetGroupArn, ProductionListenerRule, RoleArn, which {strategy} needs"
    assert service(strategy, "!Ref AWS::NoValue") == [f"{AT} {missing}"]
    assert service(strategy, WHOLE.replace("RoleArn", "TestListenerRule")) == [
        f"{AT} lacks RoleArn, which {strategy} needs"
    ]


def test_the_same_target_group_twice_is_no_second_one() -> None:
    said = f"{AT}.AlternateTargetGroupArn is the service's own target group; CANARY needs a second one"
    assert service("CANARY", WHOLE.replace("Green", "Blue")) == [said]


@pytest.mark.parametrize("strategy", ["ROLLING", "!ImportValue Strategy"])
def test_rolling_needs_none_and_an_unknown_strategy_may_be_rolling(strategy: str) -> None:
    assert service(strategy, "!Ref AWS::NoValue") == []


def test_values_known_after_apply_are_there() -> None:
    assert service("BLUE_GREEN", "!ImportValue Advanced") == []
