"""Grants: the actions that an intent needs, on the one resource; AWS's own list of actions is the judge."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Any

import pytest
from troposphere import GetAtt, Ref, encode_to_dict

from oaktree_cfn.services import grants
from oaktree_cfn.services.grants import ACTIONS, ARNS, Grant
from tests.services.rendering import complaints

SAMPLES: Mapping[str, tuple[str, str]] = {
    "table": ("arn:aws:dynamodb:eu-west-1:123456789012:table/users", "table"),
    "index": ("arn:aws:dynamodb:eu-west-1:123456789012:table/users/index/by-email", "index"),
    "stream": ("arn:aws:dynamodb:eu-west-1:123456789012:table/users/stream/2026-01-01T00:00:00.000", "stream"),
    "queue": ("arn:aws:sqs:eu-west-1:123456789012:jobs", "queue"),
    "bucket": ("arn:aws:s3:::uploads", "bucket"),
    "secret": ("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf", "Secret"),
    "parameter": ("arn:aws:ssm:eu-west-1:123456789012:parameter/db/host", "parameter"),
    "topic": ("arn:aws:sns:eu-west-1:123456789012:news", "topic"),
    "key": ("arn:aws:kms:eu-west-1:123456789012:key/1234", "key"),
}
"""Kind -> an ARN of it, and what the Service Authorization Reference calls it."""

EVERY = [(kind, intent) for kind, intents in ACTIONS.items() for intent in intents]


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    """The Service Authorization Reference, as cfn-lint carries it: service -> action -> resource types."""
    specs = resources.files("cfnlint") / "data" / "AdditionalSpecs" / "Policies.json"
    known: dict[str, Any] = json.loads(specs.read_text(encoding="utf-8"))
    return known


def statements(*given: Grant) -> list[dict[str, Any]]:
    return [plain(statement) for statement in grants.statements(given)]


def plain(statement: Any) -> dict[str, Any]:
    found: dict[str, Any] = encode_to_dict(statement)
    return found


@pytest.mark.parametrize(("kind", "intent"), EVERY)
def test_every_action_exists_and_can_be_limited_to_the_resource(kind: str, intent: str, reference: Any) -> None:
    arn, called = SAMPLES[kind]
    for statement in statements(Grant(intent, kind, arn)):
        below = "object" if statement["Resource"][0].endswith("/*") else called
        for action in statement["Action"]:
            service, _, name = action.partition(":")
            assert below in reference[service]["Actions"][name.lower()]["Resources"], action


@pytest.mark.parametrize(("kind", "intent"), EVERY)
def test_a_grant_speaks_of_its_own_resource_only(kind: str, intent: str) -> None:
    arn, _ = SAMPLES[kind]
    for statement in statements(Grant(intent, kind, arn)):
        assert statement["Effect"] == "Allow"
        assert statement["Resource"] in ([arn], [f"{arn}/*"])
        assert not any("*" in action for action in statement["Action"])
        assert statement["Action"] == sorted(statement["Action"])


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_samples_are_arns_as_aws_writes_them(kind: str, reference: Any) -> None:
    arn, called = SAMPLES[kind]
    formats = reference[arn.split(":")[2]]["Resources"][called.lower()]["ARNFormats"]
    patterns = [re.sub(r"\$\{[A-Za-z]+\}", "[^:/]+", form) for form in formats]
    assert any(re.fullmatch(pattern, arn) for pattern in patterns), formats


def test_every_kind_has_a_look_of_its_own() -> None:
    assert set(ARNS) == set(ACTIONS) == set(SAMPLES)
    for kind, (arn, _) in SAMPLES.items():
        alike = [other for other in ACTIONS if complaints(Grant(next(iter(ACTIONS[other])), other, arn)) == []]
        assert alike == [kind]


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
@pytest.mark.parametrize("kind", SAMPLES)
def test_every_partition_has_them(kind: str, partition: str) -> None:
    arn = SAMPLES[kind][0].replace("arn:aws:", f"arn:{partition}:")
    assert complaints(Grant(next(iter(ACTIONS[kind])), kind, arn)) == []


def test_read_and_write_together_are_read_write() -> None:
    for kind in ("table", "bucket", "parameter"):
        actions = {
            intent: {action for statement in statements(Grant(intent, kind, SAMPLES[kind][0])) for action in statement["Action"]}
            for intent in ("read", "write", "read-write")
        }  # fmt: skip
        assert actions["read-write"] == actions["read"] | actions["write"]
        assert actions["read"] & actions["write"] == set()


def test_the_users_table_takes_exactly_eight_actions() -> None:
    (statement,) = statements(Grant("read-write", "table", SAMPLES["table"][0]))
    assert statement["Action"] == [
        f"dynamodb:{name}"
        for name in (
            "BatchGetItem",
            "BatchWriteItem",
            "DeleteItem",
            "GetItem",
            "PutItem",
            "Query",
            "Scan",
            "UpdateItem",
        )
    ]


def test_what_is_in_a_bucket_is_granted_apart_from_the_bucket() -> None:
    bucket, objects = statements(Grant("read", "bucket", Ref("BucketArn")))
    assert bucket["Resource"] == [{"Ref": "BucketArn"}]
    assert objects["Resource"] == [{"Fn::Sub": ["${Arn}/*", {"Arn": {"Ref": "BucketArn"}}]}]


def test_statements_have_names_that_say_what_they_are_for_each_its_own() -> None:
    table = Grant("read-write", "table", GetAtt("Users", "Arn"))
    sids = [statement["Sid"] for statement in statements(table, table, Grant("read", "bucket", Ref("B")))]
    assert sids == ["ReadWriteTable", "ReadWriteTable2", "ReadBucket", "ReadBucketObjects"]


@pytest.mark.parametrize(
    ("grant", "told"),
    [
        (Grant("read", "queue", Ref("Q")), "intent: a queue takes no read. Say one of send, consume"),
        (Grant("write", "index", Ref("I")), "intent: an index takes no write. Say one of read"),
        (Grant("steal", "table", Ref("T")), f"intent: 'steal' is not one of {', '.join(grants.INTENTS)}"),
        (Grant("read", "moon", Ref("T")), f"on: 'moon' is not one of {', '.join(ACTIONS)}"),
        (Grant("read", "table", "users"), "arn: 'users' is not an ARN"),
        (Grant("read", "table", "arn:aws:s3:::uploads"), "arn: it is not the ARN of a table. Give that, or say what else it is"),
        (Grant("read", "bucket", "arn:aws:s3:::uploads/*"), "arn: it is not the ARN of a bucket. Give that, or say what else it is"),
        (Grant("read", Ref("On"), Ref("T")), "on: it must be known here: no reference, and nothing under a condition"),
    ],
)  # fmt: skip
def test_what_no_resource_takes_is_refused_in_words(grant: Grant, told: str) -> None:
    assert complaints(grant) == [f"Grant.{told}"]


# What ECS itself needs


def test_ecs_needs_no_more_than_awss_own_policy_for_it() -> None:
    """AmazonECSTaskExecutionRolePolicy, split by what each action can be limited to."""
    given = [grants.log_in_to_registry(), grants.pull_images(Ref("R")), grants.write_logs(Ref("L"))]
    actions = {action for statement in given for action in plain(statement)["Action"]}
    assert actions == {
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }


@pytest.mark.parametrize("statement", [grants.log_in_to_registry(), grants.open_shells(), grants.record_shells("c")[0]])
def test_everything_is_asked_for_only_where_iam_knows_no_less(statement: Any, reference: Any) -> None:
    for action in plain(statement)["Action"]:
        service, _, name = action.partition(":")
        known = reference[service]["Actions"][name.lower()]
        assert plain(statement)["Resource"] == ["*"]
        assert known.get("Resources", []) == [], action


@pytest.mark.parametrize(
    "statement",
    [grants.pull_images(Ref("R")), grants.write_logs(Ref("L")), grants.record_shells("c")[1]],
    ids=["pull", "write", "record"],
)
def test_every_other_action_can_be_limited_to_what_it_is_given(statement: Any, reference: Any) -> None:
    kinds = {"ecr": {"repository"}, "logs": {"log-group", "log-stream"}}
    for action in plain(statement)["Action"]:
        service, _, name = action.partition(":")
        assert kinds[service] & set(reference[service]["Actions"][name.lower()]["Resources"]), action
