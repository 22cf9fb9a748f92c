"""Operations carry out what change sets foretell, clean up behind them, and go back whole when something fails."""

from __future__ import annotations

import json
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from .player import Player, Template, declared, outputs, parameter, stack_of, template, topic, unique

FAILED_CREATE = "The following resource(s) failed to create: [{}]. Rollback requested by user."


# --- creating -------------------------------------------------------------------------------------------------------


def test_resources_are_made_in_the_order_of_their_references(player: Player) -> None:
    body = template(
        C=parameter({"Ref": "B"}), B=parameter({"Ref": "A"}), A=parameter("root"), Last=topic(DependsOn=["C"])
    )
    stack = player.create(body)
    made = [line for line in player.story(stack) if line.endswith("CREATE_COMPLETE")]
    assert made == [
        "A CREATE_COMPLETE",
        "B CREATE_COMPLETE",
        "C CREATE_COMPLETE",
        "Last CREATE_COMPLETE",
        "stack CREATE_COMPLETE",
    ]
    ids = player.ids(stack)
    assert player.value(ids["C"]) == ids["B"]
    assert player.value(ids["B"]) == ids["A"]


def test_a_generated_name_says_whose_it_is(player: Player) -> None:
    name = unique("named")
    stack = player.create(template(Word=parameter("x")), name=name)
    assert player.ids(stack)["Word"].startswith("CFN-Word-")
    assert (
        player.ids(player.create(template(Topic=topic()), name=unique(name)))["Topic"]
        .rsplit(":", 1)[1]
        .startswith(name)
    )


def test_everything_a_template_can_say_comes_out_evaluated(player: Player) -> None:
    body = template(
        declared("Stage")
        | {
            "Mappings": {"Sizes": {"dev": {"Cpu": 256}, "prod": {"Cpu": 1024}}},
            "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, "Any": {"Fn::Or": [{"Condition": "Prod"}, {"Fn::Not": [{"Condition": "Prod"}]}]}},
        }
        | outputs(
            Join={"Fn::Join": ["-", ["a", {"Ref": "Stage"}]]}, Sub={"Fn::Sub": "${Topic.TopicName}/${AWS::StackName}"},
            Select={"Fn::Select": [1, {"Fn::Split": [",", "a,b"]}]}, Map={"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Cpu"]},
            If={"Fn::If": ["Any", {"Fn::If": ["Prod", "p", "d"]}, "never"]}, Base64={"Fn::Base64": "hi"},
            Zone={"Fn::Select": [0, {"Fn::GetAZs": ""}]}, Cidr={"Fn::Select": [1, {"Fn::Cidr": ["10.0.0.0/24", 2, 4]}]},
            Json={"Fn::ToJsonString": {"a": [{"Ref": "AWS::Region"}]}}, Number=80, Truth=True, Id={"Ref": "AWS::StackId"},
        ),
        Topic=topic("x"),
    )  # fmt: skip
    name = unique()
    stack = player.create(body, name=name, Stage="dev")
    found = player.outputs(stack)
    topic_name = player.ids(stack)["Topic"].rsplit(":", 1)[1]
    assert found == {
        "Join": "a-dev", "Sub": f"{topic_name}/{name}", "Select": "b", "Map": "256", "If": "d", "Base64": "aGk=", "Zone": "ap-southeast-1a",
        "Cidr": "10.0.0.16/28", "Json": '{"a":["ap-southeast-1"]}', "Number": "80", "Truth": "true", "Id": stack,
    }  # fmt: skip


def test_an_output_whose_condition_does_not_hold_is_not_there(player: Player) -> None:
    body = template({"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}, "Outputs": {
        "There": {"Value": "x", "Description": "it is"}, "NotThere": {"Value": {"Ref": "Absent"}, "Condition": "Never"}}},
        Topic=topic(), Absent=topic(Condition="Never"))  # fmt: skip
    assert player.stack(player.create(body))["Outputs"] == [
        {"OutputKey": "There", "OutputValue": "x", "Description": "it is"}
    ]


