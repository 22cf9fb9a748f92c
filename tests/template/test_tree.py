"""A template with the templates it nests."""

from __future__ import annotations

from pathlib import Path

import pytest

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template import tree

NESTS = "Resources:\n  {name}:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: {url}\n"
LEAF = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n"


def test_children_are_read_by_the_relative_path_their_parent_names(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "root.yaml").write_text(NESTS.format(name="A", url="./below/a.yaml"))
    (tmp_path / "below" / "a.yaml").write_text(NESTS.format(name="B", url="../b.yaml"))
    (tmp_path / "b.yaml").write_text(LEAF)
    found = tree.load(tmp_path / "root.yaml")
    assert [path for path, _ in found.walk()] == [(), ("A",), ("A", "B")]
    assert found.children["A"].children["B"].template["Resources"] == {"Topic": {"Type": "AWS::SNS::Topic"}}


def test_a_template_behind_an_address_is_not_at_hand(tmp_path: Path) -> None:
    (tmp_path / "root.yaml").write_text(NESTS.format(name="A", url="https://bucket.s3.amazonaws.com/a.json"))
    assert tree.load(tmp_path / "root.yaml").children == {}


def test_a_template_that_nests_itself_is_refused(tmp_path: Path) -> None:
    (tmp_path / "root.yaml").write_text(NESTS.format(name="A", url="./root.yaml"))
    with pytest.raises(InvalidInput, match="nests itself"):
        tree.load(tmp_path / "root.yaml")


def test_a_missing_child_is_named(tmp_path: Path) -> None:
    (tmp_path / "root.yaml").write_text(NESTS.format(name="A", url="./gone.yaml"))
    with pytest.raises(InvalidInput, match=r"gone\.yaml"):
        tree.load(tmp_path / "root.yaml")
