"""Rules of one listener have priorities of their own."""

from __future__ import annotations

import pytest

from oaktree_cfn.template.tree import Tree

from .ground import found, template

RULE = "{name}: {{Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {{ListenerArn: {arn}, Priority: {priority}}}}}\n"
LISTENER = "Listener: {Type: AWS::ElasticLoadBalancingV2::Listener}\n"


def rules(*pairs: tuple[str, str]) -> list[str]:
    text = "".join(RULE.format(name=f"Rule{n}", arn=arn, priority=each) for n, (arn, each) in enumerate(pairs, 1))
    return found("listener-priority", LISTENER + text)


@pytest.mark.parametrize("arn", ["!Ref Listener", "!GetAtt Listener.ListenerArn"])
def test_the_second_of_two_is_found_however_the_listener_is_named(arn: str) -> None:
    said = ["Rule2.Priority is 10, as that of Rule1 on the same listener"]
    assert rules(("!Ref Listener", "10"), (arn, "'10'")) == said


def test_other_priorities_and_other_listeners_do_not_meet() -> None:
    assert rules(("!Ref Listener", "10"), ("!Ref Listener", "20"), ("!ImportValue Other", "10")) == []


def test_two_rules_on_one_imported_listener_meet() -> None:
    assert len(rules(("!ImportValue Other", "10"), ("!ImportValue Other", "10"))) == 1


@pytest.mark.parametrize("priority", ["!ImportValue Priority", "[]"])
def test_a_priority_that_is_not_known_is_its_own(priority: str) -> None:
    assert rules(("!Ref Listener", priority), ("!Ref Listener", priority)) == []


def test_rules_meet_across_nested_stacks() -> None:
    child = template(RULE.format(name="Rule", arn="!Ref Arn", priority="!Ref Priority"), """
    Parameters: {Arn: {Type: String}, Priority: {Type: Number}}
    """)  # fmt: skip
    stack = "{name}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: ./s.yaml, Parameters: {{Arn: !Ref Listener, Priority: {n}}}}}}}\n"
    text = LISTENER + stack.format(name="One", n=1) + stack.format(name="Two", n=1) + stack.format(name="Three", n=3)
    nested = {name: Tree("s.yaml", child) for name in ("One", "Two", "Three")}
    said = ["Two/Rule.Priority is 1, as that of One/Rule on the same listener"]
    assert found("listener-priority", text, nested=nested) == said
