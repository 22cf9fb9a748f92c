"""Where tasks are in the network: their subnets and security groups."""

from __future__ import annotations

from typing import Any

from troposphere import AWSObject, Tags
from troposphere.ec2 import SecurityGroup, SecurityGroupEgress, SecurityGroupIngress, SecurityGroupRule

from oaktree_cfn.services.fields import Value
from oaktree_cfn.services.ground import Ground


def place(ground: Ground, *groups: Value) -> dict[str, Any]:
    """The properties of an ``AwsvpcConfiguration``; ``groups`` are security groups besides their own."""
    return {
        "AssignPublicIp": ground.public_ip,
        "SecurityGroups": [group_of(ground), *groups],
        "Subnets": ground.subnets,
    }


def group_of(ground: Ground) -> Value:
    """The security group the tasks are in: the ground's, or their own."""
    return ground.att("SecurityGroup", "GroupId") if ground.security_group is None else ground.security_group


def own_group(ground: Ground, *ingress: SecurityGroupRule) -> list[AWSObject]:
    """A security group of the tasks' own, where the ground gives none: in from nowhere else, out to anywhere."""
    if ground.security_group is not None:
        return []
    out = SecurityGroupRule(Description="Out to anywhere", IpProtocol="-1", CidrIp="0.0.0.0/0")
    more = {"SecurityGroupIngress": list(ingress)} if ingress else {}
    group = SecurityGroup(
        ground.id("SecurityGroup"),
        VpcId=ground.needed("vpc", "a security group of its own is made in a VPC"),
        GroupDescription="Tasks of one service",
        SecurityGroupEgress=[out],
        Tags=Tags(Name=ground.name("{}-tasks")),
        **more,
    )
    return [group]


def behind_balancer(ground: Ground, port: Value) -> list[AWSObject]:
    """A group of the tasks' own that lets the load balancer in, and the load balancer's way out to it."""
    if ground.security_group is not None:
        return []
    source = ground.needed("balancer.security_group", "requests come from the load balancer's security group")
    way_in = SecurityGroupRule(
        Description="Application port from the load balancer",
        IpProtocol="tcp",
        FromPort=port,
        ToPort=port,
        SourceSecurityGroupId=source,
    )
    way_out = SecurityGroupEgress(
        ground.id("LoadBalancerEgress"),
        GroupId=source,
        Description="To the tasks of one service",
        IpProtocol="tcp",
        FromPort=port,
        ToPort=port,
        DestinationSecurityGroupId=group_of(ground),
    )
    return [*own_group(ground, way_in), way_out]


def from_peers(ground: Ground, port: Value) -> SecurityGroupIngress:
    """The way in for services that call this one by name."""
    return SecurityGroupIngress(
        ground.id("PeerIngress"),
        GroupId=group_of(ground),
        Description="From services that call this one by name",
        IpProtocol="tcp",
        FromPort=port,
        ToPort=port,
        SourceSecurityGroupId=group_of(ground) if ground.peers is None else ground.peers,
    )
