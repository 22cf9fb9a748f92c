"""Gates: what exists and holds something is not lost without its path being named."""

from __future__ import annotations

import pytest
from hypothesis import given

from oaktree_cfn.models import STACK_TYPE, Change, ChangeSet
from oaktree_cfn.review.consequences.data import GENTLE, HOLDS
from oaktree_cfn.review.gates import judge
from oaktree_cfn.review.review import review

from .change_sets import TREES, plain

TABLE = "AWS::DynamoDB::Table"


@pytest.mark.parametrize(
    "change",
    [
        Change("Remove", "UsersTable", TABLE, policy_action="Delete"),
        Change("Modify", "UsersTable", TABLE, replacement="True"),
        Change("Modify", "UsersTable", TABLE, replacement="Conditional"),
        Change("Modify", "UsersTable", TABLE, replacement="True", policy_action="ReplaceAndRetain"),
        Change("Dynamic", "UsersTable", "AWS::SNS::Topic"),
        Change("Modify", "UsersTable", "AWS::SNS::Topic", replacement="Perhaps"),
        Change("Modify", "UsersTable", STACK_TYPE),
    ],
    ids=lambda change: f"{change.action} {change.type} {change.replacement} {change.policy_action}",
)
def test_it_refuses_until_the_path_is_allowed(change: Change) -> None:
    found = review(plain(change))
    verdict = judge(found)
    assert [refusal.place for refusal in verdict.refusals] == ["UsersTable"]
    assert verdict.refusals[0].reason
    assert not judge(found, ["UsersTable"]).refused


@pytest.mark.parametrize(
    "change",
    [
        Change("Add", "UsersTable", TABLE),
        Change("Modify", "UsersTable", TABLE, replacement="False"),
        Change("Remove", "UsersTable", TABLE, policy_action="Retain"),
        Change("Remove", "Rule", "AWS::EC2::Route", policy_action="Delete"),
        Change("Modify", "Task", "AWS::ECS::TaskDefinition", replacement="True"),
    ],
    ids=lambda change: f"{change.action} {change.type} {change.replacement} {change.policy_action}",
)
def test_it_lets_pass_what_loses_nothing(change: Change) -> None:
    assert not judge(review(plain(change))).refused


def test_a_first_create_has_nothing_to_lose() -> None:
    assert not judge(review(plain(Change("Dynamic", "T", "X")), creates=True)).refused


def test_allowing_one_path_does_not_open_another_and_a_slip_is_noticed() -> None:
    both = plain(Change("Remove", "A", TABLE), Change("Remove", "B", TABLE))
    verdict = judge(review(both), ["A", "C"])
    assert [refusal.place for refusal in verdict.refusals] == ["B"]
    assert verdict.unused == ("C",)
    assert verdict.advice.endswith("--allow B")


@given(TREES)
def test_no_loss_of_what_holds_something_passes_any_gate(tree: ChangeSet) -> None:
    refused = {refusal.place for refusal in judge(review(tree)).refusals}
    for path, change in tree.walk():
        gone = change.action == "Remove" and change.policy_action != "Retain"
        replaced = change.action == "Modify" and change.replacement in {"True", "Conditional"}
        strange = change.action not in {"Add", "Modify", "Remove", "Import"}
        if strange or (change.type in {*HOLDS} - GENTLE and (gone or replaced)):
            assert "/".join(path) in refused
