"""Public addresses and NAT gateways."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import ec2_tags
from oaktree_cfn.local.resources.service import already_gone, call, refusal
from oaktree_cfn.local.resources.shapes import given, known, only
from oaktree_cfn.local.resources.vpc import require_internet_gateway, vpc_of_subnet


class Eip(Handler):
    """An elastic IP address; ``Ref`` is the address itself, ``AllocationId`` an attribute."""

    type = "AWS::EC2::EIP"
    supported = frozenset({"Domain", "Tags"})

    def create(self, properties: Properties, request: Request) -> Made:
        address = call(
            request.client("ec2"),
            "allocate_address",
            Domain=properties.get("Domain", "vpc"),
            TagSpecifications=ec2_tags.specified("elastic-ip", properties),
        )
        return Made(address["PublicIp"], given(address, "PublicIp", "AllocationId"))

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        ec2_tags.retag(made.attributes["AllocationId"], before, after, request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        ec2, allocation = request.client("ec2"), made.attributes["AllocationId"]
        with already_gone("InvalidAllocationID.NotFound"):
            address = only(call(ec2, "describe_addresses", AllocationIds=[allocation])["Addresses"])
            if address.get("AssociationId"):
                message = f"Address {made.physical_id} is in use."
                raise refusal("InvalidIPAddress.InUse", message, "ReleaseAddress")
            call(ec2, "release_address", AllocationId=allocation)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        allocation = made.attributes["AllocationId"]
        address = only(call(request.client("ec2"), "describe_addresses", AllocationIds=[allocation])["Addresses"])
        return {"Domain": address["Domain"], "Tags": ec2_tags.tags_of(address, properties)}


class NatGateway(Handler):
    """A zonal NAT gateway. moto knows no regional one (``VpcId``, ``AvailabilityMode``)."""

    type = "AWS::EC2::NatGateway"
    supported = frozenset({"AllocationId", "ConnectivityType", "SubnetId", "Tags"})

    def create(self, properties: Properties, request: Request) -> Made:
        connectivity = properties.get("ConnectivityType", "public")
        if connectivity == "public":
            vpc_id = vpc_of_subnet(properties["SubnetId"], request)
            message = f"Network {vpc_id} has no Internet gateway attached"
            require_internet_gateway(vpc_id, refusal("Gateway.NotAttached", message, "CreateNatGateway"), request)
        gateway = call(
            request.client("ec2"),
            "create_nat_gateway",
            **given(properties, "AllocationId", "SubnetId"),
            ConnectivityType=connectivity,
            TagSpecifications=ec2_tags.specified("natgateway", properties),
        )["NatGateway"]
        identity = gateway["NatGatewayId"]
        interface = gateway["NatGatewayAddresses"][0]["NetworkInterfaceId"]
        return Made(identity, {"NatGatewayId": identity, "EniId": interface})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        ec2_tags.retag(made.physical_id, before, after, request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        """AWS frees the address and the interface with the gateway; moto leaves both behind."""
        ec2 = request.client("ec2")
        for gateway in _living(ec2, made.physical_id):
            call(ec2, "delete_nat_gateway", NatGatewayId=made.physical_id)
            for address in gateway["NatGatewayAddresses"]:
                self._free(ec2, address)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        gateway = only(_living(request.client("ec2"), made.physical_id))
        address = gateway["NatGatewayAddresses"][0]
        return known(
            {
                **given(gateway, "ConnectivityType", "SubnetId"),
                "AllocationId": address.get("AllocationId"),
                "Tags": ec2_tags.tags_of(gateway, properties),
            }
        )

    def _free(self, ec2: Any, address: dict[str, Any]) -> None:
        if address.get("AssociationId"):
            with already_gone("InvalidAssociationID.NotFound"):
                call(ec2, "disassociate_address", AssociationId=address["AssociationId"])
        with already_gone("InvalidNetworkInterfaceID.NotFound"):
            call(ec2, "delete_network_interface", NetworkInterfaceId=address["NetworkInterfaceId"])


def _living(ec2: Any, identity: str) -> list[dict[str, Any]]:
    found = call(ec2, "describe_nat_gateways", NatGatewayIds=[identity])["NatGateways"]
    return [gateway for gateway in found if gateway["State"] != "deleted"]
