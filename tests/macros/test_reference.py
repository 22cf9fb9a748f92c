"""The reference page and the editors' schema say what the macros check."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from oaktree_cfn.macros.reference import usual
from oaktree_cfn.macros.shorthand import SHORTHANDS
from oaktree_cfn.macros.transform import expand
from oaktree_cfn.template.read import load

HERE = Path(__file__).parents[2]
EXAMPLES = sorted((HERE / "examples").rglob("*.yaml"))
SCHEMA = json.loads((HERE / "docs" / "macros.schema.json").read_text())


def documents() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("reference", HERE / "docs" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, str] = module.documents()
    return found


def complaints(template: Any) -> list[str]:
    return [error.message for error in jsonschema.Draft7Validator(SCHEMA).iter_errors(template)]


@pytest.mark.parametrize("name", ["macros-reference.md", "macros.schema.json"])
def test_it_is_fresh(name: str) -> None:
    assert (HERE / "docs" / name).read_text() == documents()[name], "run: make reference"


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(HERE)))
def test_it_accepts_every_example(path: Path) -> None:
    assert complaints(load(path)) == []


@pytest.mark.parametrize("kind", SHORTHANDS)
def test_every_type_has_a_usual_use_that_schema_and_macro_take(kind: str) -> None:
    template = {"Resources": {"App": usual(kind)}}
    assert complaints(template) == []
    assert expand(template, "1")["Resources"]


@pytest.mark.parametrize("kind", ["OakTree::Wrong", "OakTree::Webservice"])
def test_a_type_there_is_not_is_refused(kind: str) -> None:
    assert complaints({"Resources": {"X": {"Type": kind}}})


def test_other_resources_pass() -> None:
    assert complaints({"Resources": {"X": {"Type": "AWS::S3::Bucket", "Properties": {"Anything": [1]}}}}) == []
