"""The ways out of a subnet: its route table's default routes, and the endpoints of its VPC."""

from __future__ import annotations

from typing import NamedTuple

from oaktree_cfn.template.invariants._system import Part, System

ROUTE, ASSOCIATION, ENDPOINT = "AWS::EC2::Route", "AWS::EC2::SubnetRouteTableAssociation", "AWS::EC2::VPCEndpoint"
SUBNET = "AWS::EC2::Subnet"

_EVERYWHERE = {"0.0.0.0/0", "::/0"}


class Ways(NamedTuple):
    """Where everything that is not in the VPC goes: to an ``internet`` gateway, ``elsewhere`` (NAT, transit), or nowhere.

    ``table`` is the route table, None for the VPC's main one, which a template cannot give a route.
    """

    internet: bool
    elsewhere: bool
    table: Part | None


def ways(system: System, subnet: Part) -> Ways | None:
    """The ways out of a subnet; None where a part of them is not known."""
    if not system.complete(ROUTE, ASSOCIATION) or _undecided(system):
        return None
    tables = [
        each.at("RouteTableId") for each in system.of_type(ASSOCIATION) if _is(system, each.at("SubnetId"), subnet)
    ]
    if not tables:
        return Ways(False, False, None)
    table = system.find(tables[0])
    targets = [each for each in system.of_type(ROUTE) if table and _is(system, each.at("RouteTableId"), table)]
    return None if table is None else _ways(system, table, [each for each in targets if _default(each)])


def _undecided(system: System) -> bool:
    """Whether it is open whose association or route one of them is."""
    whose = [each.at("SubnetId") for each in system.of_type(ASSOCIATION)]
    whose += [each.at("RouteTableId") for each in system.of_type(ROUTE)]
    return any(system.identity(each) is None for each in whose)


def _is(system: System, value: Part, resource: Part) -> bool:
    return bool(system.identity(value) == resource.path)


def _default(route: Part) -> bool:
    return bool({route.at("DestinationCidrBlock").text, route.at("DestinationIpv6CidrBlock").text} & _EVERYWHERE)


def _ways(system: System, table: Part, routes: list[Part]) -> Ways | None:
    gateways = [each.at("GatewayId") for each in routes if not each.at("GatewayId").absent]
    internet = [each for each in gateways if _is_internet(system, each)]
    if any(system.find(each) is None and not each.known for each in gateways):
        return None
    return Ways(bool(internet), len(internet) < len(routes), table)


def _is_internet(system: System, gateway: Part) -> bool:
    found = system.find(gateway)
    return found.type == "AWS::EC2::InternetGateway" if found else (gateway.text or "").startswith("igw-")


def missing_endpoints(system: System, subnet: Part, table: Part | None, wanted: list[str]) -> list[str]:
    """Which of these services (``ecr.api``) the subnet's VPC has no endpoint for; none where that is not known."""
    home = system.identity(subnet.at("VpcId"))
    near = [each for each in system.of_type(ENDPOINT) if system.identity(each.at("VpcId")) == home]
    near = [each for each in near if _serves(system, each, table)]
    if home is None or not system.complete(ENDPOINT) or any(each.at("ServiceName").text is None for each in near):
        return []
    names = [str(each.at("ServiceName").text) for each in near]
    return [service for service in wanted if not any(name.endswith(f".{service}") for name in names)]


def _serves(system: System, endpoint: Part, table: Part | None) -> bool:
    """Whether an endpoint is used from subnets with this route table: a gateway by its routes, an interface by its names."""
    if endpoint.at("VpcEndpointType").default("Gateway").value == "Gateway":
        tables = endpoint.at("RouteTableIds")
        return not (tables.absent or tables.items) or any(_is(system, each, table) for each in tables.items if table)
    return str(endpoint.at("PrivateDnsEnabled").value).lower() != "false"
