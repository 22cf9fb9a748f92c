"""Every intrinsic function gives what CloudFormation gives, knows what it cannot know yet, and refuses nonsense in words."""

from __future__ import annotations

import ipaddress
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.template.intrinsics import FUNCTIONS
from oaktree_cfn.template.read import SHORT_TAGS
from oaktree_cfn.template.values import NO_VALUE, UNKNOWN, TemplateError

from .worlds import Town, scope

TOWN = Town(
    ids={"Vpc": "vpc-1"},
    attributes={"Vpc.CidrBlock": "10.0.0.0/16", "Data.Outputs.TableArn": "arn:table"},
    exports={"shared-vpc": "vpc-9"},
)
TEMPLATE = {
    "Resources": {name: {"Type": "AWS::EC2::VPC"} for name in ("Vpc", "Data", "Coming")}
    | {"Absent": {"Type": "AWS::EC2::VPC", "Condition": "Never"}},
    "Mappings": {"Sizes": {"dev": {"Cpu": 256, "Zones": ["a", "b"]}, "prod": {"Cpu": 1024}}},
    "Conditions": {
        "Always": {"Fn::Equals": ["a", "a"]},
        "Never": {"Fn::Equals": ["a", "b"]},
        "Later": {"Fn::Equals": [{"Ref": "FromSibling"}, "b"]},
    },
}
COMING = {"Ref": "Coming"}


