"""Clients that reach moto inside the process behave as those that go over a socket."""

from __future__ import annotations

import gc
import io
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from oaktree_cfn.local.moto import Moto
from oaktree_cfn.local.services import Services, ask_once

from .player import unique


@pytest.fixture(scope="module")
def services() -> Services:
    return Services(Moto(), "eu-west-1")


def test_a_client_is_made_once(services: Services) -> None:
    assert services.client("sqs") is services.client("sqs")


def test_answers_and_errors_are_botocores(services: Services) -> None:
    ssm, name = services.client("ssm"), f"/{unique('kept')}"
    ssm.put_parameter(Name=name, Value="größer & <b>", Type="String")
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == "größer & <b>"
    with pytest.raises(ClientError) as refused:
        ssm.get_parameter(Name="/nowhere")
    assert refused.value.response["Error"]["Code"] == "ParameterNotFound"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


@pytest.mark.parametrize("service", ["s3", "sqs", "ec2", "iam", "dynamodb", "ecs", "elbv2", "sns", "logs", "sts"])
def test_every_protocol_gets_through(services: Services, service: str) -> None:
    question: dict[str, Any] = {
        "s3": "list_buckets", "sqs": "list_queues", "ec2": "describe_vpcs", "iam": "list_roles", "dynamodb": "list_tables", "ecs": "list_clusters",
        "elbv2": "describe_load_balancers", "sns": "list_topics", "logs": "describe_log_groups", "sts": "get_caller_identity",
    }  # fmt: skip
    answer = getattr(services.client(service), question[service])()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"bytes \x00\xff", "text größer", io.BytesIO(b"a file" * 20_000)],
    ids=["empty", "bytes", "text", "file"],
)
def test_bodies_of_every_kind_arrive_whole(services: Services, body: Any) -> None:
    s3, bucket, key = services.client("s3"), unique("bucket"), "a folder/größe +%41?.txt"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    sent = body.getvalue() if isinstance(body, io.BytesIO) else body.encode() if isinstance(body, str) else body
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == sent
    assert [each["Key"] for each in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]


def test_another_region_is_another_place(services: Services) -> None:
    name = unique("queue")
    services.client("sqs").create_queue(QueueName=name)
    there = services.elsewhere("us-east-1")
    assert there.region == "us-east-1"
    assert "QueueUrls" not in there.client("sqs").list_queues(QueueNamePrefix=name)


def test_no_socket_is_opened(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def no(*_: object, **__: object) -> None:
        raise AssertionError("a socket")

    client = services.client("sqs")
    monkeypatch.setattr(socket.socket, "connect", no)
    client.list_queues()
    gc.collect()


def test_all_sessions_in_the_stages_process_share_what_they_read() -> None:
    ask_once()
    one, other = (botocore.session.get_session().get_component("data_loader") for _ in range(2))
    assert one is other
