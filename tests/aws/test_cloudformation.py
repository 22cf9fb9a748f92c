"""CloudFormation through a stubbed client: botocore checks every request and answer against its own model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import ANY, Stubber

from oaktree_cfn.aws import Aws
from oaktree_cfn.aws.cloudformation import CloudFormation, NewChangeSet, NewParameter
from oaktree_cfn.aws.failures import NOBODY
from oaktree_cfn.errors import AwsError, InvalidInput, StackBusy
from oaktree_cfn.models import ChangeSet

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ARN = "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/oaktree-1/a"
STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/oaktree-dev/1"
NEW = NewChangeSet(
    "oaktree-dev", "oaktree-1", "UPDATE", "https://b.s3.eu-west-1.amazonaws.com/k", (NewParameter("A", "1"),)
)
MADE = ChangeSet(ARN, "oaktree-1", STACK, "oaktree-dev", "CREATE_COMPLETE")


ROLE = "arn:aws:iam::123456789012:role/oaktree-dev-cloudformation-role"


@pytest.fixture
def aws() -> Aws:
    return Aws("eu-west-1", "http://127.0.0.1:9")


@pytest.fixture
def stub(aws: Aws) -> Iterator[Stubber]:
    with Stubber(aws.connection.client("cloudformation")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def cloudformation(aws: Aws) -> CloudFormation:
    return aws.cloudformation


def stack(status: str = "UPDATE_COMPLETE", **more: Any) -> dict[str, Any]:
    return {
        "Stacks": [{"StackId": STACK, "StackName": "oaktree-dev", "StackStatus": status, "CreationTime": NOW, **more}]
    }


def described(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"ChangeSetId": ARN, "ChangeSetName": "oaktree-1", "StackId": STACK, "StackName": "oaktree-dev"}
    listed = [{"Type": "Resource", "ResourceChange": change} for change in changes]
    return {**body, "Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "Changes": listed, **more}


def event(number: int) -> dict[str, Any]:
    return {
        "EventId": str(number),
        "StackId": STACK,
        "StackName": "oaktree-dev",
        "Timestamp": NOW,
        "LogicalResourceId": "R",
    }


def test_a_stack_that_does_not_exist_is_none(cloudformation: CloudFormation, stub: Stubber) -> None:
    stub.add_client_error("describe_stacks", "ValidationError", "Stack with id oaktree-dev does not exist")
    assert cloudformation.stack("oaktree-dev") is None


def test_an_error_about_a_stack_is_no_absence(cloudformation: CloudFormation, stub: Stubber) -> None:
    stub.add_client_error("describe_stacks", "AccessDenied", "no")
    with pytest.raises(AwsError, match="AccessDenied"):
        cloudformation.stack("oaktree-dev")


def test_events_are_read_back_to_what_was_seen_and_told_oldest_first(
    cloudformation: CloudFormation, stub: Stubber
) -> None:
    stub.add_response(
        "describe_stack_events", {"StackEvents": [event(5), event(4)], "NextToken": "t"}, {"StackName": STACK}
    )
    stub.add_response(
        "describe_stack_events", {"StackEvents": [event(3), event(2)]}, {"StackName": STACK, "NextToken": "t"}
    )
    assert [each.id for each in cloudformation.events(STACK, {"2"})] == ["3", "4", "5"]


def test_events_stop_paging_at_what_was_seen(cloudformation: CloudFormation, stub: Stubber) -> None:
    stub.add_response(
        "describe_stack_events", {"StackEvents": [event(5), event(4)], "NextToken": "t"}, {"StackName": STACK}
    )
    assert [each.id for each in cloudformation.events(STACK, {"4"})] == ["5"]


def test_every_page_of_a_change_set_is_fetched(cloudformation: CloudFormation, stub: Stubber) -> None:
    first = described({"Action": "Add", "LogicalResourceId": "A"}, NextToken="t")
    stub.add_response("describe_change_set", first, {"ChangeSetName": ARN, "IncludePropertyValues": False})
    more = {"ChangeSetName": ARN, "IncludePropertyValues": False, "NextToken": "t"}
    stub.add_response("describe_change_set", described({"Action": "Add", "LogicalResourceId": "B"}), more)
    assert [change.logical_id for change in cloudformation.change_set(ARN).changes] == ["A", "B"]


def test_a_tree_holds_the_changes_that_values_dropped(cloudformation: CloudFormation, stub: Stubber) -> None:
    plain = cloudformation_answer(described({"Action": "Remove", "LogicalResourceId": "Table", "ResourceType": "T"}))
    stub.add_response("describe_change_set", described(), {"ChangeSetName": ARN, "IncludePropertyValues": True})
    assert [change.action for change in cloudformation.tree(plain).changes] == ["Remove"]


def cloudformation_answer(reply: dict[str, Any]) -> ChangeSet:
    from oaktree_cfn.aws import replies

    return replies.change_set([reply])


def test_a_nested_set_hangs_on_its_change(cloudformation: CloudFormation, stub: Stubber) -> None:
    inner = ARN + "-inner"
    outer = {
        "Action": "Modify",
        "LogicalResourceId": "Data",
        "ResourceType": "AWS::CloudFormation::Stack",
        "ChangeSetId": inner,
    }
    plain = cloudformation_answer(described(outer, Status="FAILED"))  # a failed root is described once
    failed = described(Status="FAILED", StatusReason="why", ChangeSetId=inner)
    stub.add_response("describe_change_set", failed, {"ChangeSetName": inner, "IncludePropertyValues": ANY})
    stub.add_response("describe_change_set", failed, {"ChangeSetName": inner, "IncludePropertyValues": ANY})
    nested = cloudformation.tree(plain).changes[0].nested
    assert nested is not None
    assert nested.reason == "why"


def test_a_change_set_is_asked_for_with_everything_it_needs(cloudformation: CloudFormation, stub: Stubber) -> None:
    expected = {
        "StackName": "oaktree-dev",
        "ChangeSetName": "oaktree-1",
        "ChangeSetType": "CREATE",
        "TemplateURL": "https://b/k",
        "Parameters": [{"ParameterKey": "A", "ParameterValue": "1"}, {"ParameterKey": "B", "UsePreviousValue": True}],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Tags": [{"Key": "k", "Value": "v"}],
        "ClientToken": "oaktree-1",
        "Description": "d",
        "IncludeNestedStacks": True,
        "OnStackFailure": "DELETE",
        "RoleARN": ROLE,
    }
    stub.add_response("create_change_set", {"Id": ARN}, expected)
    parameters = (NewParameter("A", "1"), NewParameter("B", None))
    may = ("CAPABILITY_NAMED_IAM",)
    new = NewChangeSet("oaktree-dev", "oaktree-1", "CREATE", "https://b/k", parameters, may, {"k": "v"}, "d", ROLE)
    assert cloudformation.create_change_set(new) == ARN


def test_a_role_that_cannot_be_assumed_is_named_with_what_to_check(
    cloudformation: CloudFormation, stub: Stubber
) -> None:
    stub.add_client_error("create_change_set", "ValidationError", f"Role {ROLE} is invalid or cannot be assumed")
    with pytest.raises(InvalidInput, match=f"cannot work as {ROLE}") as caught:
        cloudformation.create_change_set(replace(NEW, role_arn=ROLE))
    assert "that you may pass it" in caught.value.advice


def test_a_change_set_whose_reply_was_lost_is_adopted(cloudformation: CloudFormation, stub: Stubber) -> None:
    stub.add_client_error("create_change_set", "AlreadyExistsException", "ChangeSet oaktree-1 cannot be created")
    stub.add_response("describe_change_set", described(), {"ChangeSetName": "oaktree-1", "StackName": "oaktree-dev"})
    assert cloudformation.create_change_set(NEW) == ARN


def test_what_cloudformation_finds_invalid_is_invalid_input(cloudformation: CloudFormation, stub: Stubber) -> None:
    stub.add_client_error("create_change_set", "ValidationError", "Template format error")
    with pytest.raises(InvalidInput, match="Template format error"):
        cloudformation.create_change_set(NEW)


def test_a_stack_that_became_busy_meanwhile_is_busy(cloudformation: CloudFormation, stub: Stubber) -> None:
    stub.add_client_error(
        "create_change_set", "ValidationError", f"Stack:{STACK} is in UPDATE_IN_PROGRESS state and can not be updated."
    )
    with pytest.raises(StackBusy):
        cloudformation.create_change_set(NEW)


def test_an_execution_whose_reply_was_lost_is_recognised_by_the_stack(
    cloudformation: CloudFormation, stub: Stubber
) -> None:
    stub.add_client_error("execute_change_set", "InvalidChangeSetStatus", "it is in EXECUTE_COMPLETE")
    stub.add_response("describe_stacks", stack("UPDATE_IN_PROGRESS", ChangeSetId=ARN))
    cloudformation.execute(MADE)


def test_an_execution_whose_reply_was_lost_is_recognised_by_the_change_set(
    cloudformation: CloudFormation, stub: Stubber
) -> None:
    stub.add_client_error("execute_change_set", "InvalidChangeSetStatus", "it is in EXECUTE_IN_PROGRESS")
    stub.add_response("describe_stacks", stack("UPDATE_IN_PROGRESS"))
    stub.add_response("describe_change_set", described(ExecutionStatus="EXECUTE_IN_PROGRESS"))
    cloudformation.execute(MADE)


@pytest.mark.parametrize("status", ["OBSOLETE", "UNAVAILABLE"])
def test_a_change_set_that_was_never_started_stays_an_error(
    cloudformation: CloudFormation, stub: Stubber, status: str
) -> None:
    stub.add_client_error("execute_change_set", "InvalidChangeSetStatus", "no")
    stub.add_response("describe_stacks", stack())
    stub.add_response("describe_change_set", described(ExecutionStatus=status))
    with pytest.raises(AwsError, match="InvalidChangeSetStatus"):
        cloudformation.execute(MADE)


def test_deleting_what_is_gone_is_fine(cloudformation: CloudFormation, stub: Stubber) -> None:
    stub.add_client_error("delete_change_set", "ChangeSetNotFound", "gone")
    stub.add_client_error("delete_stack", "TokenAlreadyExistsException", "it is being deleted")
    cloudformation.delete_change_set(ARN)
    cloudformation.delete_stack(STACK, "token")


def test_a_template_comes_parsed_and_a_missing_one_empty(cloudformation: CloudFormation, stub: Stubber) -> None:
    stub.add_response("get_template", {"TemplateBody": '{"Resources":{}}'})
    stub.add_client_error("get_template", "ValidationError", "Stack with id x does not exist")
    assert cloudformation.template("x") == {"Resources": {}}
    assert cloudformation.template("x") == ""


def test_nobody_listening_is_no_answer() -> None:
    with pytest.raises(AwsError) as caught:
        Aws("eu-west-1", "http://127.0.0.1:9").identity()
    assert caught.value.code == NOBODY


def test_what_was_sent_last_for_a_resource_is_found_among_its_stacks_events(
    cloudformation: CloudFormation, stub: Stubber
) -> None:
    def sent(number: int, name: str, **more: str) -> dict[str, Any]:
        return {**event(number), "LogicalResourceId": name, **more}

    late = [sent(5, "Other", ResourceProperties='{"A": 0}'), sent(4, "Web")]
    early = [sent(3, "Web", ResourceProperties='{"A": 2}'), sent(2, "Web", ResourceProperties='{"A": 1}')]
    stub.add_response("describe_stack_events", {"StackEvents": late, "NextToken": "t"}, {"StackName": STACK})
    stub.add_response("describe_stack_events", {"StackEvents": early}, {"StackName": STACK, "NextToken": "t"})
    assert cloudformation.sent(STACK, "Web") == {"A": 2}


@pytest.mark.parametrize("told", [{}, {"ResourceProperties": '{"A": "cut'}, {"ResourceProperties": "[1]"}])
def test_what_was_sent_is_empty_where_it_is_not_told(
    cloudformation: CloudFormation, stub: Stubber, told: dict[str, str]
) -> None:
    stub.add_response("describe_stack_events", {"StackEvents": [{**event(1), **told}]})
    assert cloudformation.sent(STACK, "R") == {}
