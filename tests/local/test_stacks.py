"""The books: who is who, who exports what, and what is never written down."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oaktree_cfn.local.stacks import Books, ChangeSet, Resource, Revision, Stack
from oaktree_cfn.models import STACK_TYPE

EMPTY = Revision("", {"Resources": {}}, {}, {})


@pytest.fixture
def books() -> Books:
    ticks: Iterator[datetime] = (datetime(2026, 11, 22, tzinfo=UTC) + timedelta(seconds=n) for n in range(1000))
    return Books("eu-west-1", lambda: next(ticks))


def stack(books: Books, name: str, **more: Any) -> Stack:
    return books.add(Stack(name, "eu-west-1", books.now(), **{"status": "CREATE_COMPLETE", **more}))


def test_a_stack_is_found_by_name_while_it_lives_and_by_id_for_ever(books: Books) -> None:
    first = stack(books, "s")
    books.record(first, "DELETE_COMPLETE")
    assert books.find("s") is None
    second = stack(books, "s")
    assert books.find("s") is second
    assert books.find(first.id) is first
    assert first.id != second.id


def test_nobody_sees_a_status_without_its_event() -> None:
    seen: list[str] = []

    def look() -> None:
        if books.lock.acquire(timeout=0.05):
            seen.append(made.status)
            books.lock.release()

    def clock() -> datetime:
        """Asked for the time of the event; somebody else looks meanwhile."""
        looking = threading.Thread(target=look)
        looking.start()
        looking.join()
        return datetime(2026, 11, 22, tzinfo=UTC)

    books = Books("eu-west-1", lambda: datetime(2026, 11, 22, tzinfo=UTC))
    made = stack(books, "s", status="CREATE_IN_PROGRESS")
    books.now = clock
    books.record(made, "CREATE_COMPLETE")
    assert seen == []
    look()
    assert (seen, made.events[-1].status) == (["CREATE_COMPLETE"], "CREATE_COMPLETE")


def test_the_root_is_the_top_of_the_tree(books: Books) -> None:
    root = stack(books, "root")
    middle = stack(books, "middle", parent=root)
    leaf = stack(books, "leaf", parent=middle)
    assert leaf.root is middle.root is root.root is root
    assert books.children(root) == [middle]


def test_an_exporter_is_found_while_it_lives(books: Books) -> None:
    exporting = stack(books, "a")
    exporting.outputs = {
        "O": {"OutputKey": "O", "OutputValue": "v", "ExportName": "e"},
        "P": {"OutputKey": "P", "OutputValue": "w"},
    }
    importing = stack(books, "b", imports={"e"})
    assert exporting.exports == {"e": "v"}
    assert books.exporter("e") is exporting
    assert books.importers("e") == [importing]
    books.record(exporting, "DELETE_COMPLETE")
    books.record(importing, "DELETE_COMPLETE")
    assert books.exporter("e") is None
    assert books.importers("e") == []


def test_every_move_is_an_event_in_the_order_it_happened(books: Books) -> None:
    one = stack(books, "s", token="run-1")
    resource = Resource("Topic", "AWS::SNS::Topic", {"A": "b"}, {})
    books.record(one, "CREATE_IN_PROGRESS", "User Initiated")
    books.record_resource(one, resource, "CREATE_FAILED", "no")
    first, second = one.events
    assert (first.logical_id, first.physical_id, first.type, first.reason) == (
        "s",
        one.id,
        STACK_TYPE,
        "User Initiated",
    )
    assert (second.logical_id, second.status, second.reason, second.properties) == (
        "Topic",
        "CREATE_FAILED",
        "no",
        {"A": "b"},
    )
    assert first.time < second.time
    assert {first.token, second.token} == {"run-1"}
    assert (resource.status, resource.reason, resource.time) == ("CREATE_FAILED", "no", second.time)


def test_a_nested_stack_carries_its_roots_token(books: Books) -> None:
    root = stack(books, "root", token="run-1")
    child = stack(books, "child", parent=root)
    books.record(child, "CREATE_IN_PROGRESS")
    assert child.events[0].token == "run-1"


def test_secrets_are_masked_wherever_they_stand_in_what_is_shown() -> None:
    template = {
        "Parameters": {
            "S": {"Type": "String", "NoEcho": "true"},
            "Empty": {"Type": "String", "NoEcho": True},
            "P": {"Type": "String"},
        }
    }
    revision = Revision("", template, {"S": "hunter2", "Empty": "", "P": "plain"}, {})
    shown = revision.masked({"A": ["x-hunter2-y", {"B": "hunter2"}], "C": "plain", "D": "80"})
    assert shown == {"A": ["x-****-y", {"B": "****"}], "C": "plain", "D": "80"}
    assert [each["ParameterValue"] for each in revision.shown_parameters()] == ["****", "****", "plain"]


def test_a_snapshot_does_not_follow_the_resource() -> None:
    resource = Resource("T", "AWS::SNS::Topic", {"A": "b"}, {}, "id-1")
    before = resource.snapshot()
    resource.properties, resource.physical_id = {"A": "c"}, "id-2"
    assert (before.properties, before.physical_id) == ({"A": "b"}, "id-1")


def test_forgetting_a_change_set_drops_its_children_and_the_shells_only_it_needed(books: Books) -> None:
    root = stack(books, "root", revision=EMPTY)
    shell = stack(books, "shell", parent=root, status="REVIEW_IN_PROGRESS")
    living = stack(books, "living", parent=root, revision=EMPTY)
    top = ChangeSet("c", root, "UPDATE", EMPTY, books.now())
    top.children = {
        name: ChangeSet(name, each, "CREATE", EMPTY, books.now(), parent=top)
        for name, each in (("A", shell), ("B", living))
    }
    for each in top.family():
        books.change_sets[each.id] = each
    assert top.children["A"].root is top
    books.forget(top)
    assert books.change_sets == {}
    assert [each.name for each in books.stacks.values()] == ["root", "living"]


@pytest.mark.parametrize(
    ("status", "reason", "broken"),
    [
        ("CREATE_COMPLETE", "", False),
        (
            "FAILED",
            "The submitted information didn't contain changes. Submit different information to create a change set.",
            False,
        ),
        ("FAILED", "No updates are to be performed.", False),
        ("FAILED", "Parameters: [P] must have values", True),
    ],
)
def test_a_change_set_without_changes_is_not_broken(books: Books, status: str, reason: str, *, broken: bool) -> None:
    assert (
        ChangeSet("c", stack(books, "s"), "UPDATE", EMPTY, books.now(), status=status, reason=reason).broken is broken
    )


def test_pseudo_parameters_tell_where_a_stack_stands(books: Books) -> None:
    one = stack(books, "s")
    pseudo = one.pseudo()
    assert (pseudo["AWS::StackName"], pseudo["AWS::StackId"], pseudo["AWS::Region"]) == ("s", one.id, "eu-west-1")
    assert (pseudo["AWS::AccountId"], pseudo["AWS::Partition"], pseudo["AWS::URLSuffix"]) == (
        "123456789012",
        "aws",
        "amazonaws.com",
    )
