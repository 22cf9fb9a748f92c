"""Findings: none on our templates, and what is broken is found from wherever one stands."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oaktree_cfn.environment import regions
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template import lint as engines
from oaktree_cfn.template.lint import CHILD_MISSING, IGNORED, IGNORED_BY_SECOND, Finding, lint, second_opinion

HERE = Path(__file__).parents[2]
TEMPLATES = HERE / "templates"
REGIONS = ("ap-southeast-1",)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of our templates, seen from a foreign current directory."""
    shutil.copytree(TEMPLATES, tmp_path / "templates")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "templates"


def edited(folder: Path, name: str, before: str, after: str) -> None:
    text = (folder / name).read_text()
    assert before in text
    (folder / name).write_text(text.replace(before, after, 1))


def rules(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.file) for finding in findings]


def test_our_templates_have_no_findings_in_any_region_we_use() -> None:
    assert lint(TEMPLATES, regions(HERE / "environments")) == ()


def test_awss_own_engine_has_nothing_against_them_either() -> None:
    assert second_opinion(TEMPLATES) == ()


def test_every_ignored_rule_has_its_reason() -> None:
    assert all(reason.endswith(".") for reason in (IGNORED | IGNORED_BY_SECOND).values())
    assert list(IGNORED) == ["W3002", "W6001"]


def test_a_parameter_that_the_child_lacks_is_found_from_a_foreign_directory(copy: Path) -> None:
    edited(copy, "root.yaml", "        VpcCidr: !Ref VpcCidr", "        VpcCdir: !Ref VpcCidr")
    (finding,) = lint(copy, REGIONS)
    assert (finding.rule, finding.level, finding.file) == ("E3043", "error", "root.yaml")
    assert 'Specified parameter "VpcCdir" doesn\'t exist' in finding.message
    assert finding.path == "Resources/Network/Properties/Parameters/VpcCdir"
    line = (copy / "root.yaml").read_text().splitlines()[finding.line - 1]
    assert "VpcCdir" in line


def test_an_output_that_the_child_lacks_is_found_from_a_foreign_directory(copy: Path) -> None:
    edited(copy, "root.yaml", "VpcId: !GetAtt Network.Outputs.VpcId", "VpcId: !GetAtt Network.Outputs.Vpc")
    (finding,) = lint(copy, REGIONS)
    assert (finding.rule, finding.file) == ("E1010", "root.yaml")


def test_an_output_that_the_roots_own_output_lacks_is_found_too(copy: Path) -> None:
    edited(copy, "root.yaml", "Value: !GetAtt Network.Outputs.VpcId", "Value: !GetAtt Network.Outputs.Vpc")
    assert "root.yaml" in {finding.file for finding in lint(copy, REGIONS)}


def test_a_missing_child_is_found(copy: Path) -> None:
    (copy / "cluster.yaml").unlink()
    (finding,) = lint(copy, REGIONS)
    assert (finding.rule, finding.level, finding.path) == (
        CHILD_MISSING,
        "error",
        "Resources/Cluster/Properties/TemplateURL",
    )
    assert finding.message == "Cluster is made from ./cluster.yaml, and there is no such file"
    assert "./cluster.yaml" in (copy / "root.yaml").read_text().splitlines()[finding.line - 1]


def test_children_elsewhere_are_none_of_its_business(copy: Path) -> None:
    edited(copy, "root.yaml", "./cluster.yaml", "https://bucket.s3.ap-southeast-1.amazonaws.com/cluster.yaml")
    assert CHILD_MISSING not in {finding.rule for finding in lint(copy, REGIONS)}


def test_a_misspelt_property_is_found_by_both(copy: Path) -> None:
    edited(copy, "ecr.yaml", "EmptyOnDelete:", "EmptyOnDelet:")
    assert rules(lint(copy, REGIONS)) == [("E3002", "ecr.yaml")]
    assert rules(second_opinion(copy)) == [("F3002", "ecr.yaml")]


