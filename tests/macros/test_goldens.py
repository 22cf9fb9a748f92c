"""Golden pairs: what the macros make of every type and option, and in which words they refuse what is wrong."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import oaktree_cfn
from oaktree_cfn.macros import defaults, properties, transform
from oaktree_cfn.macros.shorthand import SHORTHANDS
from oaktree_cfn.services.fields import Choice, Kind, Named, Part, Several, default_of, kind_of, required
from oaktree_cfn.services.grants import ACTIONS
from oaktree_cfn.template.read import Lines, load
from tests.macros.goldens import FOLDER, expanded, given, golden, inputs, is_wrong

INPUTS = inputs()
RIGHT = [path for path in INPUTS if not is_wrong(path)]
WRONG = [path for path in INPUTS if is_wrong(path)]
SCHEMA = jsonschema.Draft7Validator(json.loads((FOLDER.parents[2] / "docs" / "macros.schema.json").read_text()))
PACKAGE = Path(oaktree_cfn.__file__).parent


def name_of(path: Path) -> str:
    return str(path.relative_to(FOLDER).with_suffix(""))


@pytest.mark.parametrize("path", INPUTS, ids=name_of)
def test_the_macros_give_the_golden_to_the_last_byte(path: Path) -> None:
    assert given(path) == golden(path).read_text(encoding="utf-8"), "if that is meant: make golden"


def test_every_golden_has_its_input() -> None:
    assert {*INPUTS, *map(golden, INPUTS)} == {path for path in FOLDER.rglob("*") if path.is_file()}


@pytest.mark.parametrize("path", [path for path in RIGHT if golden(path).suffix == ".diff"], ids=name_of)
def test_what_is_said_changes_something(path: Path) -> None:
    assert golden(path).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", RIGHT, ids=name_of)
def test_an_expansion_expands_to_itself(path: Path) -> None:
    once = expanded(path)
    assert transform.expand(once, "another version") == once


# Every option has one


def said(cls: Any, values: Any) -> Iterator[tuple[str, str, Any]]:
    """Class, property and value of everything that properties say, parts included."""
    for name, field in properties.words(cls).items():
        if name in values:
            yield cls.__name__, name, values[name]
            yield from inside(kind_of(cls, field), values[name])


def inside(kind: Kind, value: Any) -> Iterator[tuple[str, str, Any]]:
    match kind:
        case Part((cls,)):
            yield from said(cls, value)
        case Part(classes):
            ((name, part),) = value.items()
            yield from said(next(cls for cls in classes if cls.__name__ == name), part)
        case Several():
            for item in value if isinstance(value, list) else [value]:
                yield from inside(kind.kind, item)
        case Named():
            for item in value.values():
                yield from inside(kind.kind, item)


def shorthands(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for body in load(path).get("Resources", {}).values():
        if body["Type"] in SHORTHANDS:
            yield body["Type"], body["Properties"]


SAID = [
    (kind, *each)
    for path in RIGHT
    for kind, values in shorthands(path)
    for cls in (SHORTHANDS[kind].describes, SHORTHANDS[kind].place)
    if cls is not None
    for each in said(cls, values)
]


def parts(cls: Any) -> Iterator[Any]:
    """The classes of all parts of a description."""
    for field in properties.words(cls).values():
        for part in properties.parts_of(kind_of(cls, field)):
            yield part
            yield from parts(part)


def differs(cls: Any, name: str, value: Any) -> bool:
    """Whether a value is not the property's default, which would show nothing."""
    field = properties.words(cls)[name]
    default = default_of(cls, field)
    return required(cls, field) or default is None or str(value).lower() != str(default).lower()


@pytest.mark.parametrize("kind", SHORTHANDS)
def test_every_property_of_a_type_is_said_by_a_golden_of_that_type(kind: str) -> None:
    for cls in filter(None, (SHORTHANDS[kind].describes, SHORTHANDS[kind].place)):
        shown = {
            word
            for of_type, of, word, value in SAID
            if of_type == kind and of == cls.__name__
            if differs(cls, word, value)
        }
        assert set(properties.words(cls)) - shown == set()


PARTS = {part.__name__: part for shorthand in SHORTHANDS.values() for part in parts(shorthand.describes)}


@pytest.mark.parametrize("name", sorted(PARTS))
def test_every_property_of_a_part_is_said_by_a_golden(name: str) -> None:
    cls = PARTS[name]
    shown = {word for _, of, word, value in SAID if of == name and differs(cls, word, value)}
    assert set(properties.words(cls)) - shown == set()


MANY = 12
"""Choices with more values, such as the days to keep logs, are numbers by another name: one of them is enough."""


@pytest.mark.parametrize(
    "cls", [*(each.describes for each in SHORTHANDS.values()), *PARTS.values()], ids=lambda cls: cls.__name__
)
def test_every_value_that_can_be_chosen_is_chosen_by_a_golden(cls: Any) -> None:
    for name, field in properties.words(cls).items():
        kind = kind_of(cls, field)
        kind = kind.kind if isinstance(kind, Several) else kind
        if (
            not isinstance(kind, Choice)
            or len(kind.values) > MANY
            or kind.values[0].isdigit()
            or cls.__name__ == "Grant"
        ):
            continue
        values = [value for _, of, word, value in SAID if (of, word) == (cls.__name__, name)]
        chosen = {str(value) for item in values for value in (item if isinstance(item, list) else [item])}
        assert set(kind.values) - chosen - {default_of(cls, field)} == set(), name


