"""What is foretold from templates alone is what deploying them really does to the resources in moto."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from oaktree_cfn.local.server import serve
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.review.forecast import Version, forecast
from oaktree_cfn.template.stacks import Place
from oaktree_cfn.template.tree import Tree

BUCKET = "forecast-templates"
Template = dict[str, Any]


class Cloud:
    """A stage to deploy on."""

    def __init__(self, endpoint: str) -> None:
        def client(service: str) -> Any:
            return boto3.client(
                service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b",
                config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
            )  # fmt: skip

        self.cfn, self.s3 = client("cloudformation"), client("s3")
        self.s3.create_bucket(Bucket=BUCKET)

    def packaged(self, template: Template, child: Template | None) -> str:
        """The template with its child uploaded."""
        if child is None:
            return json.dumps(template)
        body = json.dumps(child)
        key = f"{uuid.uuid5(uuid.NAMESPACE_OID, body)}.json"
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body.encode())
        return json.dumps(template).replace("./child.yaml", f"https://{BUCKET}.s3.us-east-1.amazonaws.com/{key}")

    def update(self, stack: str, body: str, parameters: list[dict[str, str]]) -> str:
        """Update a stack; no updates to be performed is fine."""
        try:
            self.cfn.update_stack(StackName=stack, TemplateBody=body, Parameters=parameters)
        except self.cfn.exceptions.ClientError as error:
            if "No updates" not in str(error):
                raise
        return self.settle(stack)

    def settle(self, stack: str) -> str:
        """Wait for the end of an operation."""
        while True:
            found = self.cfn.describe_stacks(StackName=stack)["Stacks"][0]
            status = str(found["StackStatus"])
            assert "defect" not in found.get("StackStatusReason", ""), found
            if not status.endswith("_IN_PROGRESS"):
                return status
            time.sleep(0.005)

    def ids(self, stack: str, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
        """Path -> physical id of everything below a stack."""
        found = {}
        for row in self.cfn.describe_stack_resources(StackName=stack)["StackResources"]:
            place = (*path, row["LogicalResourceId"])
            found[place] = row["PhysicalResourceId"]
            if row["ResourceType"] == STACK_TYPE:
                found |= self.ids(row["PhysicalResourceId"], place)
        return found


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    server = serve(0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Cloud(f"http://127.0.0.1:{server.server_port}")
    server.shutdown()
    thread.join()


def expression(earlier: list[str], choices: tuple[str, ...]) -> st.SearchStrategy[Any]:
    """A value: text, a parameter, a condition, or something of an earlier resource, or a piece of that."""
    options: list[st.SearchStrategy[Any]] = [st.sampled_from(["one", "two"]), st.just({"Ref": "P"})]
    options.append(st.just({"Fn::If": ["Big", "large", "small"]}))
    options.append(st.just({"Fn::FindInMap": ["M", {"Ref": "P"}, "v"]}))
    for name in earlier:
        options.append(st.just({"Fn::Sub": "of-${" + name + "}"}))
        first = {"Fn::Select": [0, {"Fn::Split": [":", {"Fn::Sub": "${" + name + "}"}]}]}
        options += [st.just(first), st.just({"Fn::Join": ["-", [first, {"Ref": "P"}]]})]
        options += [st.just({"Fn::GetAtt": [name, attribute]}) for attribute in choices if name[0] == attribute[0]]
    return st.one_of(options)


ATTRIBUTES = ("TopicName", "TopicArn", "DisplayName", "QueueName", "ParameterValue")


@st.composite
def resources(draw: st.DrawFn, nested: bool) -> Template:
    """Resources of a kind fixed by their name: T.. topics, S.. parameters, L.. log groups, Q.. queues, E a nested stack."""
    made: Template = {}
    for name in draw(
        st.lists(st.sampled_from(["T1", "T2", "S1", "S2", "L1", "Q1"] + ["E"] * nested), unique=True, min_size=1)
    ):
        earlier = [other for other in made if other != "E"]
        values = expression(earlier, ATTRIBUTES)
        value = draw(values if name != "E" else values.filter(lambda each: not pieced(each)))
        made[name] = resource(name, value, draw(st.sampled_from(["a", "b", ""])))
        if draw(st.booleans()) and draw(st.booleans()):
            made[name]["Condition"] = "Big"
    return depend_only_on_what_exists(made)


def pieced(value: Any) -> bool:
    """Whether a value has a piece of another. One that is handed to a nested stack is known there by a symbol only, and two
    symbols are taken for two values: docs/reviews.md says so.
    """
    return "Fn::Split" in json.dumps(value)


def resource(name: str, value: Any, physical: str) -> Template:
    unique = {"Fn::Sub": "${AWS::StackName}-" + name + "-" + physical}
    match name[0]:
        case "T":
            return {
                "Type": "AWS::SNS::Topic",
                "Properties": {"DisplayName": value, **({"TopicName": unique} if physical else {})},
            }
        case "S":
            return {
                "Type": "AWS::SSM::Parameter",
                "Properties": {"Type": "String", "Value": value, **({"Name": unique} if physical else {})},
            }
        case "L":
            return {
                "Type": "AWS::Logs::LogGroup",
                "Properties": {"LogGroupName": unique, "RetentionInDays": 7 if physical else 14},
            }
        case "Q":
            return {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 30 if physical == "a" else 40}}
        case _:
            return {"Type": STACK_TYPE, "Properties": {"TemplateURL": "./child.yaml", "Parameters": {"P": value}}}


def depend_only_on_what_exists(made: Template) -> Template:
    """A reference to a resource that a condition may take away is refused by CloudFormation: drop such conditions."""
    text = json.dumps(made)
    for name, body in made.items():
        if "Condition" in body and (f"${{{name}}}" in text or f'["{name}"' in text):
            del body["Condition"]
    return made


@st.composite
def templates(draw: st.DrawFn) -> tuple[Template, Template | None]:
    """A root template and the one it nests, if it does."""
    body = {
        "Parameters": {"P": {"Type": "String"}},
        "Mappings": {"M": {"x": {"v": "ex"}, "y": {"v": "why"}}},
        "Conditions": {"Big": {"Fn::Equals": [{"Ref": "P"}, "y"]}},
    }
    root = {**body, "Resources": draw(resources(nested=True))}
    if "E" not in root["Resources"]:
        return root, None
    child_resources = {
        "T1": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": {"Ref": "P"}}},
        "L1": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": {"Fn::Join": ["-", [{"Ref": "AWS::StackName"}, {"Fn::Join": ["_", {"Fn::Split": [":", {"Ref": "P"}]}]}]]}}},
    }  # fmt: skip
    if draw(st.booleans()):
        child_resources["Q1"] = {
            "Type": "AWS::SQS::Queue",
            "Properties": {"VisibilityTimeout": draw(st.sampled_from([30, 40]))},
        }
    child = {
        "Parameters": {"P": {"Type": "String"}},
        "Resources": child_resources,
        "Outputs": {"O": {"Value": {"Ref": "T1"}}, "P": {"Value": {"Ref": "P"}}},
    }
    output = draw(st.sampled_from(["O", "P"]))
    root["Resources"]["S9"] = {
        "Type": "AWS::SSM::Parameter",
        "Properties": {"Type": "String", "Value": {"Fn::GetAtt": ["E", f"Outputs.{output}"]}},
    }
    root["Resources"]["E"].pop("Condition", None)
    return root, child


def tree(pair: tuple[Template, Template | None]) -> Tree:
    root, child = pair
    return Tree("root", root, {"E": Tree("child", child)} if child is not None else {})


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(old=templates(), new=templates(), values=st.tuples(st.sampled_from("xy"), st.sampled_from("xy")))
def test_what_is_foretold_is_what_happens(
    cloud: Cloud, old: tuple[Template, Template | None], new: tuple[Template, Template | None], values: tuple[str, str]
) -> None:
    stack = "s" + uuid.uuid4().hex[:8]
    given_old, given_new = ([{"ParameterKey": "P", "ParameterValue": value}] for value in values)
    cloud.cfn.create_stack(StackName=stack, TemplateBody=cloud.packaged(*old), Parameters=given_old)
    if cloud.settle(stack) != "CREATE_COMPLETE":
        event("the first template does not deploy")
        cloud.cfn.delete_stack(StackName=stack)
        return
    before = cloud.ids(stack)
    foretold = forecast(
        Version(tree(old), {"P": values[0]}), Version(tree(new), {"P": values[1]}), Place(stack_name=stack)
    )
    if cloud.update(stack, cloud.packaged(*new), given_new) == "UPDATE_ROLLBACK_COMPLETE":
        event("the second template does not deploy")
        return
    check(dict(foretold.change_set.walk()), before, cloud.ids(stack))
    cloud.cfn.delete_stack(StackName=stack)


def check(
    changes: dict[tuple[str, ...], Any], before: dict[tuple[str, ...], str], after: dict[tuple[str, ...], str]
) -> None:
    """Each resource against its forecast; below a nested stack that goes, everything goes with it."""
    gone = [path for path, change in changes.items() if change.action == "Remove"]
    for path in before.keys() | after.keys():
        change = changes.get(path)
        if path not in after:
            assert any(path[: len(root)] == root for root in gone), path
        elif path not in before:
            assert change is not None
            assert change.action == "Add", path
        elif before[path] != after[path]:
            assert change is not None
            assert change.replacement in ("True", "Conditional"), path
        else:
            assert change is None or change.replacement != "True", (path, change)
