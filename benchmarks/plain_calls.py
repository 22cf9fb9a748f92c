"""The resources of ``ENV=local`` made by hand with boto3: what ``benchmarks/deploy.py`` compares a deploy with."""

from __future__ import annotations

import json
import sys
from typing import Any

import boto3

PREFIX, REGION, ACCOUNT = "oaktree-local", "ap-southeast-1", "123456789012"
TAGS = {"project": "oaktree", "environment": "local", "managed-by": "boto3"}


def pascal() -> list[dict[str, str]]:
    """Tags as EC2, ELB, IAM and DynamoDB take them."""
    return [{"Key": key, "Value": value} for key, value in TAGS.items()]


def camel() -> list[dict[str, str]]:
    """Tags as ECS takes them."""
    return [{"key": key, "value": value} for key, value in TAGS.items()]


def tagged(kind: str) -> list[dict[str, Any]]:
    """EC2's TagSpecifications."""
    return [{"ResourceType": kind, "Tags": pascal()}]


def network(ec2: Any) -> dict[str, Any]:
    """VPC, subnets, gateways, routes and groups: 21 resources."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
    for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
        ec2.modify_vpc_attribute(VpcId=vpc, **{attribute: {"Value": True}})
    gateway = ec2.create_internet_gateway(TagSpecifications=tagged("internet-gateway"))["InternetGateway"]
    ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway["InternetGatewayId"])
    public = [_subnet(ec2, vpc, index, zone) for index, zone in enumerate("ab")]
    private = [_subnet(ec2, vpc, index + 10, zone) for index, zone in enumerate("ab")]
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=tagged("elastic-ip"))["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public[0], AllocationId=address, TagSpecifications=tagged("natgateway"))
    _routes(ec2, vpc, public, GatewayId=gateway["InternetGatewayId"])
    for subnet in private:
        _routes(ec2, vpc, [subnet], NatGatewayId=nat["NatGateway"]["NatGatewayId"])
    balancer, tasks = (_group(ec2, vpc, name) for name in ("balancer", "tasks"))
    ec2.authorize_security_group_ingress(
        GroupId=balancer,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
    )
    ec2.authorize_security_group_ingress(
        GroupId=tasks,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 5000, "ToPort": 5000, "UserIdGroupPairs": [{"GroupId": balancer}]}
        ],
    )
    return {"vpc": vpc, "public": public, "private": private, "balancer": balancer, "tasks": tasks}


def _subnet(ec2: Any, vpc: str, index: int, zone: str) -> str:
    made = ec2.create_subnet(
        VpcId=vpc,
        CidrBlock=f"10.0.{index}.0/24",
        AvailabilityZone=f"{REGION}{zone}",
        TagSpecifications=tagged("subnet"),
    )
    return str(made["Subnet"]["SubnetId"])


def _routes(ec2: Any, vpc: str, subnets: list[str], **target: str) -> None:
    table = ec2.create_route_table(VpcId=vpc, TagSpecifications=tagged("route-table"))["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **target)
    for subnet in subnets:
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)


def _group(ec2: Any, vpc: str, name: str) -> str:
    made = ec2.create_security_group(
        GroupName=f"{PREFIX}-{name}", Description=name, VpcId=vpc, TagSpecifications=tagged("security-group")
    )
    return str(made["GroupId"])


def balancer(elb: Any, net: dict[str, Any]) -> str:
    """Load balancer, target group, listener."""
    made = elb.create_load_balancer(
        Name=f"{PREFIX}-alb", Subnets=net["public"], SecurityGroups=[net["balancer"]], Tags=pascal()
    )
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    elb.modify_load_balancer_attributes(
        LoadBalancerArn=arn, Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}]
    )
    group = elb.create_target_group(
        Name=PREFIX,
        Protocol="HTTP",
        Port=5000,
        VpcId=net["vpc"],
        TargetType="ip",
        HealthCheckPath="/",
        Matcher={"HttpCode": "200-499"},
        Tags=pascal(),
    )
    target = str(group["TargetGroups"][0]["TargetGroupArn"])
    elb.create_listener(
        LoadBalancerArn=arn, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": target}]
    )
    return target


def roles(iam: Any) -> list[str]:
    """Two roles, an inline and a managed policy."""
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
    )
    policy = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}]}
    )
    arns = [
        iam.create_role(RoleName=f"{PREFIX}-{kind}-role", AssumeRolePolicyDocument=trust, Tags=pascal())["Role"]["Arn"]
        for kind in ("execution", "task")
    ]
    iam.put_role_policy(RoleName=f"{PREFIX}-execution-role", PolicyName="execution", PolicyDocument=policy)
    managed = iam.create_policy(PolicyName=f"{PREFIX}-dynamodb-access", PolicyDocument=policy)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=f"{PREFIX}-task-role", PolicyArn=managed)
    return arns


def service(ecs: Any, net: dict[str, Any], target: str, execution: str, task: str) -> None:
    """Cluster, task definition, service."""
    ecs.create_cluster(
        clusterName=f"{PREFIX}-cluster", settings=[{"name": "containerInsights", "value": "enabled"}], tags=camel()
    )
    container = {
        "name": PREFIX, "image": "image:none", "essential": True, "portMappings": [{"containerPort": 5000, "hostPort": 5000, "protocol": "tcp"}],
        "environment": [{"name": "PORT", "value": "5000"}], "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": f"/ecs/{PREFIX}"}},
    }  # fmt: skip
    ecs.register_task_definition(
        family=f"{PREFIX}-task",
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        executionRoleArn=execution,
        taskRoleArn=task,
        containerDefinitions=[container],
        tags=camel(),
    )
    network_configuration = {
        "awsvpcConfiguration": {
            "subnets": net["private"],
            "securityGroups": [net["tasks"]],
            "assignPublicIp": "DISABLED",
        }
    }
    ecs.create_service(
        cluster=f"{PREFIX}-cluster", serviceName=f"{PREFIX}-service", taskDefinition=f"{PREFIX}-task", desiredCount=0, launchType="FARGATE",
        networkConfiguration=network_configuration, loadBalancers=[{"targetGroupArn": target, "containerName": PREFIX, "containerPort": 5000}], tags=camel(),
    )  # fmt: skip


def main(endpoint: str) -> None:
    """Make them all."""
    session = boto3.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name=REGION)  # noqa: S106
    clients = {
        name: session.client(name, endpoint_url=endpoint)
        for name in ("ec2", "elbv2", "iam", "ecs", "ecr", "dynamodb", "logs")
    }
    net = network(clients["ec2"])
    clients["ecr"].create_repository(
        repositoryName=PREFIX, imageScanningConfiguration={"scanOnPush": True}, tags=pascal()
    )
    clients["dynamodb"].create_table(
        TableName=f"{PREFIX}-users",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=pascal(),
    )
    clients["logs"].create_log_group(logGroupName=f"/ecs/{PREFIX}", tags=TAGS)
    clients["logs"].put_retention_policy(logGroupName=f"/ecs/{PREFIX}", retentionInDays=30)
    target = balancer(clients["elbv2"], net)
    execution, task = roles(clients["iam"])
    service(clients["ecs"], net, target, execution, task)


if __name__ == "__main__":
    main(sys.argv[1])
