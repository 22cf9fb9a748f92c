"""The macro OakTreeDefaults: house rules where the author said nothing."""

from __future__ import annotations

from typing import Any

import pytest

from oaktree_cfn.macros import tags
from oaktree_cfn.macros.defaults import RULES, UNLESS, expand
from oaktree_cfn.macros.fragment import BadFragment
from oaktree_cfn.template import schemas


def rules(resources: dict[str, Any], **parameters: Any) -> dict[str, Any]:
    return expand({"Resources": resources}, parameters, tags.taggable)


def test_a_table_is_kept_protected_and_recoverable() -> None:
    out = rules({"Users": {"Type": "AWS::DynamoDB::Table", "Properties": {"KeySchema": []}}})["Resources"]["Users"]
    assert out["DeletionPolicy"] == "RetainExceptOnCreate"
    assert out["Properties"]["DeletionProtectionEnabled"] is True
    assert out["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_what_the_author_said_stands() -> None:
    said = {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Delete",
        "Properties": {"DeletionProtectionEnabled": False},
    }
    out = rules({"Users": said})["Resources"]["Users"]
    assert out["DeletionPolicy"] == "Delete"
    assert out["Properties"]["DeletionProtectionEnabled"] is False


def test_an_encryption_chosen_in_another_way_counts_as_said() -> None:
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": "alias/mine"}}
    assert rules({"Q": queue})["Resources"]["Q"] == queue


@pytest.mark.parametrize(
    ("kind", "said", "left_out"),
    [
        ("AWS::KMS::Key", {"KeySpec": "RSA_2048"}, "EnableKeyRotation"),
        ("AWS::KMS::Key", {"KeySpec": {"Ref": "Spec"}}, "EnableKeyRotation"),
        ("AWS::KMS::Key", {"Origin": "EXTERNAL"}, "EnableKeyRotation"),
        ("AWS::Logs::LogGroup", {"LogGroupClass": "DELIVERY"}, "RetentionInDays"),
        ("AWS::RDS::DBInstance", {"DBClusterIdentifier": {"Ref": "Cluster"}}, "DeletionProtection"),
        ("AWS::RDS::DBInstance", {"DBClusterIdentifier": {"Ref": "Cluster"}}, "StorageEncrypted"),
        ("AWS::RDS::DBInstance", {"DBSnapshotIdentifier": "before"}, "StorageEncrypted"),
        ("AWS::RDS::DBInstance", {"SourceDBInstanceIdentifier": "main"}, "StorageEncrypted"),
    ],
)
def test_what_aws_would_refuse_for_such_a_resource_is_not_added(kind: str, said: dict[str, Any], left_out: str) -> None:
    out = rules({"It": {"Type": kind, "Properties": said}})["Resources"]["It"]["Properties"]
    assert left_out not in out
    assert left_out in rules({"It": {"Type": kind}})["Resources"]["It"]["Properties"]


def test_a_symmetric_key_turns_over_even_where_its_author_says_that_it_is_one() -> None:
    said = {"Type": "AWS::KMS::Key", "Properties": {"KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS"}}
    assert rules({"Key": said})["Resources"]["Key"]["Properties"]["EnableKeyRotation"] is True


def test_topics_get_no_key_under_which_alarms_could_not_publish() -> None:
    topic = {"Type": "AWS::SNS::Topic"}
    assert rules({"Topic": topic})["Resources"]["Topic"] == topic


def test_tags_are_added_to_what_takes_them_without_touching_others() -> None:
    out = rules(
        {
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Tags": [{"Key": "team", "Value": "elm"}]}},
            "Rule": {"Type": "AWS::EC2::Route", "Properties": {}},
        },
        Tags={"team": "oak", "cost": "7"},
    )["Resources"]
    assert out["Topic"]["Properties"]["Tags"] == [{"Key": "team", "Value": "elm"}, {"Key": "cost", "Value": "7"}]
    assert "Tags" not in out["Rule"]["Properties"]


def test_the_metadata_says_what_was_added() -> None:
    out = rules({"Log": {"Type": "AWS::Logs::LogGroup"}, "Odd": {"Type": "Custom::Odd"}})
    assert out["Metadata"] == {"OakTreeDefaults": {"Log": ["RetentionInDays"]}}


def test_a_second_time_adds_nothing() -> None:
    once = rules({"Log": {"Type": "AWS::Logs::LogGroup"}}, Tags={"a": "b"})
    assert expand(once, {"Tags": {"a": "b"}}, tags.taggable) == once


def test_a_resource_may_be_left_alone() -> None:
    assert rules({"Log": {"Type": "AWS::Logs::LogGroup"}}, Except=["Log"])["Resources"] == {
        "Log": {"Type": "AWS::Logs::LogGroup"}
    }


def test_a_parameter_it_does_not_take_is_named() -> None:
    with pytest.raises(
        BadFragment, match=r"Parameters/Tag: OakTreeDefaults takes no such parameter; did you mean Tags\?"
    ):
        rules({}, Tag={})


@pytest.mark.parametrize("kind", RULES)
def test_every_rule_speaks_of_properties_that_the_type_has(kind: str) -> None:
    schema = schemas.of(kind)
    assert schema is not None
    for path, _ in RULES[kind]:
        if path[0] == "Properties":
            assert {path[1], *UNLESS.get(path[1], ())} <= schema.properties


def test_the_list_of_taggable_types_is_what_the_schemas_say() -> None:
    assert schemas.with_tag_list() == tags.types()


def test_tags_are_said_as_cloudformation_passes_them_or_as_a_map() -> None:
    topic = {"Topic": {"Type": "AWS::SNS::Topic"}}
    said = rules(topic, Tags=["team=oak", "note=a=b", "empty="])
    assert said == rules(topic, Tags={"team": "oak", "note": "a=b", "empty": ""})


@pytest.mark.parametrize("tags", [["team"], ["=oak"], 3, [{"team": "oak"}]])
def test_what_is_no_tag_is_refused(tags: Any) -> None:
    with pytest.raises(BadFragment, match="Parameters/Tags: it is no list of tags"):
        rules({}, Tags=tags)
