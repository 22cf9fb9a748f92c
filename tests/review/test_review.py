"""A review holds everything a change set says, worst first, and crashes on nothing."""

from __future__ import annotations

import pytest
from hypothesis import given

from oaktree_cfn.models import STACK_TYPE, Change, ChangeSet, Detail
from oaktree_cfn.review.review import NEW_REVISION, Action, leaves, review

from .change_sets import TREES, plain

CONTEXT = {"Properties": {}}
CHANGED = {"before": CONTEXT, "after": CONTEXT}


def modify(name: str = "T", type_: str = "AWS::SNS::Topic", *details: Detail, **more: object) -> Change:
    return Change("Modify", name, type_, details=details, **{**CHANGED, **more})  # type: ignore[arg-type]


@given(TREES)
def test_no_change_of_any_tree_is_lost(tree: ChangeSet) -> None:
    found = review(tree)
    shown = {entry.path for entry in found.entries}
    for path, change in tree.walk():
        place = "/".join(path)
        folded = any(entry[: len(path)] == path and len(entry) > len(path) for entry in shown)
        assert path in shown or place in found.untouched or (change.type == STACK_TYPE and folded)


@given(TREES)
def test_what_removes_replaces_or_is_unknown_is_never_softened(tree: ChangeSet) -> None:
    entries = {entry.path: entry for entry in review(tree).entries}
    for path, change in tree.walk():
        if change.action not in {"Add", "Modify", "Import", "Remove"}:
            assert entries[path].action is Action.UNKNOWN
        elif change.action == "Remove":
            assert entries[path].action in {Action.REMOVE, Action.UNKNOWN}
        elif change.action == "Modify" and change.replacement == "True":
            assert entries[path].action in {Action.REPLACE, Action.UNKNOWN}
            assert entries[path].certain


@given(TREES)
def test_the_worst_stands_first(tree: ChangeSet) -> None:
    risks = [entry.risk for entry in review(tree).entries]
    assert risks == sorted(risks, reverse=True)


def test_a_parents_modify_is_folded_into_what_changes_inside() -> None:
    inner = plain(modify("Table", "AWS::DynamoDB::Table"))
    found = review(plain(modify("Data", STACK_TYPE, nested=inner)))
    assert [entry.place for entry in found.entries] == ["Data/Table"]


def test_a_nested_stack_in_which_nothing_changes_is_named_aside() -> None:
    quiet = ChangeSet(
        "c", "n", "s", "s", "FAILED", reason="The submitted information didn't contain changes. Submit ..."
    )
    found = review(plain(modify("Data", STACK_TYPE, nested=quiet)))
    assert found.entries == ()
    assert found.untouched == ("Data",)


def test_a_nested_stack_that_cannot_be_looked_into_says_so() -> None:
    (entry,) = review(plain(modify("Data", STACK_TYPE))).entries
    assert entry.note == "what changes inside is not known"


@pytest.mark.parametrize("replacement", ["True", "Conditional"])
def test_a_new_task_definition_is_a_new_revision_and_no_danger(replacement: str) -> None:
    (entry,) = review(plain(modify("Task", "AWS::ECS::TaskDefinition", replacement=replacement))).entries
    assert entry.note == NEW_REVISION
    assert entry.risk == review(plain(modify())).entries[0].risk


def test_what_cloudformation_names_only_without_values_is_not_certain() -> None:
    found = review(plain(modify("Told"), modify("Untold", before=None, after=None)))
    assert {entry.path[0]: entry.certain for entry in found.entries} == {"Told": True, "Untold": False}


def test_without_any_values_everything_counts() -> None:
    (entry,) = review(plain(modify(before=None, after=None))).entries
    assert entry.certain


def test_several_reasons_for_one_property_are_one_line() -> None:
    static = Detail(
        "Properties", "Cpu", "/Properties/Cpu", "256", "512", "Never", "Static", "ParameterReference", "Cpu"
    )
    dynamic = Detail("Properties", "Cpu", "/Properties/Cpu", "256", "512", "Always", "Dynamic", "DirectModification")
    (entry,) = review(plain(modify("T", "X", dynamic, static))).entries
    (change,) = entry.properties
    assert (change.name, change.before, change.after, change.recreates) == ("Cpu", "256", "512", "Always")
    assert change.causes == ("Cpu",)


def test_a_long_value_is_cut_down_to_where_it_differs() -> None:
    before = [{"Image": "a:1", "Cpu": 1}, {"Image": "b"}]
    after = [{"Image": "a:2", "Cpu": 1}, {"Image": "b"}]
    assert list(leaves("Containers", before, after)) == [("Containers/0/Image", "a:1", "a:2")]


@pytest.mark.parametrize(("before", "after"), [([1], [1, 2]), ({"a": 1}, None), ("a", {"a": 1})])
def test_values_of_different_shape_are_shown_whole(before: object, after: object) -> None:
    assert len(list(leaves("P", before, after))) == 1


SECRET = "hunter2-hunter2"


@pytest.mark.parametrize(
    "change",
    [
        modify("T", "X", Detail("Properties", "DbPassword", "/Properties/DbPassword", "old", SECRET)),
        modify(
            "T", "X", Detail("Properties", "ContainerDefinitions", "/Properties/ContainerDefinitions/0/Environment/0/Value", "", SECRET),
            after={"Properties": {"ContainerDefinitions": [{"Environment": [{"Name": "API_TOKEN", "Value": SECRET}]}]}},
        ),
        modify(
            "T", "X", Detail("Properties", "Command", "/Properties/Command", "", f"run --with {SECRET}"),
            after={"Properties": {"MasterUserPassword": SECRET}},
        ),
    ],
    ids=["under a secret name", "in an environment variable", "elsewhere in a text"],
)  # fmt: skip
def test_secrets_are_hidden_wherever_they_stand(change: Change) -> None:
    assert SECRET not in repr(review(plain(change)))


def test_a_value_given_as_a_secret_is_hidden() -> None:
    change = modify("T", "X", Detail("Properties", "Name", "/Properties/Name", "", SECRET))
    assert SECRET not in repr(review(plain(change), secrets=[SECRET]))