def value(expression: Any) -> Any:
    return scope(TEMPLATE, TOWN, Name="oaktree", Zones=["a", "b"], FromSibling=UNKNOWN).value(expression)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ({"Ref": "Name"}, "oaktree"),
        ({"Ref": "Zones"}, ["a", "b"]),
        ({"Ref": "Vpc"}, "vpc-1"),
        ({"Ref": "Coming"}, UNKNOWN),
        ({"Ref": "AWS::Region"}, "ap-southeast-1"),
        ({"Ref": "AWS::NoValue"}, NO_VALUE),
        ({"Fn::GetAtt": ["Vpc", "CidrBlock"]}, "10.0.0.0/16"),
        ({"Fn::GetAtt": "Vpc.CidrBlock"}, "10.0.0.0/16"),
        ({"Fn::GetAtt": ["Data", "Outputs.TableArn"]}, "arn:table"),
        ({"Fn::GetAtt": ["Data", "Outputs", "TableArn"]}, "arn:table"),
        ({"Fn::GetAtt": ["Coming", "Arn"]}, UNKNOWN),
        ({"Fn::GetAtt": ["Vpc", COMING]}, UNKNOWN),
        ({"Fn::Sub": "${Name}-${AWS::Region}"}, "oaktree-ap-southeast-1"),
        ({"Fn::Sub": "${Vpc.CidrBlock} in ${ Vpc }"}, "10.0.0.0/16 in vpc-1"),
        ({"Fn::Sub": "${!Literal} $ {x} $5"}, "${Literal} $ {x} $5"),
        ({"Fn::Sub": ["${A}${Name}", {"A": {"Ref": "Vpc"}, "Name": "own"}]}, "vpc-1own"),
        ({"Fn::Sub": "${Name}/${Coming}"}, UNKNOWN),
        ({"Fn::Sub": ["port ${P}", {"P": 80}]}, "port 80"),
        ({"Fn::ImportValue": "shared-vpc"}, "vpc-9"),
        ({"Fn::ImportValue": COMING}, UNKNOWN),
        ({"Fn::GetStackOutput": {"StackName": "net", "OutputName": "Vpc"}}, "ap-southeast-1/net/Vpc"),
        ({"Fn::GetStackOutput": {"StackName": COMING, "OutputName": "Vpc"}}, UNKNOWN),
        ({"Fn::Join": ["-", ["a", 1, {"Ref": "Name"}]]}, "a-1-oaktree"),
        ({"Fn::Join": [",", {"Ref": "Zones"}]}, "a,b"),
        ({"Fn::Join": [",", ["a", {"Ref": "AWS::NoValue"}, "b"]]}, "a,b"),
        ({"Fn::Join": ["", [{"Ref": "AWS::NoValue"}]]}, ""),
        ({"Fn::Join": ["-", ["a", COMING]]}, UNKNOWN),
        ({"Fn::Split": ["/", "arn/a/b"]}, ["arn", "a", "b"]),
        ({"Fn::Split": ["/", COMING]}, UNKNOWN),
        ({"Fn::Select": [1, {"Ref": "Zones"}]}, "b"),
        ({"Fn::Select": ["0", {"Fn::GetAZs": ""}]}, "ap-southeast-1a"),
        ({"Fn::Select": [0, {"Fn::Split": ["|", COMING]}]}, UNKNOWN),
        ({"Fn::Select": [1, [COMING, "known"]]}, "known"),
        ({"Fn::Select": [5, {"Fn::Split": [":", "⟨Alb/Targets⟩"]}]}, "⟨Alb/Targets[5]⟩"),
        ({"Fn::GetAZs": "eu-west-1"}, ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ({"Fn::GetAZs": {"Ref": "AWS::Region"}}, ["ap-southeast-1a", "ap-southeast-1b", "ap-southeast-1c"]),
        ({"Fn::Base64": "größe"}, "Z3LDtsOfZQ=="),
        ({"Fn::Base64": COMING}, UNKNOWN),
        ({"Fn::ToJsonString": {"a": ["ü", {"Ref": "Name"}]}}, '{"a":["ü","oaktree"]}'),
        ({"Fn::ToJsonString": {"a": COMING}}, UNKNOWN),
        ({"Fn::Length": {"Ref": "Zones"}}, "2"),
        ({"Fn::Length": [COMING, COMING]}, "2"),
        ({"Fn::FindInMap": ["Sizes", "dev", "Cpu"]}, "256"),
        ({"Fn::FindInMap": ["Sizes", "dev", "Zones"]}, ["a", "b"]),
        ({"Fn::FindInMap": ["Sizes", "test", "Cpu", {"DefaultValue": "512"}]}, "512"),
        ({"Fn::FindInMap": ["Sizes", COMING, "Cpu"]}, UNKNOWN),
        ({"Fn::Cidr": ["10.0.0.0/24", 3, 6]}, ["10.0.0.0/26", "10.0.0.64/26", "10.0.0.128/26"]),
        ({"Fn::Cidr": ["10.0.0.0/16", 1]}, ["10.0.0.0/24"]),
        ({"Fn::Cidr": [COMING, 1]}, UNKNOWN),
        ({"Fn::If": ["Always", 1, 2]}, "1"),
        ({"Fn::If": ["Never", 1, {"Ref": "AWS::NoValue"}]}, NO_VALUE),
        ({"Fn::If": ["Later", 1, 2]}, UNKNOWN),
        ({"Condition": "Always"}, True),
        ({"Condition": "Later"}, UNKNOWN),
        ({"Condition": {"Bool": {"aws:SecureTransport": False}}}, {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}),
        ({"Fn::Equals": [1, "1"]}, True),
        ({"Fn::Equals": [True, "true"]}, True),
        ({"Fn::Equals": [{"Ref": "Zones"}, ["a", "b"]]}, True),
        ({"Fn::Equals": [COMING, "x"]}, UNKNOWN),
        ({"Fn::And": [{"Condition": "Always"}, {"Condition": "Later"}]}, UNKNOWN),
        ({"Fn::And": [{"Condition": "Never"}, {"Condition": "Later"}]}, False),
        ({"Fn::Or": [{"Condition": "Always"}, {"Condition": "Later"}]}, True),
        ({"Fn::Or": [{"Condition": "Never"}, {"Condition": "Later"}]}, UNKNOWN),
        ({"Fn::Not": [{"Condition": "Never"}]}, True),
        ({"Fn::Not": [{"Condition": "Later"}]}, UNKNOWN),
        ({"Fn::Contains": [{"Ref": "Zones"}, "a"]}, True),
        ({"Fn::Contains": [["ab"], "a"]}, False),
        ({"Fn::EachMemberEquals": [["a", "a"], "a"]}, True),
        ({"Fn::EachMemberIn": [{"Ref": "Zones"}, ["a", "b", "c"]]}, True),
        ({"Fn::EachMemberIn": [["d"], {"Ref": "Zones"}]}, False),
        ({"Fn::RefAll": "CommaDelimitedList"}, [["a", "b"]]),
    ],
    ids=str,
)  # fmt: skip
def test_the_value_of_an_expression(expression: Any, expected: Any) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ({"Ref": "Nothing"}, "Template format error: Unresolved resource dependencies [Nothing] in the Resources block of the template"),
        ({"Ref": ["Vpc"]}, "Template error: every Ref object must have a single String value."),
        ({"Ref": "Absent"}, "Template format error: Unresolved resource dependencies [Absent] in the Resources block of the template"),
        ({"Fn::GetAtt": ["Absent", "Arn"]}, "Template format error: Unresolved resource dependencies [Absent] in the Resources block of the template"),
        ({"Fn::GetAtt": ["Vpc"]}, "every Fn::GetAtt object requires two non-empty parameters"),
        ({"Fn::GetAtt": "Vpc"}, "every Fn::GetAtt object requires two non-empty parameters"),
        ({"Fn::Sub": "${Nothing}"}, "Unresolved resource dependencies [Nothing]"),
        ({"Fn::Sub": "${Zones}"}, "variable Zones in Fn::Sub expression does not resolve to a string"),
        ({"Fn::Sub": ["${A}"]}, "Fn::Sub intrinsic functions don't specify expected arguments"),
        ({"Fn::ImportValue": "unheard-of"}, "No export named unheard-of found."),
        ({"Fn::ImportValue": {"Ref": "Zones"}}, "Fn::ImportValue object must have a single String value"),
        ({"Fn::GetStackOutput": {"StackName": "net"}}, "requires StackName and OutputName"),
        ({"Fn::GetStackOutput": {"StackName": "net", "OutputName": ["a"]}}, "requires StackName and OutputName"),
        ({"Fn::Join": ["-"]}, "every Fn::Join object requires two parameters"),
        ({"Fn::Join": ["-", "text"]}, "every Fn::Join object requires two parameters"),
        ({"Fn::Join": ["-", [["nested"]]]}, "every Fn::Join object requires two parameters"),
        ({"Fn::Split": ["", "text"]}, "every Fn::Split object requires two parameters"),
        ({"Fn::Split": [{"Ref": "Zones"}, "text"]}, "every Fn::Split object requires two parameters"),
        ({"Fn::Select": [2, {"Ref": "Zones"}]}, "Template error: Fn::Select cannot select nonexistent value at index 2"),
        ({"Fn::Select": [1, ["⟨export/Ids⟩"]]}, "Template error: Fn::Select cannot select nonexistent value at index 1"),
        ({"Fn::Select": [1, ["⟨Vpc⟩ and more"]]}, "Template error: Fn::Select cannot select nonexistent value at index 1"),
        ({"Fn::Select": [-1, ["⟨Vpc⟩"]]}, "Template error: Fn::Select cannot select nonexistent value at index -1"),
        ({"Fn::Select": [-1, {"Ref": "Zones"}]}, "Template error: Fn::Select cannot select nonexistent value at index -1"),
        ({"Fn::Select": ["²", {"Ref": "Zones"}]}, "Fn::Select requires a list argument with two elements"),
        ({"Fn::Select": ["--1", {"Ref": "Zones"}]}, "Fn::Select requires a list argument with two elements"),
        ({"Fn::Base64": ["a"]}, "every Fn::Base64 object must have a String-typed value"),
        ({"Fn::ToJsonString": {"Ref": "AWS::NoValue"}}, "Fn::ToJsonString object must have an object or a list"),
        ({"Fn::Length": "text"}, "Fn::Length requires a list"),
        ({"Fn::FindInMap": ["Sizes", "test", "Cpu"]}, "Template error: Unable to get mapping for Sizes::test::Cpu"),
        ({"Fn::FindInMap": ["Sizes", "dev"]}, "every Fn::FindInMap object requires three parameters"),
        ({"Fn::FindInMap": ["Sizes", ["dev"], "Cpu"]}, "every Fn::FindInMap object requires three parameters"),
        ({"Fn::FindInMap": ["Sizes", "test", "Cpu", "DefaultValue"]}, "Unable to get mapping for Sizes::test::Cpu"),
        ({"Fn::Cidr": ["10.0.0.0/24", 5, 6]}, "the block is too small"),
        ({"Fn::Cidr": ["10.0.0.0/16", 257, 1]}, "the count must be between 1 and 256"),
        ({"Fn::Cidr": ["10.0.0.0/8", "1000000000", "1"]}, "the count must be between 1 and 256"),
        ({"Fn::Cidr": ["10.0.0.0/24", 0]}, "the count must be between 1 and 256"),
        ({"Fn::Cidr": ["not a block", 1]}, "Fn::Cidr cannot cut"),
        ({"Fn::Cidr": "10.0.0.0/24"}, "Fn::Cidr cannot cut"),
        ({"Fn::If": ["Nowhere", 1, 2]}, "Unresolved condition dependency Nowhere"),
        ({"Fn::If": ["Always", 1]}, "Fn::If requires a list argument with three elements"),
        ({"Fn::If": [["Always"], 1, 2]}, "Fn::If must be a condition function"),
        ({"Fn::Equals": ["a"]}, "Template error: every Fn::Equals object requires a list of 2 string parameters."),
        ({"Fn::And": [{"Condition": "Always"}]}, "every Fn::And object requires a list of at least 2 and at most 10 boolean parameters."),
        ({"Fn::Or": ["true", "false"]}, "every Fn::Or object requires a list of at least 2 and at most 10 boolean parameters."),
        ({"Fn::Not": [{"Condition": "Always"}, {"Condition": "Never"}]}, "every Fn::Not object requires one boolean parameter."),
        ({"Fn::Not": ["true"]}, "every Fn::Not object requires one boolean parameter."),
        ({"Fn::Contains": ["abc", "a"]}, "every Fn::Contains object requires a list and a string"),
        ({"Fn::EachMemberIn": [["a"], "abc"]}, "every Fn::EachMemberIn object requires two lists"),
        ({"Fn::Transform": {"Name": "Macro"}}, "Fn::Transform is not a supported intrinsic function"),
        ({"Fn::ForEach::Zones": []}, "Fn::ForEach::Zones is not a supported intrinsic function"),
        ({"Fn::Unknown": "x"}, "Fn::Unknown is not a supported intrinsic function"),
    ],
    ids=str,
)  # fmt: skip
def test_nonsense_is_refused_in_words(expression: Any, why: str) -> None:
    with pytest.raises(TemplateError) as refused:
        value(expression)
    assert why in refused.value.message


