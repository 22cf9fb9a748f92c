"""The artifact bucket in S3: whether it is there and safe, which objects it holds, making, filling and removing it.

The bucket's tags are written last when it is made, so a bucket that has them is complete: a run that was interrupted
half-way is finished by the next one. Every call names the owner we expect, so that a bucket somebody else made under
the same name is an error and never receives our templates. Objects are named by the hash of their content, and that is held to:
whoever may store objects (a pull request's role) could otherwise slip another content under a name that is deployed later.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from oaktree_cfn.aws.connection import Connection, together
from oaktree_cfn.aws.partition import partition
from oaktree_cfn.errors import AwsError, InvalidInput, Refused


@dataclass(frozen=True, slots=True)
class BucketState:
    """What is there: the bucket itself, its safety settings (complete or not), and which of the asked keys."""

    exists: bool
    complete: bool
    keys: frozenset[str]


class Bucket:
    """One bucket of ours."""

    def __init__(self, connection: Connection, name: str, account: str) -> None:
        self._connection = connection
        self.name = name
        self._owner = account

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return self._connection.call("s3", operation, Bucket=self.name, ExpectedBucketOwner=self._owner, **arguments)

    def state(self, keys: tuple[str, ...]) -> BucketState:
        """The bucket, its seal and ``keys``, all asked at once. Raises InvalidInput when it lies in another region."""
        exists, complete, *present = together(
            self._exists, self._complete, *[partial(self._holds, key) for key in keys]
        )
        held = frozenset(key for key, there in zip(keys, present, strict=True) if there)
        return BucketState(exists, complete, held)

    def _exists(self) -> bool:
        try:
            reply = self._call("head_bucket")
        except AwsError as error:
            if error.code in {"301", "403"}:
                raise InvalidInput(
                    f"The bucket {self.name} cannot be used: it is in another region or belongs to another account.",
                    "Look at it with `aws s3api head-bucket`, and remove it if it is yours and not needed.",
                ) from error
            return _there(error)
        region = reply.get("BucketRegion") or self._connection.region
        if region != self._connection.region:
            raise InvalidInput(
                f"The bucket {self.name} is in {region}, but the stack is in {self._connection.region}.",
                "CloudFormation reads templates from its own region only: remove that bucket, or deploy to its region.",
            )
        return True

    def _complete(self) -> bool:
        try:
            return bool(self._call("get_bucket_tagging").get("TagSet"))
        except AwsError as error:
            return _there(error)

    def _holds(self, key: str) -> bool:
        try:
            reply = self._call("head_object", Key=key, ChecksumMode="ENABLED")
        except AwsError as error:
            return error.code != "403" and _there(error)  # S3 says 403 for "not there" to those who may not list
        told = reply.get("ChecksumSHA256")
        found = base64.b64decode(told).hex() if told else hashlib.sha256(self.read(key)).hexdigest()
        if found != key.partition(".")[0]:
            raise Refused(
                f"{key} in the bucket {self.name} is not what its name says: somebody has stored something else there.",
                "Find out who (CloudTrail, the object's versions), remove it, and repeat. Nothing was deployed.",
            )
        return True

    def make(self) -> None:
        """Make the bucket, or finish one that was left half-made: encrypted, versioned, private, TLS only."""
        place = {} if self._connection.region == "us-east-1" else {"LocationConstraint": self._connection.region}
        try:
            self._connection.call(
                "s3", "create_bucket", Bucket=self.name, **({"CreateBucketConfiguration": place} if place else {})
            )
        except AwsError as error:
            if error.code not in {"BucketAlreadyOwnedByYou", "OperationAborted"}:
                raise
        together(self._block_public_access, self._version, self._encrypt, self._own, self._refuse_plain_http)
        self._call("put_bucket_tagging", Tagging={"TagSet": [{"Key": "managed-by", "Value": "oaktree-cfn"}]})

    def _block_public_access(self) -> None:
        names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        self._call("put_public_access_block", PublicAccessBlockConfiguration=dict.fromkeys(names, True))

    def _version(self) -> None:
        self._call("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"})

    def _encrypt(self) -> None:
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        self._call("put_bucket_encryption", ServerSideEncryptionConfiguration={"Rules": [rule]})

    def _own(self) -> None:
        rule = {"ObjectOwnership": "BucketOwnerEnforced"}
        self._call("put_bucket_ownership_controls", OwnershipControls={"Rules": [rule]})

    def _refuse_plain_http(self) -> None:
        if self._connection.encrypted("s3"):  # the local stage speaks plain HTTP, and would rightly refuse us
            self._call("put_bucket_policy", Policy=json.dumps(self._tls_only()))

    def _tls_only(self) -> dict[str, Any]:
        arn = f"arn:{partition(self._connection.region).name}:s3:::{self.name}"
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "TlsOnly",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [arn, f"{arn}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }

    def put(self, key: str, body: bytes) -> None:
        """Store ``body`` unless the key is there. Raises Refused when something else is."""
        checksum = base64.b64encode(hashlib.sha256(body).digest()).decode()
        try:
            self._call(
                "put_object",
                Key=key,
                Body=body,
                ContentType="application/zip" if key.endswith(".zip") else "application/json",
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=checksum,
                IfNoneMatch="*",
            )
        except AwsError as error:
            if error.code not in {"PreconditionFailed", "ConditionalRequestConflict", "412"}:
                raise
            self._holds(key)

    def read(self, key: str) -> bytes:
        """What is stored under a key."""
        body: bytes = self._call("get_object", Key=key)["Body"].read()
        return body

    def remove(self) -> bool:
        """Delete the bucket with every version of every object. False when there was none."""
        if not self._exists():
            return False
        while batch := self._versions():
            self._call("delete_objects", Delete={"Objects": batch, "Quiet": True})
        self._call("delete_bucket")
        return True

    def _versions(self) -> list[dict[str, str]]:
        page = self._call("list_object_versions", MaxKeys=1000)
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        return [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]


def _there(error: AwsError) -> bool:
    """False for an error that says "not there"; any other is raised again."""
    if error.code in {"404", "NoSuchBucket", "NoSuchTagSet", "NoSuchKey", "NotFound"}:
        return False
    raise error
