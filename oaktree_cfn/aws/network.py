"""EC2 and Elastic Load Balancing: subnets with their room and their ways out, and the rules of listeners, in our models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from oaktree_cfn.aws.connection import Connection, together

_EVERYWHERE = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet: its VPC, and the IPv4 addresses that nobody has yet."""

    id: str
    vpc: str
    free: int


@dataclass(frozen=True, slots=True)
class Ways:
    """What leads out of the subnets of a VPC: route tables by subnet, the main one, and its endpoints' services.

    A route table is a name; ``internet`` are those with a default route to an internet gateway, ``elsewhere`` those with one to
    anything else (NAT, transit). ``gateways`` are services with a gateway endpoint by route table, ``interfaces`` those with an
    interface endpoint that answers under its own name.
    """

    main: str
    tables: Mapping[str, str]
    internet: frozenset[str]
    elsewhere: frozenset[str]
    gateways: Mapping[str, frozenset[str]]
    interfaces: frozenset[str]

    def table(self, subnet: str) -> str:
        """The route table of a subnet: its own, or the VPC's main one."""
        return self.tables.get(subnet, self.main)

    def lacks(self, subnet: str, services: Iterable[str]) -> tuple[str, ...]:
        """Those of these services (``ecr.api``) that no endpoint leads to from a subnet."""
        there = self.interfaces | self.gateways.get(self.table(subnet), frozenset())
        return tuple(each for each in services if each not in there)


class Network:
    """Every call of EC2 and of Elastic Load Balancing that OakTree makes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def subnets(self, ids: Iterable[str]) -> dict[str, Subnet]:
        """Those of these subnets that exist, by id."""
        filters = [{"Name": "subnet-id", "Values": sorted(set(ids))}]
        found = self._all("describe_subnets", "Subnets", Filters=filters)
        subnets = (Subnet(each["SubnetId"], each["VpcId"], int(each["AvailableIpAddressCount"])) for each in found)
        return {each.id: each for each in subnets}

    def ways(self, vpc: str) -> Ways:
        """What leads out of a VPC's subnets."""
        filters = [{"Name": "vpc-id", "Values": [vpc]}]
        tables, endpoints = together(
            partial(self._all, "describe_route_tables", "RouteTables", Filters=filters),
            partial(self._all, "describe_vpc_endpoints", "VpcEndpoints", Filters=filters),
        )
        associations = [(table["RouteTableId"], each) for table in tables for each in table.get("Associations", ())]
        defaults = [(table["RouteTableId"], route) for table in tables for route in map(_target, _defaults(table))]
        return Ways(
            main=next((table for table, each in associations if each.get("Main")), ""),
            tables={each["SubnetId"]: table for table, each in associations if each.get("SubnetId")},
            internet=frozenset(table for table, target in defaults if target.startswith("igw-")),
            elsewhere=frozenset(table for table, target in defaults if not target.startswith("igw-")),
            gateways=_gateways(endpoints),
            interfaces=frozenset(_service(each) for each in endpoints if _answers(each)),
        )

    def priorities(self, listener: str) -> dict[str, str]:
        """Priority -> ARN of each rule of a listener; ``default`` is one."""
        found = self._connection.pages("elbv2", "describe_rules", "NextMarker", ListenerArn=listener)
        return {rule["Priority"]: rule["RuleArn"] for page in found for rule in page["Rules"]}

    def _all(self, operation: str, member: str, **arguments: Any) -> list[dict[str, Any]]:
        return [each for page in self._connection.pages("ec2", operation, **arguments) for each in page[member]]


def _defaults(table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        route
        for route in table.get("Routes", ())
        if (route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock")) in _EVERYWHERE
        and route.get("State", "active") == "active"
    ]


def _target(route: Mapping[str, Any]) -> str:
    return str(route.get("GatewayId") or "")


def _service(endpoint: Mapping[str, Any]) -> str:
    """``ecr.api`` of ``com.amazonaws.eu-west-1.ecr.api``."""
    return str(endpoint["ServiceName"]).partition("amazonaws.")[2].partition(".")[2]


def _answers(endpoint: Mapping[str, Any]) -> bool:
    ready = str(endpoint.get("State", "available")).lower() == "available"
    return endpoint.get("VpcEndpointType") == "Interface" and bool(endpoint.get("PrivateDnsEnabled")) and ready


def _gateways(endpoints: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for endpoint in endpoints:
        if endpoint.get("VpcEndpointType") == "Gateway":
            for table in endpoint.get("RouteTableIds", ()):
                found[table] = found.get(table, frozenset()) | {_service(endpoint)}
    return found