def test_every_short_tag_is_a_function_or_refused_by_name() -> None:
    for name in set(SHORT_TAGS.values()) - FUNCTIONS.keys():
        with pytest.raises(TemplateError, match=f"{name} is not a supported intrinsic function"):
            value({name: ["a", "b"]})


words = st.text("abc-", max_size=4)


@given(words.filter(bool), st.lists(words, min_size=1))
def test_split_takes_a_join_apart_again(delimiter: str, items: list[str]) -> None:
    joined = {"Fn::Join": [delimiter, items]}
    again = value({"Fn::Split": [delimiter, joined]})
    assert delimiter.join(again) == value(joined)
    if not any(set(delimiter) & set(item) for item in items):
        assert again == items


@given(st.integers(8, 28), st.integers(1, 256), st.integers(1, 24))
def test_cidr_cuts_blocks_that_lie_apart_inside_the_block(prefix: int, count: int, bits: int) -> None:
    block = ipaddress.ip_network(f"10.0.0.0/{prefix}")
    fits = 32 - bits >= prefix and 2 ** (32 - bits - prefix) >= count
    expression = {"Fn::Cidr": [str(block), count, bits]}
    if not fits:
        with pytest.raises(TemplateError):
            value(expression)
        return
    cut = [ipaddress.ip_network(text) for text in value(expression)]
    assert len(cut) == count
    assert all(each.prefixlen == 32 - bits and each.subnet_of(block) for each in cut)  # type: ignore[arg-type]
    assert sum(each.num_addresses for each in ipaddress.collapse_addresses(cut)) == count * 2**bits


@given(st.recursive(words, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(words, inside, max_size=3)))
def test_a_json_string_reads_back_as_what_it_was(data: Any) -> None:
    if isinstance(data, str):
        data = [data]
    assert json.loads(value({"Fn::ToJsonString": data})) == data
