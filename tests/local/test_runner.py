"""Whole operations: what happens after a failure is the caller's choice, and a rollback that failed can be continued."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oaktree_cfn.local import runner
from oaktree_cfn.local.operation import Operation

from .player import Player, Refused, Template, parameter, stack_of, template, topic, unique

BROKEN = template(Good=parameter("x"), Broken=topic(DependsOn="Good"))


def both(word: str) -> Template:
    return template(First=parameter(word), Last=topic(word, DependsOn="First"))


# --- a create that fails --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("option", [{"OnFailure": "DO_NOTHING"}, {"DisableRollback": True}], ids=str)
def test_a_failed_create_may_be_left_as_it_is(player: Player, option: dict[str, Any]) -> None:
    player.fault(resource="Broken", step="create", fail="no")
    stack = player.create(BROKEN, options=option)
    assert player.stack(stack)["StackStatus"] == "CREATE_FAILED"
    assert player.stack(stack)["StackStatusReason"] == "The following resource(s) failed to create: [Broken]. "
    assert player.stack(stack)["DisableRollback"] is True
    assert {name: row["ResourceStatus"] for name, row in player.resources(stack).items()} == {
        "Good": "CREATE_COMPLETE",
        "Broken": "CREATE_FAILED",
    }
    assert player.value(player.ids(stack)["Good"]) == "x"
    assert player.delete(stack) == "DELETE_COMPLETE"


def test_a_failed_create_that_was_left_can_be_rolled_back(player: Player) -> None:
    player.fault(resource="Broken", step="create", fail="no")
    stack = player.create(BROKEN, options={"DisableRollback": True})
    good = player.ids(stack)["Good"]
    player.cfn.rollback_stack(StackName=stack)
    assert player.settle(stack) == "ROLLBACK_COMPLETE"
    assert player.reason(stack, "ROLLBACK_IN_PROGRESS") == "Rollback requested by user."
    assert player.value(good) is None


def test_a_failed_create_may_be_deleted(player: Player) -> None:
    name = unique()
    player.fault(resource="Broken", step="create", fail="no")
    arn = player.change_set(name, BROKEN, kind="CREATE", options={"OnStackFailure": "DELETE"})
    assert player.execute(arn, RetainExceptOnCreate=True) == "DELETE_COMPLETE"
    stack = player.described(arn)["StackId"]
    assert (
        player.reason(stack, "DELETE_IN_PROGRESS")
        == "The following resource(s) failed to create: [Broken]. Delete requested by user."
    )
    with Refused("does not exist"):
        player.stack(name)


def test_a_failed_create_that_cannot_be_taken_back_can_be_deleted_later(player: Player) -> None:
    player.fault(resource="Broken", step="create", fail="no")
    player.fault(resource="Good", step="delete", fail="I stay")
    stack = player.create(BROKEN)
    assert player.stack(stack)["StackStatus"] == "ROLLBACK_FAILED"
    assert player.stack(stack)["StackStatusReason"] == "The following resource(s) failed to delete: [Good]. "
    assert player.delete(stack) == "DELETE_COMPLETE"


# --- an update that fails -------------------------------------------------------------------------------------------


def test_a_failed_update_may_be_left_as_it_is_and_rolled_back_later(player: Player) -> None:
    stack = player.create(both("old"))
    player.fault(resource="Last", step="update", fail="no")
    assert player.update(stack, both("new"), options={"DisableRollback": True}) == "UPDATE_FAILED"
    first = player.ids(stack)["First"]
    assert player.value(first) == "new"
    player.cfn.rollback_stack(StackName=stack)
    assert player.settle(stack) == "UPDATE_ROLLBACK_COMPLETE"
    assert player.value(first) == "old"


def test_a_failed_update_that_was_left_can_be_mended_by_another(player: Player) -> None:
    old, new, newer = (f"/{unique('p')}" for _ in range(3))

    def body(name: str, word: str) -> Template:
        return template(First=parameter("x", name=name), Last=topic(word, DependsOn="First"))

    stack = player.create(body(old, "old"))
    player.fault(resource="Last", step="update", fail="no")
    assert player.update(stack, body(new, "new"), options={"DisableRollback": True}) == "UPDATE_FAILED"
    assert (player.value(old), player.value(new)) == ("x", "x")
    assert player.update(stack, body(newer, "newer")) == "UPDATE_COMPLETE"
    assert [player.value(name) for name in (old, new, newer)] == [None, None, "x"]


def test_a_second_failure_goes_back_to_the_last_state_that_was_whole(player: Player) -> None:
    stack = player.create(both("old"))
    player.fault(resource="Last", step="update", fail="no")
    assert player.update(stack, both("new"), options={"DisableRollback": True}) == "UPDATE_FAILED"
    player.fault(resource="Last", step="update", fail="no")
    assert player.update(stack, both("newer")) == "UPDATE_ROLLBACK_COMPLETE"
    assert player.value(player.ids(stack)["First"]) == "old"
    assert player.cfn.get_template(StackName=stack)["TemplateBody"] == both("old")


def test_the_same_update_can_be_tried_again_after_it_was_left(player: Player) -> None:
    stack = player.create(template(Last=topic("old")))
    after = template(Last=topic("new"), New=topic("n", DependsOn="Last"))
    player.fault(resource="Last", step="update", fail="no")
    assert player.update(stack, after, options={"DisableRollback": True}) == "UPDATE_FAILED"
    player.fault(resource="New", step="create", fail="no")
    assert player.update(stack, after, options={"DisableRollback": True}) == "UPDATE_FAILED"
    assert player.update(stack, after) == "UPDATE_COMPLETE"
    ids = player.ids(stack)
    shown = {
        name: player.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"]
        for name, arn in ids.items()
    }
    assert shown == {"Last": "new", "New": "n"}


@pytest.mark.parametrize("again", [True, False], ids=["wanted again", "still unwanted"])
def test_what_an_update_that_was_left_would_have_removed_is_still_there(player: Player, again: bool) -> None:
    old = {"Old": parameter("x")}
    stack = player.create(template(Last=topic("old"), **old))
    name = player.ids(stack)["Old"]
    player.fault(resource="Last", step="update", fail="no")
    assert player.update(stack, template(Last=topic("new")), options={"DisableRollback": True}) == "UPDATE_FAILED"
    assert player.value(name) == "x"
    after = template(Last=topic("newer"), **(old if again else {}))
    removed = {
        each for each, change in player.changes(player.change_set(stack, after)).items() if change["Action"] == "Remove"
    }
    assert removed == (set() if again else {"Old"})
    assert player.update(stack, after) == "UPDATE_COMPLETE"
    assert player.value(name) == ("x" if again else None)


def test_a_nested_stack_is_left_with_its_parent_and_goes_back_with_it(player: Player) -> None:
    def body(word: str) -> Template:
        return template(Child=stack_of(player.upload(both(word))))

    stack = player.create(body("old"))
    child = player.ids(stack)["Child"]
    player.fault(resource="Child/Last", step="update", fail="no")
    assert player.update(stack, body("new"), options={"DisableRollback": True}) == "UPDATE_FAILED"
    assert player.stack(child)["StackStatus"] == "UPDATE_FAILED"
    player.cfn.rollback_stack(StackName=stack)
    assert player.settle(stack) == "UPDATE_ROLLBACK_COMPLETE"
    assert player.stack(child)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert player.value(player.ids(child)["First"]) == "old"


@pytest.mark.parametrize("operation", ["rollback_stack", "continue_update_rollback", "cancel_update_stack"])
def test_what_has_not_failed_is_neither_rolled_back_nor_continued(player: Player, operation: str) -> None:
    stack = player.create(template(Topic=topic()))
    with Refused("CREATE_COMPLETE"):
        getattr(player.cfn, operation)(StackName=stack)


# --- a rollback that fails ------------------------------------------------------------------------------------------


def rollback_fails(player: Player) -> tuple[str, dict[str, str]]:
    """A stack in UPDATE_ROLLBACK_FAILED: First cannot go back; Added is new, Last failed."""
    stack = player.create(both("old"))
    after = template(Added=topic("a"), First=parameter("new", DependsOn="Added"), Last=topic("new", DependsOn="First"))
    before = player.ids(stack)
    player.fault(resource="Last", step="update", fail="no")
    player.fault(resource="Last", step="update", fail="no way back")
    assert player.update(stack, after) == "UPDATE_ROLLBACK_FAILED"
    return stack, before


def test_a_rollback_that_fails_stops_where_it_is(player: Player) -> None:
    stack, _ = rollback_fails(player)
    assert player.stack(stack)["StackStatusReason"] == "The following resource(s) failed to update: [Last]. "
    assert player.reason(stack, "UPDATE_FAILED", "Last").count("no way back")
    with Refused("is in UPDATE_ROLLBACK_FAILED state and can not be updated"):
        player.update(stack, both("other"))


def test_a_rollback_that_failed_is_continued_to_the_very_end(player: Player) -> None:
    stack, before = rollback_fails(player)
    topics = player.topics()
    player.cfn.continue_update_rollback(StackName=stack)
    assert player.settle(stack) == "UPDATE_ROLLBACK_COMPLETE"
    assert player.ids(stack) == before
    assert player.value(before["First"]) == "old"
    assert len(topics - player.topics()) == 1  # what the update had added is gone
    assert player.update(stack, both("newer")) == "UPDATE_COMPLETE"


def test_a_rollback_may_fail_more_than_once(player: Player) -> None:
    stack, before = rollback_fails(player)
    player.fault(resource="First", step="update", fail="nor I")
    player.cfn.continue_update_rollback(StackName=stack)
    assert player.settle(stack) == "UPDATE_ROLLBACK_FAILED"
    assert player.stack(stack)["StackStatusReason"] == "The following resource(s) failed to update: [First]. "
    player.cfn.continue_update_rollback(StackName=stack)
    assert player.settle(stack) == "UPDATE_ROLLBACK_COMPLETE"
    assert player.ids(stack) == before


def test_a_resource_that_will_not_go_back_can_be_skipped(player: Player) -> None:
    stack, before = rollback_fails(player)
    player.fault(resource="Last", step="update", fail="no way back", times=9)
    player.cfn.continue_update_rollback(StackName=stack, ResourcesToSkip=["Last"])
    assert player.settle(stack) == "UPDATE_ROLLBACK_COMPLETE"
    assert player.resources(stack)["Last"]["ResourceStatus"] == "UPDATE_COMPLETE"
    assert player.value(before["First"]) == "old"


def test_a_nested_rollback_that_fails_fails_the_root_and_is_continued_from_there(player: Player) -> None:
    def body(word: str) -> Template:
        return template(Child=stack_of(player.upload(both(word))), Beside=parameter(word))

    stack = player.create(body("old"))
    child = player.ids(stack)["Child"]
    first = player.ids(child)["First"]
    player.fault(resource="Child/Last", step="update", fail="no", times=2)
    assert player.update(stack, body("new")) == "UPDATE_ROLLBACK_FAILED"
    assert player.stack(child)["StackStatus"] == "UPDATE_ROLLBACK_FAILED"
    assert player.stack(stack)["StackStatusReason"] == "The following resource(s) failed to update: [Child]. "
    assert "Currently in UPDATE_ROLLBACK_FAILED" in player.reason(stack, "UPDATE_FAILED", "Child")
    assert player.value(first) == "new"
    player.fault(resource="Child/Last", step="update", fail="no", times=9)
    player.cfn.continue_update_rollback(StackName=stack, ResourcesToSkip=[f"{child.split('/')[1]}.Last"])
    assert player.settle(stack) == "UPDATE_ROLLBACK_COMPLETE"
    assert player.stack(child)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert player.value(first) == player.value(player.ids(stack)["Beside"]) == "old"
    player.clear_faults()
    assert player.update(stack, body("newer")) == "UPDATE_COMPLETE"


# --- cancelling -----------------------------------------------------------------------------------------------------


def test_a_running_update_can_be_cancelled_and_goes_back(player: Player) -> None:
    stack = player.create(both("old"))
    player.fault(resource="First", step="update", delay=30)
    player.cfn.update_stack(StackName=stack, TemplateBody=json.dumps(both("new")))
    player.cfn.cancel_update_stack(StackName=stack)
    player.clear_faults()
    assert player.settle(stack) == "UPDATE_ROLLBACK_COMPLETE"
    assert player.reason(stack, "UPDATE_ROLLBACK_IN_PROGRESS") == "User Initiated"
    assert player.value(player.ids(stack)["First"]) == "old"
    assert player.update(stack, both("newer")) == "UPDATE_COMPLETE"


# --- defects --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("during", "status"), [("apply", "CREATE_FAILED"), ("take_back", "ROLLBACK_FAILED")])
def test_a_defect_of_the_stage_ends_the_operation_in_words(
    player: Player, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, during: str, status: str
) -> None:
    def defect(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    def record_then_fail(operation: Operation, reason: str) -> None:
        operation.record("ROLLBACK_IN_PROGRESS", reason)
        defect()

    if during == "apply":
        monkeypatch.setattr(runner.Operation, "apply", defect)
    else:
        monkeypatch.setattr(runner.rollback, "take_back", record_then_fail)
    player.fault(resource="Topic", step="create", fail="no")
    stack = player.start(template(Topic=topic()))
    player.wait_for(stack, status)
    assert player.stack(stack)["StackStatusReason"] == "defect in the local stage: ZeroDivisionError('a defect')"
    assert "operation on" in caplog.text
