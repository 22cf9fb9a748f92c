"""A second engine reads the macros' template: SAM's own translator, then moto's CloudFormation, neither of them ours."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform

from oaktree_cfn.template.read import load

TEMPLATE = Path(__file__).parents[2] / "templates" / "macros.yaml"
REGION = "ap-southeast-1"
STACK = "oaktree-macros"
UNKNOWN_TO_MOTO = {"AWS::CloudFormation::Macro", "AWS::Lambda::Alias"}


def packaged() -> dict[str, Any]:
    """The template as ``aws cloudformation package`` would leave it."""
    template = load(TEMPLATE)
    template["Resources"]["Function"]["Properties"]["CodeUri"] = {"Bucket": "artifacts", "Key": "macros.zip"}
    return template


@pytest.fixture(scope="module")
def made() -> Iterator[dict[str, Any]]:
    """What is listed of the stack, by logical id; the stack is there meanwhile."""
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(), mock_aws():
        for kind in UNKNOWN_TO_MOTO:
            warnings.filterwarnings("ignore", f"Tried to parse {kind} ")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        code = io.BytesIO()
        zipfile.ZipFile(code, "w").close()
        s3 = boto3.client("s3", REGION)
        s3.create_bucket(Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="artifacts", Key="macros.zip", Body=code.getvalue())
        plain = transform(packaged(), {}, ManagedPolicyLoader(boto3.client("iam", REGION)))
        cloudformation = boto3.client("cloudformation", REGION)
        cloudformation.create_stack(StackName=STACK, TemplateBody=json.dumps(plain), Capabilities=["CAPABILITY_IAM"])
        rows = cloudformation.list_stack_resources(StackName=STACK)["StackResourceSummaries"]
        yield {row["LogicalResourceId"]: row for row in rows} | {"": plain["Resources"]}


def test_all_but_what_moto_does_not_know_is_made(made: dict[str, Any]) -> None:
    wanted = {title for title, body in made[""].items() if body["Type"] not in UNKNOWN_TO_MOTO}
    assert set(made) - {""} == wanted


def test_the_function_is_as_the_template_says(made: dict[str, Any]) -> None:
    function = boto3.client("lambda", REGION).get_function(FunctionName=STACK)["Configuration"]
    assert (function["Runtime"], function["Handler"]) == ("python3.14", "oaktree_cfn.macros.handler.handle")
    assert (function["MemorySize"], function["Timeout"], function.get("Environment")) == (1024, 60, None)


def test_what_the_macros_call_is_the_alias_of_the_published_version(made: dict[str, Any]) -> None:
    assert made[""]["OakTree"]["Properties"]["FunctionName"] == {"Ref": "FunctionAliaslive"}
    assert made[""]["FunctionAliaslive"]["Properties"]["FunctionVersion"]["Fn::GetAtt"][1] == "Version"


def test_logs_are_kept_for_thirty_days(made: dict[str, Any]) -> None:
    (group,) = boto3.client("logs", REGION).describe_log_groups()["logGroups"]
    assert (group["logGroupName"], int(group["retentionInDays"])) == (f"/aws/lambda/{STACK}", 30)
