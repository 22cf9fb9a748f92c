"""The network: zones, ways out, and who may talk to whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Draw = Callable[..., Any]


def subnets(drawn: Any) -> dict[str, tuple[str, str]]:
    found = {title: drawn.properties(title) for title in drawn.resources("AWS::EC2::Subnet")}
    return {title: (each["AvailabilityZone"][-1], each["CidrBlock"]) for title, each in found.items()}


def test_tasks_in_public_subnets_need_neither_private_subnets_nor_nat(picture: Draw) -> None:
    drawn = picture("network", TaskSubnets="public", NatGateways="none")
    assert subnets(drawn) == {"PublicSubnetA": ("a", "10.0.0.0/24"), "PublicSubnetB": ("b", "10.0.1.0/24")}
    assert drawn.resources("AWS::EC2::NatGateway") == set()
    assert drawn.output("TaskSubnetIds") == drawn.output("PublicSubnetIds") == "<PublicSubnetA>,<PublicSubnetB>"


def test_tasks_in_private_subnets_of_two_zones_share_a_nat_gateway(picture: Draw) -> None:
    drawn = picture("network", TaskSubnets="private", NatGateways="single")
    assert drawn.resources("AWS::EC2::NatGateway") == {"NatGatewayA"}
    assert drawn.properties("PrivateWayOutB")["NatGatewayId"] == "<NatGatewayA>"
    assert drawn.output("TaskSubnetIds") == "<PrivateSubnetA>,<PrivateSubnetB>"


def test_three_zones_with_nat_in_each_have_a_way_out_each(picture: Draw) -> None:
    drawn = picture("network", Zones="3", TaskSubnets="private", NatGateways="per-zone")
    assert subnets(drawn) == {
        "PublicSubnetA": ("a", "10.0.0.0/24"),
        "PublicSubnetB": ("b", "10.0.1.0/24"),
        "PublicSubnetC": ("c", "10.0.2.0/24"),
        "PrivateSubnetA": ("a", "10.0.3.0/24"),
        "PrivateSubnetB": ("b", "10.0.4.0/24"),
        "PrivateSubnetC": ("c", "10.0.5.0/24"),
    }
    for zone in "ABC":
        assert drawn.properties(f"PrivateWayOut{zone}")["NatGatewayId"] == f"<NatGateway{zone}>"
        assert drawn.properties(f"NatGateway{zone}")["SubnetId"] == f"<PublicSubnet{zone}>"
        assert drawn.properties(f"PrivateSubnet{zone}Routes")["RouteTableId"] == f"<PrivateRoutes{zone}>"


def test_a_third_zone_moves_no_address_of_the_first_two(picture: Draw) -> None:
    two, three = (subnets(picture("network", Zones=zones)) for zones in "23")
    assert two.items() < three.items()


def test_three_zones_may_share_one_nat_gateway(picture: Draw) -> None:
    drawn = picture("network", Zones="3", NatGateways="single")
    assert drawn.resources("AWS::EC2::NatGateway") == {"NatGatewayA"}
    assert drawn.properties("PrivateWayOutC")["NatGatewayId"] == "<NatGatewayA>"


def test_private_tasks_without_nat_are_refused_in_words(picture: Draw) -> None:
    broken = picture("network", TaskSubnets="private", NatGateways="none").broken_rules()
    assert broken == ["Tasks in private subnets need NatGateways single or per-zone, or InterfaceEndpoints true"]


def test_another_block_of_addresses_moves_every_subnet(picture: Draw) -> None:
    drawn = picture("network", VpcCidr="172.16.0.0/20")
    assert drawn.properties("Vpc")["CidrBlock"] == "172.16.0.0/20"
    assert subnets(drawn)["PrivateSubnetB"] == ("b", "172.16.4.0/24")


@pytest.mark.parametrize(
    "block", ["10.0.0.0/8", "10.0.0.0/22", "10.0.1.0/24", "10.0.0.0", "10.0.0.1/16", "300.0.0.0/16"]
)
def test_a_block_that_cannot_hold_the_subnets_is_refused(block: str, picture: Draw) -> None:
    assert picture("network", VpcCidr=block).refused() == [
        "Parameter VpcCidr failed to satisfy constraint: must be an IPv4 block a.b.0.0 from /16 to /21, for example 10.0.0.0/16"
    ]


@pytest.mark.parametrize(("https", "ports"), [("false", [80]), ("true", [80, 443])])
def test_the_load_balancer_is_reached_from_anywhere_on_its_ports_only(
    https: str, ports: list[int], picture: Draw
) -> None:
    group = picture("network", Https=https).properties("LoadBalancerSecurityGroup")
    rules = group["SecurityGroupIngress"]
    assert [(rule["FromPort"], rule["ToPort"], rule["CidrIp"]) for rule in rules] == [
        (str(port), str(port), "0.0.0.0/0") for port in ports
    ]


def test_the_application_is_reached_by_the_load_balancer_only(picture: Draw) -> None:
    (rule,) = picture("network", ContainerPort="8080").properties("TaskSecurityGroup")["SecurityGroupIngress"]
    assert rule.pop("Description")
    assert rule == {
        "IpProtocol": "tcp",
        "FromPort": "8080",
        "ToPort": "8080",
        "SourceSecurityGroupId": "<LoadBalancerSecurityGroup.GroupId>",
    }


def test_security_groups_have_a_name_tag_and_no_name_so_that_they_can_be_replaced(picture: Draw) -> None:
    drawn = picture("network")
    for title in drawn.resources("AWS::EC2::SecurityGroup"):
        group = drawn.properties(title)
        assert "GroupName" not in group
        assert group["Tags"][0]["Key"] == "Name"


def test_descriptions_of_security_groups_keep_to_the_characters_that_ec2_takes(picture: Draw) -> None:
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-:/()#,@[]+=&;{}!$*")
    drawn = picture("network", Https="true")
    for title in drawn.resources("AWS::EC2::SecurityGroup"):
        group = drawn.properties(title)
        rules = group["SecurityGroupIngress"] + group["SecurityGroupEgress"]
        for text in [group["GroupDescription"], *(rule["Description"] for rule in rules)]:
            assert set(text) <= allowed, text


def test_no_subnet_hands_out_public_addresses(picture: Draw) -> None:
    drawn = picture("network", Zones="3")
    assert {drawn.properties(title)["MapPublicIpOnLaunch"] for title in drawn.resources("AWS::EC2::Subnet")} == {
        "false"
    }