def test_stack_tags_reach_every_resource_and_the_templates_own_win(player: Player) -> None:
    own = topic(Tags=None)
    own["Properties"] = {"Tags": [{"Key": "team", "Value": "own"}]}
    del own["Tags"]
    as_map = parameter("x")
    as_map["Properties"]["Tags"] = {"team": "mapped"}
    inner = player.upload(template(Inner=topic()))
    child = stack_of(inner)
    child["Properties"]["Tags"] = [{"Key": "level", "Value": "nested"}]
    tags = [{"Key": "team", "Value": "stack"}, {"Key": "stage", "Value": "dev"}]
    stack = player.create(template(Own=own, Plain=topic(), Map=as_map, Child=child), options={"Tags": tags})

    def tags_of(arn: str) -> dict[str, str]:
        return {
            each["Key"]: each["Value"] for each in player.client("sns").list_tags_for_resource(ResourceArn=arn)["Tags"]
        }

    ids = player.ids(stack)
    assert tags_of(ids["Own"]) == {"team": "own", "stage": "dev"}
    assert tags_of(ids["Plain"]) == {"team": "stack", "stage": "dev"}
    mapped = player.client("ssm").list_tags_for_resource(ResourceType="Parameter", ResourceId=ids["Map"])["TagList"]
    assert {each["Key"]: each["Value"] for each in mapped} == {"team": "mapped", "stage": "dev"}
    assert tags_of(player.ids(ids["Child"])["Inner"]) == {"team": "stack", "stage": "dev", "level": "nested"}


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


# --- updating -------------------------------------------------------------------------------------------------------


def test_a_change_in_place_keeps_the_resource(player: Player) -> None:
    stack = player.create(template(Word=parameter("old"), Topic=topic("same")))
    ids = player.ids(stack)
    player.update(stack, template(Word=parameter("new"), Topic=topic("same")))
    assert player.ids(stack) == ids
    assert player.value(ids["Word"]) == "new"
    assert player.story(stack)[-5:] == [
        "stack UPDATE_IN_PROGRESS", "Word UPDATE_IN_PROGRESS", "Word UPDATE_COMPLETE",
        "stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "stack UPDATE_COMPLETE",
    ]  # fmt: skip


def test_a_replacement_is_made_before_the_old_one_goes(player: Player) -> None:
    def body(name: str) -> Template:
        return template(Topic=topic(name=name), Uses=parameter({"Ref": "Topic"}))

    stack = player.create(body(unique("topic")))
    old = player.ids(stack)
    player.update(stack, body(unique("topic")))
    new = player.ids(stack)
    assert new["Topic"] != old["Topic"]
    assert new["Uses"] == old["Uses"]
    assert player.value(new["Uses"]) == new["Topic"]
    assert player.story(stack)[-10:] == [
        "stack UPDATE_IN_PROGRESS", "Topic UPDATE_IN_PROGRESS", "Topic UPDATE_IN_PROGRESS", "Topic UPDATE_COMPLETE",
        "Uses UPDATE_IN_PROGRESS", "Uses UPDATE_COMPLETE",
        "stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "Topic DELETE_IN_PROGRESS", "Topic DELETE_COMPLETE", "stack UPDATE_COMPLETE",
    ]  # fmt: skip
    last = [each for each in player.events(stack) if each["LogicalResourceId"] == "Topic"]
    assert {each["PhysicalResourceId"] for each in last if each["ResourceStatus"].startswith("DELETE")} == {
        old["Topic"]
    }
    assert old["Topic"] not in player.topics()
    assert "Requested update requires the creation of a new physical resource; hence creating one." in {
        each.get("ResourceStatusReason") for each in last
    }


def test_a_replacement_under_the_same_name_is_refused_as_aws_refuses_it(player: Player) -> None:
    stack = player.create(template(Table=simple_table("a")))
    player.update(stack, template(Table=simple_table("b")))
    assert player.stack(stack)["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    reason = player.reason(stack, "UPDATE_FAILED", "Table")
    assert reason.startswith(
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename "
    )
    assert player.client("dynamodb").describe_table(TableName=TABLE)["Table"]["KeySchema"][0]["AttributeName"] == "a"


TABLE = unique("table")


def simple_table(key: str) -> Template:
    """A named table whose key cannot change in place."""
    return {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": TABLE,
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        },
    }


def test_what_is_removed_goes_last_and_in_reverse_order(player: Player) -> None:
    stack = player.create(template(A=parameter("x"), B=parameter({"Ref": "A"}), Stay=topic()))
    ids = player.ids(stack)
    player.update(stack, template(Stay=topic("x")))
    assert player.story(stack)[-6:] == [
        "stack UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "B DELETE_IN_PROGRESS", "B DELETE_COMPLETE",
        "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE", "stack UPDATE_COMPLETE",
    ]  # fmt: skip
    assert set(player.ids(stack)) == {"Stay"}
    assert player.value(ids["A"]) is None


def test_a_removal_that_fails_does_not_fail_the_update(player: Player) -> None:
    stack = player.create(template(Go=topic("x"), Stay=topic()))
    player.fault(resource="Go", step="delete", fail="I stay")
    assert player.update(stack, template(Stay=topic())) == "UPDATE_COMPLETE"
    assert "I stay" in player.reason(stack, "DELETE_FAILED", "Go")