def test_every_intent_on_every_kind_of_resource_has_a_golden() -> None:
    text = "\n".join(path.read_text() for path in RIGHT if path.parent.name == "OakTreeGrants")
    for on, intents in ACTIONS.items():
        for intent in intents:
            assert f"{{Intent: {intent}, On: {on}, " in text


@pytest.mark.parametrize("kind", SHORTHANDS)
def test_every_attribute_of_a_type_has_a_golden(kind: str) -> None:
    text = (FOLDER / kind.removeprefix("OakTree::") / "References.yaml").read_text()
    for attribute in SHORTHANDS[kind].attributes:
        assert f"!GetAtt App.{attribute}}}" in text


def test_every_attribute_of_a_resource_is_carried_in_a_golden() -> None:
    (users, *_) = load(FOLDER / "OakTree" / "Attributes.yaml")["Resources"].values()
    assert set(users) == transform.ATTRIBUTES


def test_every_house_rule_and_parameter_of_the_defaults_has_a_golden() -> None:
    templates = [load(path) for path in RIGHT if path.parent.name == "OakTreeDefaults"]
    types = {body["Type"] for template in templates for body in template["Resources"].values()}
    calls = [template["Transform"] for template in templates if isinstance(template["Transform"], dict)]
    assert set(defaults.RULES) <= types
    assert {name for call in calls for name in call["Parameters"]} == set(defaults.PARAMETERS)


# Every refusal has one

MESSAGES = "\n".join(golden(path).read_text(encoding="utf-8") for path in WRONG)
ELSEWHERE = {
    "a template read from a file is never so deep, so large or anything but plain data": (
        "it is nested deeper",
        "it has more than",
        "it holds a ",
    ),
    "only somebody who calls the Lambda function by hand can": ("there is no macro",),
    "nothing is known that leads there": ("these properties make no",),
    "only Python can put a part under a condition": ("it cannot stand under a condition",),
}
"""Why a refusal has no golden -> how its message begins."""


def words_of(node: ast.expr) -> str:
    """A message as a pattern: what is put into it may be anything."""
    if isinstance(node, ast.Constant):
        return re.escape(str(node.value))
    if isinstance(node, ast.JoinedStr):
        return "".join(words_of(part) for part in node.values)
    return r".+?" if isinstance(node, ast.FormattedValue) else ""


def refusals(path: Path) -> Iterator[str]:
    for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id in ("Fault", "Problem", "refuse")
        ):
            yield words_of(call.args[1])


REFUSALS = {
    (path.stem, pattern)
    for path in (*(PACKAGE / "macros").glob("*.py"), *(PACKAGE / "services").glob("*.py"))
    if path.stem != "alarms"  # a part of the monitoring, which has no shorthand
    for pattern in refusals(path)
    if pattern.strip(".+?")
}


@pytest.mark.parametrize(("file", "pattern"), sorted(REFUSALS))
def test_every_refusal_has_a_golden(file: str, pattern: str) -> None:
    beginnings = [re.escape(beginning) for reason in ELSEWHERE.values() for beginning in reason]
    if not pattern.startswith(tuple(beginnings)):
        assert re.search(properties_for_fields(pattern), MESSAGES)


def properties_for_fields(pattern: str) -> str:
    """Messages speak of properties where the code speaks of fields."""
    return re.sub(r"[a-z]+(_[a-z]+)+", lambda found: rf"({found[0]}|{properties.word(found[0])})", pattern)


@pytest.mark.parametrize("path", WRONG, ids=name_of)
def test_every_wrong_resource_is_told_with_its_file_and_line(path: Path) -> None:
    told = golden(path).read_text(encoding="utf-8").splitlines()
    for line in told:
        found = re.match(r"([^:]+):(\d+): ([^ ]+): ", line)
        assert found, line
        assert found[1] == path.name
        assert Lines(path.read_text(encoding="utf-8")).nearest(found[3])[1] == int(found[2])
    wrong = {line.split(": ")[1].split("/")[1] for line in told if ": Resources/" in line}
    there = {title for title, body in load(path)["Resources"].items() if body["Type"] in SHORTHANDS}
    assert there <= wrong or len(wrong) < 2, "in a collection of wrong resources, each is wrong"


# And the editors' schema says the same


@pytest.mark.parametrize("path", RIGHT, ids=name_of)
def test_the_schema_accepts_what_the_macros_accept(path: Path) -> None:
    assert [error.message for error in SCHEMA.iter_errors(load(path))] == []


@pytest.mark.parametrize("path", [path for path in WRONG if path.parent.name == "in_the_editor"], ids=name_of)
def test_the_schema_refuses_each_resource_that_is_wrong_by_itself(path: Path) -> None:
    places = [list(error.absolute_path) for error in SCHEMA.iter_errors(load(path))]
    found = {"/".join(map(str, place[:2])) for place in places}
    told = golden(path).read_text(encoding="utf-8").splitlines()
    asked = {"/".join(line.split(": ")[1].split("/")[:2]) for line in told}
    unnamed = {"Resources/With-Hyphen"}  # the schema says so of all names together
    assert {*asked} - unnamed <= found
    assert not asked & unnamed or ["Resources"] in places


@pytest.mark.parametrize("path", [path for path in WRONG if path.parent.name == "when_expanded"], ids=name_of)
def test_what_else_is_wrong_no_schema_could_say(path: Path) -> None:
    """What contradicts, what is another's, numbers written as text: if it could after all, move the golden."""
    assert [error.message for error in SCHEMA.iter_errors(load(path))] == []
