"""CloudFormation's API as a boto3 caller meets it: stacks, resources, events, exports, pages, refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oaktree_cfn.local import desk

from .player import Player, Refused, declared, outputs, stack_of, template, topic, unique

ONE_TOPIC = template(Topic=topic("first"))


# --- stacks ---------------------------------------------------------------------------------------------------------


def test_a_stack_is_created_and_described(player: Player) -> None:
    name = unique()
    body = template(
        declared("Word") | outputs(Said={"Ref": "Word"}) | {"Description": "a small one"}, Topic=topic({"Ref": "Word"})
    )
    stack_id = player.create(body, name=name, Word="hello", options={"Tags": [{"Key": "team", "Value": "trees"}]})
    stack = player.stack(name)
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    assert stack["StackId"] == stack_id
    assert stack_id.startswith(f"arn:aws:cloudformation:ap-southeast-1:123456789012:stack/{name}/")
    assert stack["Description"] == "a small one"
    assert stack["Parameters"] == [{"ParameterKey": "Word", "ParameterValue": "hello"}]
    assert stack["Outputs"] == [{"OutputKey": "Said", "OutputValue": "hello"}]
    assert stack["Tags"] == [{"Key": "team", "Value": "trees"}]
    assert stack["EnableTerminationProtection"] is False
    assert stack["DriftInformation"] == {"StackDriftStatus": "NOT_CHECKED"}
    assert "LastUpdatedTime" not in stack
    assert "ChangeSetId" not in stack


def test_a_stack_is_updated_in_place(player: Player) -> None:
    stack = player.create(ONE_TOPIC)
    before = player.ids(stack)
    assert player.update(stack, template(Topic=topic("second"))) == "UPDATE_COMPLETE"
    assert player.ids(stack) == before
    assert player.stack(stack)["LastUpdatedTime"] >= player.stack(stack)["CreationTime"]


def test_an_update_without_changes_is_refused(player: Player) -> None:
    stack = player.create(ONE_TOPIC)
    with Refused("No updates are to be performed.") as refused:
        player.update(stack, ONE_TOPIC)
    assert refused.code == "ValidationError"


def test_a_name_is_taken_while_its_stack_lives(player: Player) -> None:
    name = unique()
    first = player.create(ONE_TOPIC, name=name)
    with Refused(f"Stack [{name}] already exists") as refused:
        player.create(ONE_TOPIC, name=name)
    assert refused.code == "AlreadyExistsException"
    player.delete(first)
    assert player.create(ONE_TOPIC, name=name) != first


def test_a_name_must_look_like_one(player: Player) -> None:
    with Refused(
        "Value '1st' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern"
    ):
        player.create(ONE_TOPIC, name="1st")


def test_a_deleted_stack_is_described_by_id_only(player: Player) -> None:
    name = unique()
    stack = player.create(ONE_TOPIC, name=name)
    assert player.delete(stack) == "DELETE_COMPLETE"
    gone = player.stack(stack)
    assert "DeletionTime" in gone
    assert "EnableTerminationProtection" not in gone
    assert "ChangeSetId" not in gone
    with Refused(f"Stack with id {name} does not exist"):
        player.stack(name)
    with Refused(f"Stack [{name}] does not exist"):
        player.events(name)
    assert player.story(stack)[-1] == "stack DELETE_COMPLETE"
    assert name not in {each["StackName"] for each in player.cfn.describe_stacks()["Stacks"]}
    listed = player.cfn.list_stacks(StackStatusFilter=["DELETE_COMPLETE"])["StackSummaries"]
    assert stack in {each["StackId"] for each in listed}


def test_a_deleted_stack_cannot_be_updated(player: Player) -> None:
    stack = player.create(ONE_TOPIC)
    player.delete(stack)
    with Refused(f"Stack:{stack} is in DELETE_COMPLETE state and can not be updated."):
        player.update(stack, template(Topic=topic("second")))
    with Refused(f"Stack:{stack} is in DELETE_COMPLETE state and can not be updated."):
        player.change_set(stack, template(Topic=topic("second")))
    with Refused(f"Stack [{stack}] already exists and cannot be created again with the changeSet"):
        player.change_set(stack, ONE_TOPIC, kind="CREATE")


def test_deleting_what_is_not_there_is_a_success(player: Player) -> None:
    assert player.cfn.delete_stack(StackName="never-was")["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_protected_stack_is_not_deleted_until_protection_is_lifted(player: Player) -> None:
    name = unique()
    stack = player.create(ONE_TOPIC, name=name, options={"EnableTerminationProtection": True})
    with Refused(f"Stack [{name}] cannot be deleted while TerminationProtection is enabled"):
        player.delete(stack)
    assert player.stack(stack)["StackStatus"] == "CREATE_COMPLETE"
    player.cfn.update_termination_protection(StackName=name, EnableTerminationProtection=False)
    assert player.delete(stack) == "DELETE_COMPLETE"


def test_protection_is_a_matter_of_the_root(player: Player) -> None:
    root = player.create(template(Child=stack_of(player.upload(ONE_TOPIC))))
    with Refused("nested stack"):
        player.cfn.update_termination_protection(StackName=player.ids(root)["Child"], EnableTerminationProtection=True)


def test_resources_are_described_from_every_side(player: Player) -> None:
    stack = player.create(template(Topic=topic("first", Metadata={"Owner": "trees"}), Plain=topic()))
    arn = player.ids(stack)["Topic"]
    detail = player.cfn.describe_stack_resource(StackName=stack, LogicalResourceId="Topic")["StackResourceDetail"]
    assert (detail["PhysicalResourceId"], detail["ResourceStatus"]) == (arn, "CREATE_COMPLETE")
    assert json.loads(detail["Metadata"]) == {"Owner": "trees"}
    plain = player.cfn.describe_stack_resource(StackName=stack, LogicalResourceId="Plain")["StackResourceDetail"]
    assert plain["Metadata"] == "{}"
    rows = player.cfn.list_stack_resources(StackName=stack)["StackResourceSummaries"]
    assert {row["LogicalResourceId"] for row in rows} == {"Topic", "Plain"}
    (row,) = player.cfn.describe_stack_resources(PhysicalResourceId=arn, LogicalResourceId="Topic")["StackResources"]
    assert row["StackId"] == stack


def test_what_is_not_there_is_named_as_aws_names_it(player: Player) -> None:
    stack = player.create(ONE_TOPIC)
    with Refused(f"Resource Nothing does not exist for stack {stack}"):
        player.cfn.describe_stack_resource(StackName=stack, LogicalResourceId="Nothing")
    with Refused("Stack 'nowhere' does not exist"):
        player.cfn.describe_stack_resource(StackName="nowhere", LogicalResourceId="Nothing")
    with Refused("Stack with id nowhere does not exist"):
        player.cfn.describe_stacks(StackName="nowhere")
    with Refused("Stack [nowhere] does not exist"):
        player.cfn.describe_change_set(StackName="nowhere", ChangeSetName="c")
    with Refused("Stack [nowhere] does not exist"):
        player.cfn.update_stack(StackName="nowhere", TemplateBody=json.dumps(ONE_TOPIC))


def test_an_operation_in_progress_keeps_others_out(player: Player) -> None:
    name = unique()
    player.fault(resource="Topic", step="create", delay=30)
    stack = player.start(ONE_TOPIC, name=name)
    in_progress = f"Stack:{stack} is in CREATE_IN_PROGRESS state and can not be updated."
    with Refused(in_progress):
        player.update(name, template(Topic=topic("second")))
    with Refused(in_progress):
        player.change_set(name, template(Topic=topic("second")))
    with Refused(f"Stack [{name}] already exists"):
        player.create(ONE_TOPIC, name=name)
    player.clear_faults()
    assert player.settle(stack) == "CREATE_COMPLETE"


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3])
def test_lists_come_in_pages_that_together_are_everything(
    player: Player, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    stem = unique("page")
    body = template(outputs(**{f"O{n}": "x" for n in range(3)}), **{f"T{n}": topic(str(n)) for n in range(3)})
    for number, output in enumerate(body["Outputs"].values()):
        output["Export"] = {"Name": f"{stem}-{number}"}
    change_set = player.change_set(stem, body, kind="CREATE")
    monkeypatch.setattr(desk, "PAGE", size)
    first = player.cfn.describe_change_set(ChangeSetName=change_set)
    assert (len(first["Changes"]), "NextToken" in first) == (size, size < 3)
    assert set(player.changes(change_set)) == {"T0", "T1", "T2"}
    player.execute(change_set)

    def every(operation: str, key: str, **options: Any) -> list[Any]:
        pages = list(player.cfn.get_paginator(operation).paginate(**options))
        assert all(len(page[key]) <= size for page in pages)
        return [row for page in pages for row in page[key]]

    assert (
        len(every("describe_stack_events", "StackEvents", StackName=stem))
        == len(set(map(str, player.events(stem))))
        == 12
    )
    assert len(every("list_stack_resources", "StackResourceSummaries", StackName=stem)) == 3
    assert [each["Name"] for each in every("list_exports", "Exports") if each["Name"].startswith(f"{stem}-")] == [
        f"{stem}-{n}" for n in range(3)
    ]
    for operation, key in (("describe_stacks", "Stacks"), ("list_stacks", "StackSummaries")):
        assert stem in {each["StackName"] for each in every(operation, key)}


def test_a_page_token_that_nobody_gave_out_is_refused(player: Player) -> None:
    with Refused("NextToken"):
        player.cfn.describe_stacks(NextToken="made-up")


# --- events ---------------------------------------------------------------------------------------------------------


def test_events_tell_who_asked_and_what_was_sent(player: Player) -> None:
    stack = player.create(ONE_TOPIC, options={"ClientRequestToken": "run-7"})
    events = player.events(stack)
    assert {each["ClientRequestToken"] for each in events} == {"run-7"}
    assert events[0]["ResourceStatusReason"] == "User Initiated"
    first, second, third = (each for each in events if each["LogicalResourceId"] == "Topic")
    assert json.loads(first["ResourceProperties"]) == {"DisplayName": "first"}
    assert not first["PhysicalResourceId"]
    assert second["ResourceStatusReason"] == "Resource creation Initiated"
    assert second["PhysicalResourceId"] == third["PhysicalResourceId"] != ""
    assert len({each["EventId"] for each in events}) == len(events)
    assert [each["Timestamp"] for each in events] == sorted(each["Timestamp"] for each in events)


def test_describe_events_can_be_narrowed_to_failures(player: Player) -> None:
    player.fault(resource="Topic", step="create", fail="no more topics")
    stack = player.create(ONE_TOPIC)
    everything = player.cfn.describe_events(StackName=stack)["OperationEvents"]
    failed = player.cfn.describe_events(StackName=stack, Filters={"FailedEvents": True})["OperationEvents"]
    assert {each["ResourceStatus"] for each in failed} == {"CREATE_FAILED"}
    assert failed[0]["EventType"] == "PROVISIONING_ERROR"
    assert "no more topics" in failed[0]["ResourceStatusReason"]
    assert len(everything) == len(player.events(stack))


# --- exports --------------------------------------------------------------------------------------------------------


def test_exports_and_their_importers_are_listed(player: Player) -> None:
    export = unique("export")
    exporting = player.create(template({"Outputs": {"O": {"Value": "v", "Export": {"Name": export}}}}, Topic=topic()))
    (found,) = (each for each in player.cfn.list_exports()["Exports"] if each["Name"] == export)
    assert found == {"ExportingStackId": exporting, "Name": export, "Value": "v"}
    with Refused(f"Export '{export}' is not imported by any stack."):
        player.cfn.list_imports(ExportName=export)
    name = unique()
    player.create(template(Topic=topic({"Fn::ImportValue": export})), name=name)
    assert player.cfn.list_imports(ExportName=export)["Imports"] == [name]


# --- what is not played ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "request_"),
    [
        ("set_stack_policy", {"StackName": "s"}),
        ("detect_stack_drift", {"StackName": "s"}),
        ("create_stack_set", {"StackSetName": "s"}),
        ("list_types", {}),
    ],
)
def test_an_operation_that_is_not_played_is_refused_by_name(
    player: Player, operation: str, request_: dict[str, Any]
) -> None:
    with Refused("The local stage does not play cloudformation:") as refused:
        getattr(player.cfn, operation)(**request_)
    assert refused.code == "NotImplemented"
    assert operation.replace("_", "") in refused.message.lower()


@pytest.mark.parametrize(
    "option",
    [
        {"ResourceTypes": ["AWS::EC2::*"]},
        {"DeploymentConfig": {"Mode": "EXPRESS"}},
        {"ImportExistingResources": True},
        {"RollbackConfiguration": {"MonitoringTimeInMinutes": 5}},
        {"DeploymentMode": "REVERT_DRIFT"},
        {"ChangeSetType": "IMPORT"},
    ],
    ids=lambda option: next(iter(option)),
)
def test_an_option_that_is_not_played_is_refused_by_name(player: Player, option: dict[str, Any]) -> None:
    name = unique()
    with Refused("The local stage does not play") as refused:
        player.cfn.create_change_set(**{"StackName": name, "ChangeSetName": "c", "ChangeSetType": "CREATE", "TemplateBody": json.dumps(ONE_TOPIC)} | option)  # fmt: skip
    assert refused.code == "NotImplemented"
    with Refused("does not exist"):
        player.stack(name)
