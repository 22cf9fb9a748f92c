"""Templates as text: what is written reads back the same, and reads well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as some

from oaktree_cfn.blueprints import catalogue
from oaktree_cfn.template.read import load, parse
from oaktree_cfn.template.write import for_readers, to_json, to_yaml

TRICKY = [
    "",
    " ",
    "yes",
    "No",
    "on",
    "y",
    "null",
    "~",
    "true",
    "12",
    "0123",
    "1e3",
    "1_000",
    "0x1f",
    "12:30",
    "2010-09-09",
    "-",
    "- a",
    "a: b",
    "a:",
    "a #b",
    "a#b",
    "#a",
    "*",
    "&a",
    "!Ref x",
    "{a}",
    "[a]",
    "%a",
    "@a",
    "`a`",
    "a\\b",
    'say "x"',
    "it's",
    "'",
    '"',
    "a\n",
    "a\nb",
    "\na",
    "a\n\n",
    " a\nb",
    "a \nb",
    "a\n b\n",
    "a\tb",
    "a\r\nb",
    "\x85",
    "\u2028",
    "\ufeff",
    "\x07",
    "ünïcode — 樫",
    "a  b",
    "a ",
    "---",
    "...",
    "<<",
    "=",
    "?",
    "a,b",
    "${Prefix}-x",
    "^[a-z]+$",
    "AWS::Region",
]

texts = some.one_of(some.sampled_from(TRICKY), some.text(some.characters(exclude_categories=("Cs",)), max_size=30))
scalars = some.one_of(texts, some.booleans(), some.integers(), some.floats(allow_nan=False, allow_infinity=False))
documents = some.recursive(
    scalars,
    lambda inner: some.one_of(
        some.lists(inner, max_size=4),
        some.dictionaries(texts, inner, max_size=4),
        some.fixed_dictionaries({"Fn::Join": some.lists(inner, max_size=3)}),
        some.fixed_dictionaries({"Ref": texts}),
    ),
    max_leaves=20,
)


class Loader(yaml.SafeLoader):
    """PyYAML with the short intrinsics, as a reader that is not ours."""


def _long(loader: Any, suffix: str, node: Any) -> dict[str, Any]:
    if isinstance(node, yaml.SequenceNode):
        return {suffix if suffix == "Ref" else f"Fn::{suffix}": loader.construct_sequence(node, deep=True)}
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": loader.construct_scalar(node)}


Loader.add_multi_constructor("!", _long)


def foreign(text: str) -> Any:
    return yaml.load(text, Loader)  # noqa: S506 - a SafeLoader with the short tags


def value(written: Any) -> str:
    return to_yaml({"Metadata": {"Value": written}})


@pytest.mark.parametrize("text", TRICKY)
def test_a_string_stays_the_string_it_is(text: str) -> None:
    document = {"Metadata": {"Value": text, "Sub": {"Fn::Sub": text}, "List": {"Fn::Join": [text, [text]]}, text: 1}}
    assert foreign(to_yaml(document)) == document


@settings(deadline=None)
@given(documents)
def test_whatever_is_written_reads_back_the_same_elsewhere(document: Any) -> None:
    assert foreign(value(document)) == {"Metadata": {"Value": document}}


@pytest.mark.parametrize("name", list(catalogue()))
def test_our_templates_read_back_the_same_here(name: str) -> None:
    template = catalogue()[name].compose().to_dict()
    assert parse(to_yaml(template)) == parse(to_json(template).decode())


def test_the_committed_files_are_what_the_blueprints_say() -> None:
    folder = Path(__file__).parents[2] / "templates"
    for name, blueprint in catalogue().items():
        assert load(folder / f"{name}.yaml") == json.loads(to_json(blueprint.compose().to_dict()))


def test_keys_stay_in_the_order_they_have() -> None:
    template = {
        "Outputs": {"Id": {"Value": "x", "Description": "d"}},
        "Resources": {"A": {"Properties": {}, "Type": "T"}},
    }
    again = parse(to_yaml(template))
    assert (again, list(again), list(again["Outputs"]["Id"])) == (template, list(template), ["Value", "Description"])


def test_sections_and_attributes_come_in_a_readers_order() -> None:
    text = to_yaml(
        for_readers(
            {
                "Outputs": {"Id": {"Value": "x", "Description": "d"}},
                "Resources": {
                    "Topic": {"Properties": {"b": 1, "a": 2}, "DeletionPolicy": "Retain", "Type": "AWS::SNS::Topic"},
                    "Queue": {"Type": "AWS::SQS::Queue"},
                },
                "Extra": 1,
                "Parameters": {"P": {"Default": "x", "Type": "String"}},
                "AWSTemplateFormatVersion": "2010-09-09",
            }
        )
    )
    assert text == (
        'AWSTemplateFormatVersion: "2010-09-09"\n'
        "\n"
        "Parameters:\n"
        "  P:\n"
        "    Type: String\n"
        "    Default: x\n"
        "\n"
        "Resources:\n"
        "  Topic:\n"
        "    Type: AWS::SNS::Topic\n"
        "    DeletionPolicy: Retain\n"
        "    Properties:\n"
        "      b: 1\n"
        "      a: 2\n"
        "\n"
        "  Queue:\n"
        "    Type: AWS::SQS::Queue\n"
        "\n"
        "Outputs:\n"
        "  Id:\n"
        "    Description: d\n"
        "    Value: x\n"
        "\n"
        "Extra: 1\n"
    )


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ({"Ref": "Vpc"}, "!Ref Vpc"),
        ({"Fn::GetAtt": ["Vpc", "CidrBlock"]}, "!GetAtt Vpc.CidrBlock"),
        ({"Fn::GetAtt": ["Alb", "Outputs.Url"]}, "!GetAtt Alb.Outputs.Url"),
        ({"Fn::Sub": "${Prefix}-task"}, "!Sub ${Prefix}-task"),
        ({"Fn::GetAZs": ""}, '!GetAZs ""'),
        ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, '!Select [0, !GetAZs ""]'),
        ({"Fn::Equals": [{"Ref": "Zones"}, "3"]}, '!Equals [!Ref Zones, "3"]'),
        ({"Fn::If": ["Has", {"Ref": "AWS::NoValue"}, "x"]}, '!If [Has, !Ref "AWS::NoValue", x]'),
        ({"Fn::Base64": {"Fn::Sub": "x"}}, "\n    Fn::Base64: !Sub x"),
        ({"Fn::And": [{"Condition": "A"}, {"Condition": "B"}]}, "!And\n    - Condition: A\n    - Condition: B"),
        ({"Fn::Transform": {"Name": "x"}}, "\n    Fn::Transform:\n      Name: x"),
        ("one\ntwo\n", "|\n    one\n    two"),
        ("one\ntwo", "|-\n    one\n    two"),
        ([], "[]"),
        ({}, "{}"),
        ([[1], {"a": [2]}], "\n    - - 1\n    - a:\n        - 2"),
    ],
)
def test_it_reads_as_a_person_would_write_it(written: Any, text: str) -> None:
    space = "" if text.startswith("\n") else " "
    assert value(written) == f"Metadata:\n  Value:{space}{text}\n"


def test_long_arguments_are_spread_over_lines() -> None:
    text = value({"Fn::If": ["Has", "a" * 60, "b" * 60]})
    assert text == f"Metadata:\n  Value: !If\n    - Has\n    - {'a' * 60}\n    - {'b' * 60}\n"


def test_long_lines_are_never_folded() -> None:
    long = "word " * 100 + "end"
    assert value(long) == f"Metadata:\n  Value: {long}\n"


def test_what_has_no_place_in_a_template_is_refused() -> None:
    with pytest.raises(TypeError, match="set has no place in a template"):
        value({1, 2})


def test_json_is_compact_and_keeps_order_and_letters() -> None:
    assert to_json({"b": [1, True, None], "a": "樫"}) == '{"b":[1,true,null],"a":"樫"}'.encode()
