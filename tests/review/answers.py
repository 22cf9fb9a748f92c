"""DescribeChangeSet answers: the recorded ones, and random ones built from botocore's own output shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
from botocore.model import Shape
from hypothesis import strategies as st

from oaktree_cfn.models import STACK_TYPE

FIXTURES = Path(__file__).parent / "fixtures"
SHAPE = (
    botocore.session.get_session().get_service_model("cloudformation").operation_model("DescribeChangeSet").output_shape
)

Answer = dict[str, Any]
Tree = tuple[list[Answer], list["Tree"]]

TYPES = st.sampled_from(["AWS::DynamoDB::Table", "AWS::ECS::TaskDefinition", "AWS::SNS::Topic", "AWS::X::Y"])
NAMES = st.text("ABCxyz019", min_size=1, max_size=6)
VALUES = st.text(max_size=8) | st.sampled_from(['{"a":1}', "[1,2]", '{"a":', "{{changeSet:KNOWN_AFTER_APPLY}}"])
OWN = {
    "LogicalResourceId": NAMES,
    "ParameterKey": NAMES,
    "Key": NAMES,
    "ResourceType": TYPES,
    "BeforeValue": VALUES,
    "AfterValue": VALUES,
    "BeforeContext": st.sampled_from(['{"Properties":{}}', '{"Properties":{"Name":"x"}}', '{"Prop']),
    "AfterContext": st.sampled_from(['{"Properties":{}}', '{"Properties":{"Name":"y"}}', '{"Prop']),
}
"""Members that need more sense than their shape gives them."""
LEFT_OUT = {"ChangeSetId", "NextToken", "Status", "StatusReason", "StackName", "Type"}


def recorded() -> list[Path]:
    """The files of recorded answers."""
    return sorted(FIXTURES.glob("*.json"))


def of_shape(shape: Shape, name: str = "") -> st.SearchStrategy[Any]:
    """Anything that fits a shape; of an enum also a value nobody knows yet."""
    if name in OWN:
        return OWN[name]
    match shape.type_name:
        case "structure":
            members = {key: of_shape(inner, key) for key, inner in shape.members.items() if key not in LEFT_OUT}
            needed = {
                key for key in ("LogicalResourceId", "ResourceType", "Action", "ResourceChange") if key in members
            }
            needed |= set(members) if name in ("Parameters", "Tags") else set()
            return st.fixed_dictionaries(
                {key: members[key] for key in sorted(needed)},
                optional={key: value for key, value in members.items() if key not in needed},
            )
        case "list":
            return st.lists(of_shape(shape.member, name), max_size=3)
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(0, 9)
        case "timestamp":
            return st.just("2026-11-17T09:30:00+00:00")
        case _:
            return st.sampled_from([*shape.enum, "Brandnew"]) if shape.enum else st.text(max_size=8)


_ANSWER = of_shape(SHAPE)
_REASONS = st.sampled_from(["", "The submitted information didn't contain changes.", "Boom"])


@st.composite
def answers(draw: st.DrawFn, depth: int = 2) -> list[Answer]:
    """The saved answers of a random tree: pages and repeated descriptions, nested sets below."""
    return _tree(draw, depth, "0")


def _tree(draw: st.DrawFn, depth: int, number: str) -> list[Answer]:
    status, reason = draw(st.sampled_from(["CREATE_COMPLETE", "CREATE_COMPLETE", "FAILED"])), draw(_REASONS)
    fixed = {
        "ChangeSetId": f"arn:set/{number}",
        "StackName": f"stack{number}",
        "Status": status,
        "StatusReason": reason,
    }
    pages = [{**draw(_ANSWER), **fixed} for _ in range(draw(st.integers(1, 3)))]
    for page in pages[:-1]:
        if draw(st.booleans()):
            page["NextToken"] = "more"
    return [*pages, *_nested(draw, depth, number, pages)]


def _nested(draw: st.DrawFn, depth: int, number: str, pages: list[Answer]) -> Iterator[Answer]:
    for index in range(draw(st.integers(0, depth))):
        page = draw(st.sampled_from(pages))
        change = {"Action": draw(st.sampled_from(["Add", "Modify", "Modify", "Dynamic"])), "ResourceType": STACK_TYPE}
        child = f"{number}{index}"
        change |= {"LogicalResourceId": f"Child{index}", "ChangeSetId": f"arn:set/{child}"}
        page.setdefault("Changes", []).append({"Type": "Resource", "ResourceChange": change})
        yield from _tree(draw, depth - 1, child)


def lost(found: list[Answer]) -> dict[str, set[str]]:
    """A simple recount over raw answers: path -> what they say of it, where that is worse than a change in place."""
    by_set: dict[str, list[Answer]] = {}
    for answer in found:
        by_set.setdefault(answer["ChangeSetId"], []).append(answer)
    told: dict[str, set[str]] = {}
    todo = [("", found[0]["ChangeSetId"])]
    while todo:
        above, arn = todo.pop()
        for change in (change["ResourceChange"] for page in by_set[arn] for change in page.get("Changes", ())):
            place = above + change["LogicalResourceId"]
            action, replacement = change["Action"], change.get("Replacement", "")
            if action == "Modify" and replacement in {"True", "Conditional"}:
                told.setdefault(place, set()).add("replace")
            elif action not in {"Add", "Modify", "Import"}:
                told.setdefault(place, set()).add("remove" if action == "Remove" else "unknown")
            if "ChangeSetId" in change:
                todo.append((f"{place}/", change["ChangeSetId"]))
    return told


def text_of(found: list[Answer]) -> str:
    """As people would save them."""
    return json.dumps(found)
