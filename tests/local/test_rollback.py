"""What fails goes back whole: creates leave nothing, updates bring everything back, down the whole tree."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .player import Player, Template, declared, outputs, parameter, stack_of, template, topic, unique

FAILED_CREATE = "The following resource(s) failed to create: [{}]. Rollback requested by user."


# --- a create that fails --------------------------------------------------------------------------------------------


def test_a_failed_create_goes_back_and_leaves_nothing(player: Player) -> None:
    before = player.topics()
    player.fault(resource="Broken", step="create", fail="it broke")
    stack = player.create(template(Good=topic("x"), Broken=topic({"Ref": "Good"}), Never=topic({"Ref": "Broken"})))
    assert player.story(stack) == [
        "stack CREATE_IN_PROGRESS",
        "Good CREATE_IN_PROGRESS", "Good CREATE_IN_PROGRESS", "Good CREATE_COMPLETE",
        "Broken CREATE_IN_PROGRESS", "Broken CREATE_FAILED",
        "stack ROLLBACK_IN_PROGRESS",
        "Broken DELETE_COMPLETE",
        "Good DELETE_IN_PROGRESS", "Good DELETE_COMPLETE",
        "stack ROLLBACK_COMPLETE",
    ]  # fmt: skip
    assert "it broke" in player.reason(stack, "CREATE_FAILED", "Broken")
    assert player.reason(stack, "ROLLBACK_IN_PROGRESS") == FAILED_CREATE.format("Broken")
    assert player.topics() == before
    assert player.resources(stack) == {}
    found = player.stack(stack)
    assert "DeletionTime" in found
    assert "ChangeSetId" not in found
    assert "Outputs" not in found


def test_what_failed_to_be_made_can_only_be_deleted(player: Player) -> None:
    player.fault(resource="Topic", step="create", fail="no")
    name = unique()
    stack = player.create(template(Topic=topic()), name=name)
    with pytest.raises(player.cfn.exceptions.ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        player.update(name, template(Topic=topic("x")))
    assert player.delete(stack) == "DELETE_COMPLETE"
    assert player.create(template(Topic=topic()), name=name)


def test_the_services_own_words_are_the_reason(player: Player) -> None:
    taken = f"/{unique('taken')}"
    player.client("ssm").put_parameter(Name=taken, Value="mine", Type="String")
    stack = player.create(template(Word=parameter("x", name=taken)))
    assert player.stack(stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    reason = player.reason(stack, "CREATE_FAILED", "Word")
    assert "already exists" in reason
    assert "HandlerErrorCode: AlreadyExists" in reason
    assert player.value(taken) == "mine"


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ({"Fn::ImportValue": "nobody-exports-this"}, "No export named nobody-exports-this found. Rollback requested by user."),
        ({"Fn::GetAtt": ["Topic", "Colour"]}, "Resource type AWS::SNS::Topic does not support attribute {Colour}. Rollback requested by user."),
        ({"Fn::GetAtt": ["Child", "Outputs.Nothing"]}, "Output 'Nothing' not found in stack"),
        ({"Fn::GetAtt": ["Child", "Nothing"]}, "resource Child does not support attribute type Nothing in Fn::GetAtt"),
        ({"Fn::GetStackOutput": {"StackName": "nowhere", "OutputName": "X"}}, "Stack nowhere has no output X"),
        ({"Fn::Select": [5, {"Fn::Split": [",", {"Fn::GetAtt": ["Topic", "TopicName"]}]}]}, "Fn::Select cannot select nonexistent value at index 5"),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("place", ["resource", "output"])
def test_a_value_that_turns_out_not_to_exist_fails_the_stack_not_a_resource(
    player: Player, expression: Any, said: str, place: str
) -> None:
    child = stack_of(player.upload(template(Inner=topic())))
    body = template(Topic=topic(), Child=child, **({"Word": parameter(expression)} if place == "resource" else {}))
    stack = player.create(body | (outputs(Word=expression) if place == "output" else {}))
    assert player.stack(stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert said in player.reason(stack, "ROLLBACK_IN_PROGRESS")
    assert not any(line.endswith("FAILED") for line in player.story(stack))


def test_a_failure_three_stacks_deep_takes_the_whole_tree_back(player: Player) -> None:
    before = player.topics()
    leaf = player.upload(template(Good=topic("x"), Broken=topic({"Ref": "Good"})))
    middle = player.upload(template(Own=topic("y"), Leaf=stack_of(leaf)))
    player.fault(resource="Middle/Leaf/Broken", step="create", fail="deep down")
    stack = player.create(template(First=topic("z"), Middle=stack_of(middle)))
    assert player.stack(stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert player.topics() == before
    (middle_id,) = {e["PhysicalResourceId"] for e in player.events(stack) if e["LogicalResourceId"] == "Middle"} - {""}
    (leaf_id,) = {e["PhysicalResourceId"] for e in player.events(middle_id) if e["LogicalResourceId"] == "Leaf"} - {""}
    assert "deep down" in player.reason(leaf_id, "CREATE_FAILED", "Broken")
    leaf_failed = "The following resource(s) failed to create: [Broken]. "
    assert player.reason(leaf_id, "CREATE_FAILED") == leaf_failed
    assert (
        player.reason(middle_id, "CREATE_FAILED", "Leaf")
        == f"Embedded stack {leaf_id} was not successfully created: {leaf_failed}"
    )
    middle_failed = "The following resource(s) failed to create: [Leaf]. "
    assert (
        player.reason(stack, "CREATE_FAILED", "Middle")
        == f"Embedded stack {middle_id} was not successfully created: {middle_failed}"
    )
    for gone in (middle_id, leaf_id):
        assert player.stack(gone)["StackStatus"] == "DELETE_COMPLETE"


def test_a_fault_of_a_nested_stack_itself_fails_it(player: Player) -> None:
    player.fault(resource="Child", step="create", fail="no nesting today")
    stack = player.create(template(Child=stack_of(player.upload(template(Inner=topic())))))
    assert player.stack(stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "no nesting today" in player.reason(stack, "CREATE_FAILED", "Child")


def test_retain_except_on_create_retains_nothing_of_a_create_that_failed(player: Player) -> None:
    def run(policy: str, **options: Any) -> str:
        name = f"/{unique('kept')}"
        body = template(Word=parameter("x", name=name, DeletionPolicy=policy), Broken=topic({"Ref": "Word"}))
        player.fault(resource="Broken", step="create", fail="no")
        arn = player.change_set(unique(), body, kind="CREATE")
        assert player.execute(arn, **options) == "ROLLBACK_COMPLETE"
        return "kept" if player.value(name) else "gone"

    assert run("Retain") == "kept"
    assert run("RetainExceptOnCreate") == "gone"
    assert run("Retain", RetainExceptOnCreate=True) == "gone"


# --- an update that fails -------------------------------------------------------------------------------------------


def test_a_failed_update_brings_everything_back(player: Player) -> None:
    old, new = f"/{unique('p')}", f"/{unique('p')}"

    def body(word: str, name: str, **more: Any) -> Template:
        return template(
            outputs(Said=word),
            Changed=topic(word),
            Replaced=parameter(word, name=name),
            Uses=parameter({"Ref": "Replaced"}),
            **more,
        )

    removed = {"Removed": topic("r")}
    stack = player.create(body("old", old, **removed))
    before, topics = player.ids(stack), player.topics()
    player.fault(resource="Broken", step="create", fail="no")
    after = body("new", new, Broken=topic({"Fn::Sub": "${Uses}"}, DependsOn=["Changed", "Uses"]))
    assert player.update(stack, after) == "UPDATE_ROLLBACK_COMPLETE"
    assert player.ids(stack) == before
    assert player.topics() == topics
    assert (player.value(old), player.value(new)) == ("old", None)
    assert player.value(before["Uses"]) == old
    sns = player.client("sns").get_topic_attributes(TopicArn=before["Changed"])
    assert sns["Attributes"]["DisplayName"] == "old"
    assert player.outputs(stack) == {"Said": "old"}
    assert json.loads(json.dumps(player.cfn.get_template(StackName=stack)["TemplateBody"])) == body(
        "old", old, **removed
    )
    assert (
        player.reason(stack, "UPDATE_ROLLBACK_IN_PROGRESS") == "The following resource(s) failed to create: [Broken]. "
    )
    assert [line for line in player.story(stack) if line.startswith("stack")][-5:] == [
        "stack CREATE_COMPLETE", "stack UPDATE_IN_PROGRESS", "stack UPDATE_ROLLBACK_IN_PROGRESS",
        "stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "stack UPDATE_ROLLBACK_COMPLETE",
    ]  # fmt: skip
    assert player.update(stack, after) == "UPDATE_COMPLETE"


def test_a_failed_change_in_place_is_taken_back_too(player: Player) -> None:
    stack = player.create(template(Word=parameter("old")))
    player.fault(resource="Word", step="update", fail="half-way")
    assert player.update(stack, template(Word=parameter("new"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert player.value(player.ids(stack)["Word"]) == "old"
    assert player.reason(stack, "UPDATE_ROLLBACK_IN_PROGRESS") == "The following resource(s) failed to update: [Word]. "


def test_a_policy_of_a_template_that_did_not_come_to_be_does_not_count(player: Player) -> None:
    name = f"/{unique('p')}"
    stack = player.create(template(Word=parameter("x", name=name), Broken=topic("old")))
    player.fault(resource="Broken", step="update", fail="no")
    player.update(stack, template(Word=parameter("x", name=name, DeletionPolicy="Retain"), Broken=topic("new")))
    player.delete(stack)
    assert player.value(name) is None


def test_a_new_resource_of_a_failed_update_is_retained_as_its_policy_says(player: Player) -> None:
    def run(policy: str, **options: Any) -> str:
        name = f"/{unique('p')}"
        stack = player.create(template(Broken=topic("old")))
        player.fault(resource="Broken", step="update", fail="no")
        body = template(New=parameter("x", name=name, DeletionPolicy=policy), Broken=topic("new", DependsOn="New"))
        assert player.update(stack, body, options=options) == "UPDATE_ROLLBACK_COMPLETE"
        assert set(player.ids(stack)) == {"Broken"}
        return "kept" if player.value(name) else "gone"

    assert run("Delete") == run("RetainExceptOnCreate") == "gone"
    assert run("Retain") == "kept"
    assert run("Retain", RetainExceptOnCreate=True) == "gone"


def nested(player: Player, word: str, *, deep: bool = True) -> Template:
    """Three stacks deep, a resource on each level."""
    leaf = player.upload(
        template(
            declared("Word") | outputs(Said={"Ref": "Word"}),
            Inner=parameter({"Ref": "Word"}),
            Late=topic({"Fn::Sub": "late ${Word}"}, DependsOn="Inner"),
        )
    )
    middle = template(declared("Word"), Own=parameter({"Ref": "Word"}), Leaf=stack_of(leaf, Word={"Ref": "Word"}))
    return template(
        Root=parameter(word),
        Middle=stack_of(player.upload(middle), Word=word),
        After=topic({"Fn::Sub": "after ${Middle}"}),
    )


def tree(player: Player, stack: str) -> dict[str, str]:
    """Path -> physical id of everything below a stack."""
    found = {}
    for name, row in player.resources(stack).items():
        found[name] = row["PhysicalResourceId"]
        if row["ResourceType"] == "AWS::CloudFormation::Stack":
            found |= {f"{name}/{below}": each for below, each in tree(player, found[name]).items()}
    return found


@pytest.mark.parametrize(
    "broken", ["Middle/Leaf/Late", "Middle/Leaf/Inner", "Middle/Own", "Middle/Leaf", "Middle", "Root"]
)
def test_a_failure_anywhere_in_the_tree_brings_the_whole_tree_back(player: Player, broken: str) -> None:
    stack = player.create(nested(player, "old"))
    before = tree(player, stack)
    values = {path: player.value(each) for path, each in before.items() if each.startswith("CFN-") or "/" not in each}
    player.fault(resource=broken, step="update", fail="no")
    assert player.update(stack, nested(player, "new")) == "UPDATE_ROLLBACK_COMPLETE"
    assert tree(player, stack) == before
    assert {path: player.value(before[path]) for path in values} == values
    for path in ("Middle", "Middle/Leaf"):
        assert player.stack(before[path])["StackStatus"] in ("UPDATE_ROLLBACK_COMPLETE", "CREATE_COMPLETE")
    assert player.outputs(before["Middle/Leaf"]) == {"Said": "old"}
    assert player.update(stack, nested(player, "newer")) == "UPDATE_COMPLETE"
    assert tree(player, stack) == before
    assert player.outputs(before["Middle/Leaf"]) == {"Said": "newer"}


def test_a_nested_failure_is_told_on_every_level_as_aws_tells_it(player: Player) -> None:
    stack = player.create(nested(player, "old"))
    ids = tree(player, stack)
    player.fault(resource="Middle/Leaf/Late", step="update", fail="deep down")
    player.update(stack, nested(player, "new"))
    failed = "The following resource(s) failed to update: [Late]. "
    assert "deep down" in player.reason(ids["Middle/Leaf"], "UPDATE_FAILED", "Late")
    assert player.reason(ids["Middle/Leaf"], "UPDATE_ROLLBACK_IN_PROGRESS") == failed
    assert player.reason(ids["Middle"], "UPDATE_FAILED", "Leaf") == (
        f"Embedded stack {ids['Middle/Leaf']} was not successfully updated. Currently in UPDATE_ROLLBACK_IN_PROGRESS with reason: {failed}"
    )
    leaf = [line for line in player.story(ids["Middle/Leaf"]) if line.startswith("stack UPDATE")]
    assert leaf == [
        "stack UPDATE_IN_PROGRESS", "stack UPDATE_ROLLBACK_IN_PROGRESS",
        "stack UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "stack UPDATE_ROLLBACK_COMPLETE",
    ]  # fmt: skip
