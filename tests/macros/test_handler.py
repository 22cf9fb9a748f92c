"""The Lambda function: CloudFormation's protocol, and never an exception."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.macros.handler import MACROS, handle

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=25,
)


def event(macro: str, fragment: Any, **params: Any) -> dict[str, Any]:
    return {
        "region": "ap-southeast-1",
        "accountId": "123456789012",
        "fragment": fragment,
        "transformId": f"123456789012::{macro}",
        "params": params,
        "requestId": "r-1",
        "templateParameterValues": {},
    }


def test_an_expansion_is_answered_with_the_requests_id() -> None:
    fragment = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}
    assert handle(event("OakTree", fragment)) == {"requestId": "r-1", "status": "success", "fragment": fragment}


def test_grants_become_the_statements_of_the_policy_beside_them() -> None:
    grant = {"Intent": "publish", "On": "topic", "Arn": {"Ref": "Topic"}}
    answer = handle(event("OakTreeGrants", {"Version": "2012-10-17", "Grants": [grant]}))
    assert answer["fragment"] == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "PublishTopic", "Effect": "Allow", "Action": ["sns:Publish"], "Resource": [{"Ref": "Topic"}]}
        ],
    }


def test_grants_may_be_parameters_of_the_call_too_where_they_are_plain() -> None:
    grant = {"Intent": "publish", "On": "topic", "Arn": "arn:aws:sns:eu-west-1:123456789012:alarms"}
    assert (
        handle(event("OakTreeGrants", {}, Grants=[grant]))["fragment"]
        == handle(event("OakTreeGrants", {"Grants": [grant]}))["fragment"]
    )


def test_a_document_without_grants_is_refused() -> None:
    assert handle(event("OakTreeGrants", {}))["errorMessage"].startswith("Grants: there is no list of grants")
    assert handle(event("OakTreeGrants", {"Grants": {}}))["errorMessage"].startswith("Grants: it is no list of grants")


def test_an_on_that_yaml_made_a_boolean_of_is_meant_as_written() -> None:
    """Unquoted, it is one to YAML 1.1, and a key of JSON is a text."""
    grant = {"Intent": "publish", "true": "topic", "Arn": {"Ref": "Topic"}}
    answer = handle(event("OakTreeGrants", {"Grants": [grant]}))
    assert answer["fragment"]["Statement"][0]["Sid"] == "PublishTopic"


def test_a_grant_that_means_nothing_is_named() -> None:
    grant = {"Intent": "publish", "On": "table", "Arn": {"Ref": "T"}}
    answer = handle(event("OakTreeGrants", {"Grants": [grant]}))
    assert answer["status"] == "failure"
    assert answer["errorMessage"] == ("Grants/0/Intent: a table takes no publish. Say one of read, write, read-write")


def test_an_unknown_macro_is_a_named_failure() -> None:
    answer = handle(event("Nobody", {}))
    assert answer["status"] == "failure"
    assert answer["errorMessage"] == (
        "transformId: there is no macro 'Nobody'. There are OakTree, OakTreeGrants, OakTreeDefaults"
    )


def test_nothing_but_the_requests_id_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = event("OakTree", {"Resources": {}})
    secret["templateParameterValues"] = {"Password": "hunter2"}
    handle(secret)
    assert "r-1" in caplog.text
    assert "hunter2" not in caplog.text


@given(st.sampled_from([*MACROS, "Other"]), JSON, JSON, JSON)
def test_whatever_comes_the_answer_is_success_or_a_named_failure(
    macro: str, fragment: Any, params: Any, values: Any
) -> None:
    asked = event(macro, fragment) | {"params": params, "templateParameterValues": values}
    answer = handle(asked)
    assert answer["requestId"] == "r-1"
    assert answer["status"] == "success" or answer["errorMessage"]
    json.dumps(answer)
    if answer["status"] == "success":
        again = handle(asked | {"fragment": answer["fragment"]})
        assert macro == "OakTreeGrants" or again["fragment"] == answer["fragment"], "an expansion expands to itself"
    else:
        assert "defect" not in answer["errorMessage"]


@given(JSON)
def test_even_an_event_that_is_none_is_answered(junk: Any) -> None:
    assert handle(junk)["status"] == "failure"
