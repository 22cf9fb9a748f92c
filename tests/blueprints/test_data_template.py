"""Another table of users: what a programmer may make of the data template."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oaktree_cfn.blueprints.data import USERS, Data
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services.capacity import Capacity, Provisioned
from oaktree_cfn.services.index import GlobalIndex, Key
from oaktree_cfn.services.table import Table
from oaktree_cfn.services.when import When
from oaktree_cfn.template.lint import lint
from oaktree_cfn.template.write import to_yaml

DOCS = Path(__file__).parents[2] / "docs"
BUSY = Provisioned(reads=Capacity(minimum=5, maximum=50), writes=Capacity(minimum=5))
BY_EMAIL = GlobalIndex(name="by-email", partition=Key(name="email"))
RICH = replace(USERS, billing=BUSY, global_indexes=(BY_EMAIL,), stream="NEW_IMAGE", expires="until", keep=False)


def composed(users: Table) -> dict[str, Any]:
    template: dict[str, Any] = Data(users).compose().to_dict()
    return template


def test_the_kept_table_and_the_other_differ_by_how_they_end_only() -> None:
    resources = composed(RICH)["Resources"]
    kept = {title.removeprefix("Retained"): body for title, body in resources.items() if title.startswith("Retained")}
    dropped = {title: body for title, body in resources.items() if not title.startswith("Retained")}
    assert kept.keys() == dropped.keys()
    assert kept["UsersTable"]["Properties"] == dropped["UsersTable"]["Properties"]
    assert kept["UsersTable"]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert dropped["UsersTable"]["DeletionPolicy"] == "Delete"


def test_what_scales_a_table_is_there_where_the_table_is() -> None:
    for title, body in composed(RICH)["Resources"].items():
        assert body["Condition"] == ("KeepsTable" if title.startswith("Retained") else "DropsTable")


def test_a_stream_is_told_to_whoever_reads_it() -> None:
    assert "TableStreamArn" not in composed(USERS)["Outputs"]
    told = composed(RICH)["Outputs"]["TableStreamArn"]["Value"]
    either = [{"Fn::GetAtt": [title, "StreamArn"]} for title in ("RetainedUsersTable", "UsersTable")]
    assert told == {"Fn::If": ["KeepsTable", *either]}


def test_any_table_makes_a_template_without_findings(tmp_path: Path) -> None:
    (tmp_path / "data.yaml").write_text(to_yaml(composed(RICH)))
    assert lint(tmp_path, ["ap-southeast-1"]) == ()


def test_a_table_that_dynamodb_would_refuse_makes_no_template() -> None:
    with pytest.raises(InvalidInput, match=r"Table\.sort: id is the partition key already"):
        composed(replace(USERS, sort=Key(name="id")))


def test_capacity_under_a_condition_has_no_place_beside_the_condition_of_its_table() -> None:
    with pytest.raises(ValueError, match="cannot stand under two conditions, IsBusy and DropsTable"):
        composed(replace(USERS, billing=When("IsBusy", BUSY)))


def test_the_example_in_the_docs_composes() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (DOCS / "data.md").read_text(), flags=re.S)
    names: dict[str, Any] = {}
    exec(example, names)  # noqa: S102 - our own page
    assert "UsersTableIndexByEmailReadScaling" in composed(names["users"])["Resources"]
