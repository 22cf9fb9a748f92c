"""What may be lost, said before it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from oaktree_cfn.models import Change, ChangeSet, Detail
from oaktree_cfn.review.changed import Changes
from oaktree_cfn.review.consequence import Severity
from oaktree_cfn.review.consequences import find
from oaktree_cfn.review.consequences.data import HOLDS, at_stake
from tests.review.change_sets import TREES, plain
from tests.review.ours import create, update

from .find import alone, modify, of, remove, said

TABLE, GROUP, BUCKET = "AWS::DynamoDB::Table", "AWS::Logs::LogGroup", "AWS::S3::Bucket"
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"


def another_key(properties: dict[str, Any]) -> None:
    properties["KeySchema"][0]["AttributeName"] = properties["AttributeDefinitions"][0]["AttributeName"] = "name"


def test_another_key_of_our_table_puts_its_items_at_stake() -> None:
    (found,) = of(update(edits={"Data/UsersTable": another_key}), "data", {"Data/UsersTable": "1,204 items, 3 MB"})
    assert (found.place, found.severity) == ("Data/UsersTable", Severity.REFUSE)
    assert "replaced by a new, empty one: this loses its items (1,204 items, 3 MB)" in found.text
    assert any("TableName stays oaktree-dev-users" in line for line in found.details)


def test_shorter_logs_of_our_service_are_older_logs_deleted() -> None:
    (found,) = said(update(after={"LogRetentionDays": "7"}), "data")
    assert found == ("refuse", "LogGroup keeps log events for 7 days, no longer 30 days: older ones are deleted")
    assert said(update(after={"LogRetentionDays": "60"}), "data") == []


def test_a_first_create_loses_nothing() -> None:
    assert said(create(), "data") == []


@pytest.mark.parametrize(
    ("change", "severity", "words"),
    [
        (remove(TABLE, {}, policy_action="Delete"), "refuse", "would be removed, and with it its items"),
        (remove(TABLE, {}), "refuse", "would be removed"),
        (remove(TABLE, {}, policy_action="Retain"), "note", "stays in the account"),
        (remove("AWS::RDS::DBInstance", {}, policy_action="Snapshot"), "refuse", "a snapshot is kept"),
        (Change("Remove", "T", TABLE, before={"Properties": {}, "DeletionPolicy": "Retain"}), "note", "stays"),
        (modify(TABLE, {}, {}, replacement="True"), "refuse", "would be replaced by a new, empty one"),
        (modify(TABLE, {}, {}, replacement="Conditional"), "refuse", "may be replaced by a new, empty one"),
        (modify(TABLE, {}, {}, replacement="True", policy_action="ReplaceAndRetain"), "refuse", "outside of the stack"),
        (modify(TABLE, {}, {}, replacement="True", policy_action="ReplaceAndSnapshot"), "refuse", "a snapshot is kept"),
        (modify("AWS::KMS::Key", {}, {}, replacement="True"), "refuse", "stays unreadable"),
        (modify(BALANCER, {}, {}, replacement="True"), "refuse", "its DNS name"),
        (Change("Remove", "Data", "AWS::CloudFormation::Stack"), "refuse", "everything in it"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_goes_or_is_made_anew(change: Change, severity: str, words: str) -> None:
    (found,) = said(alone(change), "data")
    assert found[0] == severity
    assert words in found[1]


@pytest.mark.parametrize(
    ("type_", "properties"),
    [
        (TABLE, {"DeletionProtectionEnabled": "true"}),
        (BALANCER, {"LoadBalancerAttributes": [{"Key": "deletion_protection.enabled", "Value": "true"}]}),
    ],
)
def test_protection_that_is_on_makes_the_update_fail(type_: str, properties: Any) -> None:
    (found,) = of(alone(remove(type_, properties)), "data")
    assert any("AWS will refuse, and the update fails" in line for line in found.details)


TTL = {"AttributeName": "expires", "Enabled": "true"}
PITR = {"PointInTimeRecoveryEnabled": "true"}
EXPIRE = {"Rules": [{"Id": "a", "Status": "Enabled", "ExpirationInDays": 30}]}
IMAGES = {"LifecyclePolicyText": json.dumps({"rules": [{"selection": {"countNumber": 3}}]})}


@pytest.mark.parametrize(
    ("type_", "before", "after", "severity", "words"),
    [
        (TABLE, {}, {"TimeToLiveSpecification": TTL}, "refuse", "delete items by their attribute expires"),
        (TABLE, {"PointInTimeRecoverySpecification": PITR}, {}, "ask", "point-in-time recovery"),
        (TABLE, {"DeletionProtectionEnabled": True}, {"DeletionProtectionEnabled": False}, "ask", "switched off"),
        (GROUP, {}, {"RetentionInDays": 30}, "refuse", "30 days, no longer forever"),
        (GROUP, {"RetentionInDays": 30}, {"RetentionInDays": "7"}, "refuse", "7 days, no longer 30 days"),
        ("AWS::SQS::Queue", {}, {"MessageRetentionPeriod": 60}, "refuse", "60 seconds"),
        (BUCKET, {"VersioningConfiguration": {"Status": "Enabled"}}, {}, "ask", "no longer keeps old versions"),
        (BUCKET, {}, {"LifecycleConfiguration": EXPIRE}, "refuse", "begins to delete objects"),
        ("AWS::ECR::Repository", {}, {"LifecyclePolicy": IMAGES}, "refuse", "begins to delete images"),
        ("AWS::ECR::Repository", {"EmptyOnDelete": "false"}, {"EmptyOnDelete": "true"}, "ask", "with its images"),
        ("AWS::KMS::Key", {}, {"Enabled": "false"}, "ask", "disabled"),
        ("AWS::SecretsManager::Secret", {}, {"GenerateSecretString": {"PasswordLength": 9}}, "ask", "newly generated"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_settings_that_delete_or_no_longer_protect(
    type_: str, before: Any, after: Any, severity: str, words: str
) -> None:
    (found,) = said(alone(modify(type_, before, after)), "data")
    assert found[0] == severity
    assert words in found[1]
    assert not any(words in text for _, text in said(alone(modify(type_, after, after)), "data"))


@pytest.mark.parametrize(
    ("before", "after"),
    [({"RetentionInDays": 7}, {"RetentionInDays": 30}), ({"RetentionInDays": 7}, {}), ({}, {})],
)
def test_keeping_longer_loses_nothing(before: Any, after: Any) -> None:
    assert said(alone(modify(GROUP, before, after)), "data") == []


def test_a_policy_that_no_longer_retains_is_told() -> None:
    before, after = ({"Properties": {}, "DeletionPolicy": policy} for policy in ("Retain", "Delete"))
    (found,) = said(alone(Change("Modify", "T", TABLE, before=before, after=after)), "data")
    assert found == ("ask", "T will be deleted when its stack goes: DeletionPolicy was Retain, becomes Delete")


def test_details_alone_tell_the_same_as_contexts() -> None:
    detail = Detail("Properties", "RetentionInDays", "/Properties/RetentionInDays", "30", "7")
    (found,) = said(alone(Change("Modify", "Logs", GROUP, details=(detail,))), "data")
    assert "7 days, no longer 30 days" in found[1]


def test_a_setting_that_changes_untold_is_asked_about() -> None:
    detail = Detail("Properties", "RetentionInDays")
    (found,) = said(alone(Change("Modify", "Logs", GROUP, details=(detail,))), "data")
    assert found == ("ask", "Logs changes its RetentionInDays, and the change set does not tell how")


def test_what_is_at_stake_is_worth_counting() -> None:
    change_set = update(edits={"Data/UsersTable": another_key})
    assert set(at_stake(Changes.of(change_set))) <= {"Data/UsersTable"}
    assert at_stake(Changes.of(alone(remove(TABLE, {})))) == {"Thing": (TABLE, "phys-1")}


@given(TREES)
def test_no_loss_in_any_tree_is_silent(tree: ChangeSet) -> None:
    found = {each.place for each in find(Changes.of(tree)) if each.kind == "data"}
    for path, change in tree.walk():
        replaced = change.action == "Modify" and change.replacement in {"True", "Conditional"}
        if change.type in HOLDS and (change.action == "Remove" or replaced):
            assert "/".join(path) in found


@given(TREES)
def test_what_nobody_can_judge_is_refused(tree: ChangeSet) -> None:
    found = {each.place for each in find(Changes.of(tree)) if each.kind == "unknown"}
    for path, change in tree.walk():
        if change.action not in {"Add", "Modify", "Remove", "Import"} or change.policy_action == "Brandnew":
            assert "/".join(path) in found


def test_the_same_change_is_told_once() -> None:
    assert len(said(plain(remove(TABLE, {})), "data")) == 1
