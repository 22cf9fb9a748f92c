"""Buckets and their policies.

A bucket is a name and a row of settings, each with calls of its own to put, read and delete it: one ``_Setting`` each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import s3_lifecycle
from oaktree_cfn.local.resources.service import already_gone, call, undone_on_failure
from oaktree_cfn.local.resources.shapes import differ, document, given, known, tag_list, tag_map
from oaktree_cfn.local.resources.tagging import in_order

Values = dict[str, Any]


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True)
class _Setting:
    """One property of a bucket: the service's noun (``bucket_encryption``), the parameter, and the way there and back."""

    noun: str
    parameter: str
    there: Callable[[Any], Any] = _as_it_is
    back: Callable[[Any], Any] = _as_it_is
    absent: Any = None  # what to put where the service has no deletion
    deletion: str | None = None  # where it is not ``delete_<noun>``
    answer: str | None = None  # the member of the answer; None: the whole answer

    def apply(self, s3: Any, bucket: str, value: Any) -> None:
        """Put the setting, or take it away when the template no longer speaks of it."""
        if value is not None:
            call(s3, f"put_{self.noun}", Bucket=bucket, **{self.parameter: self.there(value)})
        elif self.absent is not None:
            call(s3, f"put_{self.noun}", Bucket=bucket, **{self.parameter: self.absent})
        else:
            call(s3, self.deletion or f"delete_{self.noun}", Bucket=bucket)

    def read(self, s3: Any, bucket: str) -> Any:
        """The setting as the bucket has it, or None."""
        with already_gone(*_UNSET):
            found = call(s3, f"get_{self.noun}", Bucket=bucket)
            kept = found.get(self.answer) if self.answer else found
            return self.back(kept) if kept else None
        return None


_UNSET = (
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "OwnershipControlsNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
)


def _encryption_there(value: Values) -> Values:
    return {
        "Rules": [
            known(
                {
                    "ApplyServerSideEncryptionByDefault": rule.get("ServerSideEncryptionByDefault"),
                    "BucketKeyEnabled": rule.get("BucketKeyEnabled"),
                }
            )
            for rule in value["ServerSideEncryptionConfiguration"]
        ]
    }


def _encryption_back(found: Values) -> Values:
    rules = [
        known(
            {
                "ServerSideEncryptionByDefault": rule.get("ApplyServerSideEncryptionByDefault"),
                "BucketKeyEnabled": rule.get("BucketKeyEnabled"),
            }
        )
        for rule in found["Rules"]
    ]
    return {"ServerSideEncryptionConfiguration": rules}


def _logging_there(value: Values) -> Values:
    target = {"TargetBucket": value["DestinationBucketName"], "TargetPrefix": value.get("LogFilePrefix", "")}
    return {"LoggingEnabled": target}


def _logging_back(found: Values) -> Values:
    return known({"DestinationBucketName": found["TargetBucket"], "LogFilePrefix": found.get("TargetPrefix") or None})


_SETTINGS = {
    "OwnershipControls": _Setting("bucket_ownership_controls", "OwnershipControls", answer="OwnershipControls"),
    "PublicAccessBlockConfiguration": _Setting(
        "public_access_block", "PublicAccessBlockConfiguration", answer="PublicAccessBlockConfiguration"
    ),
    "BucketEncryption": _Setting(
        "bucket_encryption",
        "ServerSideEncryptionConfiguration",
        _encryption_there,
        _encryption_back,
        answer="ServerSideEncryptionConfiguration",
    ),
    "VersioningConfiguration": _Setting(
        "bucket_versioning",
        "VersioningConfiguration",
        back=lambda found: given(found, "Status") or None,
        absent={"Status": "Suspended"},
    ),
    "LifecycleConfiguration": _Setting(
        "bucket_lifecycle_configuration",
        "LifecycleConfiguration",
        s3_lifecycle.there,
        s3_lifecycle.back,
        deletion="delete_bucket_lifecycle",
    ),
    "LoggingConfiguration": _Setting(
        "bucket_logging",
        "BucketLoggingStatus",
        _logging_there,
        _logging_back,
        absent={},
        answer="LoggingEnabled",
    ),
    "Tags": _Setting(
        "bucket_tagging",
        "Tagging",
        there=lambda tags: {"TagSet": list(tags)},
        back=lambda tags: tag_list(tag_map(tags)),
        answer="TagSet",
    ),
}


class Bucket(Handler):
    """A bucket; ``Ref`` is its name. Deletion fails while it holds objects."""

    type = "AWS::S3::Bucket"
    supported = frozenset(
        {
            "BucketName",
            "BucketEncryption.ServerSideEncryptionConfiguration.BucketKeyEnabled",
            "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault",
            *(f"LifecycleConfiguration.Rules.{name}" for name in s3_lifecycle.PROPERTIES),
            "LoggingConfiguration.DestinationBucketName",
            "LoggingConfiguration.LogFilePrefix",
            "OwnershipControls",
            "PublicAccessBlockConfiguration",
            "Tags",
            "VersioningConfiguration",
        }
    )

    def create(self, properties: Properties, request: Request) -> Made:
        name = properties.get("BucketName") or request.name(63, lower=True)
        elsewhere = {"LocationConstraint": request.region} if request.region != "us-east-1" else None
        call(request.client("s3"), "create_bucket", Bucket=name, CreateBucketConfiguration=elsewhere)
        made = _made(name, request.region)
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._apply(made, {}, properties, request)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        self._apply(made, before, after, request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("NoSuchBucket"):
            call(request.client("s3"), "delete_bucket", Bucket=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        s3, name = request.client("s3"), made.physical_id
        call(s3, "head_bucket", Bucket=name)
        found = {ours: setting.read(s3, name) for ours, setting in _SETTINGS.items()}
        return known({**found, "BucketName": name, "Tags": in_order(found["Tags"], properties)})

    def _apply(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        for name, setting in _SETTINGS.items():
            if differ(before, after, name):
                setting.apply(request.client("s3"), made.physical_id, after.get(name))


def _made(name: str, region: str) -> Made:
    attributes = {
        "Arn": f"arn:aws:s3:::{name}",
        "DomainName": f"{name}.s3.amazonaws.com",
        "DualStackDomainName": f"{name}.s3.dualstack.{region}.amazonaws.com",
        "RegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
        "WebsiteURL": f"http://{name}.s3-website-{region}.amazonaws.com",
    }
    return Made(name, attributes)


class BucketPolicy(Handler):
    """The policy of one bucket; ``Ref`` is the bucket's name."""

    type = "AWS::S3::BucketPolicy"
    supported = frozenset({"Bucket", "PolicyDocument"})

    def create(self, properties: Properties, request: Request) -> Made:
        s3, bucket = request.client("s3"), properties["Bucket"]
        call(s3, "put_bucket_policy", Bucket=bucket, Policy=properties["PolicyDocument"])
        return Made(bucket)

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        return self.create(after, request)

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("NoSuchBucket", "NoSuchBucketPolicy"):
            call(request.client("s3"), "delete_bucket_policy", Bucket=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        policy = call(request.client("s3"), "get_bucket_policy", Bucket=made.physical_id)["Policy"]
        return {"Bucket": made.physical_id, "PolicyDocument": document(policy)}
