"""What resources hold, asked of moto; and nothing that goes wrong counts."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from oaktree_cfn.aws.connection import Connection
from oaktree_cfn.aws.stock import size, stock

REGION = "ap-southeast-1"


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with mock_aws():
        yield Connection(REGION)


def test_everything_that_can_be_counted_is(connection: Connection) -> None:
    table = boto3.client("dynamodb", region_name=REGION)
    key = {"AttributeName": "id", "AttributeType": "S"}
    table.create_table(
        TableName="users",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[key],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    table.put_item(TableName="users", Item={"id": {"S": "1"}})
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket="docs", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="docs", Key="a", Body=b"a")
    s3.put_object(Bucket="docs", Key="b", Body=b"b")
    boto3.client("ecr", region_name=REGION).create_repository(repositoryName="app")
    boto3.client("logs", region_name=REGION).create_log_group(logGroupName="/ecs/app")
    queue = boto3.client("sqs", region_name=REGION).create_queue(QueueName="jobs")["QueueUrl"]
    found = stock(
        connection,
        {
            "Data/Users": ("AWS::DynamoDB::Table", "users"),
            "Docs": ("AWS::S3::Bucket", "docs"),
            "Ecr/Repository": ("AWS::ECR::Repository", "app"),
            "Logs": ("AWS::Logs::LogGroup", "/ecs/app"),
            "Jobs": ("AWS::SQS::Queue", queue),
        },
    )
    assert found["Data/Users"].startswith("1 item, ")
    assert {key: found[key] for key in ("Docs", "Ecr/Repository", "Logs", "Jobs")} == {
        "Docs": "2 objects",
        "Ecr/Repository": "0 images",
        "Logs": "0 bytes",
        "Jobs": "0 messages",
    }


def test_a_long_list_is_counted_to_the_end_of_its_first_page(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oaktree_cfn.aws.stock._PAGE", 3)
    s3 = boto3.client("s3", region_name=REGION)
    s3.create_bucket(Bucket="docs", CreateBucketConfiguration={"LocationConstraint": REGION})
    for number in range(4):
        s3.put_object(Bucket="docs", Key=str(number), Body=b"")
    assert stock(connection, {"Docs": ("AWS::S3::Bucket", "docs")}) == {"Docs": "3+ objects"}


def test_what_cannot_be_asked_is_left_out(connection: Connection) -> None:
    missing = {type_: (type_, "missing") for type_ in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue")}
    assert (
        stock(connection, {**missing, "Key": ("AWS::KMS::Key", "k"), "Logs": ("AWS::Logs::LogGroup", "missing")}) == {}
    )
    assert stock(connection, {}) == {}


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 bytes"), (999, "999 bytes"), (3_000_000, "3 MB"), (1_500, "1.5 KB"), (2e15, "2000 TB")]
)
def test_sizes_read_easily(number: float, text: str) -> None:
    assert size(number) == text