def test_update_replace_policy_of_the_new_template_decides_about_the_old_resource(player: Player) -> None:
    old, new = f"/{unique('p')}", f"/{unique('p')}"
    stack = player.create(template(Word=parameter("x", name=old)))
    player.update(stack, template(Word=parameter("x", name=new, UpdateReplacePolicy="Retain")))
    assert player.story(stack)[-2:] == ["Word DELETE_SKIPPED", "stack UPDATE_COMPLETE"]
    assert player.value(old) == "x"
    player.update(stack, template(Word=parameter("x", name=old + "2")))
    assert player.value(new) is None


def test_exports_are_seen_by_others_as_soon_as_the_update_is_through(player: Player) -> None:
    export = unique("export")

    def body(value: str) -> Template:
        return template({"Outputs": {"O": {"Value": value, "Export": {"Name": export}}}}, Topic=topic())

    stack = player.create(body("one"))
    player.update(stack, body("two"))
    importer = player.create(template(Word=parameter({"Fn::ImportValue": export})))
    assert player.value(player.ids(importer)["Word"]) == "two"


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


def test_a_nested_stack_keeps_what_it_replaced_until_its_root_is_done(player: Player) -> None:
    def body(name: str) -> Template:
        inner = player.upload(template(Inner=parameter("x", name=name)))
        return template(Child=stack_of(inner), Later=topic(name, DependsOn="Child"))

    old, new = f"/{unique('p')}", f"/{unique('p')}"
    stack = player.create(body(old))
    player.fault(resource="Later", step="update", fail="no")
    assert player.update(stack, body(new)) == "UPDATE_ROLLBACK_COMPLETE"
    assert (player.value(old), player.value(new)) == ("x", None)
    assert player.update(stack, body(new)) == "UPDATE_COMPLETE"
    assert (player.value(old), player.value(new)) == (None, "x")


def test_an_import_inside_a_nested_stack_is_found(player: Player) -> None:
    export = unique("export")

    def exporting(value: str) -> Template:
        return template({"Outputs": {"O": {"Value": value, "Export": {"Name": export}}}}, Topic=topic())

    inner = player.upload(template(Inner=parameter({"Fn::ImportValue": export})))
    player.create(exporting("one"))
    body = template(Child=stack_of(inner))
    stack = player.create(body)
    assert player.value(player.ids(player.ids(stack)["Child"])["Inner"]) == "one"
    assert player.described(player.change_set(stack, body))["Status"] == "FAILED"


# --- beside stock moto ----------------------------------------------------------------------------------------------

LEAF = template(
    declared("Stage")
    | {
        "Mappings": {"Sizes": {"dev": {"Cpu": "256"}, "prod": {"Cpu": "1024"}}},
        "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}},
    }
    | outputs(
        Cpu={"Fn::FindInMap": ["Sizes", {"Ref": "Stage"}, "Cpu"]},
        Joined={"Fn::Join": ["-", ["a", {"Ref": "Stage"}, {"Ref": "AWS::Region"}, {"Ref": "AWS::AccountId"}]]},
        Split={"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::Sub": "x/${Stage}/y"}]}]},
        If={"Fn::If": ["Prod", "large", "small"]},
        Name={"Fn::GetAtt": ["Topic", "TopicName"]},
    ),
    Topic=topic({"Fn::Sub": "${Stage} topic"}, name={"Fn::Sub": "${AWS::StackName}-topic"}),
    OnlyProd=topic(name={"Fn::Sub": "${AWS::StackName}-prod"}, Condition="Prod"),
    Word=parameter({"Ref": "Topic"}, name={"Fn::Sub": "/${AWS::StackName}/word"}),
)


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_a_leaf_template_comes_out_as_in_stock_moto(player: Player, stage: str) -> None:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    stock = Player(f"http://{host}:{port}")
    ours, theirs = unique("ours"), unique("moto")
    player.create(LEAF, name=ours, Stage=stage)
    stock.cfn.create_stack(
        StackName=theirs, TemplateBody=json.dumps(LEAF), Parameters=[{"ParameterKey": "Stage", "ParameterValue": stage}]
    )

    def outcome(who: Player, name: str) -> str:
        topics = sorted(arn for arn in who.topics() if f":{name}-" in arn)
        return json.dumps([who.outputs(name), topics, who.value(f"/{name}/word")], sort_keys=True).replace(
            name, "STACK"
        )

    assert outcome(player, ours) == outcome(stock, theirs)
    server.stop()
