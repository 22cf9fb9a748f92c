"""Change sets say what AWS says: goldens of our own, written after what real AWS answered for the same kinds of change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .player import (
    KNOWN_AFTER_APPLY,
    Player,
    Refused,
    Template,
    declared,
    outputs,
    parameter,
    stack_of,
    template,
    topic,
    unique,
)

NO_CHANGE = "The submitted information didn't contain changes. Submit different information to create a change set."


def why(change: Mapping[str, Any]) -> set[str]:
    """Details without values, as ``DisplayName Never: Static DirectModification``."""
    found = set()
    for detail in change["Details"]:
        target = detail["Target"]
        name = target.get("Name", target["Attribute"])
        source = f"{detail['ChangeSource']} {detail.get('CausingEntity', '')}".strip()
        found.add(f"{name} {target['RequiresRecreation']}: {detail['Evaluation']} {source}")
    return found


def moved(change: Mapping[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    """Path -> value before and after."""
    targets = [detail["Target"] for detail in change["Details"]]
    return {each["Path"]: (each.get("BeforeValue"), each.get("AfterValue")) for each in targets}


class Changed:
    """What the two views of one change set say."""

    def __init__(
        self, player: Player, before: Template, after: Template, old: Mapping[str, str], new: Mapping[str, Any]
    ) -> None:
        self.stack = player.create(before, **old)
        self.arn = player.change_set(self.stack, after, **new)
        self.bare = player.changes(self.arn)
        self.full = player.changes(self.arn, values=True)


def changed(
    player: Player, before: Template, after: Template, old: Mapping[str, str] | None = None, **new: Any
) -> Changed:
    return Changed(player, before, after, old or {}, new)


# --- adding ---------------------------------------------------------------------------------------------------------


def test_what_is_added_is_shown_with_its_values_as_far_as_they_are_known(player: Player) -> None:
    body = template(
        declared("Word"),
        First=topic({"Ref": "Word"}),
        Second=parameter({"Fn::GetAtt": ["First", "TopicName"]}, Metadata={"a": "b"}),
    )
    arn = player.change_set(unique(), body, kind="CREATE", Word="hello")
    assert player.changes(arn) == {
        "First": {
            "Action": "Add",
            "LogicalResourceId": "First",
            "ResourceType": "AWS::SNS::Topic",
            "Scope": [],
            "Details": [],
        },
        "Second": {
            "Action": "Add",
            "LogicalResourceId": "Second",
            "ResourceType": "AWS::SSM::Parameter",
            "Scope": [],
            "Details": [],
        },
    }
    full = player.changes(arn, values=True)
    assert full["First"]["AfterContext"] == {"Properties": {"DisplayName": "hello"}}
    assert full["Second"]["AfterContext"] == {
        "Properties": {"Type": "String", "Value": KNOWN_AFTER_APPLY},
        "Metadata": {"a": "b"},
    }
    assert "BeforeContext" not in full["First"]
    assert "Replacement" not in full["First"]  # since May 2025, whatever the property


def test_a_resource_without_properties_has_empty_ones(player: Player) -> None:
    arn = player.change_set(unique(), template(Topic={"Type": "AWS::SNS::Topic"}), kind="CREATE")
    assert player.changes(arn, values=True)["Topic"]["AfterContext"] == {"Properties": {}}


def test_what_a_condition_keeps_away_is_not_listed(player: Player) -> None:
    body = template(
        {"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}}, Topic=topic(), Absent=topic(Condition="Never")
    )
    assert set(player.changes(player.change_set(unique(), body, kind="CREATE"))) == {"Topic"}


# --- changing -------------------------------------------------------------------------------------------------------


def test_a_literal_changed_in_place(player: Player) -> None:
    seen = changed(player, template(Topic=topic("old")), template(Topic=topic("new")))
    bare, full = seen.bare["Topic"], seen.full["Topic"]
    assert (bare["Action"], bare["Replacement"], bare["Scope"]) == ("Modify", "False", ["Properties"])
    assert bare["PhysicalResourceId"] == player.ids(seen.stack)["Topic"]
    assert "PolicyAction" not in bare
    assert why(bare) == why(full) == {"DisplayName Never: Static DirectModification"}
    (detail,) = full["Details"]
    assert detail["Target"] == {
        "Attribute": "Properties", "Name": "DisplayName", "RequiresRecreation": "Never", "Path": "/Properties/DisplayName",
        "BeforeValue": "old", "AfterValue": "new", "AttributeChangeType": "Modify",
    }  # fmt: skip
    assert "Path" not in bare["Details"][0]["Target"]
    assert full["BeforeContext"] == {"Properties": {"DisplayName": "old"}}
    assert full["AfterContext"] == {"Properties": {"DisplayName": "new"}}


def test_a_property_that_comes_and_one_that_goes(player: Player) -> None:
    seen = changed(
        player,
        template(Topic=topic("old")),
        template(Topic={"Type": "AWS::SNS::Topic", "Properties": {"Tags": [{"Key": "a", "Value": "b"}]}}),
    )
    targets = {detail["Target"]["Path"]: detail["Target"] for detail in seen.full["Topic"]["Details"]}
    assert (
        targets["/Properties/DisplayName"]["AttributeChangeType"],
        targets["/Properties/DisplayName"]["BeforeValue"],
    ) == ("Remove", "old")
    assert targets["/Properties/Tags"]["AttributeChangeType"] == "Add"
    assert json.loads(targets["/Properties/Tags"]["AfterValue"]) == [{"Key": "a", "Value": "b"}]


def test_a_new_name_replaces_and_says_what_happens_to_the_old_one(player: Player) -> None:
    old, new = unique("topic"), unique("topic")
    seen = changed(player, template(Topic=topic(name=old)), template(Topic=topic(name=new)))
    for view in (seen.bare["Topic"], seen.full["Topic"]):
        assert (view["Replacement"], view["PolicyAction"]) == ("True", "ReplaceAndDelete")
        assert why(view) == {"TopicName Always: Static DirectModification"}
    kept = changed(
        player,
        template(Topic=topic(name=unique("topic"))),
        template(Topic=topic(name=unique("topic"), UpdateReplacePolicy="Retain")),
    )
    assert kept.bare["Topic"]["PolicyAction"] == "ReplaceAndRetain"
    assert kept.bare["Topic"]["Scope"] == ["Properties", "UpdateReplacePolicy"]


def test_a_parameter_that_changed_is_named_as_the_cause(player: Player) -> None:
    body = template(declared("Word"), Topic=topic({"Ref": "Word"}))
    seen = changed(player, body, body, {"Word": "old"}, Word="new")
    causes = {"DisplayName Never: Static ParameterReference Word", "DisplayName Never: Dynamic DirectModification"}
    assert why(seen.bare["Topic"]) == why(seen.full["Topic"]) == causes
    assert moved(seen.full["Topic"]) == {"/Properties/DisplayName": ("old", "new")}


def test_a_parameter_that_changes_nothing_that_is_made_of_it_is_no_change(player: Player) -> None:
    body = template(declared("Word"), Topic=topic({"Fn::Select": ["0", {"Fn::Split": ["-", {"Ref": "Word"}]}]}))
    seen = changed(player, body, body, {"Word": "same-a"}, Word="same-b")
    assert player.described(seen.arn)["Status"] == "FAILED"


def test_a_map_that_changed_and_another_key_of_it(player: Player) -> None:
    def body(value: str, key: str) -> Template:
        return template(
            {"Mappings": {"M": {"a": {"v": value}, "b": {"v": "two"}}}}, Topic=topic({"Fn::FindInMap": ["M", key, "v"]})
        )

    seen = changed(player, body("one", "a"), body("other", "a"))
    assert why(seen.full["Topic"]) == {"DisplayName Never: Static DirectModification"}
    assert moved(seen.full["Topic"]) == {"/Properties/DisplayName": ("one", "other")}
    same = changed(player, body("two", "a"), body("two", "b"))
    assert player.described(same.arn)["Status"] == "FAILED"


def test_a_condition_that_flips_adds_and_removes(player: Player) -> None:
    body = template(
        declared("Stage") | {"Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, "Dev": {"Fn::Not": [{"Condition": "Prod"}]}}},
        Always=topic({"Fn::If": ["Prod", "large", "small"]}), Big=topic("b", Condition="Prod"), Small=topic("s", Condition="Dev"),
    )  # fmt: skip
    seen = changed(player, body, body, {"Stage": "dev"}, Stage="prod")
    assert {name: change["Action"] for name, change in seen.bare.items()} == {
        "Always": "Modify",
        "Big": "Add",
        "Small": "Remove",
    }
    assert moved(seen.full["Always"]) == {"/Properties/DisplayName": ("small", "large")}


def test_removal_says_what_becomes_of_the_resource(player: Player) -> None:
    before = template(
        Stay=topic("x"),
        Go=topic("y"),
        Keep=topic("z", DeletionPolicy="Retain"),
        Mostly=topic("w", DeletionPolicy="RetainExceptOnCreate"),
    )
    seen = changed(player, before, template(Stay=topic("x")))
    assert {name: (change["Action"], change["PolicyAction"]) for name, change in seen.bare.items()} == {
        "Go": ("Remove", "Delete"), "Keep": ("Remove", "Retain"), "Mostly": ("Remove", "Retain"),
    }  # fmt: skip
    assert seen.full["Go"]["BeforeContext"] == {"Properties": {"DisplayName": "y"}}
    assert "AfterContext" not in seen.full["Go"]


def test_only_metadata_and_policies_change(player: Player) -> None:
    seen = changed(
        player,
        template(Topic=topic("x", Metadata={"a": "1"})),
        template(Topic=topic("x", Metadata={"a": "2"}, DeletionPolicy="Retain")),
    )
    assert seen.bare["Topic"]["Scope"] == ["DeletionPolicy", "Metadata"]
    assert seen.bare["Topic"]["Replacement"] == "False"


def test_another_type_under_the_same_name_is_refused(player: Player) -> None:
    stack = player.create(template(Thing=topic("x")))
    with Refused(
        "Update of resource type is not permitted. The new template modifies resource type of the following resources: [Thing]"
    ):
        player.change_set(stack, template(Thing=parameter("x")))


# --- what depends on a change ---------------------------------------------------------------------------------------


def test_ref_of_a_resource_changed_in_place_is_no_change(player: Player) -> None:
    seen = changed(
        player, template(A=topic("old"), B=topic({"Ref": "A"})), template(A=topic("new"), B=topic({"Ref": "A"}))
    )
    assert set(seen.bare) == set(seen.full) == {"A"}


def test_get_att_of_a_resource_changed_in_place_may_change_and_with_values_does_not(player: Player) -> None:
    link = {"Fn::GetAtt": ["A", "TopicName"]}
    seen = changed(player, template(A=topic("old"), B=parameter(link)), template(A=topic("new"), B=parameter(link)))
    assert why(seen.bare["B"]) == {"Value Never: Dynamic ResourceAttribute A.TopicName"}
    assert seen.bare["B"]["Replacement"] == "False"
    assert set(seen.full) == {"A"}


def test_what_refers_to_a_replaced_resource_changes_for_sure_and_nobody_knows_to_what(player: Player) -> None:
    def body(name: str) -> Template:
        return template(A=topic(name=name), B=parameter({"Ref": "A"}), C=parameter({"Fn::GetAtt": ["A", "TopicName"]}))

    old = unique("topic")
    seen = changed(player, body(old), body(unique("topic")))
    assert {"Value Never: Static ResourceReference A", "Value Never: Dynamic DirectModification"} == why(seen.full["B"])
    assert {"Value Never: Static ResourceAttribute A.TopicName", "Value Never: Dynamic DirectModification"} == why(
        seen.full["C"]
    )
    assert moved(seen.full["C"]) == {"/Properties/Value": (old, KNOWN_AFTER_APPLY)}


def test_replacement_travels_along_the_references(player: Player) -> None:
    def body(name: str) -> Template:
        last = parameter("x", name={"Fn::Select": [0, {"Fn::Split": ["|", {"Fn::Sub": "/${B.TopicName}|"}]}]})
        return template(A=topic(name=name), B=topic(name={"Fn::Sub": "b-${A.TopicName}"}), C=last)

    seen = changed(player, body(unique("t")), body(unique("t")))
    assert {name: change["Replacement"] for name, change in seen.full.items()} == {
        "A": "True",
        "B": "True",
        "C": "True",
    }


def test_doubt_travels_along_the_references_but_only_without_values(player: Player) -> None:
    def body(word: str) -> Template:
        return template(
            A=topic(word), B=topic({"Fn::GetAtt": ["A", "TopicName"]}), C=parameter({"Fn::GetAtt": ["B", "TopicName"]})
        )

    seen = changed(player, body("old"), body("new"))
    assert set(seen.bare) == {"A", "B", "C"}
    assert set(seen.full) == {"A"}


# --- nothing to do, or nothing but outputs and tags -----------------------------------------------------------------


def test_no_change_is_a_failed_set_that_says_so(player: Player) -> None:
    body = template(Topic=topic("x"))
    stack = player.create(body)
    found = player.described(player.change_set(stack, body))
    assert (found["Status"], found["ExecutionStatus"], found["StatusReason"]) == ("FAILED", "UNAVAILABLE", NO_CHANGE)
    assert found["Changes"] == []
    with Refused("cannot be executed in its current status of [FAILED]") as refused:
        player.execute(found["ChangeSetId"])
    assert refused.code == "InvalidChangeSetStatus"


def test_another_way_of_writing_the_same_is_no_change(player: Player) -> None:
    stack = player.create(template({"Description": "one"}, Topic=topic("80")))
    assert (
        player.described(player.change_set(stack, template({"Description": "other"}, Topic=topic(80, DependsOn=[]))))[
            "Status"
        ]
        == "FAILED"
    )


def test_outputs_alone_can_be_executed(player: Player) -> None:
    stack = player.create(template(Topic=topic("x")))
    arn = player.change_set(stack, template(outputs(Arn={"Ref": "Topic"}), Topic=topic("x")))
    found = player.described(arn)
    assert (found["Status"], found["ExecutionStatus"], found["Changes"]) == ("CREATE_COMPLETE", "AVAILABLE", [])
    assert player.execute(arn) == "UPDATE_COMPLETE"
    assert player.outputs(stack) == {"Arn": player.ids(stack)["Topic"]}


def test_tags_alone_change_every_resource_that_takes_tags(player: Player) -> None:
    route = {"Type": "AWS::EC2::InternetGateway"}
    body = template(Topic=topic("x"), Gateway=route)
    stack = player.create(body, options={"Tags": [{"Key": "team", "Value": "old"}]})
    arn = player.change_set(stack, body, options={"Tags": [{"Key": "team", "Value": "new"}]})
    topic_ = player.changes(arn)["Topic"]
    assert (topic_["Scope"], topic_["Replacement"]) == (["Tags"], "False")
    assert why(topic_) == {"Tags Never: Static DirectModification"}
    assert player.execute(arn) == "UPDATE_COMPLETE"
    tags = player.client("sns").list_tags_for_resource(ResourceArn=player.ids(stack)["Topic"])["Tags"]
    assert {"Key": "team", "Value": "new"} in tags


# --- exports --------------------------------------------------------------------------------------------------------


def test_an_import_that_nobody_exports_is_told_with_values_only_and_fails_later(player: Player) -> None:
    export = unique("missing")
    arn = player.change_set(
        unique(), template(Topic=topic(), Word=parameter({"Fn::ImportValue": export})), kind="CREATE"
    )
    assert "StatusReason" not in player.described(arn)
    found = player.described(arn, values=True)
    assert found["Status"] == "CREATE_COMPLETE"
    warning = "[WARN] --include-property-values option can return incomplete ChangeSet data because: "
    assert (
        found["StatusReason"]
        == f"{warning}ChangeSet creation failed for resource [Word] because: No export named {export}"
    )
    assert player.changes(arn, values=True)["Word"]["AfterContext"]["Properties"]["Value"] == KNOWN_AFTER_APPLY
    assert player.execute(arn) == "ROLLBACK_COMPLETE"


# --- nested stacks --------------------------------------------------------------------------------------------------

CHILD = template(
    declared("Word", Fixed="f") | outputs(Arn={"Ref": "Inner"}, Said={"Ref": "Word"}), Inner=topic({"Ref": "Word"})
)


def test_a_new_nested_stack_has_a_change_set_of_its_own(player: Player) -> None:
    url = player.upload(CHILD)
    name = unique()
    root = player.change_set(
        name,
        template(Child=stack_of(url, Word="hi"), After=topic({"Fn::GetAtt": ["Child", "Outputs.Said"]})),
        kind="CREATE",
    )
    child = player.changes(root)["Child"]
    assert (child["Action"], child["ResourceType"], child["Details"]) == ("Add", "AWS::CloudFormation::Stack", [])
    nested = player.described(child["ChangeSetId"])
    assert (nested["ParentChangeSetId"], nested["RootChangeSetId"], nested["IncludeNestedStacks"]) == (root, root, True)
    assert nested["StackName"].startswith(f"{name}-Child-")
    assert nested["Parameters"] == [
        {"ParameterKey": "Word", "ParameterValue": "hi"},
        {"ParameterKey": "Fixed", "ParameterValue": "f"},
    ]
    assert set(player.changes(child["ChangeSetId"])) == {"Inner"}
    assert player.changes(root, values=True)["After"]["AfterContext"]["Properties"]["DisplayName"] == KNOWN_AFTER_APPLY
    whole = player.described(root)
    assert "RootChangeSetId" not in whole
    assert whole["IncludeNestedStacks"] is True


def test_the_tree_goes_down_as_deep_as_the_stacks(player: Player) -> None:
    middle = player.upload(template(declared("Word"), Leaf=stack_of(player.upload(CHILD), Word={"Ref": "Word"})))
    root = player.change_set(
        unique(), template(declared("Word"), Middle=stack_of(middle, Word={"Ref": "Word"})), kind="CREATE", Word="hi"
    )
    second = player.changes(root)["Middle"]["ChangeSetId"]
    third = player.changes(second)["Leaf"]["ChangeSetId"]
    found = player.described(third, values=True)
    assert (found["ParentChangeSetId"], found["RootChangeSetId"]) == (second, root)
    assert player.changes(third, values=True)["Inner"]["AfterContext"] == {"Properties": {"DisplayName": "hi"}}


def test_only_the_nested_stack_that_changes_is_listed(player: Player) -> None:
    url = player.upload(CHILD)
    body = template(declared("Word"), One=stack_of(url, Word={"Ref": "Word"}), Two=stack_of(url, Word="same"))
    seen = changed(player, body, body, {"Word": "old"}, Word="new")
    assert set(seen.bare) == {"One"}
    one = seen.bare["One"]
    assert (one["Action"], one["Replacement"], one["Scope"]) == ("Modify", "False", ["Properties"])
    assert moved(player.changes(one["ChangeSetId"], values=True)["Inner"]) == {
        "/Properties/DisplayName": ("old", "new")
    }


def test_another_template_of_a_nested_stack_changes_it_though_its_parameters_stay(player: Player) -> None:
    after = {**CHILD, "Resources": {"Inner": topic({"Fn::Sub": "${Word}!"})}}
    seen = changed(
        player,
        template(Child=stack_of(player.upload(CHILD), Word="a")),
        template(Child=stack_of(player.upload(after), Word="a")),
    )
    assert {"TemplateURL Never: Static DirectModification"} == why(seen.bare["Child"])
    assert moved(player.changes(seen.bare["Child"]["ChangeSetId"], values=True)["Inner"]) == {
        "/Properties/DisplayName": ("a", "a!")
    }


def test_a_change_in_one_nested_stack_reaches_its_siblings_parameters(player: Player) -> None:
    url = player.upload(CHILD)

    def body(word: str) -> Template:
        return template(One=stack_of(url, Word=word), Two=stack_of(url, Word={"Fn::GetAtt": ["One", "Outputs.Said"]}))

    seen = changed(player, body("old"), body("new"))
    assert set(seen.full) == {"One", "Two"}
    assert moved(seen.full["Two"]) == {"/Properties/Parameters/Word": ("old", KNOWN_AFTER_APPLY)}
    inner = player.changes(seen.full["Two"]["ChangeSetId"], values=True)["Inner"]
    assert moved(inner) == {"/Properties/DisplayName": ("old", KNOWN_AFTER_APPLY)}
    assert player.execute(seen.arn) == "UPDATE_COMPLETE"
    assert {player.outputs(each)["Said"] for each in player.ids(seen.stack).values()} == {"new"}


def test_nested_stacks_without_changes_make_no_change(player: Player) -> None:
    body = template(Child=stack_of(player.upload(CHILD), Word="a"))
    stack = player.create(body)
    found = player.described(player.change_set(stack, body))
    assert (found["Status"], found["StatusReason"]) == ("FAILED", NO_CHANGE)


def test_the_same_template_at_another_address_is_a_nested_set_without_changes(player: Player) -> None:
    seen = changed(
        player,
        template(Child=stack_of(player.upload(CHILD), Word="a")),
        template(Child=stack_of(player.upload(CHILD), Word="a")),
    )
    nested = player.described(seen.bare["Child"]["ChangeSetId"])
    assert (nested["Status"], nested["StatusReason"], nested["Changes"]) == ("FAILED", NO_CHANGE, [])
    assert player.described(seen.arn)["Status"] == "CREATE_COMPLETE"
    before = player.ids(player.ids(seen.stack)["Child"])
    assert player.execute(seen.arn) == "UPDATE_COMPLETE"
    assert player.ids(player.ids(seen.stack)["Child"]) == before


def test_without_nested_sets_a_nested_stack_is_a_possible_change(player: Player) -> None:
    body = template(Child=stack_of(player.upload(CHILD), Word="a"))
    stack = player.create(body)
    arn = player.change_set(stack, body, options={"Tags": [{"Key": "a", "Value": "b"}]})
    assert "ChangeSetId" in player.changes(arn)["Child"]
    made = player.cfn.create_change_set(StackName=stack, ChangeSetName=unique(), UsePreviousTemplate=True)["Id"]
    child = player.changes(made)["Child"]
    assert why(child) == {"Properties Never: Dynamic Automatic"}
    assert "ChangeSetId" not in child
    assert player.described(made)["IncludeNestedStacks"] is False


def test_a_new_nested_stack_in_an_update(player: Player) -> None:
    url = player.upload(CHILD)
    seen = changed(player, template(Topic=topic("x")), template(Topic=topic("x"), Child=stack_of(url, Word="a")))
    assert seen.bare["Child"]["Action"] == "Add"
    shell = player.described(seen.bare["Child"]["ChangeSetId"])["StackId"]
    assert player.execute(seen.arn) == "UPDATE_COMPLETE"
    assert player.ids(seen.stack)["Child"] == shell
    child = player.stack(shell)
    assert (child["StackStatus"], child["ParentId"], child["RootId"]) == ("CREATE_COMPLETE", seen.stack, seen.stack)


def broken_child(player: Player, child: Template) -> str:
    """The reason that the change set of a nested stack gives for having failed."""
    name = unique()
    root = player.described(player.change_set(name, template(First=topic(), Child=child), kind="CREATE"))
    nested = player.changes(root["ChangeSetId"])["Child"]["ChangeSetId"]
    assert (root["Status"], root["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert root["StatusReason"] == f"Nested change set {nested} was not successfully created: Currently in FAILED."
    with Refused("cannot be executed in its current status of [FAILED]"):
        player.execute(root["ChangeSetId"])
    found = player.described(nested)
    assert (found["Status"], found["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert player.delete(player.stack(name)["StackId"]) == "DELETE_COMPLETE"
    assert not any(each["StackName"].startswith(f"{name}-") for each in player.cfn.describe_stacks()["Stacks"])
    return str(found["StatusReason"])


def test_what_is_wrong_with_a_nested_stack_fails_its_change_set_and_all_above(player: Player) -> None:
    unresolved = player.upload(template(Inner=topic({"Ref": "Nothing"})))
    assert "Unresolved resource dependencies [Nothing]" in broken_child(player, stack_of(unresolved))
    assert broken_child(player, stack_of(player.upload(CHILD))) == "Parameters: [Word] must have values"
    said = "Value of property Parameters must be an object with String (or simple type) properties"
    assert broken_child(player, stack_of(player.upload(CHILD), Word=["a", "b"])) == said
    assert "S3 error: The specified key does not exist." in broken_child(
        player, stack_of(player.upload(CHILD) + "x", Word="a")
    )
    deep = player.upload(template(Leaf=stack_of(unresolved)))
    assert "Nested change set" in broken_child(player, stack_of(deep))


def test_what_is_wrong_with_a_nested_stack_refuses_a_direct_create(player: Player) -> None:
    name = unique()
    with Refused("Parameters: [Word] must have values"):
        player.create(template(Child=stack_of(player.upload(CHILD))), name=name)
    assert not any(each["StackName"].startswith(name) for each in player.cfn.describe_stacks()["Stacks"])


def test_what_is_not_played_is_refused_by_name_before_anything_is_made(player: Player) -> None:
    name = unique()
    strange = {"Type": "AWS::SNS::Topic", "Properties": {"DeliveryStatusLogging": []}}
    with Refused("The local stage does not play these properties of Inner (AWS::SNS::Topic): DeliveryStatusLogging"):
        player.change_set(name, template(First=topic(), Inner=strange), kind="CREATE")
    with Refused("The local stage does not play AWS::Neptune::DBCluster."):
        player.create(template(First=topic(), Second={"Type": "AWS::Neptune::DBCluster"}), name=name)
    with Refused("does not exist"):
        player.stack(name)
    assert "DeliveryStatusLogging" in broken_child(player, stack_of(player.upload(template(Inner=strange))))
