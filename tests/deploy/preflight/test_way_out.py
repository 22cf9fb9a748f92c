"""``way-out``: from subnets that are there already, tasks reach what they need to start."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import ID, REGION, Ground, service

PLACE = "Service.NetworkConfiguration.AwsvpcConfiguration.Subnets"
NEEDED = ("ecr.api", "ecr.dkr", "s3", "logs")


class Vpc:
    """A VPC with a subnet whose route table leads nowhere."""

    def __init__(self, ground: Ground) -> None:
        self.ec2: Any = ground.client("ec2")
        self.id = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.ec2.create_subnet(VpcId=self.id, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.table = self.ec2.create_route_table(VpcId=self.id)["RouteTable"]["RouteTableId"]
        self.ec2.associate_route_table(RouteTableId=self.table, SubnetId=self.subnet)

    def route(self, **target: str) -> None:
        self.ec2.create_route(RouteTableId=self.table, DestinationCidrBlock="0.0.0.0/0", **target)

    def gateway(self) -> str:
        gateway = str(self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"])
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.id)
        return gateway

    def endpoint(self, name: str, **more: Any) -> None:
        kind = {"VpcEndpointType": "Interface", "PrivateDnsEnabled": True, "SubnetIds": [self.subnet]}
        settings = {**({"VpcEndpointType": "Gateway"} if name == "s3" else kind), **more}
        self.ec2.create_vpc_endpoint(VpcId=self.id, ServiceName=f"com.amazonaws.{REGION}.{name}", **settings)


@pytest.fixture
def vpc(ground: Ground) -> Vpc:
    return Vpc(ground)


def lost(vpc: Vpc, *services: str) -> list[str]:
    return [f"{PLACE} ({vpc.subnet}) lead nowhere, and their VPC has no endpoint for {', '.join(services)}"]


def test_a_subnet_that_leads_nowhere_is_named_with_the_endpoints_it_lacks(ground: Ground, vpc: Vpc) -> None:
    assert ground.said("way-out", service(subnets=f"[{vpc.subnet}]")) == lost(vpc, *NEEDED)


def test_nat_is_a_way_out(ground: Ground, vpc: Vpc) -> None:
    address = vpc.ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = vpc.ec2.create_nat_gateway(SubnetId=vpc.subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
    vpc.route(NatGatewayId=nat)
    assert ground.said("way-out", service(subnets=f"[{vpc.subnet}]")) == []


def test_an_internet_gateway_is_one_for_tasks_with_a_public_ip(ground: Ground, vpc: Vpc) -> None:
    vpc.route(GatewayId=vpc.gateway())
    assert ground.said("way-out", service(subnets=f"[{vpc.subnet}]", public="ENABLED")) == []
    assert ground.said("way-out", service(subnets=f"[{vpc.subnet}]")) == lost(vpc, *NEEDED)


def test_endpoints_are_one_when_they_are_all_there(ground: Ground, vpc: Vpc) -> None:
    for name in ("ecr.api", "ecr.dkr", "logs"):
        vpc.endpoint(name)
    vpc.endpoint("s3", RouteTableIds=[vpc.table])
    subnets = f"[{vpc.subnet}]"
    assert ground.said("way-out", service(subnets=subnets)) == []
    secret = f"[{{Name: A, ValueFrom: 'arn:aws:secretsmanager:{REGION}:{ID}:secret:x-abc123'}}]"
    assert ground.said("way-out", service(subnets=subnets, secrets=secret)) == lost(vpc, "secretsmanager")


def test_an_endpoint_that_does_not_answer_to_the_services_name_is_none(ground: Ground, vpc: Vpc) -> None:
    for name in ("ecr.api", "ecr.dkr"):
        vpc.endpoint(name)
    vpc.endpoint("logs", PrivateDnsEnabled=False)
    vpc.endpoint("s3")
    assert ground.said("way-out", service(subnets=f"[{vpc.subnet}]")) == lost(vpc, "s3", "logs")


def test_the_vpcs_main_table_counts_where_a_subnet_has_none_of_its_own(ground: Ground, vpc: Vpc) -> None:
    other = vpc.ec2.create_subnet(VpcId=vpc.id, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    assert ground.said("way-out", service(subnets=f"[{other}]", public="ENABLED")) != []
    tables = vpc.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc.id]}])["RouteTables"]
    (main,) = (each["RouteTableId"] for each in tables if each["RouteTableId"] != vpc.table)
    vpc.ec2.create_route(RouteTableId=main, DestinationCidrBlock="0.0.0.0/0", GatewayId=vpc.gateway())
    assert ground.said("way-out", service(subnets=f"[{other}]", public="ENABLED")) == []


def test_a_network_that_another_stack_exports_is_looked_at(ground: Ground, vpc: Vpc) -> None:
    output = f"Outputs: {{Ids: {{Value: '{vpc.subnet},{vpc.subnet}', Export: {{Name: platform-Subnets}}}}}}"
    ground.deploy("platform", f"Resources: {{Topic: {{Type: AWS::SNS::Topic}}}}\n{output}")
    imported = "!Split [',', !ImportValue platform-Subnets]"
    assert ground.said("way-out", service(subnets=imported)) == lost(vpc, *NEEDED)


def test_a_subnet_that_is_not_there_is_named(ground: Ground) -> None:
    assert ground.said("way-out", service(subnets="[subnet-0123456789abcdef0]")) == [
        f"{PLACE} (subnet-0123456789abcdef0) do not exist in {REGION}"
    ]


def test_tasks_on_machines_of_ones_own_are_not_asked_about(ground: Ground, vpc: Vpc) -> None:
    assert ground.said("way-out", service(subnets=f"[{vpc.subnet}]").replace("FARGATE", "EC2")) == []
