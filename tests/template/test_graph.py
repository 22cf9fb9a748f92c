"""What CloudFormation refuses before it looks at any value, and the order in which it makes things."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.template import graph
from oaktree_cfn.template.values import TemplateError

TOPIC = {"Type": "AWS::SNS::Topic"}


def topic(name: Any = None, **attributes: Any) -> dict[str, Any]:
    properties = {} if name is None else {"Properties": {"TopicName": name}}
    return {"Type": "AWS::SNS::Topic", **properties, **attributes}


def resources(**named: Any) -> dict[str, Any]:
    return {"Resources": named}


# --- order ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference",
    [
        {"Ref": "First"},
        {"Fn::GetAtt": ["First", "TopicName"]},
        {"Fn::GetAtt": "First.TopicName"},
        {"Fn::Sub": "x-${First}"},
        {"Fn::Sub": "x-${ First.TopicName }"},
        {"Fn::Sub": ["${X}", {"X": {"Ref": "First"}}]},
        {"Fn::Join": ["", ["a", {"Ref": "First"}]]},
        {"Fn::If": ["Never", {"Ref": "First"}, "other"]},
        [{"Key": "deep", "Value": {"Ref": "First"}}],
    ],
    ids=str,
)
def test_a_resource_comes_after_what_it_refers_to(reference: Any) -> None:
    template = resources(Second=topic(reference), First=TOPIC)
    assert graph.dependencies(template)["Second"] == {"First"}
    assert graph.creation_order(template) == ["First", "Second"]


def test_a_name_that_a_substitution_brings_itself_is_no_reference() -> None:
    assert list(graph.referred({"Fn::Sub": ["${First}-${!First}", {"First": "own"}]})) == []


@pytest.mark.parametrize("needed", ["First", ["First"]])
def test_depends_on_counts(needed: Any) -> None:
    assert graph.creation_order(resources(Second=topic(DependsOn=needed), First=TOPIC)) == ["First", "Second"]


def test_resources_that_do_not_depend_on_each_other_keep_the_templates_order() -> None:
    assert graph.creation_order(resources(C=TOPIC, A=TOPIC, B=topic({"Ref": "C"}))) == ["C", "A", "B"]


@st.composite
def webs(draw: st.DrawFn) -> dict[str, set[str]]:
    """Resources that may refer to any earlier one: never a circle, whatever order they are written in."""
    count = draw(st.integers(1, 8))
    needs = {f"R{n}": {f"R{m}" for m in draw(st.sets(st.integers(0, n - 1)))} if n else set() for n in range(count)}
    return {name: needs[name] for name in draw(st.permutations(list(needs)))}


@given(webs())
def test_everything_comes_once_and_after_all_it_needs(needs: dict[str, set[str]]) -> None:
    template = resources(
        **{name: topic({"Fn::Join": ["", [{"Ref": n} for n in sorted(need)]]}) for name, need in needs.items()}
    )
    order = graph.creation_order(template)
    assert sorted(order) == sorted(needs)
    assert all(order.index(other) < order.index(name) for name, need in needs.items() for other in need)


# --- refusals -------------------------------------------------------------------------------------------------------

EQUAL = {"Fn::Equals": ["a", "b"]}

REFUSED = [
    ({}, "Template format error: At least one Resources member must be defined."),
    ({"Resources": {}}, "Template format error: At least one Resources member must be defined."),
    ({"Resources": None}, "Template format error: At least one Resources member must be defined."),
    (resources(A=TOPIC) | {"Ressources": {}}, "Invalid template property or properties [Ressources]"),
    (resources(A=TOPIC) | {"Parameters": None}, "[/Parameters] 'null' values are not allowed in templates"),
    (resources(A=TOPIC) | {"Outputs": []}, "Template format error: [/Outputs] must be an object."),
    (resources(A="text"), "Template format error: Any Resources member must be an object."),
    (resources(A={"Properties": {}}), "Template format error: [/Resources/A] Every Resources object must contain a Type member."),
    (resources(A=topic(Invalid=1)), "Invalid template resource property 'Invalid'"),
    ({"Resources": {"my-topic": TOPIC}}, "Template format error: Resource name my-topic is non alphanumeric."),
    ({"Resources": {"Töpic": TOPIC}}, "Template format error: Resource name Töpic is non alphanumeric."),
    (resources(A=TOPIC) | {"Parameters": {"AWS::NoValue": {"Type": "String"}}}, "Template format error: Parameter name AWS::NoValue is non alphanumeric."),
    (resources(A=TOPIC) | {"Parameters": {"P": {}}}, "Every Parameters object must contain a Type member."),
    (resources(A=TOPIC) | {"Parameters": {"P": {"Type": "String", "Default": None}}}, "[/Parameters/P/Default] 'null' values are not allowed in templates"),
    (resources(A=TOPIC) | {"Outputs": {"O": {}}}, "Template format error: Every Outputs member must contain a Value object"),
    (resources(A=TOPIC) | {"Outputs": {"O": {"Value": None}}}, "[/Outputs/O/Value] 'null' values are not allowed in templates"),
    (resources(A=TOPIC) | {"Outputs": {"O": {"Value": "x", "Export": "x"}}}, "[/Outputs/O/Export] must be an object with a Name"),
    (resources(A={"Type": "T", "Properties": {"Tags": [None]}}), "[/Resources/A/Properties/Tags/0] 'null' values are not allowed in templates"),
    (resources(A={"Type": "T", "Properties": None}), "[/Resources/A/Properties] 'null' values are not allowed in templates"),
    (resources(A=TOPIC) | {"Mappings": {"M": {"A": "text"}}}, "Template format error: Every Mappings member A must be a map"),
    (resources(A=TOPIC) | {"Mappings": {"M": {"A": {"B": {"C": "deep"}}}}}, "Template format error: Every Mappings attribute must be a String or a List."),
    (resources(A=topic({"Ref": "Nothing"})), "Template format error: Unresolved resource dependencies [Nothing] in the Resources block of the template"),
    (resources(A=topic({"Fn::Sub": "${Nothing.Arn}"})), "Template format error: Unresolved resource dependencies [Nothing] in the Resources block of the template"),
    (resources(A=topic(DependsOn="Nothing")), "Template format error: Unresolved resource dependencies [Nothing] in the Resources block of the template"),
    (resources(A=topic(DependsOn="P")) | {"Parameters": {"P": {"Type": "String"}}}, "Unresolved resource dependencies [P] in the Resources block"),
    (resources(A=topic(DependsOn=[["B"]])), "DependsOn must be a string or list of strings"),
    (resources(A=TOPIC) | {"Outputs": {"O": {"Value": {"Ref": "Nothing"}}}}, "Template format error: Unresolved resource dependencies [Nothing] in the Outputs block of the template"),
    (resources(A=TOPIC) | {"Parameters": {"A": {"Type": "String"}}}, "[A] name both a parameter and a resource"),
    (resources(A=topic({"Ref": "A"})), "Circular dependency between resources: [A]"),
    (resources(A=topic({"Ref": "B"}), B=topic({"Ref": "A"})), "Circular dependency between resources: [A, B]"),
    (resources(A=topic(Condition="Nowhere")), "Unresolved condition dependency Nowhere in the Resources block of the template"),
    (resources(A=topic({"Fn::If": ["Nowhere", "a", "b"]})), "Unresolved condition dependency Nowhere in the Resources block of the template"),
    (resources(A=TOPIC) | {"Outputs": {"O": {"Value": "x", "Condition": "Nowhere"}}}, "Unresolved condition dependency Nowhere in the Outputs block of the template"),
    (resources(A=TOPIC) | {"Conditions": {"C": {"Fn::Not": [{"Condition": "Nowhere"}]}}}, "Unresolved condition dependency Nowhere in the Conditions block"),
    (resources(A=TOPIC) | {"Conditions": {"C": {"Fn::Not": [{"Condition": "D"}]}, "D": {"Fn::Not": [{"Condition": "C"}]}}}, "Circular dependency between conditions: [C, D]"),
    (resources(A=TOPIC) | {"Conditions": {"C": {"Fn::Equals": [{"Ref": "A"}, "x"]}}}, "Unresolved dependencies [A]. Cannot reference resources in the Conditions block of the template"),
    (resources(A=topic(Condition=["C"])) | {"Conditions": {"C": EQUAL}}, "[/Resources/A/Condition] must be a string"),
    (resources(A=TOPIC) | {"Rules": {"R": {"Assertions": ["text"]}}}, "Rule R must have Assertions, each with an Assert."),
    (resources(A=topic(DeletionPolicy="Keep")), "Unrecognized DeletionPolicy Keep for resource A"),
    (resources(A=topic(UpdateReplacePolicy="RetainExceptOnCreate")), "Unrecognized UpdateReplacePolicy RetainExceptOnCreate for resource A"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "why"), REFUSED, ids=[why for _, why in REFUSED])
def test_a_template_is_refused_in_cloudformations_words(template: Any, why: str) -> None:
    with pytest.raises(TemplateError) as refused:
        graph.check(template)
    assert why in refused.value.message


@pytest.mark.parametrize(("section", "most"), graph.MOST.items())
def test_quotas_are_counted(section: str, most: int) -> None:
    members = {
        "Resources": TOPIC,
        "Parameters": {"Type": "String"},
        "Outputs": {"Value": "x"},
        "Mappings": {"A": {"B": "x"}},
    }
    full = resources(A=TOPIC) | {section: {f"N{n}": members[section] for n in range(most)}}
    graph.check(full)
    full[section]["OneMore"] = members[section]
    with pytest.raises(
        TemplateError, match=f"Number of {section.lower()}, {most + 1}, is greater than maximum allowed, {most}"
    ):
        graph.check(full)


def test_a_template_with_everything_in_it_is_taken() -> None:
    graph.check(
        {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": "Everything at once",
            "Metadata": {"AWS::CloudFormation::Interface": {"ParameterGroups": []}},
            "Parameters": {"Stage": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"]}},
            "Rules": {"R": {"Assertions": [{"Assert": EQUAL}]}},
            "Mappings": {"Sizes": {"dev": {"Cpu": 256, "Zones": ["a"]}}},
            "Conditions": {"A": EQUAL, "B": {"Fn::Or": [{"Condition": "A"}, EQUAL]}},
            "Resources": {
                "First": topic({"Fn::Sub": "${Stage}-${AWS::Region}"}, DeletionPolicy="RetainExceptOnCreate"),
                "Second": topic({"Fn::If": ["B", {"Ref": "First"}, {"Ref": "AWS::NoValue"}]}, Condition="A"),
                "Third": {
                    "Type": "AWS::IAM::ManagedPolicy",
                    "DependsOn": ["First", "Second"],
                    "Properties": {
                        "PolicyDocument": {"Statement": [{"Condition": {"Bool": {"aws:SecureTransport": True}}}]}
                    },
                },
            },
            "Outputs": {
                "O": {"Value": {"Ref": "First"}, "Condition": "B", "Export": {"Name": {"Fn::Sub": "${Stage}-o"}}}
            },
        }
    )


words = st.sampled_from(
    ["A", "B", "Type", "Properties", "Ref", "Fn::GetAtt", "Fn::Sub", "Fn::If", "Condition", "${A.B}", "${", ""]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(words, inside, max_size=3),
    max_leaves=10,
)
sections = st.sampled_from(
    ["Resources", "Parameters", "Outputs", "Mappings", "Conditions", "Rules", "Metadata", "Description", "Hooks"]
)


@given(st.dictionaries(sections, anything | st.dictionaries(words, st.fixed_dictionaries({"Type": words, "Value": anything}, optional={
    "Properties": anything, "DependsOn": anything, "Condition": anything, "Export": anything, "DeletionPolicy": anything})), max_size=6))  # fmt: skip
def test_any_template_is_taken_or_refused(template: dict[str, Any]) -> None:
    with suppress(TemplateError):
        graph.check(template)
