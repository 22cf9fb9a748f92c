"""Templates with transforms: macros are called where they are deployed, SAM's transform is AWS's own translator."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oaktree_cfn.local.stacks import ACCOUNT

from .player import Player, Refused, Template, declared, outputs, parameter, stack_of, template, topic, unique

SAM = "AWS::Serverless-2016-10-31"
TRUSTED = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}

SHOUT = """
import json

def called(event, context):
    print("called for", event["params"])
    text = json.dumps(event["fragment"]).replace("whisper", event["params"].get("With", "SHOUT"))
    return {"requestId": event["requestId"], "status": "success", "fragment": json.loads(text)}
"""
TELL = """
import json

def called(event, context):
    seen = {key: event[key] for key in event if key not in ("requestId", "fragment")} | {"beside": event["fragment"]}
    return {"requestId": event["requestId"], "status": "success", "fragment": json.dumps(seen, sort_keys=True)}
"""
ANSWERS = {
    "Silent": '{"requestId": event["requestId"], "status": "failure"}',
    "Speaking": '{"requestId": event["requestId"], "status": "failure", "errorMessage": "there is no such colour"}',
    "Other": '{"requestId": "another", "status": "success", "fragment": {}}',
    "NoMap": '{"requestId": event["requestId"], "status": "success", "fragment": "text"}',
    "Broken": "1 / 0",
    "Slow": '__import__("time").sleep(30)',
    "Importing": '__import__("yaml")',
    "Secrets": '{"requestId": event["requestId"], "status": "failure", "errorMessage": str(sorted(__import__("os").environ))}',
}


def function(code: str) -> Template:
    body = {"Code": {"ZipFile": code}, "Handler": "index.called", "Runtime": "python3.14", "Timeout": 2}
    return {"Type": "AWS::Lambda::Function", "Properties": {**body, "Role": {"Fn::GetAtt": ["Role", "Arn"]}}}


def macro(name: str, code: str) -> Template:
    called = {"Name": name, "FunctionName": {"Fn::GetAtt": [f"{name}Function", "Arn"]}}
    return {f"{name}Function": function(code), name: {"Type": "AWS::CloudFormation::Macro", "Properties": called}}


def answering(expression: str) -> str:
    return f"def called(event, context):\n    return {expression}\n"


MACROS = {
    "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUSTED}},
    **macro("Shout", SHOUT),
    **macro("Tell", TELL),
    **{key: value for name, said in ANSWERS.items() for key, value in macro(name, answering(said)).items()},
}


@pytest.fixture(scope="module")
def stage(player: Player) -> Player:
    """A region in which the macros are deployed."""
    stack = player.create({"Resources": MACROS}, name="macros")
    assert player.stack(stack)["StackStatus"] == "CREATE_COMPLETE", player.story(stack)
    return player


def shouted(word: str = "whisper", **parameters: Any) -> Template:
    return template({"Transform": [{"Name": "Shout", "Parameters": parameters}]}, Word=parameter(word))


def the_value(stage: Player, stack: str, logical_id: str = "Word") -> str | None:
    return stage.value(stage.ids(stack)[logical_id])


# --- what a transform does ------------------------------------------------------------------------------------------


def test_a_stack_is_made_of_what_the_macro_returns(stage: Player) -> None:
    stack = stage.create(shouted())
    assert the_value(stage, stack) == "SHOUT"


def test_macros_of_the_section_are_called_in_their_order_after_those_inside_it(stage: Player) -> None:
    said = parameter("whisper")
    said["Properties"]["Fn::Transform"] = [
        {"Name": "Shout", "Parameters": {"With": "a whisper"}},
        {"Name": "Shout", "Parameters": {"With": "b whisper"}},
    ]
    section = [{"Name": "Shout", "Parameters": {"With": f"{letter} whisper"}} for letter in "cd"]
    stack = stage.create(template({"Transform": section}, Word=said))
    assert the_value(stage, stack) == "a b c d whisper"


def test_a_macro_is_told_the_parameters_and_the_fragment_as_it_stands(stage: Player) -> None:
    asked = {"Name": "Tell", "Parameters": {"Of": {"Fn::Sub": "${Said}!"}, "How": ["loud", 3]}}
    value = {"Fn::Transform": asked, "Kept": {"Ref": "Said"}}
    sections = {
        **declared("Said"),
        "Parameters": {**declared("Said")["Parameters"], "Many": {"Type": "CommaDelimitedList"}},
    }
    stack = stage.create(template(sections, Word=parameter(value)), Said="hello", Many="a,b")
    assert json.loads(the_value(stage, stack) or "") == {
        "accountId": ACCOUNT,
        "region": stage.region,
        "transformId": f"{ACCOUNT}::Tell",
        "params": {"Of": "hello!", "How": ["loud", 3]},
        "templateParameterValues": {"Said": "hello", "Many": ["a", "b"]},
        "beside": {"Kept": {"Ref": "Said"}},
    }


def test_both_stages_of_a_template_can_be_had(stage: Player) -> None:
    body = shouted()
    stack = stage.create(body)
    found = {kind: stage.cfn.get_template(StackName=stack, TemplateStage=kind) for kind in ("Original", "Processed")}
    assert found["Original"]["TemplateBody"] == body
    assert found["Processed"]["TemplateBody"] == {"Resources": {"Word": parameter("SHOUT")}}
    assert {tuple(answer["StagesAvailable"]) for answer in found.values()} == {("Original", "Processed")}
    assert stage.cfn.get_template(StackName=stack)["TemplateBody"] == body


def test_a_template_without_transforms_is_its_own_processed_stage(stage: Player) -> None:
    stack = stage.create(template(Word=parameter("x")))
    body = stage.cfn.get_template(StackName=stack, TemplateStage="Processed")["TemplateBody"]
    assert body == template(Word=parameter("x"))


def test_transforms_are_declared_in_summaries(stage: Player) -> None:
    body = shouted()
    body["Resources"]["Word"]["Properties"]["Fn::Transform"] = "Tell"
    summary = stage.cfn.get_template_summary(TemplateBody=json.dumps(body))
    assert summary["DeclaredTransforms"] == ["Tell", "Shout"]
    assert stage.cfn.validate_template(TemplateBody=json.dumps(body))["DeclaredTransforms"] == ["Tell", "Shout"]


def test_what_a_function_prints_stands_in_its_log_group(stage: Player) -> None:
    name = stage.ids("macros")["ShoutFunction"]
    logs, group = stage.client("logs"), f"/aws/lambda/{name}"
    logs.create_log_group(logGroupName=group)
    stage.create(shouted(With="loudly"))
    lines = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
    assert any(line == "called for {'With': 'loudly'}" for line in lines), lines


# --- what is refused ------------------------------------------------------------------------------------------------


def test_whoever_makes_a_stack_must_acknowledge_transforms(stage: Player) -> None:
    body = json.dumps(shouted())
    with Refused("Requires capabilities : [CAPABILITY_AUTO_EXPAND]") as refused:
        stage.cfn.create_stack(StackName=unique(), TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
    assert refused.code == "InsufficientCapabilitiesException"


def test_other_transforms_of_awss_are_refused_by_name(stage: Player) -> None:
    included = template(Word=parameter("x"))
    included["Resources"]["Fn::Transform"] = {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/k"}}
    with Refused("The local stage does not play the transform AWS::Include"):
        stage.create(included)


FAILURES = {
    "Silent": f"Transform {ACCOUNT}::Silent failed without an error message.",
    "Speaking": f"Transform {ACCOUNT}::Speaking failed with: there is no such colour",
    "Other": f"Received malformed response from transform {ACCOUNT}::Other",
    "NoMap": "Template format error: unsupported structure.",
    "Broken": f"Received malformed response from transform {ACCOUNT}::Broken",
    "Slow": f"Received malformed response from transform {ACCOUNT}::Slow",
    "Importing": f"Received malformed response from transform {ACCOUNT}::Importing",
    "Unheard": f"No transform named {ACCOUNT}::Unheard found.",
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_transform_that_fails_is_a_failed_change_set_in_cloudformations_words(stage: Player, name: str) -> None:
    change_set = stage.change_set(unique(), template({"Transform": name}, Word=parameter("x")), kind="CREATE")
    described = stage.described(change_set)
    assert (described["Status"], described["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert described["StatusReason"] == FAILURES[name]
    assert stage.cfn.get_template(ChangeSetName=change_set)["StagesAvailable"] == ["Original"]


def test_a_function_has_the_standard_library_and_no_environment_of_others(stage: Player) -> None:
    change_set = stage.change_set(unique(), template({"Transform": "Secrets"}, Word=parameter("x")), kind="CREATE")
    reason = stage.described(change_set)["StatusReason"]
    names = json.loads(reason.partition("failed with: ")[2].replace("'", '"'))
    assert set(names) <= {"LC_CTYPE"}, "the C locale's, which Python sets itself"


@pytest.mark.parametrize("name", ["Silent", "Speaking"])
def test_a_stack_that_is_made_directly_is_rolled_back_where_a_transform_fails(stage: Player, name: str) -> None:
    stack = stage.create(template({"Transform": name}, Word=parameter("x")))
    assert stage.stack(stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert stage.story(stack) == ["stack CREATE_IN_PROGRESS", "stack ROLLBACK_IN_PROGRESS", "stack ROLLBACK_COMPLETE"]
    assert stage.reason(stack, "ROLLBACK_IN_PROGRESS") == f"{FAILURES[name]}. Rollback requested by user."


def test_an_update_that_cannot_be_transformed_leaves_the_stack_as_it_was(stage: Player) -> None:
    stack = stage.create(shouted())
    assert stage.update(stack, template({"Transform": "Speaking"}, Word=parameter("x"))) == "UPDATE_ROLLBACK_COMPLETE"
    assert the_value(stage, stack) == "SHOUT"
    assert stage.cfn.get_template(StackName=stack)["TemplateBody"] == shouted()


@pytest.mark.parametrize("given", [{"Fn::GetAtt": ["Word", "Value"]}, {"a": "map"}, [{"a": "map"}], {"Ref": "Word"}])
def test_what_a_transform_is_given_must_be_plain(stage: Player, given: Any) -> None:
    change_set = stage.change_set(unique(), shouted(With=given), kind="CREATE")
    assert stage.described(change_set)["StatusReason"] == (
        f"The value of parameter With under transform {ACCOUNT}::Shout must resolve to a string, number, boolean or a list of any of these."
    )


def test_what_a_macro_returns_is_judged_like_any_template(stage: Player) -> None:
    body = shouted(With="x")
    body["Resources"]["whisper-1"] = topic()
    change_set = stage.change_set(unique(), body, kind="CREATE")
    assert stage.described(change_set)["StatusReason"] == (
        "Template format error: Resource name x-1 is non alphanumeric."
    )


# --- updates --------------------------------------------------------------------------------------------------------


def test_a_change_set_compares_what_the_transforms_made(stage: Player) -> None:
    stack = stage.create(shouted())
    change_set = stage.change_set(stack, shouted(With="LOUDER"))
    (change,) = stage.changes(change_set, values=True).values()
    (detail,) = change["Details"]
    assert (detail["Target"]["BeforeValue"], detail["Target"]["AfterValue"]) == ("SHOUT", "LOUDER")
    processed = stage.cfn.get_template(ChangeSetName=change_set, TemplateStage="Processed")["TemplateBody"]
    assert processed["Resources"]["Word"] == parameter("LOUDER")
    assert stage.execute(change_set) == "UPDATE_COMPLETE"
    assert the_value(stage, stack) == "LOUDER"


def test_nothing_to_change_is_said_in_the_words_for_transforms(stage: Player) -> None:
    stack = stage.create(shouted())
    described = stage.described(stage.change_set(stack, template(Word=parameter("SHOUT"))))
    assert described["StatusReason"].startswith("The submitted information didn't contain changes.")
    described = stage.described(stage.change_set(stack, shouted()))
    assert (described["Status"], described["StatusReason"]) == ("FAILED", "No updates are to be performed.")


def test_a_previous_template_is_the_processed_one(stage: Player) -> None:
    """CloudFormation does not call the transforms again (runs-on/runs-on#489)."""
    body = template({**declared("Said"), "Transform": "Tell2"}, Word=parameter({"Ref": "Said"}))
    code = SHOUT.replace('event["params"].get("With", "SHOUT")', 'event["templateParameterValues"]["Said"]')
    macros = stage.create({"Resources": {"Role": MACROS["Role"], **macro("Tell2", code)}})
    body["Resources"]["Other"] = parameter("whisper")
    stack = stage.create(body, Said="first")
    stage.cfn.update_stack(
        StackName=stack,
        UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Said", "ParameterValue": "second"}],
        Capabilities=["CAPABILITY_AUTO_EXPAND"],
    )
    assert stage.settle(stack) == "UPDATE_COMPLETE"
    assert (the_value(stage, stack), the_value(stage, stack, "Other")) == ("second", "first")
    stage.delete(macros)


def test_a_macros_new_code_is_called_once_it_is_deployed(stage: Player) -> None:
    macros = stage.create({"Resources": {"Role": MACROS["Role"], **macro("Fresh", SHOUT)}})
    body = template({"Transform": "Fresh"}, Word=parameter("whisper"))
    stack = stage.create(body)
    stage.update(macros, {"Resources": {"Role": MACROS["Role"], **macro("Fresh", SHOUT.replace("SHOUT", "FRESH"))}})
    assert stage.execute(stage.change_set(stack, body)) == "UPDATE_COMPLETE"
    assert the_value(stage, stack) == "FRESH"
    stage.delete(macros)
    described = stage.described(stage.change_set(stack, body))
    assert described["StatusReason"] == f"No transform named {ACCOUNT}::Fresh found."


# --- nested stacks --------------------------------------------------------------------------------------------------


def test_nested_stacks_have_transforms_of_their_own(stage: Player) -> None:
    child = {**shouted(), **outputs(Name={"Ref": "Word"})}
    body = template(outputs(Name={"Fn::GetAtt": ["Child", "Outputs.Name"]}), Child=stack_of(stage.upload(child)))
    change_set = stage.change_set(unique(), body, kind="CREATE")
    inner = stage.changes(change_set)["Child"]["ChangeSetId"]
    assert set(stage.changes(inner)) == {"Word"}
    assert stage.execute(change_set) == "CREATE_COMPLETE"
    stack = stage.described(change_set)["StackId"]
    assert stage.value(stage.outputs(stack)["Name"]) == "SHOUT"


def test_a_nested_transform_that_fails_is_told_by_the_nested_change_set(stage: Player) -> None:
    child = stage.upload(template({"Transform": "Speaking"}, Word=parameter("x")))
    change_set = stage.change_set(unique(), template(Child=stack_of(child)), kind="CREATE")
    assert stage.described(change_set)["Status"] == "FAILED"
    inner = stage.changes(change_set)["Child"]["ChangeSetId"]
    assert stage.described(inner)["StatusReason"] == FAILURES["Speaking"]


def test_a_nested_transform_cannot_be_given_what_is_not_made_yet(stage: Player) -> None:
    """aws-cloudformation/cfn-language-discussion#152; a stack that is made directly has it by then."""
    child = stage.upload(template({**declared("Word"), "Transform": "Shout"}, Word=parameter({"Ref": "Word"})))
    body = template(Topic=topic(), Child=stack_of(child, Word={"Ref": "Topic"}))
    change_set = stage.change_set(unique(), body, kind="CREATE")
    inner = stage.changes(change_set)["Child"]["ChangeSetId"]
    assert stage.described(inner)["StatusReason"] == "Usage of {{IntrinsicFunction:Word}} is not allowed."


# --- SAM ------------------------------------------------------------------------------------------------------------


def serverless(**properties: Any) -> Template:
    body = {
        "InlineCode": "def handle(event, context):\n    return 1\n",
        "Handler": "index.handle",
        "Runtime": "python3.13",
    }
    return {"Type": "AWS::Serverless::Function", "Properties": {**body, **properties}}


def test_sams_transform_makes_a_function_its_version_and_its_alias(stage: Player) -> None:
    role = stage.client("iam").get_role(RoleName=stage.ids("macros")["Role"])["Role"]["Arn"]
    sections = {"Transform": SAM, "Globals": {"Function": {"Timeout": 7}}}
    stack = stage.create(template(sections, Call=serverless(AutoPublishAlias="live", Role=role)))
    assert stage.stack(stack)["StackStatus"] == "CREATE_COMPLETE", stage.story(stack)
    kinds = {row["ResourceType"] for row in stage.resources(stack).values()}
    assert kinds == {"AWS::Lambda::Function", "AWS::Lambda::Version", "AWS::Lambda::Alias"}
    live = stage.client("lambda").get_function(FunctionName=stage.ids(stack)["CallAliaslive"])["Configuration"]
    assert (live["Version"], live["Timeout"]) == ("1", 7)


def test_what_sam_refuses_is_said_in_its_words(stage: Player) -> None:
    body = template(
        {"Transform": SAM}, Call={"Type": "AWS::Serverless::Function", "Properties": {"Runtime": "python3.13"}}
    )
    reason = stage.described(stage.change_set(unique(), body, kind="CREATE"))["StatusReason"]
    assert reason.startswith(
        f"Transform {SAM} failed with: Invalid Serverless Application Specification document. Number of errors found: 1. Resource with id [Call] is invalid."
    ), reason


def test_managed_policies_are_known_by_name_without_asking_aws(stage: Player) -> None:
    body = template({"Transform": SAM}, Call=serverless(Policies=["AmazonDynamoDBReadOnlyAccess"]))
    change_set = stage.change_set(unique(), body, kind="CREATE")
    processed = stage.cfn.get_template(ChangeSetName=change_set, TemplateStage="Processed")["TemplateBody"]
    policies = processed["Resources"]["CallRole"]["Properties"]["ManagedPolicyArns"]
    assert "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess" in policies
