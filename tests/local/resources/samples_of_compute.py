"""Samples of repositories, tables, logs, roles, clusters, services and load balancers."""

from __future__ import annotations

import json

from .ground import Ground
from .samples import OTHER_TAGS, TAGS, Life, Sample, life


def policy(action: str) -> dict[str, object]:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def trust(service: str) -> dict[str, object]:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def lifecycle(count: int) -> str:
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": count}
    rule = {"rulePriority": 1, "description": "keep few", "selection": selection, "action": {"type": "expire"}}
    return json.dumps({"rules": [rule]})


def repository(ground: Ground) -> Life:
    pull = {"Sid": "pull", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
    return life(
        {
            "RepositoryName": f"oaktree-{ground.number()}",
            "EmptyOnDelete": True,
            "EncryptionConfiguration": {
                "EncryptionType": "KMS",
                "KmsKey": "arn:aws:kms:ap-southeast-1:123456789012:key/1234",
            },
            "ImageScanningConfiguration": {"ScanOnPush": True},
            "ImageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
            "ImageTagMutabilityExclusionFilters": [
                {"ImageTagMutabilityExclusionFilterType": "WILDCARD", "ImageTagMutabilityExclusionFilterValue": "dev*"}
            ],
            "LifecyclePolicy": {"LifecyclePolicyText": lifecycle(10), "RegistryId": "123456789012"},
            "RepositoryPolicyText": {"Version": "2012-10-17", "Statement": [pull]},
            "Tags": TAGS,
        },
        {
            "ImageScanningConfiguration": {"ScanOnPush": False},
            "ImageTagMutability": "MUTABLE",
            "ImageTagMutabilityExclusionFilters": None,
            "LifecyclePolicy": {"LifecyclePolicyText": lifecycle(20), "RegistryId": "123456789012"},
            "Tags": OTHER_TAGS,
        },
        {"LifecyclePolicy": None, "RepositoryPolicyText": None},
    )


def unnamed_repository(ground: Ground) -> Life:
    return life({}, {"ImageTagMutability": "IMMUTABLE"})


def table(ground: Ground) -> Life:
    arn = "arn:aws:kms:ap-southeast-1:123456789012:key/1234"
    return life(
        {
            "TableName": f"users-{ground.number()}",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "OnDemandThroughput": {"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50},
            "DeletionProtectionEnabled": True,
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
            "ResourcePolicy": {"PolicyDocument": policy("dynamodb:GetItem")},
            "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": arn},
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
            "TableClass": "STANDARD",
            "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
            "Tags": TAGS,
        },
        {
            "DeletionProtectionEnabled": None,
            "PointInTimeRecoverySpecification": None,
            "ResourcePolicy": None,
            "TimeToLiveSpecification": None,
            "Tags": OTHER_TAGS,
        },
        {
            "OnDemandThroughput": {"MaxReadRequestUnits": 200},
            "StreamSpecification": None,
            "TimeToLiveSpecification": {"AttributeName": "expired", "Enabled": True},
        },
        {"OnDemandThroughput": None, "TimeToLiveSpecification": None},
    )


def table_with_a_bounded_index(ground: Ground) -> Life:
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "email")]
    key = [{"AttributeName": "email", "KeyType": "HASH"}]
    index = {"IndexName": "by-email", "KeySchema": key, "Projection": {"ProjectionType": "KEYS_ONLY"}}
    return life(
        {
            "AttributeDefinitions": attributes,
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "GlobalSecondaryIndexes": [{**index, "OnDemandThroughput": {"MaxReadRequestUnits": 9}}],
            "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
        },
        {"GlobalSecondaryIndexes": [{**index, "OnDemandThroughput": {"MaxReadRequestUnits": 10}}]},
        {"GlobalSecondaryIndexes": [index]},
    )


def provisioned_table(ground: Ground) -> Life:
    few = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    many = {"ReadCapacityUnits": 9, "WriteCapacityUnits": 8}

    def index(name: str, throughput: dict[str, int] | None) -> dict[str, object]:
        key = [{"AttributeName": name, "KeyType": "HASH"}]
        plain = {"IndexName": f"by-{name}", "KeySchema": key, "Projection": {"ProjectionType": "ALL"}}
        return {**plain, "ProvisionedThroughput": throughput} if throughput else plain

    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "at", "email", "team")]
    key = [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}]
    local = [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "team", "KeyType": "RANGE"}]
    return life(
        {
            "AttributeDefinitions": attributes,
            "KeySchema": key,
            "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": few,
            "GlobalSecondaryIndexes": [index("email", few)],
            "LocalSecondaryIndexes": [
                {"IndexName": "team", "KeySchema": local, "Projection": {"ProjectionType": "KEYS_ONLY"}}
            ],
        },
        {"ProvisionedThroughput": many, "GlobalSecondaryIndexes": [index("email", many), index("team", few)]},
        {"GlobalSecondaryIndexes": [index("team", few)]},
        {
            "BillingMode": "PAY_PER_REQUEST",
            "ProvisionedThroughput": None,
            "GlobalSecondaryIndexes": [index("team", None)],
        },
    )


