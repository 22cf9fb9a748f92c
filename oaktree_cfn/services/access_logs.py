"""Where a load balancer's access logs go: a bucket of their own, which only Elastic Load Balancing writes to.

CloudFormation cannot empty a bucket, and one with objects in it cannot be deleted; the load balancer writes a first object
the moment it is told of the bucket. So bucket and policy stay when their stack goes: nothing is lost, nothing gets stuck, and
the lifecycle empties the bucket by itself. It has no name of its own making, so that it is never in the way of a successor.

The policy is the one of the Application Load Balancer user guide ("Enable access logs", step 2): the service's principal,
PutObject, the path with this account's id. Elastic Load Balancing puts the id of the account that owns the load balancer
into the path itself, so that other accounts' load balancers cannot write here. There is no condition on aws:SourceArn or
aws:SourceAccount: the guide has none, and one on a key that the service does not send would refuse every log.
"""

from __future__ import annotations

from typing import Any

from awacs import s3 as may
from awacs.aws import Allow, Bool, Condition, Deny, PolicyDocument, Principal, Statement
from troposphere import AWSObject, GetAtt, Ref, Sub
from troposphere.s3 import (
    AbortIncompleteMultipartUpload,
    Bucket,
    BucketEncryption,
    BucketPolicy,
    LifecycleConfiguration,
    LifecycleRule,
    NoncurrentVersionExpiration,
    OwnershipControls,
    OwnershipControlsRule,
    PublicAccessBlockConfiguration,
    ServerSideEncryptionByDefault,
    ServerSideEncryptionRule,
    VersioningConfiguration,
)

from oaktree_cfn.services.exempt import exempt

BUCKET = "AccessLogBucket"
POLICY = "AccessLogPolicy"
"""Whoever tells a load balancer of the bucket depends on the policy: it is tried at once."""

_SERVICE = "logdelivery.elasticloadbalancing.amazonaws.com"
_NO_LOGS_OF_LOGS = "it holds logs itself: logging who reads them would take one more bucket, and so on"
_STAYS = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}


def access_logs(days: Any, condition: str) -> list[AWSObject]:
    """The bucket and its policy, where the condition holds; logs are kept for ``days``."""
    return [_bucket(days, condition), _policy(condition)]


def _bucket(days: Any, condition: str) -> Bucket:
    """Encrypted with S3's own keys, the only kind that Elastic Load Balancing can write with."""
    by_default = ServerSideEncryptionByDefault(SSEAlgorithm="AES256")
    bucket = Bucket(
        BUCKET,
        Condition=condition,
        **_STAYS,
        BucketEncryption=BucketEncryption(
            ServerSideEncryptionConfiguration=[ServerSideEncryptionRule(ServerSideEncryptionByDefault=by_default)]
        ),
        LifecycleConfiguration=LifecycleConfiguration(Rules=_expiry(days)),
        OwnershipControls=OwnershipControls(Rules=[OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]),
        PublicAccessBlockConfiguration=PublicAccessBlockConfiguration(
            BlockPublicAcls=True, BlockPublicPolicy=True, IgnorePublicAcls=True, RestrictPublicBuckets=True
        ),
        VersioningConfiguration=VersioningConfiguration(Status="Enabled"),
    )
    return exempt(bucket, _NO_LOGS_OF_LOGS, "S3_9", "CKV_AWS_18")


def _expiry(days: Any) -> list[LifecycleRule]:
    """Old versions are there for logs that somebody overwrote or deleted; a week is enough to notice."""
    expire = LifecycleRule(
        Id="expire",
        Status="Enabled",
        ExpirationInDays=days,
        NoncurrentVersionExpiration=NoncurrentVersionExpiration(NoncurrentDays=7),
        AbortIncompleteMultipartUpload=AbortIncompleteMultipartUpload(DaysAfterInitiation=1),
    )
    sweep = LifecycleRule(Id="sweep-delete-markers", Status="Enabled", ExpiredObjectDeleteMarker=True)
    return [expire, sweep]


def _policy(condition: str) -> BucketPolicy:
    write = Statement(
        Sid="WriteAccessLogs",
        Effect=Allow,
        Principal=Principal("Service", [_SERVICE]),
        Action=[may.PutObject],
        Resource=[Sub(f"${{{BUCKET}.Arn}}/AWSLogs/${{AWS::AccountId}}/*")],
    )
    refuse = Statement(
        Sid="OnlyTls",
        Effect=Deny,
        Principal=Principal("*"),
        Action=[may.Action("*")],
        Resource=[GetAtt(BUCKET, "Arn"), Sub(f"${{{BUCKET}.Arn}}/*")],
        Condition=Condition(Bool({"aws:SecureTransport": "false"})),
    )
    return BucketPolicy(
        POLICY,
        Condition=condition,
        **_STAYS,
        Bucket=Ref(BUCKET),
        PolicyDocument=PolicyDocument(Version="2012-10-17", Statement=[write, refuse]),
    )
