"""A boto3 caller of the stage: makes stacks and change sets, waits for them, and looks at what came of it."""

from __future__ import annotations

import itertools
import json
import time
import urllib.request
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "ap-southeast-1"
BUCKET = "stage-tests"
CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
KNOWN_AFTER_APPLY = "{{changeSet:KNOWN_AFTER_APPLY}}"

Template = dict[str, Any]
_numbers = itertools.count(1)


def topic(display: Any = None, /, name: Any = None, **attributes: Any) -> Template:
    """A topic: its name replaces it, its display name changes in place."""
    given = {"DisplayName": display, "TopicName": name}
    return {"Type": "AWS::SNS::Topic", "Properties": {k: v for k, v in given.items() if v is not None}, **attributes}


def parameter(value: Any, /, name: Any = None, **attributes: Any) -> Template:
    """An SSM parameter: its name replaces it, its value changes in place."""
    named = {} if name is None else {"Name": name}
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, **named}, **attributes}


def stack_of(url: str, /, **parameters: Any) -> Template:
    """A nested stack."""
    given = {"Parameters": parameters} if parameters else {}
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, **given}}


def template(_sections: Mapping[str, Any] | None = None, /, **resources: Any) -> Template:
    """A template of some resources, with other sections beside them."""
    return {"Resources": resources, **(_sections or {})}


def declared(*names: str, **defaults: Any) -> Template:
    """Parameters of type String, some with a default."""
    plain = {name: {"Type": "String"} for name in names}
    return {"Parameters": plain | {name: {"Type": "String", "Default": value} for name, value in defaults.items()}}


def outputs(**values: Any) -> Template:
    """Outputs by name."""
    return {"Outputs": {name: {"Value": value} for name, value in values.items()}}


