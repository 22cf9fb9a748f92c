"""What AWS answers becomes an error that says what it means and what to do."""

from __future__ import annotations

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from oaktree_cfn.aws.failures import NO_ANSWER, THROTTLED, ended, translate, unsettled
from oaktree_cfn.errors import AwsError, InvalidInput, Unknown


def answered(code: str, message: str = "said so") -> ClientError:
    reply = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"RequestId": "r-1"}}
    return ClientError(reply, "DescribeStacks")


@pytest.mark.parametrize(
    "error",
    [
        NoCredentialsError(),
        PartialCredentialsError(provider="env", cred_var="aws_secret_access_key"),
        ProfileNotFound(profile="gone"),
        TokenRetrievalError(provider="sso", error_msg="expired"),
        answered("ExpiredToken"),
        answered("ExpiredTokenException"),
        answered("InvalidClientTokenId"),
        answered("SignatureDoesNotMatch"),
    ],
    ids=lambda error: getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__),
)
def test_credentials_that_do_not_work_are_invalid_input_with_advice(error: Exception) -> None:
    found = translate("GetCallerIdentity", error)
    assert isinstance(found, InvalidInput)
    assert "Sign in again" in found.advice


def test_any_other_answer_names_operation_code_and_request() -> None:
    found = translate("DescribeStacks", answered("Boom"))
    assert isinstance(found, AwsError)
    assert str(found) == "DescribeStacks failed with Boom: said so (request r-1)"


def test_a_missing_permission_says_so() -> None:
    assert "permission" in translate("DescribeStacks", answered("AccessDenied")).advice


@pytest.mark.parametrize(
    "error", [EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), ResponseParserError("cut")]
)
def test_no_whole_reply_is_told_from_a_reply(error: Exception) -> None:
    found = translate("DescribeStacks", error)
    assert isinstance(found, AwsError)
    assert found.code == NO_ANSWER
    assert "network" in found.advice
    assert "make deploy ENV=local" in translate("DescribeStacks", error, local=True).advice


@pytest.mark.parametrize("code", sorted(THROTTLED))
def test_throttling_is_worth_another_try(code: str) -> None:
    assert unsettled(translate("DescribeStacks", answered(code)))


@pytest.mark.parametrize("error", [InvalidInput("x"), Unknown("x"), AwsError("A", "AccessDenied", "x")])
def test_what_will_not_change_by_itself_is_not(error: InvalidInput | Unknown | AwsError) -> None:
    assert not unsettled(error)


def test_a_request_that_breaks_the_model_is_invalid_input() -> None:
    error = ParamValidationError(report="Invalid length for parameter Tags[0].Value")
    assert isinstance(translate("CreateChangeSet", error), InvalidInput)


def test_a_stage_that_has_ended_is_asked_no_more() -> None:
    refused = EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
    here, there = translate("DescribeStacks", refused, local=True), translate("DescribeStacks", refused)
    assert (unsettled(here), unsettled(there)) == (False, True)
    assert (ended(here), ended(there)) == (True, False)
    assert "local stage has ended" in here.advice


def test_a_stage_that_is_slow_to_answer_is_asked_again() -> None:
    assert unsettled(translate("DescribeStacks", ReadTimeoutError(endpoint_url="http://127.0.0.1:1"), local=True))
