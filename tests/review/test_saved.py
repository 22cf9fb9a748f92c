"""Saved answers: read whole or refused in words with the place, never half."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.model import Shape
from hypothesis import given

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.models import ChangeSet
from oaktree_cfn.review.saved import load

from .answers import FIXTURES, SHAPE, Answer, answers, lost, recorded, text_of

KINDS = {"string": str, "boolean": bool, "integer": int, "timestamp": str, "list": list, "structure": dict}


def read(name: str) -> ChangeSet:
    return load((FIXTURES / f"{name}.json").read_text(), name)


def raw(name: str) -> list[Answer]:
    found: list[Answer] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def misfits(value: Any, shape: Shape, place: str = "") -> list[str]:
    """Where a value does not fit a shape of botocore's model."""
    if not isinstance(value, KINDS[shape.type_name]):
        return [f"{place}: not a {shape.type_name}"]
    if shape.type_name == "structure":
        unknown = [f"{place}.{key}: unknown" for key in value.keys() - shape.members.keys()]
        inner = [m for key in value.keys() & shape.members.keys() for m in misfits(value[key], shape.members[key], f"{place}.{key}")]  # fmt: skip
        return unknown + inner
    if shape.type_name == "list":
        return [m for i, item in enumerate(value) for m in misfits(item, shape.member, f"{place}[{i}]")]
    return (
        [f"{place}: {value!r} not in {shape.enum}"] if getattr(shape, "enum", None) and value not in shape.enum else []
    )


@pytest.mark.parametrize("path", recorded(), ids=lambda path: path.stem)
def test_every_recording_has_the_shape_of_an_answer(path: Path) -> None:
    found = [misfit for answer in json.loads(path.read_text()) for misfit in misfits(answer, SHAPE)]
    if path.stem == "unknown":
        assert len(found) >= 6
    elif path.stem == "injection":
        assert all("not in" in misfit for misfit in found)
    else:
        assert found == []


@given(answers())
def test_random_answers_are_read_whole(found: list[Answer]) -> None:
    tree = load(text_of(found), "file")
    places = {"/".join(path) for path, _ in tree.walk()}
    assert places >= lost(found).keys()
    assert len(tree.changes) >= len({c["ResourceChange"]["LogicalResourceId"] for c in found[0].get("Changes", ())})


def test_pages_are_one_set() -> None:
    assert [change.logical_id for change in read("two-pages").changes] == [
        "Queue0",
        "Queue1",
        "Queue2",
        "Topic",
        "Table",
    ]


@pytest.mark.parametrize("turned", [False, True], ids=["values first", "values last"])
def test_a_removal_that_the_answer_with_values_dropped_is_kept(turned: bool) -> None:
    found = raw("dropped-values")
    changes = {c.logical_id: c for c in load(text_of(found[::-1] if turned else found), "file").changes}
    assert changes["Table"].action == "Remove"
    assert changes["Topic"].details[0].after == "All orders"


def test_nested_sets_hang_on_their_changes() -> None:
    nested = {change.logical_id: change.nested for change in read("update").changes}
    assert all(nested.values())
    assert nested["Data"] is not None
    assert nested["Data"].changes[0].logical_id == "UsersTable"


def test_one_answer_alone_may_stand_without_its_list() -> None:
    (answer,) = raw("import")
    assert load(json.dumps(answer), "file") == read("import")


def test_nulls_count_as_absent_and_a_byte_order_mark_does_no_harm() -> None:
    found = [{**answer, "NextToken": None, "Parameters": None} for answer in raw("import")]
    assert load("\ufeff" + text_of(found), "file") == read("import")


CHANGE = {"Type": "Resource", "ResourceChange": {"Action": "Remove", "LogicalResourceId": "T", "ResourceType": "X"}}
ANSWER: Answer = {"ChangeSetId": "arn:1", "StackName": "orders", "Status": "CREATE_COMPLETE", "Changes": [CHANGE]}


def with_change(**more: Any) -> Answer:
    return {**ANSWER, "Changes": [{"Type": "Resource", "ResourceChange": {**CHANGE["ResourceChange"], **more}}]}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ["not valid JSON", "1:1"]),
        (text_of([ANSWER])[:-20], ["not valid JSON"]),
        ("[" * 100_000, ["nested too deeply"]),
        ("[]", ["not a list of DescribeChangeSet answers"]),
        ('"x"', ["not a list of DescribeChangeSet answers"]),
        ('{"Stacks": []}', ["[0] has no ChangeSetId"]),
        ("[1]", ["[0] must be an object, not 1"]),
        ('[{"ChangeSetId": "a", "ChangeSetId": "b"}]', ["'ChangeSetId' stands twice"]),
        (text_of([{**ANSWER, "Changes": {}}]), ["[0].Changes must be a list, not an object"]),
        (text_of([{**ANSWER, "Changes": [{"Type": "Resource"}]}]), ["[0].Changes[0] has no ResourceChange"]),
        (text_of([with_change(LogicalResourceId="")]), ["[0].Changes[0].ResourceChange has no LogicalResourceId"]),
        (text_of([with_change(Replacement=True)]), ["ResourceChange.Replacement must be a text, not true"]),
        (text_of([with_change(Details=[{"Target": "x"}])]), ["Details[0].Target must be an object, not a text"]),
        (text_of([{**ANSWER, "StackName": "::error::x"}]), ["[0].StackName is no stack's name"]),
        (text_of([{**ANSWER, "NextToken": "a"}]), ["orders", "arn:1", "NextToken that nothing follows"]),
        (text_of([ANSWER, {**ANSWER, "NextToken": "a"}]), ["NextToken that nothing follows"]),
        (text_of([ANSWER, {**ANSWER, "Status": "FAILED"}]), ["arn:1", "disagree about its Status", "FAILED"]),
        (text_of([with_change(ChangeSetId="arn:2")]), ["T: its nested change set is missing: arn:2"]),
        (text_of([with_change(ChangeSetId="arn:1")]), ["T: its nested change set is part of itself: arn:1"]),
        (text_of([ANSWER, {**ANSWER, "ChangeSetId": "arn:9"}]), ["not part of the first set's tree: arn:9"]),
    ],
)  # fmt: skip
def test_what_is_not_whole_is_refused_with_its_place(text: str, words: list[str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        load(text, "answers.json")
    for word in ["answers.json", *words]:
        assert word in caught.value.message
    assert "describe-change-set" in caught.value.advice
