"""The ways out of subnets: their route tables' default routes, and the endpoints of their VPCs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from oaktree_cfn.template.invariants._system import Part, System

ROUTE, ASSOCIATION, ENDPOINT = "AWS::EC2::Route", "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::VPCEndpoint"
SUBNET, GATEWAY = "AWS::EC2::Subnet", "AWS::EC2::InternetGateway"

_EVERYWHERE = {"0.0.0.0/0", "::/0"}


class Ways(NamedTuple):
    """Where everything that is not in the VPC goes: to an ``internet`` gateway, ``elsewhere`` (NAT, transit), or nowhere.

    ``table`` is the route table, None for the VPC's main one, which a template cannot give a route.
    """

    internet: bool
    elsewhere: bool
    table: Part | None


class Network:
    """A system's subnets with their ways out, looked up once."""

    def __init__(self, system: System) -> None:
        self.system = system
        self._tables = self._by("SubnetId", system.of_type(ASSOCIATION))
        self._routes = self._by("RouteTableId", system.of_type(ROUTE))
        self._endpoints = self._by("VpcId", system.of_type(ENDPOINT))

    def _by(self, name: str, resources: Iterable[Part]) -> dict[Any, list[Part]]:
        """Resources by what their property refers to; under None those of which it is not known."""
        found: dict[Any, list[Part]] = {}
        for each in resources:
            found.setdefault(self.system.identity(each.at(name)), []).append(each)
        return found

    def ways(self, subnet: Part) -> Ways | None:
        """The ways out of a subnet; None where a part of them is not known."""
        decided = self.system.complete(ROUTE, ASSOCIATION) and None not in self._tables and None not in self._routes
        if not decided or subnet.type != SUBNET:
            return None
        if subnet.path not in self._tables:
            return Ways(False, False, None)
        table = self.system.find(self._tables[subnet.path][0].at("RouteTableId"))
        return None if table is None else self._ways(table, filter(_default, self._routes.get(table.path, ())))

    def _ways(self, table: Part, routes: Iterable[Part]) -> Ways | None:
        targets = [each.at("GatewayId") for each in routes]
        if any(self.system.find(each) is None and not each.known and not each.absent for each in targets):
            return None
        internet = [self._is_internet(each) for each in targets]
        return Ways(any(internet), not all(internet), table)

    def _is_internet(self, gateway: Part) -> bool:
        found = self.system.find(gateway)
        return found.type == GATEWAY if found is not None else (gateway.text or "").startswith("igw-")

    def missing_endpoints(self, subnet: Part, table: Part | None, wanted: list[str]) -> list[str]:
        """Which of these services (``ecr.api``) the subnet's VPC has no endpoint for; none where that is not known."""
        home = self.system.identity(subnet.at("VpcId"))
        near = [each.at("ServiceName") for each in self._endpoints.get(home, ()) if self._serves(each, table)]
        decided = self.system.complete(ENDPOINT) and None not in self._endpoints and home is not None
        if not decided or any(name.text is None for name in near):
            return []
        return [service for service in wanted if not any((name.text or "").endswith(f".{service}") for name in near)]

    def _serves(self, endpoint: Part, table: Part | None) -> bool:
        """Whether an endpoint is used from subnets with this route table: a gateway by its routes, an interface by its names."""
        if endpoint.at("VpcEndpointType").default("Gateway").value != "Gateway":
            return str(endpoint.at("PrivateDnsEnabled").value).lower() != "false"
        tables = endpoint.at("RouteTableIds")
        mine = table is not None and table.path in map(self.system.identity, tables.items)
        return mine or not tables.told


def _default(route: Part) -> bool:
    return bool({route.at("DestinationCidrBlock").text, route.at("DestinationIpv6CidrBlock").text} & _EVERYWHERE)
