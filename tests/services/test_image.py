"""One value says which image of a repository runs: a tag or a digest."""

from __future__ import annotations

import re

import pytest
from troposphere import Parameter, Ref, Template
from troposphere.ssm import Parameter as Text

from oaktree_cfn.services.image import VERSION, image_of
from oaktree_cfn.template.stacks import Evaluator, Place
from oaktree_cfn.template.tree import Tree

DIGEST = f"sha256:{'0a' * 32}"
REPOSITORY = "localhost:5000/team/app"


def image(version: str) -> str:
    template = Template()
    template.add_parameter(Parameter("Version", Type="String"))
    template.add_resource(Text("Text", Type="String", Value=image_of(REPOSITORY, Ref("Version"))))
    tree = Tree("root", template.to_dict())
    return str(Evaluator(Place()).evaluate(tree, {"Version": version}, {}).properties("Text")["Value"])


@pytest.mark.parametrize("tag", ["1", "1a2b3c4", "sha256", "v1.2_x-3"])
def test_a_tag_stands_behind_a_colon(tag: str) -> None:
    assert image(tag) == f"{REPOSITORY}:{tag}"


def test_a_digest_stands_behind_an_at_sign() -> None:
    assert image(DIGEST) == f"{REPOSITORY}@{DIGEST}"


@pytest.mark.parametrize(
    ("version", "good"),
    [("1", True), ("sha256", True), (DIGEST, True), ("a:b", False), ("sha256:12", False), ("-1", False), ("", False)],
)
def test_a_version_is_a_tag_or_a_digest(version: str, good: bool) -> None:
    assert (re.fullmatch(VERSION, version) is not None) == good
