"""The wire: botocore's own model of CloudFormation judges every answer, before and after it is serialised."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import botocore.session
import pytest
from botocore import xform_name
from botocore.model import ListShape, Shape, StructureShape

from oaktree_cfn.local.api import ControlPlane

from .player import Player, Refused, declared, outputs, parameter, stack_of, template, topic, unique

MODEL = botocore.session.get_session().get_service_model("cloudformation")
PLAYED = {action for action in MODEL.operation_names if hasattr(ControlPlane, xform_name(action))}
SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,), "boolean": (bool,), "integer": (int,), "timestamp": (datetime,), "long": (int,), "double": (float, int),
}  # fmt: skip


def strange(value: Any, shape: Shape | None, path: str = "") -> Iterator[str]:
    """Everything in an answer that the model does not know, or knows as another type."""
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        yield from (f"{path}.{key}: unknown member" for key in value if key not in shape.members)
        yield from (f"{path}.{name}: missing" for name in shape.required_members if name not in value)
        for key in value.keys() & shape.members.keys():
            yield from strange(value[key], shape.members[key], f"{path}.{key}")
    elif isinstance(shape, ListShape) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from strange(item, shape.member, f"{path}[{index}]")
    elif shape is None:
        yield from [f"{path}: {value!r} where the model has nothing"] if value else []
    elif not isinstance(value, SCALARS.get(shape.type_name, ())):
        yield f"{path}: {value!r} is no {shape.type_name}"
    elif shape.type_name == "string" and getattr(shape, "enum", None) and value not in allowed(shape):
        yield f"{path}: {value!r} is not one of {shape.enum}"


def allowed(shape: Shape) -> set[str]:
    """A shape's values; events tell stack statuses too, which the model of their member leaves out."""
    stack_statuses = MODEL.shape_for("StackStatus").enum if shape.name == "ResourceStatus" else []
    return {*shape.enum, *stack_statuses}


def plain(value: Any) -> Any:
    """An answer as botocore hands it out: without empty structures' noise."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.replace(tzinfo=None, microsecond=0) if isinstance(value, datetime) else value


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Mapping[str, Any]]]:
    """What the API's methods return, as they return it."""
    seen: list[tuple[str, Mapping[str, Any]]] = []
    original = ControlPlane.operation

    def recorded(self: ControlPlane, action: str) -> Any:
        method = original(self, action)

        def run(request: Mapping[str, Any]) -> Mapping[str, Any]:
            answer = method(request)
            seen.append((action, answer))
            return answer

        return run

    monkeypatch.setattr(ControlPlane, "operation", recorded)
    return seen


def tour(player: Player) -> None:
    """Every operation of the stage, with rich answers where there can be some."""
    child_url = player.upload(template(declared("Word") | outputs(Arn={"Ref": "T"}), T=topic({"Ref": "Word"})))
    body = template(
        declared("Word", Kept="k") | {"Description": "a tour", "Metadata": {"m": 1}} | {"Outputs": {"Arn": {
            "Value": {"Fn::GetAtt": ["Child", "Outputs.Arn"]}, "Description": "where", "Export": {"Name": unique("tour")}}}},
        Child=stack_of(child_url, Word={"Ref": "Word"}),
        Value=parameter({"Ref": "Word"}, Metadata={"why": "tour"}, UpdateReplacePolicy="Retain"),
        Waits=topic({"Ref": "Kept"}, DependsOn="Value"),
    )  # fmt: skip
    name, cfn = unique("tour"), player.cfn
    tags = [{"Key": "team", "Value": "trees"}]
    arn = player.change_set(
        name,
        body,
        kind="CREATE",
        Word="one",
        options={"Tags": tags, "Description": "first", "OnStackFailure": "DELETE"},
    )
    for values in (True, False):
        player.described(arn, values=values)
    cfn.describe_change_set_hooks(ChangeSetName=arn)
    cfn.list_change_sets(StackName=name)
    player.execute(arn, ClientRequestToken="tour")
    stack = player.stack(name)["StackId"]
    player.described(arn, values=True)
    other = player.change_set(stack, body, Word="two", Kept="other")
    player.described(other, values=True)
    player.described(player.changes(other)["Child"]["ChangeSetId"], values=True)
    cfn.delete_change_set(ChangeSetName=other)
    player.described(player.change_set(stack, body, Word=None, Kept=None, options={"Tags": tags}))  # nothing changes
    player.update(stack, body, Word="three", options={"ClientRequestToken": "again"})
    look(player, stack, body)
    importer = player.create(
        template(Topic=topic("x"), Import=parameter({"Fn::ImportValue": body["Outputs"]["Arn"]["Export"]["Name"]}))
    )
    cfn.list_imports(ExportName=body["Outputs"]["Arn"]["Export"]["Name"])
    player.delete(importer)
    fail(player, stack, body)
    cfn.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
    player.delete(stack)
    player.stack(stack)


