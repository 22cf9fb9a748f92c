"""A secret that any template of a tree calls NoEcho is shown in no face, however it got there and wherever it goes."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.review.forecast import Version, forecast
from oaktree_cfn.review.gates import judge
from oaktree_cfn.review.hidden import hidden
from oaktree_cfn.review.labels import label
from oaktree_cfn.review.review import review
from oaktree_cfn.template.tree import Tree
from tests.terminal.faces import SAID, face

Expression = Any

SECRETS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHJKLMNP23456789_-+&<'\"", min_size=12, max_size=20).map(
    lambda text: f"canary{text}"
)
TEXT = {"Type": "String"}


def ways(secret: str) -> dict[str, tuple[Expression, dict[str, Any], dict[str, Any]]]:
    """How a root template may come to pass a secret on: the expression, its sections, the root's parameter values."""
    middle = len(secret) // 2
    given_ = {"Given": secret}
    declared = {"Parameters": {"Given": TEXT}}
    table = {"Mappings": {"Table": {"row": {"Secret": secret}}}}
    cases = {"Conditions": {"Yes": {"Fn::Equals": ["a", "a"]}}}
    doubt = {"Conditions": {"Yes": {"Fn::Equals": [{"Fn::ImportValue": "unheard-of"}, "a"]}}}
    return {
        "literally": (secret, {}, {}),
        "a parameter": ({"Ref": "Given"}, declared, given_),
        "a default": ({"Ref": "Given"}, {"Parameters": {"Given": {**TEXT, "Default": secret}}}, {}),
        "substituted": ({"Fn::Sub": "${Given}"}, declared, given_),
        "joined": ({"Fn::Join": ["", [secret[:middle], secret[middle:]]]}, {}, {}),
        "looked up": ({"Fn::FindInMap": ["Table", "row", "Secret"]}, table, {}),
        "selected": ({"Fn::Select": [1, ["no", {"Ref": "Given"}]]}, declared, given_),
        "under a condition": ({"Fn::If": ["Yes", secret, "no"]}, cases, {}),
        "in doubt": ({"Fn::If": ["Yes", "no", {"Fn::If": ["Yes", "no", secret]}]}, doubt, {}),
    }