def log_group(ground: Ground) -> Life:
    key = "arn:aws:kms:ap-southeast-1:123456789012:key/1234"
    return life(
        {
            "LogGroupName": f"/ecs/oaktree-{ground.number()}",
            "RetentionInDays": 30,
            "KmsKeyId": key,
            "LogGroupClass": "STANDARD",
            "Tags": TAGS,
        },
        {"RetentionInDays": 90, "Tags": OTHER_TAGS},
        {"RetentionInDays": None},
    )


def managed_policy_arn(ground: Ground) -> str:
    return ground.make("AWS::IAM::ManagedPolicy", PolicyDocument=policy("s3:GetObject")).physical_id


def role_name(ground: Ground) -> str:
    return ground.make("AWS::IAM::Role", AssumeRolePolicyDocument=trust("ecs-tasks.amazonaws.com")).physical_id


def role(ground: Ground) -> Life:
    arns = [managed_policy_arn(ground) for _ in range(3)]
    return life(
        {
            "RoleName": f"oaktree-{ground.number()}-task-role",
            "AssumeRolePolicyDocument": trust("ecs-tasks.amazonaws.com"),
            "Description": "what the application may do",
            "ManagedPolicyArns": arns[:2],
            "MaxSessionDuration": 7200,
            "Path": "/oaktree/",
            "PermissionsBoundary": arns[2],
            "Policies": [
                {"PolicyName": "read", "PolicyDocument": policy("dynamodb:GetItem")},
                {"PolicyName": "write", "PolicyDocument": policy("dynamodb:PutItem")},
            ],
            "Tags": TAGS,
        },
        {
            "AssumeRolePolicyDocument": trust("ec2.amazonaws.com"),
            "Description": "less",
            "ManagedPolicyArns": arns[1:],
            "MaxSessionDuration": None,
            "PermissionsBoundary": arns[0],
            "Policies": [{"PolicyName": "read", "PolicyDocument": policy("dynamodb:Query")}],
            "Tags": OTHER_TAGS,
        },
        {"Description": None, "ManagedPolicyArns": None, "PermissionsBoundary": None, "Policies": None, "Tags": None},
    )


def inline_policy(ground: Ground) -> Life:
    iam, number = ground.client("iam"), ground.number()
    iam.create_user(UserName=f"user-{number}")
    iam.create_group(GroupName=f"group-{number}")
    roles = [role_name(ground) for _ in range(3)]
    return life(
        {
            "PolicyName": "users",
            "PolicyDocument": policy("dynamodb:Scan"),
            "Roles": roles[:2],
            "Users": [f"user-{number}"],
            "Groups": [f"group-{number}"],
        },
        {"PolicyDocument": policy("dynamodb:Query"), "Roles": roles[1:], "Users": None},
    )


def role_policy(ground: Ground) -> Life:
    named = {"PolicyName": "logs", "RoleName": role_name(ground)}
    return life({**named, "PolicyDocument": policy("logs:PutLogEvents")}, {"PolicyDocument": policy("logs:*")})


def managed_policy(ground: Ground) -> Life:
    iam, number = ground.client("iam"), ground.number()
    iam.create_user(UserName=f"user-{number}")
    iam.create_group(GroupName=f"group-{number}")
    roles = [role_name(ground) for _ in range(2)]
    return life(
        {
            "ManagedPolicyName": f"dynamodb-access-{number}",
            "Description": "the users table",
            "Path": "/oaktree/",
            "PolicyDocument": policy("dynamodb:Scan"),
            "Roles": roles[:1],
            "Users": [f"user-{number}"],
            "Groups": [f"group-{number}"],
        },
        {"PolicyDocument": policy("dynamodb:Query"), "Roles": roles[1:], "Users": None, "Groups": None},
    )


def oidc_provider(ground: Ground) -> Life:
    return life(
        {
            "Url": "https://token.actions.githubusercontent.com",
            "ClientIdList": ["sts.amazonaws.com", "other"],
            "ThumbprintList": ["1b511abead59c6ce207077c0bf0e0043b1382612"],
            "Tags": TAGS,
        },
        {
            "ClientIdList": ["sts.amazonaws.com", "another"],
            "ThumbprintList": ["6938fd4d98bab03faadb97b34396831e3780aea1"],
            "Tags": OTHER_TAGS,
        },
    )


SAMPLES: list[tuple[str, Sample]] = [
    ("AWS::ECR::Repository", repository),
    ("AWS::ECR::Repository", unnamed_repository),
    ("AWS::DynamoDB::Table", table),
    ("AWS::DynamoDB::Table", provisioned_table),
    ("AWS::DynamoDB::Table", table_with_a_bounded_index),
    ("AWS::Logs::LogGroup", log_group),
    ("AWS::IAM::Role", role),
    ("AWS::IAM::Policy", inline_policy),
    ("AWS::IAM::RolePolicy", role_policy),
    ("AWS::IAM::ManagedPolicy", managed_policy),
    ("AWS::IAM::OIDCProvider", oidc_provider),
]
