"""The reference page and the editors' schema say what the macros check."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from oaktree_cfn.macros.fragment import BadFragment
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


def web(**properties: Any) -> dict[str, Any]:
    resource = usual("OakTree::WebService")
    return {"Resources": {"Web": {**resource, "Properties": {**resource["Properties"], **properties}}}}


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


WRONG: list[dict[str, Any]] = [
    {"Prot": 1},
    {"Cpu": 300},
    {"Port": 0},
    {"Port": "many"},
    {"Rollout": {"Canari": {}}},
    {"Rollout": {"Canary": {"CanaryPercent": 0}}},
    {"Rollout": {"Canary": {}, "Linear": {}}},
    {"Scaling": {}},
    {"Scaling": {"MaxCapacity": 0}},
    {"Environment": {"1X": "a"}},
    {"Environment": ["a"]},
    {"Secrets": {"KEY": {"SecretsManager": {"Arn": "nonsense"}}}},
    {"Grants": [{"Intent": "steal", "On": "table", "Arn": {"Ref": "T"}}]},
    {"Route": {"Priority": 99999, "Paths": ["/x"]}},
    {"HealthCheck": {"Path": "no-slash"}},
    {"Platform": "under_score"},
    {"ReadonlyRootFilesystem": "maybe"},
]


@pytest.mark.parametrize("properties", WRONG, ids=json.dumps)
def test_what_the_macro_refuses_by_itself_the_schema_refuses_too(properties: dict[str, Any]) -> None:
    template = web(**properties)
    assert complaints(template)
    with pytest.raises(BadFragment):
        expand(template, "1")


@pytest.mark.parametrize("kind", ["OakTree::Wrong", "OakTree::Webservice"])
def test_a_type_there_is_not_is_refused(kind: str) -> None:
    assert complaints({"Resources": {"X": {"Type": kind}}})


def test_other_resources_pass() -> None:
    assert complaints({"Resources": {"X": {"Type": "AWS::S3::Bucket", "Properties": {"Anything": [1]}}}}) == []