def look(player: Player, stack: str, body: dict[str, Any]) -> None:
    cfn = player.cfn
    cfn.describe_stacks()
    cfn.list_stacks()
    cfn.list_exports()
    cfn.describe_stack_events(StackName=stack)
    cfn.describe_events(StackName=stack)
    cfn.describe_stack_resources(StackName=stack)
    cfn.describe_stack_resource(StackName=stack, LogicalResourceId="Value")
    cfn.list_stack_resources(StackName=stack)
    cfn.get_template(StackName=stack)
    cfn.get_template_summary(StackName=stack)
    cfn.validate_template(TemplateBody=json.dumps(body))
    player.stack(player.ids(stack)["Child"])


def fail(player: Player, stack: str, body: dict[str, Any]) -> None:
    cfn = player.cfn
    player.fault(resource="Waits", step="update", fail="no", times=2)
    player.update(stack, body, Word="five", Kept="newer")
    cfn.continue_update_rollback(StackName=stack, ResourcesToSkip=["Waits"])
    player.settle(stack)
    player.clear_faults()
    player.fault(resource="Waits", step="update", fail="no")
    player.update(stack, body, Word="six", Kept="newest", options={"DisableRollback": True})
    cfn.rollback_stack(StackName=stack)
    player.settle(stack)
    player.fault(resource="Waits", step="update", delay=30)
    cfn.update_stack(
        StackName=stack,
        TemplateBody=json.dumps(body),
        Parameters=[{"ParameterKey": "Word", "ParameterValue": "7"}, {"ParameterKey": "Kept", "ParameterValue": "7"}],
    )
    player.wait_for(stack, "UPDATE_IN_PROGRESS")
    cfn.cancel_update_stack(StackName=stack)
    player.clear_faults()
    player.settle(stack)
    player.events(stack)


def test_no_answer_has_a_member_that_botocores_model_does_not_know(player: Player, answers: list[Any]) -> None:
    tour(player)
    assert {action for action, _ in answers} == PLAYED
    for action, answer in answers:
        assert list(strange(answer, MODEL.operation_model(action).output_shape, action)) == []


def test_nothing_is_lost_between_the_stage_and_its_caller(player: Player, answers: list[Any]) -> None:
    stack = player.create(
        template({"Description": "<&> größer 東京"}, Value=parameter("a\n<b>&\"'\t é", Metadata={"a": "<"})),
        options={"Tags": [{"Key": "k", "Value": "<&>"}]},
    )
    change_set = player.change_set(stack, template(Value=parameter("]]>"), Other=topic("x")))
    asked = {
        "describe_stacks": {"StackName": stack},
        "describe_stack_events": {"StackName": stack},
        "describe_stack_resources": {"StackName": stack},
        "describe_stack_resource": {"StackName": stack, "LogicalResourceId": "Value"},
        "describe_change_set": {"ChangeSetName": change_set, "IncludePropertyValues": True},
        "get_template_summary": {"StackName": stack},
    }
    for operation, request in asked.items():
        got = getattr(player.cfn, operation)(**request)
        assert plain(got) == plain(answers[-1][1]), operation


# --- raw requests ---------------------------------------------------------------------------------------------------


def post(player: Player, **fields: str) -> tuple[int, str]:
    """A query request as any HTTP client could send it."""
    scope = "Credential=test/20260101/ap-southeast-1/cloudformation/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"}
    request = urllib.request.Request(player.endpoint, urllib.parse.urlencode(fields).encode(), headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # our own server
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_an_action_that_nobody_knows_is_refused(player: Player) -> None:
    status, body = post(player, Action="MakeCoffee", Version="2010-05-15")
    assert status == 400
    assert "<Code>InvalidAction</Code>" in body
    assert "Could not find operation MakeCoffee" in body


@pytest.mark.parametrize("fields", [{}, {"StackName": "s"}])
def test_a_request_without_what_it_needs_is_refused(player: Player, fields: dict[str, str]) -> None:
    status, body = post(player, Action="CreateChangeSet", Version="2010-05-15", **fields)
    assert status == 400
    assert "<Code>ValidationError</Code>" in body


def test_a_query_in_the_address_is_as_good_as_one_in_the_body(player: Player) -> None:
    stack = player.create(template(Topic=topic()))
    address = f"{player.endpoint}/?{urllib.parse.urlencode({'Action': 'DescribeStacks', 'Version': '2010-05-15', 'StackName': stack})}"
    scope = "Credential=test/20260101/ap-southeast-1/cloudformation/aws4_request"
    request = urllib.request.Request(address, headers={"Authorization": f"AWS4-HMAC-SHA256 {scope}, Signature=0"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  # our own server
        assert stack in answer.read().decode()


def test_refusals_keep_their_code_and_every_letter(player: Player) -> None:
    with Refused() as refused:
        player.create(template(Topic=topic({"Fn::FindInMap": ["<M>", "a&b", "'c'"]})))
    assert (refused.code, refused.message) == (
        "ValidationError",
        "Template error: Unable to get mapping for <M>::a&b::'c'",
    )


def test_a_defect_of_the_stage_is_told_in_the_protocol(
    player: Player, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def defect(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(ControlPlane, "list_exports", defect)
    with Refused("defect in the local stage: ZeroDivisionError('oops')") as refused:
        player.cfn.list_exports()
    assert refused.code == "InternalFailure"
    assert "answering ListExports" in caplog.text
