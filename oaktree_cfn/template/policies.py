"""Where the resources of a template keep IAM policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

IDENTITY, RESOURCE, TRUST, BOUND = "identity", "resource", "trust", "bound"
"""What a policy is attached to: who may act, what is acted on, a role (who may assume it), or a way (what may pass)."""


class Source(NamedTuple):
    """Where a type keeps a policy: the property, and whom or what it is about."""

    property: str
    kind: str


SOURCES: Mapping[str, tuple[Source, ...]] = {
    "AWS::IAM::Role": (Source("AssumeRolePolicyDocument", TRUST), Source("Policies", IDENTITY)),
    "AWS::IAM::User": (Source("Policies", IDENTITY),),
    "AWS::IAM::Group": (Source("Policies", IDENTITY),),
    "AWS::IAM::Policy": (Source("PolicyDocument", IDENTITY),),
    "AWS::IAM::RolePolicy": (Source("PolicyDocument", IDENTITY),),
    "AWS::IAM::UserPolicy": (Source("PolicyDocument", IDENTITY),),
    "AWS::IAM::GroupPolicy": (Source("PolicyDocument", IDENTITY),),
    "AWS::IAM::ManagedPolicy": (Source("PolicyDocument", IDENTITY),),
    "AWS::SSO::PermissionSet": (Source("InlinePolicy", IDENTITY),),
    "AWS::S3::BucketPolicy": (Source("PolicyDocument", RESOURCE),),
    "AWS::S3::AccessPoint": (Source("Policy", RESOURCE),),
    "AWS::SQS::QueuePolicy": (Source("PolicyDocument", RESOURCE),),
    "AWS::SQS::QueueInlinePolicy": (Source("PolicyDocument", RESOURCE),),
    "AWS::SNS::TopicPolicy": (Source("PolicyDocument", RESOURCE),),
    "AWS::SNS::TopicInlinePolicy": (Source("PolicyDocument", RESOURCE),),
    "AWS::KMS::Key": (Source("KeyPolicy", RESOURCE),),
    "AWS::KMS::ReplicaKey": (Source("KeyPolicy", RESOURCE),),
    "AWS::ECR::Repository": (Source("RepositoryPolicyText", RESOURCE),),
    "AWS::ECR::RegistryPolicy": (Source("PolicyText", RESOURCE),),
    "AWS::SecretsManager::ResourcePolicy": (Source("ResourcePolicy", RESOURCE),),
    "AWS::DynamoDB::Table": (Source("ResourcePolicy.PolicyDocument", RESOURCE),),
    "AWS::EFS::FileSystem": (Source("FileSystemPolicy", RESOURCE),),
    "AWS::EC2::VPCEndpoint": (Source("PolicyDocument", BOUND),),
    "AWS::Logs::ResourcePolicy": (Source("PolicyDocument", RESOURCE),),
    "AWS::OpenSearchService::Domain": (Source("AccessPolicies", RESOURCE),),
    "AWS::Events::EventBusPolicy": (Source("Statement", RESOURCE),),
    "AWS::Backup::BackupVault": (Source("AccessPolicy", RESOURCE),),
    "AWS::ApiGateway::RestApi": (Source("Policy", RESOURCE),),
    "AWS::Kinesis::ResourcePolicy": (Source("ResourcePolicy", RESOURCE),),
    "AWS::Lambda::Permission": (Source("", RESOURCE),),
}
"""Type -> its policies. A property ``A.B`` lies within another; ``""`` is the whole resource."""
