"""Worlds for evaluation: what Ref, GetAtt, ImportValue and GetAZs give in a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.values import UNKNOWN, TemplateError

PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "ap-southeast-1",
    "AWS::StackName": "oaktree",
    "AWS::URLSuffix": "amazonaws.com",
}


@dataclass(frozen=True)
class Town:
    """A world of plain mappings; resources that are not in ``ids`` are not made yet."""

    ids: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    exports: Mapping[str, str] = field(default_factory=dict)

    def physical_id(self, logical_id: str) -> Any:
        return self.ids.get(logical_id, UNKNOWN)

    def attribute(self, logical_id: str, name: str) -> Any:
        return self.attributes.get(f"{logical_id}.{name}", UNKNOWN)

    def export(self, name: str) -> Any:
        if name not in self.exports:
            raise TemplateError(f"No export named {name} found.")
        return self.exports[name]

    def stack_output(self, stack: str, output: str, region: str) -> Any:
        return f"{region}/{stack}/{output}"

    def zones(self, region: str) -> list[str]:
        return [f"{region}{letter}" for letter in "abc"]


def scope(template: Mapping[str, Any] | None = None, town: Town | None = None, **parameters: Any) -> Scope:
    """A template (its ``Resources`` may be left out) in a town, with typed parameter values."""
    declared = {
        name: {"Type": "CommaDelimitedList" if isinstance(v, list) else "String"} for name, v in parameters.items()
    }
    whole = {"Resources": {"Thing": {"Type": "AWS::SNS::Topic"}}, "Parameters": declared, **(template or {})}
    return Scope(whole, parameters, PSEUDO, town or Town())
