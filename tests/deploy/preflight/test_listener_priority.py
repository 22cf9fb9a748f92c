"""``listener-priority``: free at a listener that others use too."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Ground


@pytest.fixture
def shared(ground: Ground) -> str:
    """A listener on which somebody has priority 10."""
    ec2, elbv2 = ground.client("ec2"), ground.client("elbv2")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]][:2]
    balancer = elbv2.create_load_balancer(Name="shared", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    answer: Any = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    listener = elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[answer])
    arn = str(listener["Listeners"][0]["ListenerArn"])
    condition = {"Field": "path-pattern", "Values": ["/theirs/*"]}
    elbv2.create_rule(ListenerArn=arn, Priority=10, Conditions=[condition], Actions=[answer])
    return arn


def rule(listener: str, priority: int) -> str:
    answer = "{Type: fixed-response, FixedResponseConfig: {StatusCode: '200'}}"
    return f"""
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: {listener}
      Priority: {priority}
      Conditions: [{{Field: path-pattern, PathPatternConfig: {{Values: [/ours/*]}}}}]
      Actions: [{answer}]"""


def test_a_priority_that_nobody_has_is_good(ground: Ground, shared: str) -> None:
    assert ground.said("listener-priority", rule(shared, 11)) == []


def test_one_that_somebody_has_is_named_with_the_rule(ground: Ground, shared: str) -> None:
    (found,) = ground.said("listener-priority", rule(shared, 10))
    assert found.startswith("Rule.Priority is 10, which arn:aws:elasticloadbalancing:")
    assert f" has at {shared}" in found


def test_the_stacks_own_rule_is_not_in_its_own_way(ground: Ground, shared: str) -> None:
    stack = ground.deploy("shop", f"Resources:{rule(shared, 11)}")
    assert ground.said("listener-priority", rule(shared, 11), stack=stack) == []
    assert ground.said("listener-priority", rule(shared, 10), stack=stack) != []
    assert ground.said("listener-priority", rule(shared, 11)) != [], "another stack's it is"


def test_a_listener_that_another_stack_exports_is_looked_at(ground: Ground, shared: str) -> None:
    output = f"Outputs: {{Arn: {{Value: '{shared}', Export: {{Name: shared-ListenerArn}}}}}}"
    ground.deploy("platform", f"Resources: {{Topic: {{Type: AWS::SNS::Topic}}}}\n{output}")
    assert ground.said("listener-priority", rule("!ImportValue shared-ListenerArn", 11)) == []
    assert ground.said("listener-priority", rule("!ImportValue shared-ListenerArn", 10)) != []
    assert ground.said("listener-priority", rule("!ImportValue nothing", 10)) == []
