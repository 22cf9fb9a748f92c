"""The artifact bucket against moto's S3."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from oaktree_cfn.aws import Aws
from oaktree_cfn.aws.bucket import Bucket, BucketState
from oaktree_cfn.errors import InvalidInput, Refused

REGION = "ap-southeast-1"
NAME = f"oaktree-artifacts-123456789012-{REGION}"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    with mock_aws():
        yield boto3.client("s3", region_name=REGION)


@pytest.fixture
def bucket(s3: Any) -> Bucket:
    return Aws(REGION).bucket(NAME, "123456789012")


def test_before_the_first_use_there_is_nothing(bucket: Bucket) -> None:
    assert bucket.state(("a.json",)) == BucketState(exists=False, complete=False, keys=frozenset())


def test_a_made_bucket_is_encrypted_versioned_private_and_for_tls_only(bucket: Bucket, s3: Any) -> None:
    bucket.make()
    assert bucket.state(()) == BucketState(exists=True, complete=True, keys=frozenset())
    assert s3.get_bucket_versioning(Bucket=NAME)["Status"] == "Enabled"
    assert all(s3.get_public_access_block(Bucket=NAME)["PublicAccessBlockConfiguration"].values())
    rule = s3.get_bucket_encryption(Bucket=NAME)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=NAME)["Policy"])["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_bucket_left_half_made_is_not_complete_and_is_finished(bucket: Bucket, s3: Any) -> None:
    s3.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    assert not bucket.state(()).complete
    bucket.make()
    assert bucket.state(()).complete


BODY = b"{}"
KEY = f"{hashlib.sha256(BODY).hexdigest()}.json"
OTHER = b'{"Resources":{}}'


def test_what_is_stored_is_known_and_never_overwritten(bucket: Bucket, s3: Any) -> None:
    s3.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    bucket.put(KEY, BODY)
    bucket.put(KEY, OTHER)
    assert bucket.state((KEY, "b.json")).keys == {KEY}
    assert s3.get_object(Bucket=NAME, Key=KEY)["Body"].read() == BODY


@pytest.mark.parametrize("checksum", [{}, {"ChecksumAlgorithm": "SHA256"}, {"ChecksumAlgorithm": "CRC32"}])
def test_another_content_under_the_name_is_refused_when_asked_and_when_stored(
    bucket: Bucket, s3: Any, checksum: dict[str, str]
) -> None:
    """As somebody who may store objects could put it there, before the right one is."""
    s3.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket=NAME, Key=KEY, Body=OTHER, **checksum)
    for use in (lambda: bucket.state((KEY,)), lambda: bucket.put(KEY, BODY)):
        with pytest.raises(Refused, match=f"{KEY} in the bucket {NAME} is not what its name says"):
            use()


def test_a_bucket_in_another_region_is_refused(bucket: Bucket, s3: Any) -> None:
    elsewhere = boto3.client("s3", region_name="eu-west-1")
    elsewhere.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    with pytest.raises(InvalidInput, match="eu-west-1"):
        bucket.state(())


def test_removing_takes_every_version_and_then_the_bucket(bucket: Bucket, s3: Any) -> None:
    s3.create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=NAME, VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket=NAME, Key="k", Body=body)
    s3.delete_object(Bucket=NAME, Key="k")
    assert bucket.remove()
    assert s3.list_buckets()["Buckets"] == []
    assert not bucket.remove()
