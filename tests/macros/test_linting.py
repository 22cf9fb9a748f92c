"""Lint of shorthand: its expansion is judged, and findings stand where somebody wrote something."""

from __future__ import annotations

from pathlib import Path

import pytest

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.macros.linting import lint, second_opinion
from oaktree_cfn.template import lint as plain

REGIONS = ("ap-southeast-1",)
APP = """\
Transform: OakTree
Resources:
  Web:
    Type: OakTree::WebService
    Properties:
      Platform: oaktree-dev
      Image: public.ecr.aws/nginx/nginx:1.29
      Route: {Priority: 10, Paths: [/app/*]}
  WebWorker:
    Type: OakTree::Worker
    Properties:
      Platform: oaktree-dev
      Image: public.ecr.aws/nginx/nginx:1.29
"""


def write(folder: Path, text: str, name: str = "root.yaml") -> Path:
    (folder / name).write_text(text)
    return folder


def test_shorthand_is_clean_for_both_engines(tmp_path: Path) -> None:
    assert lint(write(tmp_path, APP), REGIONS) == ()
    assert second_opinion(tmp_path) == ()


def test_a_finding_stands_at_the_shorthand_it_was_generated_from(tmp_path: Path) -> None:
    write(tmp_path, APP.replace("Route:", "Vpc: !Ref Missing\n      Route:"))
    found = [finding for finding in lint(tmp_path, REGIONS) if "Missing" in finding.message]
    assert found
    assert {(each.file, each.path, each.line) for each in found} == {("root.yaml", "Resources/Web", 3)}


def test_the_longest_name_that_fits_is_the_origin(tmp_path: Path) -> None:
    write(tmp_path, f"{APP}      Vpc: !Ref Missing\n")
    found = [finding for finding in lint(tmp_path, REGIONS) if "Missing" in finding.message]
    assert {each.path for each in found} == {"Resources/WebWorker"}


def test_what_only_begins_alike_is_not_the_origin(tmp_path: Path) -> None:
    text = APP.replace("Route:", "Vpc: !Ref Missing\n      Route:") + "  WebSecurity:\n    Type: AWS::SNS::Topic\n"
    found = [finding for finding in lint(write(tmp_path, text), REGIONS) if "Missing" in finding.message]
    assert {each.path for each in found} == {"Resources/Web"}


def test_a_nested_template_outside_the_folder_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    write(tmp_path, "Resources: {Topic: {Type: AWS::SNS::Topic}}", "beside.yaml")
    nested = "  {0}:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: ../{0}.yaml\n"
    write(folder, APP + nested.format("beside") + nested.format("nowhere"))
    (found,) = lint(folder, REGIONS)
    assert (found.rule, found.path) == (plain.CHILD_MISSING, "Resources/nowhere/Properties/TemplateURL")


def test_what_is_not_shorthand_keeps_its_place(tmp_path: Path) -> None:
    write(tmp_path, f"{APP}  Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicNme: x\n")
    (found,) = lint(tmp_path, REGIONS)
    assert (found.rule, found.path, found.line) == ("E3002", "Resources/Topic/Properties/TopicNme", 17)


def test_what_cannot_be_expanded_is_told_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, APP.replace("Image:", "Imag:", 1))
    with pytest.raises(InvalidInput, match=r"root\.yaml:7: Resources/Web/Properties/Imag: .*did you mean Image\?"):
        lint(tmp_path, REGIONS)


def test_shorthand_in_a_nested_stack_is_wired_to_its_parent(tmp_path: Path) -> None:
    child = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": "./app.yaml", "Parameters": {"Nme": "x"}},
    }
    write(tmp_path, APP, "app.yaml")
    write(tmp_path, f"Resources: {{App: {child!r}}}".replace("'", '"'))
    assert {finding.rule for finding in lint(tmp_path, REGIONS)} == {"E3043"}


def test_a_folder_without_shorthand_is_linted_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, "Resources: {Topic: {Type: AWS::SNS::Topic, Properties: {TopicNme: x}}}")
    assert lint(tmp_path, REGIONS) == plain.lint(tmp_path, REGIONS) != ()