def uses(name: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Where a nested template may put the value of its parameter: a resource's type and properties."""
    variables = [{"Name": "PLAIN", "Value": {"Fn::Sub": f"a${{{name}}}b"}}]
    container = {"Name": "web", "Image": "app", "Memory": 64, "Environment": variables}
    return {
        "a value": ("AWS::SSM::Parameter", {"Type": "String", "Value": {"Ref": name}}),
        "a part": ("AWS::SSM::Parameter", {"Type": "String", "Value": {"Fn::Sub": f"a-${{{name}}}-b"}}),
        "in base64": ("AWS::SSM::Parameter", {"Type": "String", "Value": {"Fn::Base64": {"Fn::Sub": f"a${{{name}}}"}}}),
        "a variable": ("AWS::ECS::TaskDefinition", {"Family": "web", "ContainerDefinitions": [container]}),
        "a tag": ("AWS::SNS::Topic", {"Tags": [{"Key": "owner", "Value": {"Ref": name}}]}),
        "a name": ("AWS::SNS::Topic", {"TopicName": {"Ref": name}}),
    }


def tree(way: tuple[Expression, dict[str, Any], dict[str, Any]], use: str, depth: int) -> Tree:
    """Templates nested ``depth`` deep: each passes the value on under an innocent name, the last one says NoEcho."""
    type_, properties = uses("Word")[use]
    inner: dict[str, Any] = {
        "Parameters": {"Word": {**TEXT, "NoEcho": True}},
        "Resources": {"Thing": {"Type": type_, "Properties": properties}},
        "Outputs": {"Told": {"Value": {"Ref": "Word"}}},
    }
    found = Tree("inner.yaml", inner)
    for level in range(depth):
        last = level == depth - 1
        passed = way[0] if last else {"Ref": "Word"}
        child = {"Type": STACK_TYPE, "Properties": {"TemplateURL": "./c", "Parameters": {"Word": passed}}}
        template = {"Parameters": {} if last else {"Word": TEXT}, "Resources": {"Child": child}}
        output = {"Outputs": {"Told": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Told"]}, "Export": {"Name": "told"}}}}
        found = Tree("t.yaml", {**template, **output, **(way[1] if last else {})}, {"Child": found})
    return found


def shown(old: Version | None, new: Version) -> Mapping[str, str]:
    """The plan from one to the other in every face."""
    secrets = hidden(new) | (hidden(old) if old is not None else frozenset())
    made = label(review(forecast(old, new).change_set, creates=old is None, secrets=secrets))
    return {name: face(name, made, judge(made)) for name in SAID}


@given(st.data(), SECRETS, SECRETS)
def test_a_canary_in_a_nested_no_echo_parameter_is_in_no_face(data: st.DataObject, one: str, other: str) -> None:
    way = data.draw(st.sampled_from(sorted(ways("canary-canary"))))
    use, depth = data.draw(st.sampled_from(sorted(uses("Word")))), data.draw(st.integers(1, 3))
    sides = [Version(tree(ways(secret)[way], use, depth), ways(secret)[way][2]) for secret in (one, other)]
    for name, text in shown(data.draw(st.sampled_from([None, sides[0]])), sides[1]).items():
        plain = html.unescape(text)
        assert one not in text + plain, name
        assert other not in text + plain, name


@pytest.mark.parametrize("way", sorted(ways("")))
def test_every_way_is_found_and_nothing_else(way: str) -> None:
    expression = ways("s3cret-s3cret")[way]
    found = hidden(Version(tree(expression, "a value", 2), expression[2]))
    assert found - {"no"} == {"s3cret-s3cret"}


def test_a_default_of_a_nested_template_counts_where_nobody_gives_another() -> None:
    inner = {"Parameters": {"Word": {**TEXT, "NoEcho": "true", "Default": "d-word"}}, "Resources": {}}
    child = {"Type": STACK_TYPE, "Properties": {"TemplateURL": "./c"}}
    assert hidden(Version(Tree("r", {"Resources": {"Child": child}}, {"Child": Tree("c", inner)}))) == {"d-word"}


def test_lists_count_as_a_whole_and_in_parts() -> None:
    many = {"Parameters": {"Words": {"Type": "CommaDelimitedList", "NoEcho": True}}, "Resources": {}}
    assert hidden(Version(Tree("r", many), {"Words": "first-word, second-word"})) == {
        "first-word, second-word",
        "first-word,second-word",
        "first-word",
        "second-word",
    }


def test_a_value_that_only_aws_knows_hides_nothing() -> None:
    inner = Tree("c", {"Parameters": {"Word": {**TEXT, "NoEcho": True}}, "Resources": {}})
    topic = {"Type": "AWS::SNS::Topic"}
    child = {"Type": STACK_TYPE, "Properties": {"TemplateURL": "./c", "Parameters": {"Word": {"Ref": "Topic"}}}}
    assert hidden(Version(Tree("r", {"Resources": {"Topic": topic, "Child": child}}, {"Child": inner}))) == frozenset()


def test_where_templates_cannot_be_evaluated_every_part_counts() -> None:
    broken = {"Type": "AWS::SNS::Topic", "Condition": "Nowhere"}
    attribute = {"Fn::GetAtt": ["Topic", "TopicName"]}
    joined = {"Fn::Join": ["", ["first-half", {"Ref": "Given"}, attribute, {"Fn::Sub": "last-${Given}-words"}]]}
    child = {"Type": STACK_TYPE, "Properties": {"TemplateURL": "./c", "Parameters": {"Word": joined}}}
    root = {"Parameters": {"Given": TEXT}, "Resources": {"Topic": broken, "Child": child}}
    inner = Tree("c", {"Parameters": {"Word": {**TEXT, "NoEcho": True, "AllowedPattern": "never"}}, "Resources": {}})
    found = hidden(Version(Tree("r", root, {"Child": inner}), {"Given": "second-half"}))
    assert {"first-half", "second-half", "last-", "-words"} <= found
    assert "Topic" not in found


def test_what_no_template_calls_secret_is_shown() -> None:
    before, after = (tree(ways(text)["literally"], "a value", 1) for text in ("what it was", "an ordinary text"))
    for each in (before, after):
        each.children["Child"].template["Parameters"]["Word"].pop("NoEcho")  # type: ignore[attr-defined]
    assert hidden(Version(after)) == frozenset()
    assert all(
        "an ordinary text" in text
        for text in (shown(Version(before), Version(after))[name] for name in ("json", "terminal"))
    )
