"""Route tables, their routes and their subnets."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import ec2_tags
from oaktree_cfn.local.resources.service import already_gone, call, refusal
from oaktree_cfn.local.resources.shapes import given, known, only

_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
_TARGETS = ("GatewayId", "NatGatewayId", "EgressOnlyInternetGatewayId", "NetworkInterfaceId", "VpcPeeringConnectionId")


class RouteTable(Handler):
    """A route table; the network's own range is routed in it from the start."""

    type = "AWS::EC2::RouteTable"
    supported = frozenset({"Tags", "VpcId"})

    def create(self, properties: Properties, request: Request) -> Made:
        tags = ec2_tags.specified("route-table", properties)
        found = call(request.client("ec2"), "create_route_table", VpcId=properties["VpcId"], TagSpecifications=tags)
        identity = found["RouteTable"]["RouteTableId"]
        return Made(identity, {"RouteTableId": identity})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        ec2_tags.retag(made.physical_id, before, after, request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("InvalidRouteTableID.NotFound"):
            call(request.client("ec2"), "delete_route_table", RouteTableId=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        table = _table(made.physical_id, request)
        return {"VpcId": table["VpcId"], "Tags": ec2_tags.tags_of(table, properties)}


class Route(Handler):
    """One route; ``Ref`` is ``<route table>|<destination>``."""

    type = "AWS::EC2::Route"
    supported = frozenset({"RouteTableId", *_DESTINATIONS, *_TARGETS})

    def create(self, properties: Properties, request: Request) -> Made:
        _refuse_foreign_target(properties, request)
        call(request.client("ec2"), "create_route", **given(properties, "RouteTableId", *_DESTINATIONS, *_TARGETS))
        destination = _destination(properties)
        return Made(f"{properties['RouteTableId']}|{destination}", {"CidrBlock": destination})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        _refuse_foreign_target(after, request)
        call(request.client("ec2"), "replace_route", **given(after, "RouteTableId", *_DESTINATIONS, *_TARGETS))
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"):
            call(request.client("ec2"), "delete_route", **given(properties, "RouteTableId", *_DESTINATIONS))

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        table = _table(properties["RouteTableId"], request)
        destination = _destination(properties)
        route = only([item for item in table["Routes"] if destination in (item.get(name) for name in _DESTINATIONS)])
        return {"RouteTableId": table["RouteTableId"], **given(route, *_DESTINATIONS, *_TARGETS)}


class SubnetRouteTableAssociation(Handler):
    """The route table of one subnet; a subnet has at most one."""

    type = "AWS::EC2::SubnetRouteTableAssociation"
    supported = frozenset({"RouteTableId", "SubnetId"})

    def create(self, properties: Properties, request: Request) -> Made:
        ec2, subnet_id = request.client("ec2"), properties["SubnetId"]
        of_subnet = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
        if call(ec2, "describe_route_tables", Filters=of_subnet)["RouteTables"]:
            message = f"the specified association for route table {properties['RouteTableId']} conflicts"
            raise refusal(
                "Resource.AlreadyAssociated", f"{message} with an existing association", "AssociateRouteTable"
            )
        identity = call(ec2, "associate_route_table", **given(properties, "RouteTableId", "SubnetId"))["AssociationId"]
        return Made(identity, {"Id": identity})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        return made  # both properties are create-only

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("InvalidAssociationID.NotFound"):
            call(request.client("ec2"), "disassociate_route_table", AssociationId=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        associated = [{"Name": "association.route-table-association-id", "Values": [made.physical_id]}]
        table = only(call(request.client("ec2"), "describe_route_tables", Filters=associated)["RouteTables"])
        found = only([item for item in table["Associations"] if item["RouteTableAssociationId"] == made.physical_id])
        return known(given(found, "RouteTableId", "SubnetId"))


def _table(identity: str, request: Request) -> dict[str, Any]:
    tables = call(request.client("ec2"), "describe_route_tables", RouteTableIds=[identity])["RouteTables"]
    return dict(tables[0])


def _destination(properties: Properties) -> str:
    return str(next(properties[name] for name in _DESTINATIONS if properties.get(name)))


def _refuse_foreign_target(properties: Properties, request: Request) -> None:
    """AWS refuses a gateway that is not attached to the table's network and a NAT gateway it does not know.

    moto takes both; the first is how a forgotten ``DependsOn`` on the attachment shows.
    """
    ec2, nat = request.client("ec2"), properties.get("NatGatewayId")
    if nat and not call(ec2, "describe_nat_gateways", NatGatewayIds=[nat])["NatGateways"]:
        raise refusal("InvalidNatGatewayID.NotFound", f"The natGateway ID '{nat}' does not exist", "CreateRoute")
    gateway = str(properties.get("GatewayId") or "")
    if gateway.startswith("igw-"):
        table = _table(properties["RouteTableId"], request)
        found = only(call(ec2, "describe_internet_gateways", InternetGatewayIds=[gateway])["InternetGateways"])
        if table["VpcId"] not in [item["VpcId"] for item in found.get("Attachments", [])]:
            message = f"route table {table['RouteTableId']} and network gateway {gateway} belong to different networks"
            raise refusal("InvalidParameterValue", message, "CreateRoute")
