"""``oaktree expand``: a file as CloudFormation would have it after our macros."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from examples.command import oaktree
from oaktree_cfn.blueprints.service import Service
from oaktree_cfn.macros.expansion import expand
from oaktree_cfn.macros.fragment import MOST_FAULTS
from oaktree_cfn.macros.source import Source
from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.lint import lint, second_opinion
from oaktree_cfn.template.read import load, parse
from oaktree_cfn.template.write import to_yaml

HERE = Path(__file__).parents[2]
EXAMPLE = HERE / "examples" / "macro" / "app.yaml"


def expanded(path: Path) -> dict[str, Any]:
    return expand(load(path), {}, Source(path.name, path.read_text()))


def test_the_example_is_short_and_its_expansion_is_clean(tmp_path: Path) -> None:
    assert len(EXAMPLE.read_text().splitlines()) <= 25
    (tmp_path / "app.yaml").write_text(to_yaml(expanded(EXAMPLE)))
    assert [*lint(tmp_path, ["ap-southeast-1"]), *second_opinion(tmp_path)] == []


def test_the_command_prints_the_same_document_in_the_syntax_of_its_input(tmp_path: Path) -> None:
    as_json = tmp_path / "app.json"
    as_json.write_text(json.dumps(load(EXAMPLE)))
    from_yaml, from_json = oaktree(HERE, "expand", str(EXAMPLE)), oaktree(HERE, "expand", str(as_json))
    assert parse(from_yaml.stdout) == json.loads(from_json.stdout) == expanded(EXAMPLE)


def test_a_fault_is_told_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "app.yaml"
    path.write_text(EXAMPLE.read_text().replace("Route:", "Ruote:"))
    answer = oaktree(HERE, "expand", str(path))
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert (
        f"{path}:18: Resources/Web/Properties/Ruote: OakTree::WebService has no property of that name" in answer.stderr
    )
    assert "did you mean Route?" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_parameter_that_the_template_does_not_have_is_told() -> None:
    answer = oaktree(HERE, "expand", str(EXAMPLE), "--param", "Platfrom=shop")
    assert answer.returncode == 2
    assert "--param: the template has no parameter Platfrom." in answer.stderr
    assert "Its parameters: " in answer.stderr


def test_the_difference_can_be_shown_alone() -> None:
    shown = oaktree(HERE, "expand", "--diff", str(EXAMPLE)).stdout
    assert "-    Type: OakTree::WebService" in shown
    assert "+  WebService:" in shown


def test_other_transforms_stay_named_for_cloudformation() -> None:
    template = {"Transform": ["AWS::Serverless-2016-10-31", "OakTree"], "Resources": {}}
    assert expand(template, {}, Source("x"))["Transform"] == "AWS::Serverless-2016-10-31"


def test_grants_inside_a_policy_are_expanded_where_they_stand() -> None:
    call = {
        "Name": "OakTreeGrants",
        "Parameters": {"Grants": [{"Intent": "read", "On": "secret", "Arn": {"Ref": "S"}}]},
    }
    policy = {"Type": "AWS::IAM::Policy", "Properties": {"PolicyDocument": {"Fn::Transform": call}}}
    out = expand({"Resources": {"P": policy}}, {}, Source("x"))["Resources"]["P"]
    (statement,) = out["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]


# The shorthand and the blueprint are doors to the same code

PARAMETERS = {
    "Prefix": "oaktree-dev",
    "ContainerPort": "5000",
    "ClusterName": "cluster",
    "TaskSubnetIds": ["subnet-1", "subnet-2"],
    "TaskSecurityGroupId": "sg-1",
    "TargetGroupArn": "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:targetgroup/x/1",
    "RepositoryArn": "arn:aws:ecr:ap-southeast-1:123456789012:repository/oaktree-dev",
    "RepositoryUrl": "123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/oaktree-dev",
    "TableArn": "arn:aws:dynamodb:ap-southeast-1:123456789012:table/oaktree-dev-users",
    "TableName": "oaktree-dev-users",
    "TaskSubnets": "private",
    "ImageTag": "1",
    "DesiredCount": "1",
    "MaxTasks": "0",
}


class World:
    """Every resource exists; its physical id is its logical id without the shorthand's name."""

    def physical_id(self, logical_id: str) -> str:
        return f"<{logical_id.removeprefix('Web')}>"

    def attribute(self, logical_id: str, name: str) -> str:
        return f"<{logical_id.removeprefix('Web')}.{name}>"

    def export(self, name: str) -> str:
        raise AssertionError(name)

    stack_output = zones = export


