"""A public IP belongs into a public subnet."""

from __future__ import annotations

import pytest

from .ground import found
from .network import NAT, NETWORK, TASK, service

AT = "Service.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp"


def addressed(subnets: str, address: str = "ENABLED", more: str = "") -> list[str]:
    return found("public-ip", NETWORK + NAT + TASK + service(subnets, address) + more)


def test_a_public_ip_in_a_private_subnet_is_found() -> None:
    said = f"{AT} is ENABLED, and no route leads to an internet gateway from Private"
    assert addressed("[!Ref Private]") == [said]
    assert addressed("[!Ref Public, !Ref Private]") == [said]


def test_in_a_public_subnet_it_is_fine() -> None:
    assert addressed("[!Ref Public]") == []


def test_without_one_a_private_subnet_is_fine() -> None:
    assert addressed("[!Ref Private]", "DISABLED") == []
    assert addressed("[!Ref Private]", "!Ref AWS::NoValue") == []


@pytest.mark.parametrize("subnets", ["[subnet-1]", "!ImportValue Subnets"])
def test_subnets_of_others_may_be_public(subnets: str) -> None:
    assert addressed(subnets) == []


def test_a_gateway_that_is_not_known_may_be_one_to_the_internet() -> None:
    route = "X: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref PrivateRoutes, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !ImportValue G}}"
    assert addressed("[!Ref Private]", more=route) == []
    assert addressed("[!Ref Private]", more=route.replace("!ImportValue G", "igw-1")) == []
    assert len(addressed("[!Ref Private]", more=route.replace("!ImportValue G", "vgw-1"))) == 1
