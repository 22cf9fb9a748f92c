"""Operations carry out what change sets foretell, and clean up behind them."""

from __future__ import annotations

import json

import pytest
from moto.server import ThreadedMotoServer

from .player import Player, Template, declared, outputs, parameter, stack_of, template, topic, unique

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