@pytest.mark.parametrize(("percent", "found"), [(43.3, []), (43.35, [("E3002", "one.json")])])
def test_a_decimal_is_a_multiple_as_decimals_are(percent: float, found: Any, tmp_path: Path) -> None:
    canary = {"CanaryPercent": percent, "CanaryBakeTimeInMinutes": 5}
    rollout = {"Strategy": "CANARY", "CanaryConfiguration": canary}
    service = {"Cluster": "c", "TaskDefinition": "t", "DeploymentConfiguration": rollout}
    template = {"Resources": {"Service": {"Type": "AWS::ECS::Service", "Properties": service}}}
    (tmp_path / "one.json").write_text(json.dumps(template))
    assert rules(lint(tmp_path, REGIONS)) == found


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        ({"Default": 3.3}, []),
        ({"Default": "33.3", "AllowedValues": ["33.3", "43.3"]}, []),
        ({"Default": 43.35}, [("W1030", "one.json")]),
        ({"Default": 3.3, "AllowedValues": [3.3, 3.35]}, [("W1030", "one.json")]),
    ],
)
def test_so_is_the_value_of_a_parameter(declared: dict[str, Any], found: Any, tmp_path: Path) -> None:
    canary = {"CanaryPercent": {"Ref": "Percent"}, "CanaryBakeTimeInMinutes": 5}
    rollout = {"Strategy": "CANARY", "CanaryConfiguration": canary}
    service = {"Cluster": "c", "TaskDefinition": "t", "DeploymentConfiguration": rollout}
    template = {
        "Parameters": {"Percent": {"Type": "Number", **declared}},
        "Resources": {"Service": {"Type": "AWS::ECS::Service", "Properties": service}},
    }
    (tmp_path / "one.json").write_text(json.dumps(template))
    assert set(rules(lint(tmp_path, REGIONS))) == set(found)


def test_a_template_that_cannot_be_read_is_a_finding_not_a_crash(copy: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (copy / "cluster.yaml").write_text("Resources: [\nx")
    assert ("E0000", "cluster.yaml") in rules(lint(copy, REGIONS))
    assert "cluster.yaml" in {finding.file for finding in second_opinion(copy)}
    assert capfd.readouterr() == ("", "")


def test_templates_in_folders_below_are_linted_with_their_own_children(copy: Path) -> None:
    shutil.copytree(copy, copy / "more")
    edited(copy / "more", "root.yaml", "        VpcCidr: !Ref VpcCidr", "        VpcCdir: !Ref VpcCidr")
    assert rules(lint(copy, REGIONS)) == [("E3043", "more/root.yaml")]


def test_the_current_directory_is_left_as_it_was(copy: Path) -> None:
    before = Path.cwd()
    lint(copy, REGIONS)
    assert Path.cwd() == before


def test_a_configuration_file_on_the_machine_has_no_say(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (copy, Path.cwd()):
        (folder / ".cfnlintrc").write_text("ignore_checks: [E]\n")
    monkeypatch.setitem(os.environ, "HOME", str(copy))
    edited(copy, "ecr.yaml", "EmptyOnDelete:", "EmptyOnDelet:")
    assert rules(lint(copy, REGIONS)) == [("E3002", "ecr.yaml")]


def test_an_unknown_region_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match="cfn-lint knows no region mars-north-1"):
        lint(TEMPLATES, ["mars-north-1"])


def test_a_folder_without_templates_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="has no templates") as caught:
        lint(tmp_path, REGIONS)
    assert caught.value.advice == "Render them: python build.py"


def test_a_template_is_judged_again_when_its_child_says_something_else(copy: Path) -> None:
    assert lint(copy, REGIONS) == ()
    edited(copy, "network.yaml", "\n  VpcCidr:\n    Type", "\n  VpcRange:\n    Type")
    assert ("E3043", "root.yaml") in rules(lint(copy, REGIONS))


CHILD = {"Parameters": {"Size": {"Type": "String"}}, "Resources": {"It": {"Type": "AWS::SNS::Topic"}}}
CALL = {"TemplateURL": "./child.json", "Parameters": {"Size": "S"}}


def nest(folder: Path, resource: dict[str, Any], **sections: Any) -> None:
    """A template with one resource that is made from ``child.json``."""
    (folder / "child.json").write_text(json.dumps(CHILD))
    (folder / "parent.json").write_text(json.dumps({**sections, "Resources": {"Nested": resource}}))


def test_a_child_named_under_a_condition_counts_too(tmp_path: Path) -> None:
    url = {"Fn::If": ["Here", "./child.json", "https://bucket.s3.amazonaws.com/child.json"]}
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {**CALL, "TemplateURL": url}}
    nest(tmp_path, stack, Conditions={"Here": {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}})
    assert ("E3043", "parent.json") not in rules(lint(tmp_path, REGIONS))
    edited(tmp_path, "child.json", "Size", "Extent")
    assert ("E3043", "parent.json") in rules(lint(tmp_path, REGIONS))


