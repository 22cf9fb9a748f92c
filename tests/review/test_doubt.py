"""How sure an unknown value is to change, function by function."""

from __future__ import annotations

from typing import Any

import pytest

from oaktree_cfn.review.doubt import Doubt, has_unknown
from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.values import UNKNOWN

SURE, OPEN = {"Ref": "New"}, {"Ref": "Piece"}
ATTRIBUTE = {"Fn::GetAtt": ["Made", "Arn"]}


class Unheard:
    """A world in which nothing is known yet."""

    def physical_id(self, logical_id: str) -> Any:
        return UNKNOWN

    def attribute(self, logical_id: str, name: str) -> Any:
        return UNKNOWN

    def export(self, name: str) -> Any:
        return UNKNOWN

    def stack_output(self, stack: str, output: str, region: str) -> Any:
        return UNKNOWN

    def zones(self, region: str) -> list[str]:
        return ["a"]


TEMPLATE = {
    "Parameters": {name: {"Type": "String"} for name in ("New", "Piece", "Known")},
    "Mappings": {"M": {"a": {"b": "c"}}},
    "Conditions": {"Doubtful": {"Fn::Equals": [SURE, "x"]}, "Yes": {"Fn::Equals": ["a", "a"]}},
    "Resources": {"Made": {"Type": "AWS::SNS::Topic"}, "Child": {"Type": "AWS::CloudFormation::Stack"}},
}
DOUBT = Doubt(
    Scope(TEMPLATE, {"New": UNKNOWN, "Piece": UNKNOWN, "Known": "k"}, {"AWS::Region": "r"}, Unheard()),
    {"Piece"},
    lambda stack, output: (stack, output) == ("Child", "Doubtful"),
)


@pytest.mark.parametrize(
    ("expression", "doubtful"),
    [
        (SURE, False),
        (OPEN, True),
        ({"Ref": "Made"}, False),
        (ATTRIBUTE, False),
        ({"Fn::GetAtt": "Made.TopicName"}, False),
        ({"Fn::GetAtt": ["Made", "AvailabilityZone"]}, True),
        ({"Fn::GetAtt": ["Child", "Outputs.Sure"]}, False),
        ({"Fn::GetAtt": "Child.Outputs.Doubtful"}, True),
        ({"Fn::Join": ["-", ["a", SURE]]}, False),
        ({"Fn::Join": ["-", ["a", OPEN]]}, True),
        ({"Fn::Join": ["-", [OPEN, SURE]]}, False),
        ({"Fn::Sub": "${AWS::Region} ${!Piece} ${Made.Arn} ${Piece}"}, False),
        ({"Fn::Sub": "${Known} ${Piece}"}, True),
        ({"Fn::Sub": ["${It} ${Known}", {"It": SURE}]}, False),
        ({"Fn::Sub": ["${It} ${Known}", {"It": OPEN}]}, True),
        ({"Fn::Split": [",", SURE]}, False),
        ({"Fn::Select": [0, {"Fn::Split": [",", SURE]}]}, True),
        ({"Fn::Select": [SURE, ["a", "b"]]}, True),
        ({"Fn::FindInMap": ["M", SURE, "b"]}, True),
        ({"Fn::If": ["Doubtful", "a", "b"]}, True),
        ({"Fn::If": ["Yes", SURE, OPEN]}, False),
        ({"Fn::Cidr": [SURE, 2, 8]}, True),
        ({"Fn::ImportValue": "x"}, True),
        ({"Fn::Base64": SURE}, False),
        ([OPEN, "a"], True),
        ([OPEN, SURE], False),
        ({"A": OPEN, "B": SURE}, False),
    ],
)
def test_only_what_shows_the_whole_of_something_new_is_sure(expression: Any, doubtful: bool) -> None:
    assert DOUBT.of(expression) is doubtful


def test_an_unknown_part_is_found_however_deep() -> None:
    assert has_unknown({"a": [{"b": UNKNOWN}]})
    assert not has_unknown({"a": [{"b": "c"}, []]})
