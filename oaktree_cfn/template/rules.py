"""The Rules section: assertions about parameter values before anything is made.

Source: CloudFormation user guide, "Rules section". Only parameters are known there, no resources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.values import TemplateError


@dataclass(frozen=True)
class _Nowhere:
    """Rules may not look at resources or other stacks."""

    def _refuse(self, *_: Any) -> Any:
        raise TemplateError("Template error: Rules may only refer to parameters")

    physical_id = attribute = export = stack_output = zones = _refuse


def broken(template: Mapping[str, Any], parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """The descriptions of every assertion that does not hold."""
    scope = Scope(template, parameters, {}, _Nowhere())
    return tuple(
        complaint for name, rule in template.get("Rules", {}).items() for complaint in _complaints(name, rule, scope)
    )


def _complaints(name: str, rule: Mapping[str, Any], scope: Scope) -> Iterator[str]:
    if "RuleCondition" in rule and scope.value(rule["RuleCondition"]) is not True:
        return
    for assertion in rule.get("Assertions", ()):
        if scope.value(assertion["Assert"]) is not True:
            yield str(assertion.get("AssertDescription", f"Rule {name} is not satisfied"))