class Player:
    """One region of a stage over HTTP."""

    def __init__(self, endpoint: str, region: str = REGION) -> None:
        self.endpoint = endpoint
        self.region = region
        self.client = cache(self._client)
        self.cfn = self.client("cloudformation")

    def _client(self, service: str) -> Any:
        return boto3.client(
            service, region_name=self.region, endpoint_url=self.endpoint, aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )  # fmt: skip

    # --- doing ------------------------------------------------------------------------------------------------------

    def upload(self, body: Template | str) -> str:
        """Put a template into S3; its URL."""
        text = body if isinstance(body, str) else json.dumps(body)
        key = f"{next(_numbers)}.json"
        if BUCKET not in {bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"]}:
            place = (
                {} if self.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
            )
            self.client("s3").create_bucket(Bucket=BUCKET, **place)
        self.client("s3").put_object(Bucket=BUCKET, Key=key, Body=text.encode())
        return f"https://{BUCKET}.s3.{self.region}.amazonaws.com/{key}"

    def create(
        self, body: Template, /, name: str = "", options: Mapping[str, Any] | None = None, **parameters: Any
    ) -> str:
        """CreateStack to its end; the stack's id."""
        stack_id = self.start(body, name=name, options=options, **parameters)
        self.settle(stack_id)
        return stack_id

    def start(
        self, body: Template, /, name: str = "", options: Mapping[str, Any] | None = None, **parameters: Any
    ) -> str:
        """CreateStack; the stack's id."""
        answer = self.cfn.create_stack(StackName=name or unique(), **_request(body, parameters), **(options or {}))
        return str(answer["StackId"])

    def update(self, stack: str, body: Template, /, options: Mapping[str, Any] | None = None, **parameters: Any) -> str:
        """UpdateStack to its end; the status."""
        self.cfn.update_stack(StackName=stack, **_request(body, parameters), **(options or {}))
        return self.settle(stack)

    def delete(self, stack_id: str, **options: Any) -> str:
        """DeleteStack to its end; the status."""
        self.cfn.delete_stack(StackName=stack_id, **options)
        return self.settle(stack_id)

    def change_set(
        self,
        stack: str,
        body: Template,
        /,
        kind: str = "UPDATE",
        options: Mapping[str, Any] | None = None,
        **parameters: Any,
    ) -> str:
        """CreateChangeSet; its ARN."""
        request = {"StackName": stack, "ChangeSetName": unique(), "ChangeSetType": kind, "IncludeNestedStacks": True}
        answer = self.cfn.create_change_set(**request, **_request(body, parameters), **(options or {}))
        return str(answer["Id"])

    def execute(self, change_set: str, **options: Any) -> str:
        """ExecuteChangeSet to its end; the stack's status."""
        stack_id = self.described(change_set)["StackId"]
        self.cfn.execute_change_set(ChangeSetName=change_set, **options)
        return self.settle(stack_id)

    def settle(self, stack: str) -> str:
        """Wait until nothing is in progress; the status."""
        end, pause = time.monotonic() + 30, 0.005
        while time.monotonic() < end:
            found = self.stack(stack)
            assert "defect" not in found.get("StackStatusReason", ""), found
            if not found["StackStatus"].endswith("_IN_PROGRESS") or found["StackStatus"] == "REVIEW_IN_PROGRESS":
                return str(found["StackStatus"])
            time.sleep(pause)
            pause = min(pause * 1.5, 0.1)
        raise TimeoutError(f"{stack} is still in {found['StackStatus']}")

    def wait_for(self, stack: str, status: str) -> None:
        """Wait until a stack is in a status."""
        end = time.monotonic() + 30
        while self.stack(stack)["StackStatus"] != status:
            assert time.monotonic() < end, self.stack(stack)
            time.sleep(0.005)

    def fault(self, **rule: Any) -> None:
        """Put a fault in force."""
        self.door("POST", "faults", rule)

    def clear_faults(self) -> None:
        """Forget all faults."""
        self.door("DELETE", "faults")

    def door(self, method: str, door: str, body: Any = None) -> Any:
        """The stage's own door."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.endpoint}/_oaktree/{door}", data, headers, method=method)  # noqa: S310
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310  # our own server
            return json.load(answer)

    # --- looking ----------------------------------------------------------------------------------------------------

    def stack(self, stack: str) -> dict[str, Any]:
        """DescribeStacks of one."""
        (found,) = self.cfn.describe_stacks(StackName=stack)["Stacks"]
        return dict(found)

    def outputs(self, stack: str) -> dict[str, str]:
        """Output key -> value."""
        return {each["OutputKey"]: each["OutputValue"] for each in self.stack(stack).get("Outputs", [])}

    def resources(self, stack: str) -> dict[str, dict[str, Any]]:
        """Logical id -> DescribeStackResources' row."""
        rows = self.cfn.describe_stack_resources(StackName=stack)["StackResources"]
        return {row["LogicalResourceId"]: row for row in rows}

    def ids(self, stack: str) -> dict[str, str]:
        """Logical id -> physical id."""
        return {name: row.get("PhysicalResourceId", "") for name, row in self.resources(stack).items()}

    def events(self, stack: str) -> list[dict[str, Any]]:
        """All events, oldest first."""
        pages = self.cfn.get_paginator("describe_stack_events").paginate(StackName=stack)
        return [event for page in pages for event in page["StackEvents"]][::-1]

    def story(self, stack: str) -> list[str]:
        """All events as ``<logical id> <status>``, oldest first; the stack itself is called ``stack``."""
        return [
            f"{'stack' if each['PhysicalResourceId'] == each['StackId'] else each['LogicalResourceId']} {each['ResourceStatus']}"
            for each in self.events(stack)
        ]

    def reason(self, stack: str, status: str, logical_id: str = "") -> str:
        """The reason of the last event with a status, of a resource or of the stack itself."""
        for each in reversed(self.events(stack)):
            about = "" if each["PhysicalResourceId"] == each["StackId"] else each["LogicalResourceId"]
            if (about, each["ResourceStatus"]) == (logical_id, status):
                return str(each.get("ResourceStatusReason", ""))
        raise AssertionError(f"no {status} of {logical_id or stack} in {self.story(stack)}")

    def described(self, change_set: str, *, values: bool = False) -> dict[str, Any]:
        """DescribeChangeSet, all pages."""
        pages = [{"NextToken": ""}]
        while "NextToken" in pages[-1]:
            token = {"NextToken": pages[-1]["NextToken"]} if pages[-1]["NextToken"] else {}
            pages.append(self.cfn.describe_change_set(ChangeSetName=change_set, IncludePropertyValues=values, **token))
        return {**pages[1], "Changes": [change for page in pages[1:] for change in page["Changes"]]}

    def changes(self, change_set: str, *, values: bool = False) -> dict[str, dict[str, Any]]:
        """Logical id -> ResourceChange, contexts parsed."""
        found = {}
        for change in self.described(change_set, values=values)["Changes"]:
            row = dict(change["ResourceChange"])
            for context in ("BeforeContext", "AfterContext"):
                if context in row:
                    row[context] = json.loads(row[context])
            found[row["LogicalResourceId"]] = row
        return found

    def value(self, name: str) -> str | None:
        """What an SSM parameter holds in moto, None when it is not there."""
        found = self.client("ssm").get_parameters(Names=[name])["Parameters"]
        return found[0]["Value"] if found else None

    def topics(self) -> set[str]:
        """ARNs of all topics in moto."""
        pages = self.client("sns").get_paginator("list_topics").paginate()
        return {each["TopicArn"] for page in pages for each in page["Topics"]}


def unique(stem: str = "s") -> str:
    """A name that nobody had before."""
    return f"{stem}{next(_numbers)}"


def given(parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Parameter values as the API takes them; None keeps the previous one."""
    return [
        {"ParameterKey": key, "UsePreviousValue": True} if value is None else {"ParameterKey": key, "ParameterValue": value}
        for key, value in parameters.items()
    ]  # fmt: skip


def _request(body: Template | str | None, parameters: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(body, str) and body.startswith("https://"):
        source: dict[str, Any] = {"TemplateURL": body}
    else:
        source = {"TemplateBody": body if isinstance(body, str) else json.dumps(body)}
    return {**source, "Parameters": given(parameters), "Capabilities": CAPABILITIES}


class Refused:
    """What a refused call said."""

    code = ""
    message = ""

    def __init__(self, words: str = "") -> None:
        self._words = words

    def __enter__(self) -> Refused:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if error is None:
            pytest.fail("the call was not refused")
        if not isinstance(error, ClientError):
            return False
        self.code, self.message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        assert self._words in self.message, self.message
        return True