def evaluated(template: dict[str, Any]) -> dict[str, Any]:
    declared = template.get("Parameters", {})
    values = {name: parameter.get("Default", "") for name, parameter in declared.items()} | PARAMETERS
    pseudo = {"AWS::Region": "ap-southeast-1", "AWS::AccountId": "123456789012", "AWS::Partition": "aws"}
    scope = Scope(template, values, pseudo, World())
    return {
        title.removeprefix("Web") or title: scope.value(body["Properties"])
        for title, body in template["Resources"].items()
        if scope.exists(title)
    }


def test_the_shorthand_gives_the_same_properties_as_the_blueprint() -> None:
    blueprint = evaluated(Service().compose().to_dict())
    shorthand = {
        "Name": {"Ref": "Prefix"},
        "Cluster": {"Ref": "ClusterName"},
        "Subnets": {"Ref": "TaskSubnetIds"},
        "SecurityGroup": {"Ref": "TaskSecurityGroupId"},
        "TargetGroup": {"Ref": "TargetGroupArn"},
        "Listener": "arn:aws:elasticloadbalancing:ap-southeast-1:123456789012:listener/app/x/1/2",
        "Image": {"Fn::Sub": "${RepositoryUrl}:${ImageTag}"},
        "Repository": {"Ref": "RepositoryArn"},
        "Environment": {
            "NODE_ENV": "production",
            "HOST": "0.0.0.0",  # noqa: S104
            "AWS_REGION": {"Ref": "AWS::Region"},
            "USE_AWS_DB": "true",
            "DYNAMODB_TABLE": {"Ref": "TableName"},
        },
        "Grants": [{"Intent": "read-write", "On": "table", "Arn": {"Ref": "TableArn"}}],
        "PolicyName": {"Fn::Sub": "${Prefix}-dynamodb-access"},
    }
    parameters = {name: {"Type": "String"} for name in PARAMETERS}
    template = {
        "Transform": "OakTree",
        "Parameters": parameters,
        "Resources": {"Web": {"Type": "OakTree::WebService", "Properties": shorthand}},
    }
    out = expand(template, {}, Source("x"))
    assert as_text(evaluated(out)) == as_text(blueprint)


def as_text(value: Any) -> Any:
    """Numbers and booleans as CloudFormation hands them on."""
    if isinstance(value, dict):
        return {key: as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_text(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


# Hostile files

HOSTILE = {
    "an alias bomb": "Transform: OakTree\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\nResources: {}\n",
    "a tag of a language": "Transform: OakTree\nResources: !!python/object/apply:os.system [echo]\n",
    "ten megabytes": "Transform: OakTree\nResources: {}\nDescription: " + "x" * 10_000_000 + "\n",
    "ten thousand levels": "Transform: OakTree\nResources: " + "[" * 10_000 + "]" * 10_000 + "\n",
    "ten thousand levels of JSON": '{"Resources": ' + "[" * 10_000 + "]" * 10_000 + "}",
    "ten megabytes of small things": "Transform: OakTree\nResources: {}\nMetadata: [" + "x," * 5_000_000 + "]\n",
    "a megabyte of resources": "Transform: OakTree\nResources: {"
    + ", ".join(f"A{number}: {{Type: OakTree::X}}" for number in range(30_000))
    + "}\n",
    "a long number": "Transform: OakTree\nResources: {}\nX: " + "9" * 900_000 + "\n",
    "a long number of JSON": '{"Resources": {}, "X": ' + "9" * 900_000 + "}",
    "a long number to the base of sixty": "Transform: OakTree\nResources: {}\nX: 5" + ":59" * 300_000 + "\n",
    "many wrong settings": "Transform: OakTree\nResources: {A: {Type: OakTree::Table}}\nGlobals: {All: {"
    + ", ".join(f"K{number}: 1" for number in range(40_000))
    + "}}\n",
    "a key twice": "Transform: OakTree\nResources: {}\nResources: {}\n",
    "no template at all": "- 1\n- 2\n",
    "nothing": "",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_ends_soon_with_one_message(what: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.yaml"
    path.write_text(HOSTILE[what])
    assert_refused(path)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_wrong_encoding_is_told(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "hostile.yaml"
    path.write_bytes("Description: naïve\nResources: {}\n".encode(encoding))
    assert_refused(path)


def assert_refused(path: Path) -> None:
    before = time.process_time()
    answer = oaktree(HERE, "expand", str(path))
    spent = time.process_time() - before
    assert answer.returncode == 2, answer.stderr[-300:]
    assert answer.stdout == ""
    assert "Traceback" not in answer.stderr
    assert 1 <= answer.stderr.count("hostile.yaml") <= MOST_FAULTS
    assert len(answer.stderr) < MOST_FAULTS * 200
    assert spent < 5, "seconds of work, whatever else the machine does"
