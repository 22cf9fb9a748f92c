"""The first decision is total: every status, known or not, leads to steps or to an error that says what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.aws.bucket import BucketState
from oaktree_cfn.aws.cloudformation import NewParameter
from oaktree_cfn.deploy.bundle import Bundle, Packed
from oaktree_cfn.deploy.prepare import Deployed, MakeBucket, OpenChangeSet, RemoveFailed, Step, Upload, Wanted, prepare
from oaktree_cfn.errors import OaktreeError, Refused, StackBusy
from oaktree_cfn.models import Stack
from oaktree_cfn.template.parameters import MASK

from .fake_cloudformation import stack

MODEL = botocore.session.get_session().get_service_model("cloudformation")
STATUSES = MODEL.shape_for("StackStatus").enum
ANY_STATUS = st.sampled_from(STATUSES) | st.text("ABCDEFG_", min_size=1)

ROOT: dict[str, Any] = {"Parameters": {"Cpu": {"Type": "Number", "Default": 256}}, "Resources": {}}
TAGS = {"project": "oaktree"}
KEY = f"{'a1b2' * 16}.json"


def bundle(document: dict[str, Any] = ROOT) -> Bundle:
    return Bundle((Packed(Path("root.yaml"), document, b"{}", KEY, f"https://b/{KEY}"),))


def wanted(recreate: bool = False, document: dict[str, Any] = ROOT, **parameters: str | None) -> Wanted:
    sent = tuple(NewParameter(key, value) for key, value in parameters.items())
    return Wanted("oaktree-dev", bundle(document), sent, TAGS, "f00d", recreate)


def deployed(found: Stack | None, template: Any = None, **bucket: Any) -> Deployed:
    return Deployed(
        found, template or {}, BucketState(**{"exists": True, "complete": True, "keys": frozenset(), **bucket})
    )


def as_wanted(status: str = "UPDATE_COMPLETE", **more: Any) -> Stack:
    return stack(status, **{"parameters": {"Cpu": "256"}, "tags": TAGS, **more})


WORKABLE = {
    "REVIEW_IN_PROGRESS", "DELETE_COMPLETE", "CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE", "ROLLBACK_COMPLETE",
}  # fmt: skip


def outcome(status: str, recreate: bool) -> tuple[Step, ...] | OaktreeError:
    try:
        return prepare(wanted(recreate), deployed(stack(status)))
    except (StackBusy, Refused) as error:
        return error


def kinds(steps: tuple[Step, ...]) -> list[type]:
    return [type(step) for step in steps]


@given(status=ANY_STATUS, recreate=st.booleans())
def test_every_status_leads_to_a_change_set_or_to_an_error_with_advice(status: str, recreate: bool) -> None:
    found = outcome(status, recreate)
    if isinstance(found, OaktreeError):
        assert found.advice
        assert "oaktree-dev" in found.message
        assert status in found.message
    else:
        assert kinds(found)[-1] is OpenChangeSet
        assert status in WORKABLE


@given(status=ANY_STATUS, recreate=st.booleans())
def test_a_stack_is_removed_only_when_it_never_held_anything_and_only_on_request(status: str, recreate: bool) -> None:
    found = outcome(status, recreate)
    if isinstance(found, tuple) and RemoveFailed in kinds(found):
        assert recreate
        assert status == "ROLLBACK_COMPLETE"


@pytest.mark.parametrize("status", [status for status in STATUSES if status.endswith("_IN_PROGRESS")])
def test_while_something_runs_the_stack_is_busy(status: str) -> None:
    if status == "REVIEW_IN_PROGRESS":
        return
    known = status != "DELETE_IN_PROGRESS"  # since when, and by which change set
    told = f"{status} since 12:00:00 UTC, by change set oaktree-9." if known else f"{status}. "
    with pytest.raises(StackBusy, match=told) as caught:
        prepare(wanted(), deployed(stack(status, change_set_id="arn:aws:cloudformation:r:1:changeSet/oaktree-9/x")))
    assert "oaktree watch" in caught.value.advice


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (None, "CREATE"),
        (stack("REVIEW_IN_PROGRESS"), "CREATE"),
        (stack("DELETE_COMPLETE"), "CREATE"),
        (stack("CREATE_COMPLETE"), "UPDATE"),
        (stack("UPDATE_ROLLBACK_COMPLETE"), "UPDATE"),
    ],
    ids=lambda value: getattr(value, "status", str(value)),
)
def test_what_never_held_anything_is_created_and_the_rest_updated(found: Stack | None, kind: str) -> None:
    (*_, last) = prepare(wanted(), deployed(found))
    assert isinstance(last, OpenChangeSet)
    assert last.request.kind == kind
    assert last.request.name == "oaktree-a1b2a1b2a1b2-f00d"


def test_only_what_is_missing_is_uploaded_and_the_bucket_made_when_incomplete() -> None:
    assert kinds(prepare(wanted(), deployed(None, complete=False))) == [MakeBucket, Upload, OpenChangeSet]
    assert kinds(prepare(wanted(), deployed(None))) == [Upload, OpenChangeSet]
    assert kinds(prepare(wanted(), deployed(None, keys=frozenset({KEY})))) == [OpenChangeSet]


def test_a_stack_that_already_is_what_is_wanted_needs_nothing() -> None:
    assert prepare(wanted(), deployed(as_wanted(), ROOT)) == ()
    assert prepare(wanted(Cpu="256"), deployed(as_wanted(), ROOT)) == ()
    assert prepare(wanted(Cpu=None), deployed(as_wanted(parameters={"Cpu": "512"}), ROOT)) == ()


@pytest.mark.parametrize(
    ("found", "template", "asked"),
    [
        (as_wanted(tags={}), ROOT, wanted()),
        (as_wanted(parameters={"Cpu": "512"}), ROOT, wanted()),
        (as_wanted(), ROOT, wanted(Cpu="512")),
        (as_wanted(), {**ROOT, "Description": "older"}, wanted()),
        (as_wanted(status="UPDATE_ROLLBACK_COMPLETE"), ROOT, wanted()),
    ],
    ids=["tags", "reset to default", "a value", "the template", "rolled back"],
)
def test_any_difference_asks_cloudformation(found: Stack, template: Any, asked: Wanted) -> None:
    assert kinds(prepare(asked, deployed(found, template)))[-1] is OpenChangeSet


@pytest.mark.parametrize(
    "document",
    [
        {**ROOT, "Transform": "AWS::LanguageExtensions"},
        {**ROOT, "Outputs": {"A": {"Value": "{{resolve:ssm:/a}}"}}},
        {**ROOT, "Outputs": {"A": {"Value": {"Fn::GetStackOutput": {"StackName": "b", "OutputName": "c"}}}}},
    ],
    ids=["a transform", "a dynamic reference", "another stack's output"],
)
def test_where_only_cloudformation_can_tell_it_is_asked(document: dict[str, Any]) -> None:
    assert prepare(wanted(document=document), deployed(as_wanted(), document)) != ()


@pytest.mark.parametrize(
    "declaration", [{"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a"}, {"Type": "String", "NoEcho": True}]
)
def test_values_that_cannot_be_compared_ask_cloudformation(declaration: dict[str, Any]) -> None:
    document = {"Parameters": {"P": declaration}, "Resources": {}}
    shown = MASK if "NoEcho" in declaration else "/a"
    found = as_wanted(parameters={"P": shown})
    assert prepare(wanted(document=document, P="/a"), deployed(found, document)) != ()
