"""Change sets are made, executed and dropped as in CloudFormation."""

from __future__ import annotations

import json

from .player import CAPABILITIES, Player, Refused, stack_of, template, topic, unique

ONE_TOPIC = template(Topic=topic("first"))


def test_a_new_stack_begins_as_a_shell_that_waits_for_its_change_set(player: Player) -> None:
    name = unique()
    arn = player.change_set(name, ONE_TOPIC, kind="CREATE")
    shell = player.stack(name)
    assert (shell["StackStatus"], shell["Tags"]) == ("REVIEW_IN_PROGRESS", [])
    assert "Parameters" not in shell
    described = player.described(arn)
    assert (described["Status"], described["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert (described["Capabilities"], described["NotificationARNs"]) == (CAPABILITIES, [])
    assert described["ChangeSetId"] == arn
    assert described["StackId"] == shell["StackId"]


def test_executing_makes_the_stack_and_ties_it_to_its_change_set(player: Player) -> None:
    name = unique()
    arn = player.change_set(name, ONE_TOPIC, kind="CREATE")
    assert player.execute(arn) == "CREATE_COMPLETE"
    stack = player.stack(name)
    assert stack["ChangeSetId"] == arn
    assert "LastUpdatedTime" in stack
    assert player.story(name) == [
        "stack REVIEW_IN_PROGRESS", "stack CREATE_IN_PROGRESS",
        "Topic CREATE_IN_PROGRESS", "Topic CREATE_IN_PROGRESS", "Topic CREATE_COMPLETE",
        "stack CREATE_COMPLETE",
    ]  # fmt: skip


def test_executing_twice_is_refused(player: Player) -> None:
    arn = player.change_set(unique(), ONE_TOPIC, kind="CREATE")
    player.execute(arn)
    with Refused(
        f"ChangeSet [{arn}] cannot be executed in its current execution status of [EXECUTE_COMPLETE]"
    ) as refused:
        player.execute(arn)
    assert refused.code == "InvalidChangeSetStatus"


def test_an_executed_change_set_is_known_by_arn_only_even_after_its_stack_is_gone(player: Player) -> None:
    name = unique()
    arn = player.change_set(name, ONE_TOPIC, kind="CREATE")
    short = player.described(arn)["ChangeSetName"]
    assert player.cfn.describe_change_set(StackName=name, ChangeSetName=short)["ChangeSetId"] == arn
    player.execute(arn)
    with Refused(f"ChangeSet [{short}] does not exist") as refused:
        player.cfn.describe_change_set(StackName=name, ChangeSetName=short)
    assert refused.code == "ChangeSetNotFound"
    assert player.cfn.list_change_sets(StackName=name)["Summaries"] == []
    player.delete(player.stack(name)["StackId"])
    assert player.described(arn)["ExecutionStatus"] == "EXECUTE_COMPLETE"


def test_executing_one_change_set_deletes_the_others(player: Player) -> None:
    stack = player.create(ONE_TOPIC)
    one, other = (player.change_set(stack, template(Topic=topic(word))) for word in ("second", "third"))
    listed = player.cfn.list_change_sets(StackName=stack)["Summaries"]
    assert {each["ChangeSetId"] for each in listed} == {one, other}
    player.execute(other)
    with Refused(f"ChangeSet [{one}] does not exist"):
        player.described(one)


def test_a_direct_update_makes_waiting_change_sets_obsolete(player: Player) -> None:
    stack = player.create(ONE_TOPIC)
    waiting = player.change_set(stack, template(Topic=topic("second")))
    player.update(stack, template(Topic=topic("third")))
    assert player.described(waiting)["ExecutionStatus"] == "OBSOLETE"
    assert "ChangeSetId" not in player.stack(stack)
    with Refused("cannot be executed in its current execution status of [OBSOLETE]"):
        player.execute(waiting)


def test_create_stack_takes_over_a_shell(player: Player) -> None:
    name = unique()
    waiting = player.change_set(name, ONE_TOPIC, kind="CREATE")
    shell = player.stack(name)["StackId"]
    assert player.create(ONE_TOPIC, name=name) == shell
    assert player.stack(name)["StackStatus"] == "CREATE_COMPLETE"
    assert player.described(waiting)["ExecutionStatus"] == "OBSOLETE"


def test_a_change_set_of_a_name_exists_once(player: Player) -> None:
    name = unique()
    player.change_set(name, ONE_TOPIC, kind="CREATE")
    short = player.cfn.list_change_sets(StackName=name)["Summaries"][0]["ChangeSetName"]
    with Refused(f"ChangeSet {short} cannot be created") as refused:
        player.cfn.create_change_set(
            StackName=name, ChangeSetName=short, ChangeSetType="CREATE", TemplateBody=json.dumps(ONE_TOPIC)
        )
    assert refused.code == "AlreadyExistsException"


def test_a_change_set_needs_the_kind_that_fits_its_stack(player: Player) -> None:
    name = unique()
    with Refused(f"Stack [{name}] does not exist"):
        player.change_set(name, ONE_TOPIC)
    player.create(ONE_TOPIC, name=name)
    with Refused(f"Stack [{name}] already exists and cannot be created again with the changeSet"):
        player.change_set(name, ONE_TOPIC, kind="CREATE")


def test_a_change_set_that_cannot_be_made_leaves_no_shell(player: Player) -> None:
    name = unique()
    with Refused("Unresolved resource dependencies [Nothing]"):
        player.change_set(name, template(Topic=topic({"Ref": "Nothing"})), kind="CREATE")
    with Refused("does not exist"):
        player.stack(name)
    with Refused("Unable to get mapping"):
        player.create(
            template({"Mappings": {"M": {"a": {"b": "c"}}}}, Topic=topic({"Fn::FindInMap": ["M", "a", "x"]})), name=name
        )
    with Refused("does not exist"):
        player.stack(name)


def test_deleting_a_change_set_takes_its_nested_sets_and_shells_along(player: Player) -> None:
    name = unique()
    arn = player.change_set(name, template(Child=stack_of(player.upload(ONE_TOPIC))), kind="CREATE")
    nested = player.changes(arn)["Child"]["ChangeSetId"]
    child = player.described(nested)["StackId"]
    assert player.stack(child)["StackStatus"] == "REVIEW_IN_PROGRESS"
    player.cfn.delete_change_set(ChangeSetName=arn)
    for each in (arn, nested):
        with Refused("does not exist"):
            player.described(each)
    with Refused("does not exist"):
        player.stack(child)
    assert player.stack(name)["StackStatus"] == "REVIEW_IN_PROGRESS"
    player.cfn.delete_change_set(ChangeSetName=arn)  # once more is fine


def test_deleting_needs_to_know_whose_change_set(player: Player) -> None:
    with Refused("StackName must be specified if ChangeSetName is not specified as an ARN."):
        player.cfn.delete_change_set(ChangeSetName="c")
    with Refused("Stack [nowhere] does not exist"):
        player.cfn.delete_change_set(ChangeSetName="c", StackName="nowhere")


def test_a_nested_change_set_is_executed_with_its_root_only(player: Player) -> None:
    arn = player.change_set(unique(), template(Child=stack_of(player.upload(ONE_TOPIC))), kind="CREATE")
    with Refused("nested"):
        player.execute(player.changes(arn)["Child"]["ChangeSetId"])


def test_an_empty_shell_can_be_deleted(player: Player) -> None:
    name = unique()
    arn = player.change_set(name, ONE_TOPIC, kind="CREATE")
    stack = player.stack(name)["StackId"]
    assert player.delete(stack) == "DELETE_COMPLETE"
    with Refused("does not exist"):
        player.described(arn)
