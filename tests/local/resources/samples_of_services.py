"""Samples of topics, queues, parameters, buckets, secrets, keys, rules, alarms and schedules."""

from __future__ import annotations

from typing import Any

from .ground import ACCOUNT, REGION, Ground
from .samples import OTHER_TAGS, TAGS, Life, Sample, life


def statement(action: str, resource: str) -> dict[str, Any]:
    allowed = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    return {"Version": "2012-10-17", "Statement": [{"Sid": "one", **allowed, "Action": action, "Resource": resource}]}


def topic(ground: Ground) -> Life:
    return life(
        {
            "TopicName": f"alarms-{ground.number()}",
            "DisplayName": "Alarms",
            "KmsMasterKeyId": "alias/aws/sns",
            "SignatureVersion": "2",
            "TracingConfig": "Active",
            "Subscription": [
                {"Protocol": "email", "Endpoint": "team@oaktree.example"},
                {"Protocol": "https", "Endpoint": "https://oaktree.example/hook"},
            ],
            "Tags": TAGS,
        },
        {
            "DisplayName": None,
            "KmsMasterKeyId": None,
            "SignatureVersion": "1",
            "Subscription": [
                {"Protocol": "https", "Endpoint": "https://oaktree.example/hook"},
                {"Protocol": "email", "Endpoint": "oncall@oaktree.example"},
            ],
            "Tags": OTHER_TAGS,
        },
    )


def ordered_topic(ground: Ground) -> Life:
    return life({"FifoTopic": True, "ContentBasedDeduplication": True}, {"ContentBasedDeduplication": False})


def parameter(ground: Ground) -> Life:
    expires = '[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2030-01-01T00:00:00Z"}}]'
    return life(
        {
            "Name": f"/oaktree/{ground.number()}/image",
            "Type": "String",
            "Value": "one",
            "AllowedPattern": "[a-z]+",
            "DataType": "text",
            "Description": "the image",
            "Policies": expires,
            "Tier": "Advanced",
            "Tags": {"project": "oaktree", "environment": "dev"},
        },
        {"Value": "two", "Description": "the next image", "Tags": {"environment": "prod", "owner": "platform"}},
        {"Description": None, "AllowedPattern": None},
    )


def unnamed_parameter(ground: Ground) -> Life:
    return life({"Type": "StringList", "Value": "a,b"}, {"Value": "a"})


def bucket(ground: Ground) -> Life:
    logs = ground.make("AWS::S3::Bucket").physical_id
    arn = f"arn:aws:s3:::{logs}/*"
    delivery = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}}
    policy = {"Version": "2012-10-17", "Statement": [{**delivery, "Action": "s3:PutObject", "Resource": arn}]}
    ground.make("AWS::S3::BucketPolicy", Bucket=logs, PolicyDocument=policy)
    key = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/templates"}
    everything = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    return life(
        {
            "BucketName": f"oaktree-{ground.number()}-templates",
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": key, "BucketKeyEnabled": True}]
            },
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "old",
                        "Status": "Enabled",
                        "Prefix": "old/",
                        "ExpirationInDays": 400,
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                        "NoncurrentVersionTransitions": [{"StorageClass": "GLACIER", "TransitionInDays": 10}],
                        "Transitions": [{"StorageClass": "STANDARD_IA", "TransitionInDays": 60}],
                    },
                    {
                        "Id": "uploads",
                        "Status": "Enabled",
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                        "ExpiredObjectDeleteMarker": True,
                    },
                    {
                        "Id": "tagged",
                        "Status": "Disabled",
                        "TagFilters": [{"Key": "keep", "Value": "no"}],
                        "ExpirationInDays": 1,
                    },
                ]
            },
            "LoggingConfiguration": {"DestinationBucketName": logs, "LogFilePrefix": "templates/"},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "PublicAccessBlockConfiguration": dict.fromkeys(everything, True),
            "VersioningConfiguration": {"Status": "Enabled"},
            "Tags": TAGS,
        },
        {
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
            },
            "LifecycleConfiguration": {
                "Rules": [{"Id": "all", "Status": "Enabled", "ExpirationInDays": 10}],
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
            "VersioningConfiguration": {"Status": "Suspended"},
            "Tags": OTHER_TAGS,
        },
        {
            "BucketEncryption": None,
            "LifecycleConfiguration": None,
            "LoggingConfiguration": None,
            "OwnershipControls": None,
            "PublicAccessBlockConfiguration": None,
            "Tags": None,
        },
    )


def bucket_policy(ground: Ground) -> Life:
    name = ground.make("AWS::S3::Bucket").physical_id
    arn = f"arn:aws:s3:::{name}/*"
    return life(
        {"Bucket": name, "PolicyDocument": statement("s3:GetObject", arn)},
        {"PolicyDocument": statement("s3:PutObject", arn)},
    )


def topic_of(ground: Ground) -> str:
    return ground.make("AWS::SNS::Topic").physical_id


def subscription(ground: Ground) -> Life:
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"
    return life(
        {
            "TopicArn": topic_of(ground),
            "Protocol": "https",
            "Endpoint": "https://oaktree.example/hook",
            "DeliveryPolicy": {"healthyRetryPolicy": {"numRetries": 3}},
            "FilterPolicy": {"severity": ["high"]},
            "FilterPolicyScope": "MessageBody",
            "RawMessageDelivery": True,
            "RedrivePolicy": {"deadLetterTargetArn": queue},
            "SubscriptionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/firehose",
        },
        {"FilterPolicy": {"severity": ["low", "high"]}, "RawMessageDelivery": None, "DeliveryPolicy": None},
    )


def topic_policy(ground: Ground) -> Life:
    topics = [topic_of(ground) for _ in range(3)]
    return life(
        {"Topics": topics[:2], "PolicyDocument": statement("sns:Publish", topics[0])},
        {"Topics": topics[1:], "PolicyDocument": statement("sns:Publish", topics[1])},
    )


SAMPLES: list[tuple[str, Sample]] = [
    ("AWS::SNS::Topic", topic),
    ("AWS::SNS::Topic", ordered_topic),
    ("AWS::SNS::Subscription", subscription),
    ("AWS::SNS::TopicPolicy", topic_policy),
    ("AWS::SSM::Parameter", parameter),
    ("AWS::SSM::Parameter", unnamed_parameter),
    ("AWS::S3::Bucket", bucket),
    ("AWS::S3::BucketPolicy", bucket_policy),
]
