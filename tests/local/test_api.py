"""CloudFormation's API as a boto3 caller meets it: stacks, resources, templates, change sets, pages, refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oaktree_cfn.local import api

from .player import Player, Refused, declared, outputs, parameter, stack_of, template, topic, unique

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
    monkeypatch.setattr(api, "PAGE", size)
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


# --- templates ------------------------------------------------------------------------------------------------------


def test_get_template_gives_back_what_was_sent_byte_for_byte(player: Player) -> None:
    body = "# a comment\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n"
    answer = player.cfn.create_stack(StackName=unique(), TemplateBody=body)
    player.settle(answer["StackId"])
    found = player.cfn.get_template(StackName=answer["StackId"])
    assert (found["TemplateBody"], found["StagesAvailable"]) == (body, ["Original", "Processed"])


def test_get_template_of_a_change_set(player: Player) -> None:
    stack = player.create(ONE_TOPIC)
    arn = player.change_set(stack, template(Topic=topic("second")))
    assert player.cfn.get_template(ChangeSetName=arn)["TemplateBody"] == template(Topic=topic("second"))
    assert player.cfn.get_template(StackName=stack)["TemplateBody"] == ONE_TOPIC


def test_get_template_asks_for_what_it_needs(player: Player) -> None:
    with Refused("StackName is required if ChangeSetName is not specified."):
        player.cfn.get_template()
    with Refused("StackName is a required parameter."):
        player.cfn.get_template(ChangeSetName="c")
    with Refused("Stack with id nowhere does not exist"):
        player.cfn.get_template(StackName="nowhere")


DECLARED = {
    "Parameters": {
        "Stage": {"Type": "String", "Default": "dev", "AllowedValues": ["dev", "prod"], "Description": "which"},
        "Secret": {"Type": "String", "NoEcho": True},
    },
    "Metadata": {"a": 1},
    "Description": "a summary",
}


def test_a_template_is_summed_up(player: Player) -> None:
    summary = player.cfn.get_template_summary(TemplateBody=json.dumps(template(DECLARED, P=parameter("x"))))
    assert summary["Parameters"] == [
        {
            "ParameterKey": "Stage", "DefaultValue": "dev", "ParameterType": "String", "NoEcho": False, "Description": "which",
            "ParameterConstraints": {"AllowedValues": ["dev", "prod"]},
        },
        {"ParameterKey": "Secret", "ParameterType": "String", "NoEcho": True},
    ]  # fmt: skip
    assert summary["ResourceTypes"] == ["AWS::SSM::Parameter"]
    (identifier,) = summary["ResourceIdentifierSummaries"]
    assert (identifier["LogicalResourceIds"], identifier["ResourceIdentifiers"]) == (["P"], ["Name"])
    assert (summary["Description"], summary["Metadata"], summary["Version"]) == ("a summary", '{"a": 1}', "2010-09-09")


def test_a_template_is_validated(player: Player) -> None:
    answer = player.cfn.validate_template(TemplateBody=json.dumps(template(DECLARED, P=parameter("x"))))
    assert answer["Parameters"] == [
        {"ParameterKey": "Stage", "DefaultValue": "dev", "NoEcho": False, "Description": "which"},
        {"ParameterKey": "Secret", "NoEcho": True},
    ]
    with Refused("Template format error: At least one Resources member must be defined."):
        player.cfn.validate_template(TemplateBody="Resources: {}")


def test_an_empty_shell_has_no_template_to_sum_up(player: Player) -> None:
    name = unique()
    player.change_set(name, ONE_TOPIC, kind="CREATE")
    with Refused("GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks."):
        player.cfn.get_template_summary(StackName=name)


# --- change sets ----------------------------------------------------------------------------------------------------


def test_a_new_stack_begins_as_a_shell_that_waits_for_its_change_set(player: Player) -> None:
    name = unique()
    arn = player.change_set(name, ONE_TOPIC, kind="CREATE")
    shell = player.stack(name)
    assert (shell["StackStatus"], shell["Tags"]) == ("REVIEW_IN_PROGRESS", [])
    assert "Parameters" not in shell
    described = player.described(arn)
    assert (described["Status"], described["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert (described["Capabilities"], described["NotificationARNs"]) == (["CAPABILITY_NAMED_IAM"], [])
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
