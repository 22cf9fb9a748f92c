"""Differences in CloudFormation's words: the two views of a change set, and what each leaves out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given

from oaktree_cfn.models import KNOWN_AFTER_APPLY, STACK_TYPE, Change
from oaktree_cfn.review.changes import changes, plain, shown_value
from oaktree_cfn.review.differ import Wanted, compare
from oaktree_cfn.template.evaluate import Node
from oaktree_cfn.template.values import UNKNOWN
from tests.review.test_differ import Template, bodies, deployed, template, topic, worlds
from tests.template.worlds import PSEUDO, Town


def both(
    before: Template | None,
    after: Template,
    old: Mapping[str, str] | None = None,
    new: Mapping[str, str] | None = None,
    nested: Any = None,
    retagged: bool = False,
) -> tuple[dict[str, Change], dict[str, Change]]:
    """The view without values and the one with them, by logical id."""
    there = None if before is None else deployed(before, old, {"team": "a"})
    wanted = Wanted(after, new or old or {}, PSEUDO, Town(), {"team": "b" if retagged else "a"})
    found = compare(there, wanted, nested or (lambda *_: None)).differences
    bare, full = changes(found, values=False), changes(found, values=True)
    return {each.logical_id: each for each in bare}, {each.logical_id: each for each in full}


def test_an_addition_has_no_details_and_its_values_after() -> None:
    bare, full = both(None, template(T=topic("x", Metadata={"m": "1"})))
    assert (bare["T"].action, bare["T"].details, bare["T"].scope, bare["T"].replacement) == ("Add", (), (), "")
    assert bare["T"].before is bare["T"].after is None
    assert full["T"].after == {"Properties": {"DisplayName": "x"}, "Metadata": {"m": "1"}}


def test_a_removal_shows_what_was_there_but_not_what_it_referred_to() -> None:
    _, full = both(template(A=topic("x"), B=topic({"Ref": "A"}, "name"), Stay=topic()), template(Stay=topic()))
    assert full["A"].before == {"Properties": {"DisplayName": "x"}}
    assert full["B"].before == {"Properties": {"DisplayName": KNOWN_AFTER_APPLY, "TopicName": "name"}}
    assert full["B"].after is None
    assert full["B"].physical_id == "id-of-B"


@pytest.mark.parametrize(
    ("attributes", "policy"),
    [
        ({}, "Delete"),
        ({"DeletionPolicy": "Retain"}, "Retain"),
        ({"DeletionPolicy": "Snapshot"}, "Snapshot"),
        ({"DeletionPolicy": "RetainExceptOnCreate"}, "Retain"),
    ],
    ids=str,
)
def test_a_removal_tells_what_becomes_of_the_resource(attributes: Any, policy: str) -> None:
    bare, _ = both(template(T=topic("x", **attributes), Stay=topic()), template(Stay=topic()))
    assert bare["T"].policy_action == policy


@pytest.mark.parametrize(
    ("attributes", "policy"),
    [
        ({}, "ReplaceAndDelete"),
        ({"UpdateReplacePolicy": "Retain"}, "ReplaceAndRetain"),
        ({"UpdateReplacePolicy": "Snapshot"}, "ReplaceAndSnapshot"),
    ],
    ids=str,
)
def test_a_replacement_tells_what_becomes_of_the_old_one_by_the_new_templates_policy(
    attributes: Any, policy: str
) -> None:
    bare, full = both(template(T=topic(name="old")), template(T=topic(name="new", **attributes)))
    assert bare["T"].policy_action == full["T"].policy_action == policy
    assert bare["T"].replacement == "True"


def test_a_change_in_place_touches_no_physical_resource() -> None:
    bare, _ = both(template(T=topic("old")), template(T=topic("new")))
    assert (bare["T"].replacement, bare["T"].policy_action, bare["T"].scope) == ("False", "", ("Properties",))


def test_values_stand_in_the_view_with_values_only() -> None:
    bare, full = both(template(T=topic("old")), template(T=topic("new")))
    (plain_,), (detail,) = bare["T"].details, full["T"].details
    assert (plain_.path, plain_.before, plain_.after, plain_.change_type) == ("", None, None, "")
    assert (detail.path, detail.before, detail.after, detail.change_type) == (
        "/Properties/DisplayName",
        "old",
        "new",
        "Modify",
    )
    for each in (plain_, detail):
        assert (each.attribute, each.name, each.requires_recreation, each.evaluation, each.source) == (
            "Properties", "DisplayName", "Never", "Static", "DirectModification",
        )  # fmt: skip


def test_without_values_a_property_is_told_once_however_many_of_its_parts_change() -> None:
    def tagged(*values: str) -> Template:
        return {
            "Type": "AWS::SNS::Topic",
            "Properties": {"Tags": [{"Key": f"k{n}", "Value": v} for n, v in enumerate(values)]},
        }

    bare, full = both(template(T=tagged("a", "b")), template(T=tagged("x", "y", "z")))
    assert [detail.name for detail in bare["T"].details] == ["Tags"]
    assert {(detail.path, detail.change_type) for detail in full["T"].details} == {
        ("/Properties/Tags/0/Value", "Modify"), ("/Properties/Tags/1/Value", "Modify"), ("/Properties/Tags/2", "Add"),
    }  # fmt: skip


def test_without_values_a_property_demands_the_worst_of_its_parts() -> None:
    def repository(kind: str, scan: bool) -> Template:
        return {
            "Type": "AWS::ECR::Repository",
            "Properties": {
                "EncryptionConfiguration": {"EncryptionType": kind},
                "ImageScanningConfiguration": {"ScanOnPush": scan},
            },
        }

    bare, full = both(template(R=repository("AES256", False)), template(R=repository("KMS", True)))
    assert {detail.name: detail.requires_recreation for detail in bare["R"].details} == {
        "EncryptionConfiguration": "Always", "ImageScanningConfiguration": "Never",
    }  # fmt: skip
    assert bare["R"].replacement == full["R"].replacement == "True"


def test_doubt_stands_in_the_view_without_values_only() -> None:
    link = {"Fn::GetAtt": ["A", "TopicName"]}
    bare, full = both(template(A=topic("old"), B=topic(link)), template(A=topic("new"), B=topic(link)))
    assert set(bare) == {"A", "B"}
    assert set(full) == {"A"}
    assert [(each.evaluation, each.source, each.causing_entity) for each in bare["B"].details] == [
        ("Dynamic", "ResourceAttribute", "A.TopicName")
    ]


def test_tags_of_the_stack_are_a_scope_of_their_own() -> None:
    bare, full = both(template(T=topic("x")), template(T=topic("x")), retagged=True)
    for view in (bare, full):
        (detail,) = view["T"].details
        assert (view["T"].scope, detail.attribute, detail.name, detail.evaluation) == (("Tags",), "Tags", "", "Static")


def test_a_nested_stack_whose_inside_changes_by_itself_is_an_automatic_change() -> None:
    nested = template(N={"Type": STACK_TYPE, "Properties": {"TemplateURL": "u"}})
    bare, full = both(nested, nested, nested=lambda *_: "something inside")
    for view in (bare, full):
        (detail,) = view["N"].details
        assert (detail.evaluation, detail.source, view["N"].replacement) == ("Dynamic", "Automatic", "False")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("text", "text"),
        (UNKNOWN, KNOWN_AFTER_APPLY),
        (["a", "b"], '["a","b"]'),
        ({"ü": UNKNOWN}, f'{{"ü":"{KNOWN_AFTER_APPLY}"}}'),
        ([], "[]"),
    ],
    ids=str,
)
def test_a_detail_shows_text_as_it_is_and_structures_as_json(value: Any, shown: str) -> None:
    assert shown_value(Node(value)) == shown


def test_what_is_not_there_is_not_shown() -> None:
    assert shown_value(None) is None


# --- properties -----------------------------------------------------------------------------------------------------


@given(bodies(), bodies(), worlds, worlds)
def test_what_one_view_shows_for_sure_the_other_shows_too(
    before: Template, after: Template, old: dict[str, str], new: dict[str, str]
) -> None:
    bare, full = both(before, after, old, new)
    assert set(full) <= set(bare)
    for name, change in full.items():
        other = bare[name]
        assert (change.action, change.replacement, change.policy_action, change.physical_id) == (
            other.action, other.replacement, other.policy_action, other.physical_id,
        )  # fmt: skip
        assert {detail.name for detail in change.details} <= {detail.name for detail in other.details}


@given(bodies(), bodies(), worlds, worlds)
def test_details_say_exactly_what_parts_the_two_contexts(
    before: Template, after: Template, old: dict[str, str], new: dict[str, str]
) -> None:
    _, full = both(before, after, old, new)
    for change in full.values():
        json.dumps([change.before, change.after])
        if change.action != "Modify":
            continue
        assert change.before is not None
        assert change.after is not None
        was, becomes = change.before["Properties"], change.after["Properties"]
        parted = {key for key in {*was, *becomes} if was.get(key) != becomes.get(key)}
        assert {detail.name for detail in change.details} == parted
        for detail in change.details:
            assert (detail.before, detail.after) == (was.get(detail.name), becomes.get(detail.name))


@given(bodies())
def test_no_unknown_reaches_the_outside(body: Template) -> None:
    _, full = both(None, body, {}, {"X": "x"})
    assert "UNKNOWN" not in json.dumps([plain(change.after) for change in full.values()])
