"""A template as it would be with some parameter values: its resources, their properties, its outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from oaktree_cfn.blueprints import Blueprint, catalogue
from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.parameters import problem, typed
from tests.blueprints.forms import FILLED_IN

ACCOUNT = "123456789012"
REGION = "ap-southeast-1"
STACK = "SC-123456789012-pp-abcdefghijklm"

WIRED = {
    "ClusterName": "oaktree-dev-cluster",
    "LoadBalancerFullName": "app/oaktree-dev-alb/1",
    "LoadBalancerSecurityGroupId": "sg-1",
    "PublicSubnetIds": "subnet-1,subnet-2",
    "RepositoryArn": "arn:aws:ecr:ap-southeast-1:123456789012:repository/oaktree-dev",
    "RepositoryUrl": "123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/oaktree-dev",
    "TableArn": "arn:aws:dynamodb:ap-southeast-1:123456789012:table/oaktree-dev-users",
    "TableName": "oaktree-dev-users",
    "TargetGroupArn": "arn:target-group",
    "TargetGroupFullName": "targetgroup/oaktree/2",
    "TaskSecurityGroupId": "sg-2",
    "TaskSubnetIds": "subnet-3,subnet-4",
    "VpcId": "vpc-1",
}


EXPORTS = {
    "oaktree-dev-ApplicationUrl": "https://oaktree.example.com",
    "oaktree-dev-ListenerArn": "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/oaktree-dev-alb/1/2",
}
"""Exports that templates take apart."""


class World:
    """Every resource exists: ``<Title>`` is its physical id, ``<Title.Attribute>`` an attribute, ``<name>`` an export."""

    def physical_id(self, logical_id: str) -> str:
        return f"<{logical_id}>"

    def attribute(self, logical_id: str, name: str) -> str:
        return f"<{logical_id}.{name}>"

    def export(self, name: str) -> str:
        return EXPORTS.get(name, f"<{name}>")

    def stack_output(self, stack: str, output: str, region: str) -> str:
        raise AssertionError(f"{stack}.{output}: our templates read no other stack")

    def zones(self, region: str) -> list[str]:
        return [f"{region}{letter}" for letter in "abc"]


class Picture:
    """A template under parameter values; the ones not given have their defaults."""

    def __init__(self, template: Mapping[str, Any], given: Mapping[str, str]) -> None:
        declared = template["Parameters"]
        answers = {"Prefix": "oaktree-dev", "Environment": "dev"} | WIRED | given
        defaults = {name: str(declaration.get("Default", "")) for name, declaration in declared.items()}
        self.template = template
        self.parameters = {name: answers.get(name, default) for name, default in defaults.items()}
        values = {name: typed(declared[name]["Type"], value) for name, value in self.parameters.items()}
        pseudo = {"AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::StackName": STACK}
        pseudo |= {"AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/1"}
        pseudo |= {"AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com"}
        self._scope = Scope(template, values, pseudo, World())

    def resources(self, kind: str = "") -> set[str]:
        """Logical ids of the resources that exist, of one type or all."""
        every = self.template["Resources"].items()
        return {title for title, body in every if self._scope.exists(title) and kind in ("", body["Type"])}

    def properties(self, title: str) -> Any:
        assert title in self.resources(), title
        return self._scope.value(self.template["Resources"][title]["Properties"])

    def output(self, name: str) -> Any:
        return self._scope.value(self.template["Outputs"][name]["Value"])

    def outputs(self) -> set[str]:
        """Names of the outputs that exist."""
        conditions = {name: body.get("Condition") for name, body in self.template["Outputs"].items()}
        return {name for name, condition in conditions.items() if not condition or self._scope.condition(condition)}

    def export(self, name: str) -> Any:
        return self._scope.value(self.template["Outputs"][name].get("Export", {}).get("Name"))

    def broken_rules(self) -> list[str]:
        """What the template's rules say against the parameter values."""
        broken = []
        for rule in self.template.get("Rules", {}).values():
            if self._holds(rule["RuleCondition"]):
                said = rule["Assertions"]
                broken += [each["AssertDescription"] for each in said if not self._holds(each["Assert"])]
        return broken

    def refused(self) -> list[str]:
        """What CloudFormation says against the parameter values."""
        declared = self.template["Parameters"]
        said = (problem(name, declared[name], value) for name, value in self.parameters.items())
        return [complaint for complaint in said if complaint]

    def _holds(self, expression: Any) -> bool:
        return str(self._scope.value(expression)).lower() == "true"


@pytest.fixture(scope="session")
def templates() -> dict[str, Any]:
    return {name: blueprint.compose().to_dict() for name, blueprint in catalogue().items()}


@pytest.fixture(scope="session")
def picture(templates: dict[str, Any]) -> Callable[..., Picture]:
    def draw(template: str | Blueprint, **given: str) -> Picture:
        """Of a template by name, or of a blueprint with other fields than the rendered one has."""
        found = templates[template] if isinstance(template, str) else template.compose().to_dict()
        filled_in = FILLED_IN.get(template, {}) if isinstance(template, str) else {}
        return Picture(found, filled_in | given)

    return draw
