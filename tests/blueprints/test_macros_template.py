"""The macros' own stack: what the function is, what it may do, and who calls it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import boto3
import pytest
from cfnlint.data import AdditionalSpecs
from cfnlint.helpers import load_resource

from oaktree_cfn.blueprints import TEMPLATES, catalogue
from oaktree_cfn.macros.handler import MACROS
from oaktree_cfn.template.read import load
from oaktree_cfn.template.tree import relative_urls


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    found: dict[str, Any] = catalogue()["macros"].compose().to_dict()["Resources"]
    return found


def of_type(resources: dict[str, Any], kind: str) -> list[Any]:
    return [body["Properties"] for body in resources.values() if body["Type"] == kind]


def test_every_macro_that_the_handler_knows_is_deployed_and_no_other(resources: dict[str, Any]) -> None:
    assert {macro["Name"] for macro in of_type(resources, "AWS::CloudFormation::Macro")} == {*MACROS}


def test_macros_call_the_published_version_and_log_their_errors(resources: dict[str, Any]) -> None:
    for macro in of_type(resources, "AWS::CloudFormation::Macro"):
        assert macro["FunctionName"] == {"Ref": "Function.Alias"}
        assert (macro["LogGroupName"], macro["LogRoleARN"]) == ({"Ref": "Log"}, {"Fn::GetAtt": ["ErrorsRole", "Arn"]})


def test_the_function_may_write_its_log_and_nothing_else(resources: dict[str, Any]) -> None:
    for role in of_type(resources, "AWS::IAM::Role"):
        (policy,) = role["Policies"]
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
        assert statement["Resource"] == [{"Fn::GetAtt": ["Log", "Arn"]}]
        assert "ManagedPolicyArns" not in role


def test_the_function_has_no_environment_to_leak_and_a_bounded_time(resources: dict[str, Any]) -> None:
    (function,) = of_type(resources, "AWS::Serverless::Function")
    assert "Environment" not in function
    assert function["Timeout"] <= 60
    module, _, name = function["Handler"].rpartition(".")
    assert callable(getattr(__import__(module, fromlist=[name]), name))


def newest() -> str:
    """The newest runtime of Python that Lambda's own model has and that cfn-lint knows the end of."""
    modelled = set(boto3.client("lambda", "us-east-1").meta.service_model.shape_for("Runtime").enum)
    ends = load_resource(AdditionalSpecs, "LmbdRuntimeLifecycle.json")
    found = [name for name in modelled & set(ends) if name.startswith("python3.")]
    return max(found, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])


def test_the_runtime_is_the_newest_whose_end_is_known(resources: dict[str, Any]) -> None:
    (function,) = of_type(resources, "AWS::Serverless::Function")
    assert function["Runtime"] == newest()


def test_no_other_template_nests_it() -> None:
    here = Path(__file__).parents[2] / TEMPLATES
    nested = {url for path in here.glob("*.yaml") for _, url in relative_urls(load(path))}
    assert "./network.yaml" in nested
    assert not any("macros" in url for url in nested)
