"""A tree of templates evaluated before anything exists: ids as symbols, through parameters and outputs."""

from __future__ import annotations

from typing import Any

import pytest

from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template.stacks import Evaluated, Evaluator, Place, passed, symbol, symbolic, told
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.values import UNKNOWN, TemplateError

CHILD = {
    "Parameters": {"Vpc": {"Type": "String"}, "Names": {"Type": "CommaDelimitedList", "Default": "a,b"}},
    "Resources": {
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": {"Ref": "Vpc"}, "GroupName": "web"}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Select": [7, {"Ref": "Names"}]}, "DelaySeconds": 3}},
    },
    "Outputs": {
        "Group": {"Value": {"Fn::GetAtt": ["Group", "GroupId"]}},
        "Name": {"Value": {"Fn::GetAtt": ["Group", "GroupName"]}, "Export": {"Name": "web-name"}},
        "Lost": {"Value": {"Fn::Select": [7, {"Ref": "Names"}]}},
        "Part": {"Value": {"Fn::Select": [5, {"Fn::Split": [":", {"Ref": "Queue"}]}]}},
        "OtherPart": {"Value": {"Fn::Select": [4, {"Fn::Split": [":", {"Ref": "Queue"}]}]}},
        "PartOfVpc": {"Value": {"Fn::Select": [5, {"Fn::Split": [":", {"Ref": "Vpc"}]}]}},
    },
}  # fmt: skip


def evaluated(parameters: Any, **more: Any) -> Evaluated:
    """A network, and a nested stack that takes from it."""
    root = {
        "Resources": {
            "Vpc": {"Type": "AWS::EC2::VPC"},
            "Child": {"Type": STACK_TYPE, "Properties": {"TemplateURL": "./c.yaml", "Parameters": parameters}, **more},
        },
        "Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
        "Outputs": {"Group": {"Value": {"Fn::GetAtt": ["Child", "Outputs.Group"]}}},
    }
    return Evaluator(Place("oaktree", "eu-west-1")).evaluate(
        Tree("root.yaml", root, {"Child": Tree("c.yaml", CHILD)}), {}, {}
    )


def test_ids_are_symbols_that_keep_their_meaning_through_parameters_and_outputs() -> None:
    whole = evaluated({"Vpc": {"Ref": "Vpc"}})
    assert [stack.path for stack in whole.walk()] == [(), ("Child",)]
    assert whole.children["Child"].properties("Group")["VpcId"] == symbol("Vpc")
    assert told(whole.scope)["Group"] == symbol("Child", "Group", "GroupId")


def test_what_a_template_states_is_known() -> None:
    assert told(evaluated({"Vpc": "vpc-1"}).children["Child"].scope)["Name"] == "web"
    assert evaluated({"Vpc": "vpc-1"}).exports() == {"web-name": "web"}


def test_only_the_part_that_cannot_be_computed_is_unknown() -> None:
    child = evaluated({"Vpc": "vpc-1"}).children["Child"]
    assert child.properties("Queue") == {"QueueName": UNKNOWN, "DelaySeconds": "3"}
    assert told(child.scope)["Lost"] is UNKNOWN


def test_a_part_of_a_symbol_is_a_symbol_of_its_own_the_same_wherever_it_is_the_same_part() -> None:
    outputs, again = (told(evaluated({"Vpc": {"Ref": "Vpc"}}).children["Child"].scope) for _ in range(2))
    assert symbolic(outputs["Part"])
    assert outputs["Part"] == again["Part"]
    assert len({outputs[name] for name in ("Part", "OtherPart", "PartOfVpc")}) == 3
    assert outputs["Part"].count("⟨") == outputs["Part"].count("⟩") == 1


def test_a_part_of_what_is_not_known_or_does_not_exist_is_unknown() -> None:
    unknown = {"Vpc": {"Fn::Select": [7, {"Fn::GetAZs": ""}]}}
    assert told(evaluated(unknown).children["Child"].scope)["PartOfVpc"] is UNKNOWN
    assert told(evaluated({"Vpc": "vpc-1"}).children["Child"].scope)["PartOfVpc"] is UNKNOWN


def test_a_nested_stack_that_does_not_exist_is_not_looked_into() -> None:
    whole = evaluated({"Vpc": "vpc-1"}, Condition="Never")
    assert whole.children == {}
    assert whole.existing() == {"Vpc": symbol("Vpc")}


def test_lists_are_passed_on_as_texts_and_doubt_as_doubt() -> None:
    tree = Tree("c.yaml", CHILD)
    assert passed(tree, {"Parameters": {"Vpc": symbol("Vpc"), "Names": ["a", symbol("B")]}}) == {
        "Vpc": "⟨Vpc⟩",
        "Names": "a,⟨B⟩",
    }
    assert passed(tree, {"Parameters": {"Vpc": UNKNOWN, "Names": ["a", UNKNOWN]}}) == {"Vpc": UNKNOWN, "Names": UNKNOWN}
    assert passed(tree, {"Parameters": UNKNOWN}) == {"Vpc": UNKNOWN, "Names": UNKNOWN}


@pytest.mark.parametrize(
    "parameters", ["", [], "x", {"Vpc": {"a": "b"}}, {"Vpc": [["a"]]}, {"Vpc": "a", "Other": "b"}, {}]
)
def test_what_no_nested_stack_takes_is_refused(parameters: Any) -> None:
    with pytest.raises(TemplateError):
        passed(Tree("c.yaml", CHILD), {"Parameters": parameters})


def test_a_symbol_is_told_from_a_text() -> None:
    assert symbolic(f"x-{symbol('A')}")
    assert not symbolic("x")
    assert not symbolic(UNKNOWN)
