"""Frozen exports."""

from __future__ import annotations

from pathlib import Path

from oaktree_cfn import environment
from oaktree_cfn.deploy.freeze import freeze
from oaktree_cfn.review.forecast import Version, forecast
from oaktree_cfn.template import graph, tree
from oaktree_cfn.template.stacks import Place
from oaktree_cfn.template.tree import Tree

PROJECT = Path(__file__).parents[2]
DEV = environment.load("dev", PROJECT / "environments")
ROOT = tree.load(PROJECT / "templates" / "root.yaml")
HERE = Place("oaktree-dev", "ap-southeast-1")


def exported(frozen: dict[str, str]) -> dict[str, object]:
    template = freeze(ROOT.template, DEV.parameters, HERE, frozen)
    graph.check(template)
    version = Version(Tree("root", template, ROOT.children), DEV.parameters, DEV.tags)
    return dict(forecast(None, version, HERE).exports)


def test_without_frozen_exports_the_template_is_as_it_was() -> None:
    assert freeze(ROOT.template, DEV.parameters, HERE, {}) is ROOT.template


def test_a_frozen_export_keeps_its_old_value_and_all_others_their_own() -> None:
    found, before = exported({"oaktree-dev-VpcId": "vpc-old"}), exported({})
    assert found["oaktree-dev-VpcId"] == "vpc-old"
    assert found.keys() == before.keys()


def test_an_export_that_the_templates_no_longer_have_can_be_frozen_too() -> None:
    assert exported({"oaktree-dev-Gone": "old"})["oaktree-dev-Gone"] == "old"


def test_the_output_itself_stays() -> None:
    template = freeze(ROOT.template, DEV.parameters, HERE, {"oaktree-dev-VpcId": "vpc-old"})
    assert template["Outputs"]["VpcId"]["Value"] == ROOT.template["Outputs"]["VpcId"]["Value"]
    assert "Export" not in template["Outputs"]["VpcId"]
