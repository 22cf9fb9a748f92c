"""Whether anything is left of a destroyed stack: what the account lists of every type the stack had, before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jmespath

from examples.account import Account

Look = Callable[[Account], set[str]]


def _listed(service: str, operation: str, names: str, **arguments: Any) -> Look:
    """What a call lists; ``names`` says where the names are in its answer (JMESPath)."""

    def look(account: Account) -> set[str]:
        return set(jmespath.search(names, getattr(account.client(service), operation)(**arguments)) or ())

    return look


def _clusters(account: Account) -> set[str]:
    """A deleted cluster is remembered for a while, as an inactive one."""
    ecs = account.client("ecs")
    found = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
    return {cluster["clusterName"] for cluster in found if cluster["status"] == "ACTIVE"}


def _keys(account: Account) -> set[str]:
    """A key is deleted after thirty days in which it can be brought back."""
    kms = account.client("kms")
    found = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return {key["KeyId"] for key in found if key["KeyState"] != "PendingDeletion"}


LISTED: Mapping[str, Look] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": _listed(
        "application-autoscaling", "describe_scalable_targets", "ScalableTargets[].ResourceId", ServiceNamespace="ecs"
    ),
    "AWS::CloudFormation::Stack": _listed("cloudformation", "describe_stacks", "Stacks[].StackId"),
    "AWS::CloudWatch::Alarm": _listed("cloudwatch", "describe_alarms", "MetricAlarms[].AlarmName"),
    "AWS::CloudWatch::Dashboard": _listed("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName"),
    "AWS::DynamoDB::Table": _listed("dynamodb", "list_tables", "TableNames"),
    "AWS::EC2::EIP": _listed("ec2", "describe_addresses", "Addresses[].AllocationId"),
    "AWS::EC2::FlowLog": _listed("ec2", "describe_flow_logs", "FlowLogs[].FlowLogId"),
    "AWS::EC2::InternetGateway": _listed("ec2", "describe_internet_gateways", "InternetGateways[].InternetGatewayId"),
    "AWS::EC2::NatGateway": _listed("ec2", "describe_nat_gateways", "NatGateways[?State!='deleted'].NatGatewayId"),
    "AWS::EC2::RouteTable": _listed("ec2", "describe_route_tables", "RouteTables[].RouteTableId"),
    "AWS::EC2::SecurityGroup": _listed("ec2", "describe_security_groups", "SecurityGroups[].GroupId"),
    "AWS::EC2::Subnet": _listed("ec2", "describe_subnets", "Subnets[].SubnetId"),
    "AWS::EC2::VPC": _listed("ec2", "describe_vpcs", "Vpcs[].VpcId"),
    "AWS::EC2::VPCEndpoint": _listed("ec2", "describe_vpc_endpoints", "VpcEndpoints[?State!='deleted'].VpcEndpointId"),
    "AWS::ECR::Repository": _listed("ecr", "describe_repositories", "repositories[].repositoryName"),
    "AWS::ECS::Cluster": _clusters,
    "AWS::ECS::TaskDefinition": _listed("ecs", "list_task_definitions", "taskDefinitionArns", status="ACTIVE"),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _listed(
        "elbv2", "describe_load_balancers", "LoadBalancers[].LoadBalancerArn"
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": _listed(
        "elbv2", "describe_target_groups", "TargetGroups[].TargetGroupArn"
    ),
    "AWS::IAM::ManagedPolicy": _listed("iam", "list_policies", "Policies[].Arn", Scope="Local"),
    "AWS::IAM::Role": _listed("iam", "list_roles", "Roles[].RoleName"),
    "AWS::KMS::Key": _keys,
    "AWS::Logs::LogGroup": _listed("logs", "describe_log_groups", "logGroups[].logGroupName"),
    "AWS::Route53::HostedZone": _listed(
        "route53", "list_hosted_zones", "HostedZones[].join(' ', [Id, to_string(ResourceRecordSetCount)])"
    ),
    "AWS::S3::Bucket": _listed("s3", "list_buckets", "Buckets[].Name"),
    "AWS::SNS::Topic": _listed("sns", "list_topics", "Topics[].TopicArn"),
    "AWS::SecretsManager::Secret": _listed("secretsmanager", "list_secrets", "SecretList[].Name"),
    "AWS::SQS::Queue": _listed("sqs", "list_queues", "QueueUrls"),
    "AWS::Scheduler::Schedule": _listed("scheduler", "list_schedules", "Schedules[].Name"),
    "AWS::ServiceDiscovery::HttpNamespace": _listed("servicediscovery", "list_namespaces", "Namespaces[].Id"),
}

WITH_ANOTHER = {
    "AWS::ApplicationAutoScaling::ScalingPolicy": "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::EC2::Route": "AWS::EC2::RouteTable",
    "AWS::EC2::SecurityGroupEgress": "AWS::EC2::SecurityGroup",
    "AWS::EC2::SecurityGroupIngress": "AWS::EC2::SecurityGroup",
    "AWS::EC2::SubnetRouteTableAssociation": "AWS::EC2::RouteTable",
    "AWS::EC2::VPCGatewayAttachment": "AWS::EC2::InternetGateway",
    "AWS::ECS::ClusterCapacityProviderAssociations": "AWS::ECS::Cluster",
    "AWS::ECS::Service": "AWS::ECS::Cluster",
    "AWS::ElasticLoadBalancingV2::Listener": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::ListenerRule": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::IAM::Policy": "AWS::IAM::Role",
    "AWS::KMS::Alias": "AWS::KMS::Key",
    "AWS::Route53::RecordSet": "AWS::Route53::HostedZone",
    "AWS::S3::BucketPolicy": "AWS::S3::Bucket",
    "AWS::SNS::Subscription": "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy": "AWS::SNS::Topic",
    "AWS::SQS::QueuePolicy": "AWS::SQS::Queue",
}
"""Types that cannot exist without the other one, which is looked at instead."""


def inventory(account: Account) -> dict[str, set[str]]:
    """Type -> the names of all that the account has of it."""
    return {kind: look(account) for kind, look in LISTED.items()}


def unseen(kinds: Iterable[str]) -> set[str]:
    """Types of which nothing here could say whether one is left."""
    return {kind for kind in kinds if WITH_ANOTHER.get(kind, kind) not in LISTED}
