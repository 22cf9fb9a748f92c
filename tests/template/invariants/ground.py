"""Small systems to judge: resources in YAML, their nested stacks, and what one rule finds in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

from oaktree_cfn.environment import Environment
from oaktree_cfn.template import read
from oaktree_cfn.template.invariants import rules
from oaktree_cfn.template.judge import judge
from oaktree_cfn.template.tree import Tree

FARGATE = """
Task:
  Type: AWS::ECS::TaskDefinition
  Properties:
    RequiresCompatibilities: [FARGATE]
    NetworkMode: awsvpc
    Cpu: 256
    Memory: 512
    ContainerDefinitions:
      - Name: app
        Image: repository:1.0
        PortMappings:
          - ContainerPort: 5000
            Name: web
"""
"""A task with one container, app, whose port 5000 is named web."""


def environment(**more: Any) -> Environment:
    """An environment that says nothing, but what is given."""
    return Environment("test", "eu-west-1", "123456789012", "oaktree-test", **{"path": Path("test.toml"), **more})


def template(resources: str, more: str = "") -> Mapping[str, Any]:
    """A template from the text of its resources, and of its other sections."""
    return read.parse(f"{dedent(more)}\nResources:\n{indent(dedent(resources), '  ')}")


def found(
    rule: str, resources: str, *, more: str = "", nested: Mapping[str, Tree] | None = None, **world: Any
) -> list[str]:
    """``place message`` of everything that breaks a rule. ``world`` says what the environment says."""
    assert rule in {each.id for each in rules()}
    tree = Tree("root.yaml", template(resources, more), nested or {})
    judgement = judge(tree, environment(**world))
    unjudged = [each.message for each in judgement.findings if each.rule == "evaluation"]
    assert not unjudged
    return [f"{each.place} {each.message}" for each in judgement.findings if each.rule == rule]
