"""A tree of templates with its values becomes one plain template that says the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from oaktree_cfn.environment import Environment, load, names
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template.controls import exemptions
from oaktree_cfn.template.flat import Flat, of_environment
from oaktree_cfn.template.lint import lint, second_opinion
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.tree import load as load_tree
from oaktree_cfn.template.write import to_yaml

PROJECT = Path(__file__).parents[2]
ENVIRONMENTS = PROJECT / "environments"
REF_BUCKET = {"Ref": "Bucket"}

Values = dict[str, Any]


def parameter(default: str = "", **more: Any) -> Values:
    return {"Type": "String", "Default": default, **more}


def stack(url: str, **parameters: Any) -> Values:
    return {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": url, "Parameters": parameters}}


def bucket(**more: Any) -> Values:
    return {"Type": "AWS::S3::Bucket", **more}


def flat(root: Values, children: Mapping[str, Values] | None = None, **given: str) -> Flat:
    trees = {name: Tree(f"{name}.yaml", template) for name, template in (children or {}).items()}
    place = Environment("test", "eu-west-1", "123456789012", "oaktree-test", {"Prefix": "oaktree-test"}, ("Tag",))
    return of_environment(place, Tree("root.yaml", root, trees), given)


def resources(root: Values, children: Mapping[str, Values] | None = None, **given: str) -> Any:
    return flat(root, children, **given).template["Resources"]


# Parameters and conditions


def test_parameters_and_pseudo_parameters_are_filled_in() -> None:
    named = {"BucketName": {"Fn::Sub": "${Name}-${AWS::Region}-${AWS::AccountId}"}}
    root = {"Parameters": {"Name": parameter("logs")}, "Resources": {"Bucket": bucket(Properties=named)}}
    assert resources(root) == {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "logs-eu-west-1-123456789012"}}
    }
    assert resources(root, Name="other")["Bucket"]["Properties"]["BucketName"] == "other-eu-west-1-123456789012"


@pytest.mark.parametrize(("switch", "there"), [("true", {"Bucket", "Extra"}), ("false", {"Bucket"})])
def test_what_a_condition_leaves_out_is_not_there(switch: str, there: set[str]) -> None:
    choice = {"Fn::If": ["On", "yes", {"Ref": "AWS::NoValue"}]}
    root = {
        "Parameters": {"Switch": parameter("false")},
        "Conditions": {"On": {"Fn::Equals": [{"Ref": "Switch"}, "true"]}},
        "Resources": {
            "Bucket": bucket(Properties={"BucketName": choice}, DependsOn="Extra"),
            "Extra": bucket(Condition="On"),
        },
    }
    found = resources(root, Switch=switch)
    assert found.keys() == there
    assert found["Bucket"].get("Properties") == ({"BucketName": "yes"} if switch == "true" else None)
    assert found["Bucket"].get("DependsOn") == (["Extra"] if switch == "true" else None)


def test_texts_become_what_the_schema_says_they_are() -> None:
    table = {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": {"Ref": "On"}, "RecoveryPeriodInDays": {"Ref": "Days"}}}  # fmt: skip
    policy = {"Statement": [{"Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}
    root = {
        "Parameters": {"On": parameter("true"), "Days": {"Type": "Number", "Default": 35}},
        "Resources": {
            "Table": {"Type": "AWS::DynamoDB::Table", "Properties": table},
            "Policy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"PolicyDocument": policy}},
            "Unknown": {"Type": "Custom::Thing", "Properties": {"On": {"Ref": "On"}}},
        },
    }
    found = resources(root)
    recovery = found["Table"]["Properties"]["PointInTimeRecoverySpecification"]
    assert recovery == {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 35}
    assert found["Policy"]["Properties"]["PolicyDocument"] == policy
    assert found["Unknown"]["Properties"] == {"On": "true"}


def test_what_an_operation_sets_counts_as_set() -> None:
    """An image's tag has no value in an environment's file."""
    root = {
        "Parameters": {"Tag": parameter(AllowedPattern="[a-z0-9]*")},
        "Conditions": {"Set": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Tag"}, ""]}]}},
        "Resources": {"Bucket": bucket(Condition="Set", Properties={"BucketName": {"Ref": "Tag"}})},
    }
    assert resources(root)["Bucket"]["Properties"]["BucketName"] == "⟨parameter/Tag⟩"
    assert resources(root, Tag="v1")["Bucket"]["Properties"]["BucketName"] == "v1"


def test_values_that_the_templates_own_rules_refuse_are_refused() -> None:
    assertion = {"Assert": {"Fn::Equals": [{"Ref": "Name"}, "logs"]}, "AssertDescription": "Name must be logs"}
    root = {"Parameters": {"Name": parameter()}, "Rules": {"Named": {"Assertions": [assertion]}}, "Resources": {}}
    with pytest.raises(InvalidInput, match="Name must be logs"):
        flat(root)


# References


def test_what_only_aws_knows_stays_a_reference() -> None:
    texts = {
        "Whole": REF_BUCKET,
        "Attribute": {"Fn::GetAtt": ["Bucket", "Arn"]},
        "Inside": {"Fn::Sub": "${Bucket.Arn}/AWSLogs/*"},
        "Several": {"Fn::Join": ["-", [REF_BUCKET, "and", {"Fn::GetAtt": ["Bucket", "Arn"]}]]},
        "Literal": {"Fn::Sub": "${Bucket}/${!aws:username}"},
    }
    root = {"Resources": {"Bucket": bucket(), "Thing": {"Type": "Custom::Thing", "Properties": texts}}}
    assert resources(root)["Thing"]["Properties"] == {
        "Whole": REF_BUCKET,
        "Attribute": {"Fn::GetAtt": ["Bucket", "Arn"]},
        "Inside": {"Fn::Sub": "${Bucket.Arn}/AWSLogs/*"},
        "Several": {"Fn::Sub": "${Bucket}-and-${Bucket.Arn}"},
        "Literal": {"Fn::Sub": "${Bucket}/${!aws:username}"},
    }


def test_what_is_nowhere_in_the_template_stays_a_word() -> None:
    texts = {"Import": {"Fn::ImportValue": "other-VpcId"}, "Own": {"Ref": "AWS::StackId"}}
    found = resources({"Resources": {"Thing": {"Type": "Custom::Thing", "Properties": texts}}})
    assert found["Thing"]["Properties"] == {"Import": "⟨export/other-VpcId⟩", "Own": "⟨AWS::StackId⟩"}


# Nested stacks

LOGS = {
    "Parameters": {"Name": parameter()},
    "Resources": {"Bucket": bucket(Properties={"BucketName": {"Ref": "Name"}})},
    "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Bucket", "Arn"]}}},
}
WRITER = {
    "Parameters": {"Bucket": parameter()},
    "Resources": {
        "Thing": {"Type": "Custom::Thing", "DependsOn": "Other", "Properties": {"Path": {"Fn::Sub": "${Bucket}/*"}}},
        "Other": bucket(),
    },
}


def test_nested_stacks_are_dissolved_and_refer_to_each_others_resources() -> None:
    arn = {"Fn::GetAtt": ["Logs", "Outputs.Arn"]}
    root = {
        "Parameters": {"Prefix": parameter()},
        "Resources": {"Logs": stack("logs.yaml", Name={"Ref": "Prefix"}), "Writer": stack("writer.yaml", Bucket=arn)},
    }
    made = flat(root, {"Logs": LOGS, "Writer": WRITER})
    assert made.template["Resources"] == {
        "LogsBucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "oaktree-test"}},
        "WriterThing": {
            "Type": "Custom::Thing",
            "DependsOn": ["WriterOther"],
            "Properties": {"Path": {"Fn::Sub": "${LogsBucket.Arn}/*"}},
        },
        "WriterOther": {"Type": "AWS::S3::Bucket"},
    }
    assert made.paths == {"LogsBucket": "Logs/Bucket", "WriterThing": "Writer/Thing", "WriterOther": "Writer/Other"}


def test_a_nested_stack_that_is_not_at_hand_stays_one() -> None:
    address = "https://bucket.s3.eu-west-1.amazonaws.com/logs.yaml"
    found = resources({"Resources": {"Logs": stack(address)}})
    assert found["Logs"]["Properties"]["TemplateURL"] == address


def test_two_resources_that_would_share_a_name_are_refused() -> None:
    root = {"Resources": {"Logs": stack("logs.yaml"), "LogsBucket": bucket()}}
    with pytest.raises(InvalidInput, match="Two resources would both be called LogsBucket"):
        flat(root, {"Logs": LOGS})


# Our own environments, with AWS's and cfn-lint's engines as judges


@pytest.fixture(scope="module")
def ours() -> dict[str, Flat]:
    tree = load_tree(PROJECT / "templates" / "root.yaml")
    return {name: of_environment(load(name, ENVIRONMENTS), tree) for name in names(ENVIRONMENTS)}


def test_what_our_environments_are_is_a_valid_template(ours: dict[str, Flat], tmp_path: Path) -> None:
    """W3010 minds zones that are written out, which they have to be here."""
    for name, each in ours.items():
        (tmp_path / f"{name}.yaml").write_text(to_yaml(each.template))
    found = [*lint(tmp_path, ["ap-southeast-1"]), *second_opinion(tmp_path)]
    assert [finding for finding in found if finding.rule != "W3010"] == []


def test_everything_that_exists_is_in_it_and_nothing_is_a_parameter_any_more(ours: dict[str, Flat]) -> None:
    for each in ours.values():
        assert {"Alb/LoadBalancer", "Network/Vpc", "Service/Service"} <= set(each.paths.values())
        assert each.template.keys() == {"AWSTemplateFormatVersion", "Description", "Resources"}
        assert not [kind for kind in each.template["Resources"].values() if kind["Type"].endswith("::Stack")]


def test_reasons_come_along(ours: dict[str, Flat]) -> None:
    told = {(each.control, each.logical_id) for each in exemptions(ours["prod"].template)}
    assert told == {("ELB.21", "AlbTargetGroup"), ("ELB.22", "AlbTargetGroup"), ("S3.9", "AlbAccessLogBucket")}
