"""Which values a template takes for its parameters, and what CloudFormation says of the others."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cfnlint.helpers import VALID_PARAMETER_TYPES
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.template import parameters
from oaktree_cfn.template.values import UNKNOWN, TemplateError


def refusal(value: str, type_: str = "String", **constraints: Any) -> str | None:
    return parameters.problem("P", {"Type": type_, **constraints}, value)


# --- types ----------------------------------------------------------------------------------------------------------


def test_cfn_lint_and_we_know_the_same_types() -> None:
    words = {part for type_ in VALID_PARAMETER_TYPES for part in re.split(r"[<>]", type_) if part}
    possible = {*words, *(f"List<{word}>" for word in words), "Boolean", "List", "List<List<Number>>"}
    possible |= {f"AWS::SSM::Parameter::Value<{type_}>" for type_ in possible}
    assert {type_ for type_ in possible if parameters.known_type(type_)} == set(VALID_PARAMETER_TYPES)


@pytest.mark.parametrize(
    ("type_", "raw", "typed"),
    [
        ("String", "a,b", "a,b"),
        ("Number", "80", "80"),
        ("CommaDelimitedList", "a, b,c", ["a", "b", "c"]),
        ("List<Number>", "1,2", ["1", "2"]),
        ("List<AWS::EC2::Subnet::Id>", "subnet-1,subnet-2", ["subnet-1", "subnet-2"]),
        ("AWS::SSM::Parameter::Value<List<String>>", "a,b", ["a", "b"]),
        ("AWS::SSM::Parameter::Value<String>", "a,b", "a,b"),
        ("CommaDelimitedList", UNKNOWN, UNKNOWN),
    ],
)
def test_what_ref_gives(type_: str, raw: Any, typed: Any) -> None:
    assert parameters.typed(type_, raw) == typed


@pytest.mark.parametrize("value", ["0", "-1", "+2", "80", "1.5", ".5", "1e3", "1E-3"])
def test_numbers(value: str) -> None:
    assert refusal(value, "Number") is None


@pytest.mark.parametrize("value", ["", "x", "nan", "inf", "-Infinity", "1_000", "0x10", "\uff11", "1 2", "1,2"])
def test_what_is_no_number(value: str) -> None:
    assert refusal(value, "Number") == "Parameter 'P' must be a number"


def test_every_item_of_a_list_of_numbers_is_one() -> None:
    assert refusal("1, 2.5,-3", "List<Number>") is None
    assert refusal("1,two", "List<Number>") == "Parameter 'P' must be a list of numbers"


@pytest.mark.parametrize(
    ("type_", "good", "bad"),
    [
        ("AWS::EC2::VPC::Id", "vpc-0abc", "vpc"),
        ("List<AWS::EC2::Subnet::Id>", "subnet-1,subnet-2f", "subnet-1,sg-2"),
        ("AWS::EC2::Image::Id", "ami-12", "ubuntu"),
    ],
)
def test_ids_look_like_ids(type_: str, good: str, bad: str) -> None:
    assert refusal(good, type_) is None
    assert (
        refusal(bad, type_) == f"Parameter validation failed: parameter value {bad} for parameter name P does not exist"
    )


def test_the_length_limit_counts_bytes() -> None:
    assert refusal("ü" * 2048) is None
    assert refusal("ü" * 2049) == "Parameter 'P' must not be longer than 4096 bytes"


# --- constraints ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "constraints", "said"),
    [
        ("x", {"AllowedValues": ["a", "b"]}, "Parameter 'P' must be one of AllowedValues"),
        ("2", {"AllowedValues": [1, True]}, "Parameter 'P' must be one of AllowedValues"),
        ("", {"MinLength": 1}, "Parameter 'P' must contain at least 1 characters"),
        ("abcd", {"MaxLength": "3"}, "Parameter 'P' must contain at most 3 characters"),
        ("a1", {"AllowedPattern": "[a-z]+"}, "Parameter 'P' must match pattern [a-z]+"),
        ("0", {"Type": "Number", "MinValue": 1}, "Parameter 'P' must be a number not less than 1"),
        ("2.5", {"Type": "Number", "MaxValue": 2}, "Parameter 'P' must be a number not greater than 2"),
        ("1,9", {"Type": "List<Number>", "MaxValue": 5}, "Parameter 'P' must be a number not greater than 5"),
        ("a,x", {"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "Parameter 'P' must be one of AllowedValues"),
        ("x", {"AllowedValues": ["a"], "ConstraintDescription": "be a"}, "Parameter P failed to satisfy constraint: be a"),
        ("x", {"Type": "Number", "ConstraintDescription": "be a"}, "Parameter 'P' must be a number"),
    ],
)  # fmt: skip
def test_a_broken_constraint_is_told_in_cloudformations_words(value: str, constraints: Any, said: str) -> None:
    assert parameters.problem("P", {"Type": "String", **constraints}, value) == said


def test_allowed_values_may_be_numbers_and_booleans_in_the_template() -> None:
    assert refusal("1", AllowedValues=[1, 2]) is None
    assert refusal("true", AllowedValues=[True, False]) is None


def test_a_pattern_must_match_the_whole_value() -> None:
    assert refusal("abc", AllowedPattern="b") is not None
    assert refusal("b\n", AllowedPattern="b") is not None


@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(-50, 50))
def test_a_range_takes_its_own_bounds_and_nothing_outside(low: int, high: int, number: int) -> None:
    said = refusal(str(number), "Number", MinValue=low, MaxValue=high)
    assert (said is None) == (low <= number <= high)


@given(st.text(max_size=12), st.integers(0, 12), st.integers(0, 12))
def test_a_length_counts_characters(value: str, low: int, high: int) -> None:
    assert (refusal(value, MinLength=low, MaxLength=high) is None) == (low <= len(value) <= high)


@given(st.lists(st.sampled_from("abcd"), min_size=1), st.sets(st.sampled_from("abcd")))
def test_a_list_is_allowed_when_each_item_is(items: list[str], allowed: set[str]) -> None:
    said = refusal(",".join(items), "CommaDelimitedList", AllowedValues=sorted(allowed))
    assert (said is None) == (set(items) <= allowed)


@given(
    st.sampled_from([*VALID_PARAMETER_TYPES, "Boolean"]),
    st.text(max_size=20),
    st.fixed_dictionaries(
        {},
        optional={
            "AllowedValues": st.lists(st.text(max_size=3) | st.integers() | st.booleans()) | st.text(),
            "AllowedPattern": st.text(st.sampled_from("[](){}*+?.^$|\\ab-&~"), max_size=8),
            "MinLength": st.integers() | st.text(max_size=2),
            "MaxLength": st.integers(),
            "MinValue": st.floats(allow_nan=False, allow_infinity=False),
            "MaxValue": st.integers() | st.text(max_size=2),
            "ConstraintDescription": st.text(min_size=1, max_size=5),
            "NoEcho": st.booleans(),
        },
    ),
)
def test_any_declaration_takes_or_refuses_any_value(type_: str, value: str, constraints: dict[str, Any]) -> None:
    declared = {"P": {"Type": type_, **constraints}}
    try:
        values = parameters.effective(declared, {"P": value})
    except TemplateError:
        return
    assert values == {"P": value}
    assert parameters.resolved(declared, values, lambda name: f"value of {name}").keys() == {"P"}


# --- all together ---------------------------------------------------------------------------------------------------

DECLARED = {
    "Stage": {"Type": "String", "AllowedValues": ["dev", "prod"]},
    "Count": {"Type": "Number", "Default": 2, "MinValue": 1},
    "Public": {"Type": "String", "Default": True},
}


def test_defaults_fill_what_is_not_given_as_text() -> None:
    assert parameters.effective(DECLARED, {"Stage": "dev"}) == {"Stage": "dev", "Count": "2", "Public": "true"}


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ({}, "Parameters: [Stage] must have values"),
        ({"Stage": "dev", "Stag": "x", "Cout": "1"}, "Parameters: [Cout, Stag] do not exist in the template"),
        ({"Stage": "test"}, "Parameter 'Stage' must be one of AllowedValues"),
        ({"Stage": "dev", "Count": "0"}, "Parameter 'Count' must be a number not less than 1"),
    ],
)
def test_a_set_of_values_is_refused_in_cloudformations_words(given_: dict[str, str], said: str) -> None:
    with pytest.raises(TemplateError) as refused:
        parameters.effective(DECLARED, given_)
    assert refused.value.message == said


@pytest.mark.parametrize(
    ("declaration", "said"),
    [
        ({"Type": "Boolean"}, "Template format error: Unrecognized parameter type: Boolean (P)"),
        ({"Type": "String", "AllowedValues": "dev"}, "AllowedValues of parameter P must be a list"),
        ({"Type": "String", "MinLength": "one"}, "MinLength of parameter P must be a number"),
        ({"Type": "String", "AllowedPattern": "["}, "AllowedPattern of parameter P is not a pattern"),
        ({"Type": "String", "AllowedPattern": "[[a]"}, "[ in a set of characters is read as a set of sets"),
        ({"Type": "String", "AllowedPattern": "[a-z&&[^b]]"}, "&& in a set of characters is read as a set of sets"),
    ],
)
def test_an_unsound_declaration_is_refused_whatever_the_value(declaration: Any, said: str) -> None:
    with pytest.raises(TemplateError, match=re.escape(said)):
        parameters.effective({"P": declaration}, {"P": "x"})


def test_a_default_must_satisfy_its_own_constraints() -> None:
    with pytest.raises(TemplateError, match="must be one of AllowedValues"):
        parameters.effective({"P": {"Type": "String", "Default": "x", "AllowedValues": ["a"]}}, {})


def test_a_value_that_is_not_known_yet_is_taken_as_it_is() -> None:
    assert parameters.effective(DECLARED, {"Stage": UNKNOWN})["Stage"] is UNKNOWN


def test_ssm_types_are_looked_up_by_name_and_then_typed() -> None:
    declared = {
        "Image": {"Type": "AWS::SSM::Parameter::Value<String>"},
        "Zones": {"Type": "AWS::SSM::Parameter::Value<CommaDelimitedList>"},
        "Name": {"Type": "AWS::SSM::Parameter::Name"},
    }
    store = {"/image": "api:1", "/zones": "a,b"}
    values = {"Image": "/image", "Zones": "/zones", "Name": "/image"}
    assert parameters.resolved(declared, values, store.__getitem__) == {
        "Image": "api:1",
        "Zones": ["a", "b"],
        "Name": "/image",
    }


@pytest.mark.parametrize(
    ("said", "hidden"), [(True, True), ("true", True), ("True", True), (False, False), ("no", False)]
)
def test_no_echo_in_all_its_spellings(*, said: Any, hidden: bool) -> None:
    assert parameters.no_echo({"Type": "String", "NoEcho": said}) is hidden
    assert parameters.no_echo({"Type": "String"}) is False
