"""One evaluator: values, where they came from, and what cannot be known yet."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oaktree_cfn.template.evaluate import Node
from oaktree_cfn.template.intrinsics import FUNCTIONS
from oaktree_cfn.template.values import NO_VALUE, UNKNOWN, Reference, TemplateError

from .worlds import Town, scope


@pytest.mark.parametrize(
    ("scalar", "text"),
    [(80, "80"), (True, "true"), (False, "false"), (0.5, "0.5"), (2.0, "2"), (10**20, "1" + "0" * 20), ("x", "x")],
)
def test_scalars_become_text_as_in_cloudformation(scalar: Any, text: str) -> None:
    assert scope().value({"A": [scalar]}) == {"A": [text]}


def test_what_has_no_value_is_left_out_of_maps_and_lists() -> None:
    nothing = {"Ref": "AWS::NoValue"}
    assert scope().value({"Keep": [1, nothing, 2], "Drop": nothing}) == {"Keep": ["1", "2"]}


def test_a_text_with_an_unknown_part_is_unknown_as_a_whole() -> None:
    template = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    assert scope(template).value({"A": {"Fn::Sub": "x-${Topic}"}, "B": "known"}) == {"A": UNKNOWN, "B": "known"}


@pytest.mark.parametrize("number", [float("inf"), float("nan"), float("-inf")])
def test_numbers_without_a_value_are_refused(number: float) -> None:
    with pytest.raises(TemplateError):
        scope().value(number)


def test_null_is_refused() -> None:
    with pytest.raises(TemplateError, match="'null' values are not allowed in templates"):
        scope().value({"A": None})


def test_a_resource_exists_as_its_condition_says() -> None:
    template = {
        "Resources": {
            "Always": {"Type": "T"},
            "Prod": {"Type": "T", "Condition": "IsProd"},
            "Later": {"Type": "T", "Condition": "IsLater"},
        },
        "Conditions": {
            "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
            "IsLater": {"Fn::Equals": [{"Ref": "FromSibling"}, "yes"]},
        },
    }
    dev = scope(template, Stage="dev", FromSibling=UNKNOWN)
    assert [dev.exists(name) for name in ("Always", "Prod", "Later", "Nowhere")] == [True, False, UNKNOWN, False]


def test_conditions_that_hang_on_each_other_in_a_circle_are_refused() -> None:
    template = {"Conditions": {"A": {"Fn::Not": [{"Condition": "B"}]}, "B": {"Fn::Not": [{"Condition": "A"}]}}}
    with pytest.raises(TemplateError, match="Circular dependency between conditions"):
        scope(template).condition("A")


def test_a_broken_condition_says_the_same_however_often_it_is_asked() -> None:
    asked = scope({"Conditions": {"A": {"Fn::FindInMap": ["M", "a", "b"]}}})
    for _ in range(2):
        with pytest.raises(TemplateError, match="Unable to get mapping for M::a::b"):
            asked.condition("A")


def test_a_condition_must_be_a_truth_value() -> None:
    with pytest.raises(TemplateError, match="Condition A must be a condition function"):
        scope({"Conditions": {"A": "yes"}}).condition("A")


# --- traces ---------------------------------------------------------------------------------------------------------

TEMPLATE = {
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}, "Vpc": {"Type": "AWS::EC2::VPC"}},
    "Mappings": {"Sizes": {"dev": {"Cpu": 256}}},
    "Conditions": {"IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]}},
}
TOWN = Town(ids={"Vpc": "vpc-1"}, attributes={"Vpc.CidrBlock": "10.0.0.0/16"})


def trace(expression: Any) -> Node:
    return scope(TEMPLATE, TOWN, Stage="dev").trace(expression)


@pytest.mark.parametrize(
    ("expression", "references"),
    [
        ("plain", []),
        ({"Ref": "AWS::Region"}, []),
        ({"Ref": "Stage"}, ["parameter Stage"]),
        ({"Ref": "Vpc"}, ["resource Vpc"]),
        ({"Fn::GetAtt": ["Vpc", "CidrBlock"]}, ["attribute Vpc.CidrBlock"]),
        (
            {"Fn::Sub": "${Stage}/${Vpc}/${Topic.TopicName}"},
            ["attribute Topic.TopicName", "parameter Stage", "resource Vpc"],
        ),
        ({"Fn::If": ["IsDev", {"Ref": "Vpc"}, {"Ref": "Topic"}]}, ["resource Vpc"]),
        ({"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Cpu"]}, ["parameter Stage"]),
    ],
    ids=str,
)
def test_a_leaf_knows_what_it_refers_to(expression: Any, references: list[str]) -> None:
    leaf = trace({"Leaf": expression}).children["Leaf"]  # type: ignore[index,call-overload]
    assert sorted(f"{each.kind} {each}" for each in leaf.references) == references


def test_a_condition_decides_and_is_no_reference_of_the_value() -> None:
    leaf = trace({"Fn::If": ["IsDev", "small", "large"]})
    assert (leaf.value, leaf.expression, leaf.references) == ("small", "small", frozenset())


def test_two_expressions_that_are_computed_alike_are_equal() -> None:
    one = trace({"Fn::Join": ["-", ["a", {"Fn::If": ["IsDev", {"Ref": "Vpc"}, "b"]}]]})
    other = trace({"Fn::Join": ["-", ["a", {"Ref": "Vpc"}]]})
    assert one.expression == other.expression


def test_a_look_up_is_another_expression_when_its_map_changes() -> None:
    look_up = {"Fn::FindInMap": ["Sizes", "dev", "Cpu"]}
    other = scope({**TEMPLATE, "Mappings": {"Sizes": {"dev": {"Cpu": 512}}}}, TOWN, Stage="dev")
    assert trace(look_up).expression != other.trace(look_up).expression


def test_a_tree_has_the_paths_of_its_value() -> None:
    node = trace({"Tags": [{"Key": "stage", "Value": {"Ref": "Stage"}}, {"Ref": "AWS::NoValue"}]})
    assert node.value == {"Tags": [{"Key": "stage", "Value": "dev"}]}
    (tag,) = node.children["Tags"].children  # type: ignore[index,call-overload]
    assert tag.children["Value"].references == {Reference("parameter", "Stage")}


# --- properties -----------------------------------------------------------------------------------------------------

NAMES = [
    "Stage",
    "Zones",
    "Later",
    "Vpc",
    "Topic",
    "Nothing",
    "AWS::Region",
    "AWS::NoValue",
    "IsDev",
    "Sizes",
    "dev",
    "Cpu",
    "",
]
scalars = st.sampled_from(
    [*NAMES, "a-b", "${Stage}", "${Vpc.CidrBlock}", "${!x}${}", 0, 1, -1, 300, 0.5, True, None, "10.0.0.0/16", "²"]
)
functions = st.sampled_from([*FUNCTIONS, "Fn::Transform", "Key"])
anything = st.recursive(
    scalars,
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(
            st.sampled_from(["Key", "Value", "DefaultValue", "StackName", "OutputName"]), inside, max_size=2
        )
        | st.builds(lambda name, argument: {name: argument}, functions, inside)
    ),
    max_leaves=14,
)


def evaluated(expression: Any, how: str) -> Any:
    """The value, or the words of its refusal. Whatever else is raised fails the test."""
    everything = scope(TEMPLATE, TOWN, Stage="dev", Zones=["a", "b"], Later=UNKNOWN)
    try:
        return everything.value(expression) if how == "value" else everything.trace(expression).value
    except TemplateError:
        return TemplateError


@settings(max_examples=400)
@given(anything)
def test_every_expression_has_a_value_or_is_refused(expression: Any) -> None:
    value = evaluated(expression, "value")
    assert value in (TemplateError, UNKNOWN, NO_VALUE) or isinstance(value, str | list | dict | bool)


@settings(max_examples=400)
@given(anything)
def test_a_trace_has_the_value_of_its_expression(expression: Any) -> None:
    assert evaluated(expression, "trace") == evaluated(expression, "value")