def test_an_application_of_sam_is_judged_again_with_its_template(tmp_path: Path) -> None:
    properties = {"Location": "./child.json", "Parameters": {"Size": "S"}}
    application = {"Type": "AWS::Serverless::Application", "Properties": properties}
    nest(tmp_path, application, Transform="AWS::Serverless-2016-10-31")
    assert ("E3043", "parent.json") not in rules(lint(tmp_path, REGIONS))
    edited(tmp_path, "child.json", "Size", "Extent")
    assert ("E3043", "parent.json") in rules(lint(tmp_path, REGIONS))


def test_a_child_outside_the_folder_is_another_question(tmp_path: Path) -> None:
    """cfn-lint does not look for the outputs of such a child."""
    (tmp_path / "templates").mkdir()
    stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {**CALL, "TemplateURL": "../child.json"}}
    nest(tmp_path, stack, Outputs={"It": {"Value": {"Fn::GetAtt": ["Nested", "Outputs.Nothing"]}}})
    (tmp_path / "parent.json").rename(tmp_path / "templates" / "parent.json")
    assert lint(tmp_path / "templates", REGIONS) == ()
    assert ("E6101", "templates/parent.json") in rules(lint(tmp_path, REGIONS))


def test_what_was_judged_while_somebody_wrote_is_judged_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "child.json").write_text(json.dumps({**CHILD, "Description": uuid.uuid4().hex}))
    judge = engines._cfn_lint

    def slowly(*arguments: Any) -> Any:
        edited(tmp_path, "child.json", "Size", "Extent")
        return judge(*arguments)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(engines, "_cfn_lint", slowly)
        lint(tmp_path, REGIONS)
    edited(tmp_path, "child.json", "Extent", "Size")
    (finding,) = lint(tmp_path, REGIONS)
    assert finding.message == "Parameter Size not used."


def test_newer_schemas_of_cfn_lint_are_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``cfn-lint --update-specs`` brings them to the user's cache, without another version."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    before = [*engines._newer_schemas()]
    schemas = tmp_path / "aws" / "cfn-lint" / "schemas"
    schemas.mkdir(parents=True)
    (schemas / "version.json").write_text('{"schema_date": "2099-01-01"}')
    assert [*engines._newer_schemas()] != before


def test_properties_that_are_none_are_the_engines_to_tell(tmp_path: Path) -> None:
    nest(tmp_path, {"Type": "AWS::CloudFormation::Stack", "Properties": "none"})
    assert ("E3012", "parent.json") in rules(lint(tmp_path, REGIONS))


def test_a_template_is_judged_again_for_another_region(copy: Path) -> None:
    only = {"Resources": {"Product": {"Type": "AWS::EC2::CarrierGateway", "Properties": {"VpcId": "vpc-12345678"}}}}
    for path in copy.iterdir():
        path.unlink()
    (copy / "one.json").write_text(json.dumps(only))
    assert lint(copy, ["us-east-1"]) == ()
    assert rules(lint(copy, ["us-east-1", "af-south-1"])) == [("E3006", "one.json")]


def test_a_kept_finding_is_told_of_the_file_that_has_it_now(copy: Path) -> None:
    edited(copy, "ecr.yaml", "EmptyOnDelete:", "EmptyOnDelet:")
    first = lint(copy, REGIONS)
    (copy / "ecr.yaml").rename(copy / "images.yaml")
    edited(copy, "root.yaml", "./ecr.yaml", "./images.yaml")
    assert lint(copy, REGIONS) == tuple(replace(finding, file="images.yaml") for finding in first)


def test_it_lints_where_nobody_installed_the_local_stage(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipeline's machine has no SAM translator, which comes with the stage."""
    version = importlib.metadata.version

    def installed(package: str) -> str:
        if package == "aws-sam-translator":
            raise importlib.metadata.PackageNotFoundError(package)
        return version(package)

    monkeypatch.setattr(importlib.metadata, "version", installed)
    one = copy / "alone"
    one.mkdir()
    shutil.copy(copy / "ecr.yaml", one)
    assert lint(one, ["eu-west-1"]) == ()
