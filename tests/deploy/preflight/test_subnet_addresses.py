"""``subnet-addresses``: room for every task that may run while a new version takes over."""

from __future__ import annotations

import pytest

from .conftest import Ground, service

PLACE = "Service.NetworkConfiguration.AwsvpcConfiguration.Subnets"


def made(ground: Ground, bits: int) -> str:
    """A subnet of that size in a VPC with an internet gateway's route, so that only addresses are in question."""
    ec2 = ground.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    (table,) = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"]
    ec2.create_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    return str(ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.0.0/{bits}")["Subnet"]["SubnetId"])


def tasks(subnet: str, number: int, percent: int = 200) -> str:
    text = service(subnets=f"[{subnet}]", public="ENABLED")
    more = f"DesiredCount: {number}\n      DeploymentConfiguration: {{MaximumPercent: {percent}}}"
    return text.replace("DesiredCount: 2", more)


@pytest.mark.parametrize(("number", "percent"), [(5, 200), (11, 100), (7, 150)])
def test_a_subnet_with_room_for_all_is_good(ground: Ground, number: int, percent: int) -> None:
    """16 addresses, of which AWS keeps five."""
    assert ground.said("subnet-addresses", tasks(made(ground, 28), number, percent)) == []


@pytest.mark.parametrize(("number", "percent", "need"), [(6, 200, 12), (12, 100, 12), (8, 150, 12)])
def test_one_without_is_named_with_what_is_free_and_what_is_needed(
    ground: Ground, number: int, percent: int, need: int
) -> None:
    assert ground.said("subnet-addresses", tasks(made(ground, 28), number, percent)) == [
        f"{PLACE} have 11 free addresses for {need} more tasks"
    ]


def test_an_autoscalers_most_tasks_count(ground: Ground) -> None:
    scaled = """
  Target:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties: {ServiceNamespace: ecs, ResourceId: !Sub "service/default/${Service.Name}", MaxCapacity: 20, MinCapacity: 1}"""
    assert ground.said("subnet-addresses", tasks(made(ground, 28), 1) + scaled) == [
        f"{PLACE} have 11 free addresses for 40 more tasks"
    ]


def test_services_in_the_same_subnets_share_their_room(ground: Ground) -> None:
    text = tasks(made(ground, 28), 3)
    second = text.replace("Service:\n", "Other:\n", 1).replace("Task:\n", "Another:\n", 1)
    (found,) = ground.said("subnet-addresses", text + second)
    assert found.endswith("have 11 free addresses for 12 more tasks")


@pytest.mark.parametrize(("bits", "expected"), [(27, []), (28, [f"{PLACE} have 11 free addresses for 12 more tasks"])])
def test_of_a_subnet_that_is_made_with_the_service_the_size_counts(
    ground: Ground, bits: int, expected: list[str]
) -> None:
    subnet = f"\n  Subnet: {{Type: AWS::EC2::Subnet, Properties: {{VpcId: vpc-1, CidrBlock: 10.0.0.0/{bits}}}}}"
    assert ground.said("subnet-addresses", subnet + tasks("!Ref Subnet", 6)) == expected


DEPLOYABLE = """
  Cluster: {Type: AWS::ECS::Cluster}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions: [{Name: web, Image: "public.ecr.aws/nginx/nginx:1", Memory: 64}]
  Service:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 8
      LaunchType: EC2
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [%s]}}
"""


def test_a_service_that_is_there_needs_only_what_comes_on_top(ground: Ground) -> None:
    resources = DEPLOYABLE % made(ground, 28)
    assert ground.said("subnet-addresses", resources) == [f"{PLACE} have 11 free addresses for 16 more tasks"]
    stack = ground.deploy("shop", f"Resources:{resources}")
    assert ground.said("subnet-addresses", resources, stack=stack) == []


@pytest.mark.parametrize(
    "change",
    [("AWS::ECS::Service", "AWS::ECS::Service"), ("DesiredCount: 99", "SchedulingStrategy: DAEMON")],
    ids=["no subnets", "as many as machines"],
)
def test_where_there_is_nothing_to_count_nothing_is_found(ground: Ground, change: tuple[str, str]) -> None:
    text = tasks("" if "Service" in change[0] else made(ground, 28), 99).replace(*change)
    assert ground.said("subnet-addresses", text) == []
