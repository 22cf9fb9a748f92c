"""Rules: assertions about parameters, in the author's words."""

from __future__ import annotations

from typing import Any

import pytest

from oaktree_cfn.template import rules
from oaktree_cfn.template.values import TemplateError

IS_PROD = {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}


def template(assertion: Any, condition: Any = None, words: str = "say why") -> dict[str, Any]:
    said = {"AssertDescription": words} if words else {}
    rule = {"Assertions": [{"Assert": assertion, **said}]} | ({"RuleCondition": condition} if condition else {})
    return {
        "Parameters": {"Stage": {"Type": "String"}, "Subnets": {"Type": "List<AWS::EC2::Subnet::Id>"}},
        "Rules": {"OnlyLarge": rule},
    }


@pytest.mark.parametrize(("stage", "complaints"), [("prod", ()), ("dev", ("say why",))])
def test_an_assertion_that_does_not_hold_is_told_in_its_own_words(stage: str, complaints: tuple[str, ...]) -> None:
    assert rules.broken(template(IS_PROD), {"Stage": stage, "Subnets": []}) == complaints


def test_a_rule_counts_only_while_its_condition_holds() -> None:
    never = {"Fn::Equals": ["a", "b"]}
    assert rules.broken(template(never, IS_PROD), {"Stage": "dev", "Subnets": []}) == ()
    assert rules.broken(template(never, IS_PROD), {"Stage": "prod", "Subnets": []}) == ("say why",)


def test_an_assertion_without_words_is_told_by_its_rule() -> None:
    broken = rules.broken(template(IS_PROD, words=""), {"Stage": "dev", "Subnets": []})
    assert broken == ("Rule OnlyLarge is not satisfied",)


@pytest.mark.parametrize(
    ("assertion", "holds"),
    [
        ({"Fn::Contains": [["dev", "prod"], {"Ref": "Stage"}]}, True),
        ({"Fn::Not": [{"Fn::Contains": [{"Ref": "Subnets"}, "subnet-9"]}]}, True),
        ({"Fn::EachMemberIn": [{"Ref": "Subnets"}, ["subnet-1"]]}, False),
        ({"Fn::And": [{"Fn::Equals": ["a", "a"]}, {"Fn::EachMemberEquals": [{"Ref": "Subnets"}, "subnet-1"]}]}, False),
        ({"Fn::Equals": [{"Fn::RefAll": "String"}, ["dev"]]}, True),
    ],
    ids=str,
)
def test_rule_functions(assertion: Any, *, holds: bool) -> None:
    broken = rules.broken(template(assertion), {"Stage": "dev", "Subnets": ["subnet-1", "subnet-2"]})
    assert (broken == ()) is holds


@pytest.mark.parametrize(
    "assertion", [{"Fn::Equals": [{"Ref": "Topic"}, "x"]}, {"Fn::Equals": [{"Fn::ImportValue": "x"}, "y"]}], ids=str
)
def test_rules_know_nothing_but_parameters(assertion: Any) -> None:
    with pytest.raises(TemplateError):
        rules.broken(template(assertion), {"Stage": "dev", "Subnets": []})


def test_a_template_without_rules_breaks_none() -> None:
    assert rules.broken({"Resources": {}}, {}) == ()
