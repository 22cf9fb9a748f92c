"""Approve what you read: the plan file, and everything that may have moved since."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from oaktree_cfn.deploy import approval
from oaktree_cfn.deploy.approval import Approval, Found
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.models import Change, ChangeSet, Stack

CHILD = ChangeSet(
    "arn:child", "c", "s2", "child", "CREATE_COMPLETE", changes=(Change("Modify", "Queue", "AWS::SQS::Queue"),)
)
ROOT = ChangeSet(
    "arn:root", "c", "s1", "root", "CREATE_COMPLETE", "AVAILABLE",
    changes=(Change("Modify", "Child", "AWS::CloudFormation::Stack", nested=CHILD, nested_id="arn:child"),),
)  # fmt: skip
STACK = Stack("arn:stack", "oaktree-dev", "UPDATE_COMPLETE", updated=datetime(2026, 1, 2, tzinfo=UTC))
NOW = Found("dev", "111122223333", "eu-west-1", STACK, ROOT, "templates", "parameters")
PLAN = Approval(
    "dev", "111122223333", "eu-west-1", "oaktree-dev", "arn:stack", approval.last_change(STACK), "arn:root",
    approval.arns(ROOT), approval.content(ROOT), "templates", "parameters", (), {"counts": {"modify": 1}},
)  # fmt: skip


def test_a_plan_is_read_as_it_was_written() -> None:
    assert approval.read(approval.write(PLAN), "plan.json") == PLAN


def test_it_names_the_whole_tree() -> None:
    assert PLAN.change_sets == ("arn:root", "arn:child")


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json", '{"version": 99}'])
def test_what_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"plan\.json: is no plan"):
        approval.read(text, "plan.json")


@pytest.mark.parametrize(
    "key", [name for name in json.loads(approval.write(PLAN)) if name not in ("version", "digest")]
)
def test_an_edited_file_is_refused_whatever_was_edited(key: str) -> None:
    edited = json.loads(approval.write(PLAN))
    edited[key] = "edited"
    with pytest.raises(InvalidInput, match="edited or damaged"):
        approval.read(json.dumps(edited), "plan.json")


def test_when_nothing_moved_nothing_is_said() -> None:
    assert approval.moved(PLAN, NOW) == ()


MOVES: dict[str, tuple[Callable[[Found], Found], str]] = {
    "another account": (lambda now: replace(now, account="999999999999"), "is for account 111122223333"),
    "another region": (lambda now: replace(now, region="us-east-1"), "is for region"),
    "another environment": (lambda now: replace(now, environment="prod"), "is for environment"),
    "a deployment since": (lambda now: replace(now, stack=replace(STACK, updated=datetime(2026, 2, 3, tzinfo=UTC))), "was changed since"),
    "a stack that is gone": (lambda now: replace(now, stack=None), "was changed since"),
    "other templates": (lambda now: replace(now, templates="other"), "templates here are not those"),
    "other parameters": (lambda now: replace(now, parameters="other"), "parameters are not those"),
    "a vanished change set": (lambda now: replace(now, change_set=None), "change set is gone"),
    "an executed change set": (lambda now: replace(now, change_set=replace(ROOT, execution_status="EXECUTE_COMPLETE")), "cannot be executed any more"),
    "another nested change set": (lambda now: replace(now, change_set=replace(ROOT, changes=())), "nested change sets are others"),
}  # fmt: skip


@pytest.mark.parametrize("move", MOVES)
def test_every_kind_of_move_is_told(move: str) -> None:
    change, sentence = MOVES[move]
    assert any(sentence in said for said in approval.moved(PLAN, change(NOW)))


def test_other_content_under_the_same_arns_is_told() -> None:
    worse = replace(CHILD, changes=(Change("Remove", "Queue", "AWS::SQS::Queue"),))
    found = replace(ROOT, changes=(replace(ROOT.changes[0], nested=worse),))
    assert approval.moved(PLAN, replace(NOW, change_set=found)) == (
        "the change set says other things than it did at the review",
    )


def test_a_stack_in_review_counts_as_never_changed() -> None:
    assert approval.last_change(replace(STACK, status="REVIEW_IN_PROGRESS")) == ""
