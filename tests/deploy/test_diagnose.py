"""The first cause is found under everything that follows from it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.deploy.diagnose import Cause, causes, change_set_failure, failure
from oaktree_cfn.deploy.news import Told
from oaktree_cfn.models import STACK_TYPE, Change, ChangeSet

from .fake_cloudformation import ROOT, event, nested, stack

LEAF = Told(
    ("Data", "Table"),
    event(nested("Data"), "Table", "CREATE_FAILED", 2, reason="Table already exists", type_="AWS::DynamoDB::Table"),
)
SIBLING = Told(
    ("Data", "Topic"), event(nested("Data"), "Topic", "CREATE_FAILED", 3, reason="Resource creation cancelled")
)
PARENT = Told(
    ("Data",),
    event(ROOT, "Data", "CREATE_FAILED", 4, reason="Embedded stack arn was not successfully created", type_=STACK_TYPE),
)
STACK = Told((), event(ROOT, "", "ROLLBACK_FAILED", 5, reason="The following resource(s) failed to create: [Data]."))
CAUSE = Cause(("Data", "Table"), "AWS::DynamoDB::Table", "Table already exists")


@given(st.permutations([LEAF, SIBLING, PARENT, STACK]))
def test_the_leaf_is_the_cause_in_whatever_order_events_arrive(told: list[Told]) -> None:
    assert causes(told) == (CAUSE,)


def test_a_nested_stack_that_fails_by_itself_is_its_own_cause() -> None:
    assert causes([PARENT]) == (Cause(("Data",), STACK_TYPE, "Embedded stack arn was not successfully created"),)


@pytest.mark.parametrize("status", ["ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "DELETE_IN_PROGRESS"])
@pytest.mark.parametrize(
    "reason",
    ["No export named oaktree-VpcId found", "Export oaktree-VpcId cannot be updated as it is in use by billing."],
)
@pytest.mark.parametrize("request_", ["", ". Rollback requested by user.", ". Delete requested by user."])
def test_where_no_resource_failed_the_stack_itself_says_why(status: str, reason: str, request_: str) -> None:
    told = [Told((), event(ROOT, "", status, 2, reason=reason + request_))]
    assert causes(told) == (Cause((), "", reason),)
    assert failure(stack("UPDATE_ROLLBACK_COMPLETE"), told).message.startswith(f"the stack: {reason}\n")


def test_a_nested_stacks_own_reason_explains_what_its_parent_says_of_it() -> None:
    reason = "Export oaktree-VpcId cannot be deleted as it is in use by billing"
    inner = Told(("Data",), event(nested("Data"), "", "UPDATE_ROLLBACK_IN_PROGRESS", 2, reason=reason))
    outer = Told(
        ("Data",), event(ROOT, "Data", "UPDATE_FAILED", 2, reason=f"Embedded stack arn: {reason}", type_=STACK_TYPE)
    )
    cause = Cause(("Data",), STACK_TYPE, reason)
    assert causes([outer, inner]) == causes([inner, outer]) == (cause,)


@pytest.mark.parametrize(
    "reason",
    [
        "",
        "The following resource(s) failed to create: [Data]. . Rollback requested by user.",
        "Rollback requested by user.",
        "User Initiated",
    ],
)
def test_a_stack_that_only_repeats_is_no_cause(reason: str) -> None:
    assert causes([LEAF, Told((), event(ROOT, "", "ROLLBACK_IN_PROGRESS", 5, reason=reason))]) == (CAUSE,)
    assert causes([Told((), event(ROOT, "", "DELETE_IN_PROGRESS", 1, reason=reason)), LEAF]) == (CAUSE,)


def test_an_update_that_somebody_cancelled_is_told_as_such() -> None:
    told = [Told((), event(ROOT, "", "UPDATE_ROLLBACK_IN_PROGRESS", 2, reason="User Initiated"))]
    assert failure(stack("UPDATE_ROLLBACK_COMPLETE"), told).message.startswith("oaktree-dev: it was cancelled\n")


def test_independent_failures_are_all_told_the_first_one_first() -> None:
    late = Told(("Alb", "Listener"), event(nested("Alb"), "Listener", "CREATE_FAILED", 3, reason="no"))
    found = failure(stack("ROLLBACK_COMPLETE"), [late, LEAF])
    assert found.message.startswith(
        "Data/Table (AWS::DynamoDB::Table): Table already exists\n  also failed: Alb/Listener"
    )


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("DELETE_COMPLETE", "nothing is left behind"),
        ("ROLLBACK_COMPLETE", "--recreate"),
        ("UPDATE_ROLLBACK_COMPLETE", "as it was before"),
        ("UPDATE_ROLLBACK_FAILED", "continue-update-rollback"),
        ("DELETE_FAILED", "delete-stack --stack-name"),
        ("SOMETHING_NEW", "SOMETHING_NEW"),
    ],
)
def test_the_state_it_is_left_in_is_told_with_what_to_do(status: str, words: str) -> None:
    found = failure(stack(status), [LEAF])
    assert words in f"{found.message} {found.advice}"
    assert found.advice


def test_without_events_the_stacks_own_reason_serves() -> None:
    assert "it said so" in failure(stack("ROLLBACK_COMPLETE", reason="it said so"), []).message


def test_a_change_set_fails_with_its_innermost_reason_and_place() -> None:
    leaf = ChangeSet("c", "n", "s", "s", "FAILED", reason="Template error: x")
    quiet = ChangeSet("d", "n", "s", "s", "FAILED", reason="No updates are to be performed.")
    changes = (
        Change("Modify", "Data", STACK_TYPE, nested=leaf),
        Change("Modify", "Alb", STACK_TYPE, nested=quiet),
    )
    root = ChangeSet("r", "n", "s", "s", "FAILED", reason="Nested change set c failed", changes=changes)
    message = change_set_failure(root).message
    assert "Data: Template error: x" in message
    assert "Nested change set" not in message
    assert "Nothing was changed" in message
    assert "the stack: alone" in change_set_failure(replace(root, reason="alone", changes=())).message


@pytest.mark.parametrize(
    ("status", "nothing", "something"),
    [
        ("DELETE_COMPLETE", "nothing is left behind", "what is to be retained stays: Data/Logs"),
        ("ROLLBACK_COMPLETE", "nothing of it is left but its name.", "its name and what is to be retained: Data/Logs"),
    ],
)
def test_what_is_retained_is_not_called_gone(status: str, nothing: str, something: str) -> None:
    kept = Told(("Data", "Logs"), event(nested("Data"), "Logs", "DELETE_SKIPPED", 6, type_="AWS::S3::Bucket"))
    assert nothing in failure(stack(status), [LEAF]).message
    said = failure(stack(status), [LEAF, kept, kept]).message
    assert something in said
    assert nothing not in said
