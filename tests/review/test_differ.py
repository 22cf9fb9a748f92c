"""What an update would do: the differ against plain evaluation, and the rules that only it knows."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.review.differ import ADD, MODIFY, REMOVE, Deployed, Difference, Wanted, compare
from oaktree_cfn.template import graph
from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.values import NO_VALUE, UNKNOWN, TemplateError
from tests.template.worlds import PSEUDO, Town

Template = dict[str, Any]
TOWN_OF_ATTRIBUTES = ("TopicName", "Arn")


def topic(display: Any = None, name: Any = None, **attributes: Any) -> Template:
    """A topic: its name replaces it, its display name changes in place."""
    values = {"DisplayName": display, "TopicName": name}
    return {"Type": "AWS::SNS::Topic", "Properties": {k: v for k, v in values.items() if v is not None}, **attributes}


def template(_sections: Mapping[str, Any] | None = None, /, **resources: Any) -> Template:
    return {"Resources": resources, **(_sections or {})}


def deployed(
    body: Template, parameters: Mapping[str, Any] | None = None, tags: Mapping[str, str] | None = None
) -> Deployed:
    """A stack that stands as its template says: every resource whose condition holds exists."""
    names = list(body["Resources"])
    town = Town(
        ids={name: f"id-of-{name}" for name in names},
        attributes={f"{name}.{each}": f"{each}-of-{name}" for name in names for each in TOWN_OF_ATTRIBUTES},
    )
    scope = Scope(body, parameters or {}, PSEUDO, town)
    return Deployed(scope, {name: town.ids[name] for name in names if scope.exists(name) is True}, tags or {})


def differences(
    before: Template | None,
    after: Template,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    tags: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {}),
) -> dict[str, Difference]:
    """Logical id -> difference, in the order found."""
    there = None if before is None else deployed(before, old, tags[0])
    wanted = Wanted(after, new if new is not None else old or {}, PSEUDO, Town(), tags[1])
    return {each.logical_id: each for each in compare(there, wanted).differences}


def causes(difference: Difference, *path: str | int) -> set[str]:
    """Why a leaf changes, as ``Static DirectModification``."""
    (leaf,) = (each for each in difference.leaves if each.path == path)
    return {f"{cause.evaluation} {cause.source} {cause.entity}".strip() for cause in leaf.causes}


# --- what is found --------------------------------------------------------------------------------------------------


def test_everything_is_new_where_nothing_stands() -> None:
    found = differences(None, template(B=topic({"Ref": "A"}), A=topic()))
    assert [(name, each.action) for name, each in found.items()] == [("A", ADD), ("B", ADD)]
    assert found["B"].after is not None
    assert found["B"].after.value == {"Properties": {"DisplayName": UNKNOWN}}


def test_additions_and_changes_come_in_the_order_of_creation_and_removals_last_and_backwards() -> None:
    before = template(X=topic(), Y=topic({"Ref": "X"}), Stay=topic("old"))
    after = template(New=topic({"Ref": "Stay"}), Stay=topic("new"))
    assert [(name, each.action) for name, each in differences(before, after).items()] == [
        ("Stay", MODIFY), ("New", ADD), ("Y", REMOVE), ("X", REMOVE),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "path"),
    [
        ({"A": "1"}, {"A": "2"}, ("A",)),
        ({"A": {"B": "1"}}, {"A": {"B": "2"}}, ("A", "B")),
        ({"A": ["1", "2"]}, {"A": ["1", "3"]}, ("A", 1)),
        ({"A": ["1"]}, {"A": ["1", "2"]}, ("A", 1)),
        ({"A": ["1", "2"]}, {"A": ["1"]}, ("A", 1)),
        ({"A": "1"}, {}, ("A",)),
        ({}, {"A": "1"}, ("A",)),
        ({"A": ["1"]}, {"A": "1"}, ("A",)),
        ({"A": {"B": "1"}}, {"A": ["1"]}, ("A",)),
        ({"A": []}, {"A": {}}, ("A",)),
        ({}, {"A": []}, ("A",)),
        ({"A": [{"K": "1", "V": "x"}]}, {"A": [{"K": "1", "V": "y"}]}, ("A", 0, "V")),
    ],
    ids=str,
)
def test_a_change_is_placed_as_exactly_as_the_shapes_allow(
    before: Any, after: Any, path: tuple[str | int, ...]
) -> None:
    kind = {"Type": "AWS::SNS::Topic"}
    (leaf,) = differences(template(T={**kind, "Properties": before}), template(T={**kind, "Properties": after}))[
        "T"
    ].leaves
    assert leaf.path == ("Properties", *path)
    assert leaf.name == path[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (topic("80"), topic(80)),
        (topic("true"), topic(True)),
        (topic("a-b"), topic({"Fn::Join": ["-", ["a", "b"]]})),
        (topic("x"), topic("x", DependsOn=[])),
        ({"Type": "AWS::SNS::Topic"}, topic()),
        (topic("x"), topic("x", name={"Ref": "AWS::NoValue"})),
    ],
    ids=str,
)
def test_another_way_to_write_the_same_is_no_difference(before: Template, after: Template) -> None:
    assert differences(template(T=before), template(T=after)) == {}


def test_metadata_and_policies_are_differences_that_replace_nothing() -> None:
    found = differences(
        template(T=topic("x", Metadata={"a": "1"})),
        template(T=topic("x", Metadata={"a": "2"}, DeletionPolicy="Retain")),
    )["T"]
    assert {leaf.section for leaf in found.leaves} == {"Metadata", "DeletionPolicy"}
    assert {leaf.name for leaf in found.leaves} == {""}
    assert found.replacement == "False"


def test_another_type_under_the_same_name_is_refused() -> None:
    with pytest.raises(TemplateError, match=r"modifies resource type of the following resources: \[T\]"):
        differences(template(T=topic()), template(T={"Type": "AWS::SQS::Queue"}))


# --- replacement ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "property_", "replacement"),
    [
        ("AWS::SNS::Topic", "TopicName", "True"),
        ("AWS::SNS::Topic", "DisplayName", "False"),
        ("AWS::EC2::VPC", "InstanceTenancy", "Conditional"),
        ("Custom::Thing", "Anything", "Conditional"),
    ],
)
def test_the_schema_says_what_replaces_and_where_there_is_none_nobody_knows(
    type_: str, property_: str, replacement: str
) -> None:
    before, after = ({"Type": type_, "Properties": {property_: value}} for value in ("old", "new"))
    assert differences(template(T=before), template(T=after))["T"].replacement == replacement


def test_the_worst_of_several_changes_counts() -> None:
    assert differences(template(T=topic("a", "n")), template(T=topic("b", "m")))["T"].replacement == "True"


# --- causes ---------------------------------------------------------------------------------------------------------

LEAF = ("Properties", "DisplayName")


def test_an_expression_that_changed_is_the_cause_itself() -> None:
    found = differences(template(T=topic("old")), template(T=topic("new")))["T"]
    assert causes(found, *LEAF) == {"Static DirectModification"}


def test_a_parameter_that_changed_is_the_cause_and_the_expression_a_possible_one() -> None:
    body = template({"Parameters": {"P": {"Type": "String"}}}, T=topic({"Fn::Sub": "x-${P}"}))
    found = differences(body, body, {"P": "old"}, {"P": "new"})["T"]
    assert causes(found, *LEAF) == {"Static ParameterReference P", "Dynamic DirectModification"}


def test_a_parameter_that_is_new_is_no_cause_of_its_own() -> None:
    after = template({"Parameters": {"P": {"Type": "String"}}}, T=topic({"Ref": "P"}))
    found = differences(template(T=topic("old")), after, {}, {"P": "new"})["T"]
    assert causes(found, *LEAF) == {"Static DirectModification"}


@pytest.mark.parametrize(
    ("reference", "source"),
    [({"Ref": "A"}, "ResourceReference A"), ({"Fn::GetAtt": ["A", "TopicName"]}, "ResourceAttribute A.TopicName")],
    ids=str,
)
def test_what_hangs_on_a_replaced_resource_changes_for_sure_to_nobody_knows_what(reference: Any, source: str) -> None:
    found = differences(
        template(A=topic(name="n"), B=topic(reference)), template(A=topic(name="m"), B=topic(reference))
    )["B"]
    (leaf,) = found.leaves
    assert leaf.certain
    assert leaf.after is not None
    assert leaf.after.value is UNKNOWN
    assert causes(found, *LEAF) == {f"Static {source}", "Dynamic DirectModification"}


def test_what_hangs_on_an_attribute_of_a_changed_resource_may_change() -> None:
    link = {"Fn::GetAtt": ["A", "TopicName"]}
    found = differences(template(A=topic("old"), B=topic(link)), template(A=topic("new"), B=topic(link)))["B"]
    assert not found.certain
    assert causes(found, *LEAF) == {"Dynamic ResourceAttribute A.TopicName"}


def test_the_name_of_a_changed_resource_stays_and_what_hangs_on_it_too() -> None:
    assert set(
        differences(template(A=topic("old"), B=topic({"Ref": "A"})), template(A=topic("new"), B=topic({"Ref": "A"})))
    ) == {"A"}


def test_doubt_travels_along_a_chain_and_makes_replacement_a_possibility() -> None:
    def body(word: str) -> Template:
        return template(A=topic(word), B=topic(name={"Fn::GetAtt": ["A", "TopicName"]}), C=topic({"Ref": "B"}))

    found = differences(body("old"), body("new"))
    assert {name: (each.replacement, each.certain) for name, each in found.items()} == {
        "A": ("False", True), "B": ("Conditional", False), "C": ("False", False),
    }  # fmt: skip


# --- tags and nested stacks -----------------------------------------------------------------------------------------


def test_tags_of_the_stack_change_what_can_be_tagged() -> None:
    body = template(
        T=topic("x"), Policy={"Type": "AWS::SNS::TopicPolicy", "Properties": {"Topics": ["t"], "PolicyDocument": {}}}
    )
    found = differences(body, body, tags=({"team": "a"}, {"team": "b"}))
    assert {name: (each.stack_tags, each.leaves, each.certain) for name, each in found.items()} == {
        "T": (True, (), True)
    }


def test_the_inside_of_a_nested_stack_is_asked_for_with_its_properties_before_and_after() -> None:
    def body(word: str) -> Template:
        return template(N={"Type": STACK_TYPE, "Properties": {"TemplateURL": "u", "Parameters": {"W": word}}})

    asked: list[Any] = []

    def nested(name: str, before: Any, after: Any, _: frozenset[str]) -> str:
        asked.append((name, before and before["Parameters"], after["Parameters"]))
        return "inside"

    found = compare(deployed(body("old")), Wanted(body("new"), {}, PSEUDO, Town()), nested).differences
    assert asked == [("N", {"W": "old"}, {"W": "new"})]
    assert [each.child for each in found] == ["inside"]
    asked.clear()
    compare(None, Wanted(body("new"), {}, PSEUDO, Town()), nested)
    assert asked == [("N", None, {"W": "new"})]


def test_outputs_of_a_nested_stack_that_changes_are_not_known() -> None:
    def body(word: str) -> Template:
        nested = {"Type": STACK_TYPE, "Properties": {"TemplateURL": "u", "Parameters": {"W": word}}}
        return template(N=nested, T=topic({"Fn::GetAtt": ["N", "Arn"]}))

    (leaf,) = differences(body("old"), body("new"))["T"].leaves
    assert leaf.certain
    assert leaf.after is not None
    assert leaf.after.value is UNKNOWN


# --- properties -----------------------------------------------------------------------------------------------------

KINDS = {"T": ("AWS::SNS::Topic", "TopicName", "DisplayName"), "P": ("AWS::SSM::Parameter", "Name", "Value")}
NAMES = ["T1", "T2", "P1", "P2", "P3"]


def values(earlier: list[str]) -> st.SearchStrategy[Any]:
    """Literals, parameters, look-ups, conditions, and whatever earlier resources give."""
    plain = st.sampled_from(
        [
            "a",
            "b",
            {"Ref": "X"},
            {"Fn::FindInMap": ["M", {"Ref": "X"}, "v"]},
            {"Fn::If": ["C", "yes", {"Ref": "AWS::NoValue"}]},
        ]
    )
    if not earlier:
        return plain
    one = st.sampled_from(earlier)
    links = one.map(lambda name: {"Ref": name}) | one.map(lambda name: {"Fn::GetAtt": [name, "Arn"]})
    return plain | links | one.map(lambda name: {"Fn::Sub": "x-${" + name + "}-${X}"})


@st.composite
def bodies(draw: st.DrawFn) -> Template:
    """A template with up to five resources that refer to earlier ones."""
    resources: Template = {}
    for name in draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1)):
        type_, fixed, free = KINDS[name[0]]
        given_ = draw(
            st.fixed_dictionaries({}, optional={fixed: values(list(resources)), free: values(list(resources))})
        )
        resources[name] = {"Type": type_, "Properties": given_}
    sections = {
        "Mappings": {"M": {x: {"v": draw(st.sampled_from("ab"))} for x in "xy"}},
        "Conditions": {"C": {"Fn::Equals": [{"Ref": "X"}, "x"]}},
    }
    return template({"Parameters": {"X": {"Type": "String"}}, **sections}, **resources)


def expected(before: Template, after: Template, old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """By plain evaluation: which resources are added, removed, replaced or changed."""
    stand = deployed(before, old)
    out: dict[str, str] = {name: REMOVE for name in before["Resources"] if name not in after["Resources"]}
    moving: set[str] = set()

    class After(Town):
        def physical_id(self, logical_id: str) -> Any:
            return UNKNOWN if logical_id in moving else f"id-of-{logical_id}"

        def attribute(self, logical_id: str, name: str) -> Any:
            return UNKNOWN if logical_id in moving else f"{name}-of-{logical_id}"

    for name in graph.creation_order(after):
        value = Scope(after, new, PSEUDO, After()).value(after["Resources"][name]["Properties"])
        if name not in before["Resources"]:
            out[name] = ADD
            moving.add(name)
            continue
        was = stand.scope.value(before["Resources"][name]["Properties"])
        changed = {key for key in {*was, *value} if was.get(key, NO_VALUE) != value.get(key, NO_VALUE)}
        if changed:
            out[name] = MODIFY
        if KINDS[name[0]][1] in changed:
            moving.add(name)
    return out


worlds = st.sampled_from([{"X": "x"}, {"X": "y"}])


@given(bodies(), bodies(), worlds, worlds)
def test_what_is_certain_is_what_plain_evaluation_says(
    before: Template, after: Template, old: dict[str, str], new: dict[str, str]
) -> None:
    found = differences(before, after, old, new)
    assert {name: each.action for name, each in found.items() if each.certain} == expected(before, after, old, new)


@given(bodies(), worlds)
def test_a_template_does_not_differ_from_itself(body: Template, parameters: dict[str, str]) -> None:
    assert differences(body, copy.deepcopy(body), parameters) == {}


@given(bodies(), bodies(), worlds, worlds)
def test_what_is_only_possible_would_change_nothing_today(
    before: Template, after: Template, old: dict[str, str], new: dict[str, str]
) -> None:
    for difference in differences(before, after, old, new).values():
        for leaf in difference.leaves:
            same = leaf.before is not None and leaf.after is not None and leaf.before.value == leaf.after.value
            assert leaf.certain or same
            assert leaf.causes
