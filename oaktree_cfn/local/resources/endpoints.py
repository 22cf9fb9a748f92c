"""Private doors from a network to AWS's services."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, NotPlayed, Properties, Request
from oaktree_cfn.local.resources import ec2_tags
from oaktree_cfn.local.resources.service import already_gone, call, refusal
from oaktree_cfn.local.resources.shapes import as_sent, differ, document, given, is_true, known, only, split

_OPEN_POLICY = {
    "Version": "2008-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}


class VpcEndpoint(Handler):
    """A gateway endpoint (routes) or an interface endpoint (network interfaces) for one service."""

    type = "AWS::EC2::VPCEndpoint"
    supported = frozenset(
        {
            "PolicyDocument",
            "PrivateDnsEnabled",
            "RouteTableIds",
            "SecurityGroupIds",
            "ServiceName",
            "SubnetIds",
            "Tags",
            "VpcEndpointType",
            "VpcId",
        }
    )

    def create(self, properties: Properties, request: Request) -> Made:
        kind = properties.get("VpcEndpointType", "Gateway")
        if kind == "Gateway":
            _prefix_list(properties["ServiceName"], request)
        _refuse_one_zone_twice(properties, request)
        if is_true(properties.get("PrivateDnsEnabled")):
            _refuse_private_dns(properties, request)
        endpoint = call(
            request.client("ec2"),
            "create_vpc_endpoint",
            **given(properties, *(self.supported - {"PrivateDnsEnabled", "Tags", "VpcEndpointType"})),
            VpcEndpointType=kind,
            PrivateDnsEnabled=properties.get("PrivateDnsEnabled", False),
            TagSpecifications=ec2_tags.specified("vpc-endpoint", properties),
        )["VpcEndpoint"]
        return self._made(endpoint)

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        if differ(before, after, "PrivateDnsEnabled"):
            raise NotPlayed(self.type, "PrivateDnsEnabled", "moto's ModifyVpcEndpoint does not know it")
        _refuse_one_zone_twice(after, request)
        changes: dict[str, Any] = {}
        for name in ("RouteTableIds", "SubnetIds", "SecurityGroupIds"):
            added, removed = split(before.get(name) or [], after.get(name) or [])
            changes |= known({f"Add{name}": added, f"Remove{name}": removed})
        if differ(before, after, "PolicyDocument"):
            changes["PolicyDocument"] = after.get("PolicyDocument") or _OPEN_POLICY
        if changes:
            call(request.client("ec2"), "modify_vpc_endpoint", VpcEndpointId=made.physical_id, **changes)
            self._follow(made, after, changes, request)
        ec2_tags.retag(made.physical_id, before, after, request)
        endpoint = only(_living(made.physical_id, request))
        return self._made(endpoint)

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        for endpoint in _living(made.physical_id, request):
            call(request.client("ec2"), "delete_vpc_endpoints", VpcEndpointIds=[endpoint["VpcEndpointId"]])

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        endpoint = only(_living(made.physical_id, request))
        groups = [group["GroupId"] for group in endpoint.get("Groups", [])]
        lists = {"SecurityGroupIds": groups, **given(endpoint, "RouteTableIds", "SubnetIds")}
        interface = endpoint["VpcEndpointType"] == "Interface"
        return known(
            {
                **given(endpoint, "ServiceName", "VpcEndpointType", "VpcId"),
                **{name: as_sent(found, properties.get(name)) for name, found in lists.items()},
                "PolicyDocument": document(endpoint.get("PolicyDocument")),
                "PrivateDnsEnabled": endpoint.get("PrivateDnsEnabled") if interface else None,
                "Tags": ec2_tags.tags_of(endpoint, properties),
            }
        )

    def _follow(self, made: Made, after: Properties, changes: dict[str, Any], request: Request) -> None:
        """What AWS does along with a modification and moto leaves out: routes come and go, interfaces go."""
        ec2 = request.client("ec2")
        for table in changes.get("AddRouteTableIds", []):
            target = {
                "GatewayId": made.physical_id,
                "DestinationPrefixListId": _prefix_list(after["ServiceName"], request),
            }
            call(ec2, "create_route", RouteTableId=table, **target)
        for table in changes.get("RemoveRouteTableIds", []):
            with already_gone("InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"):
                prefix_list = _prefix_list(after["ServiceName"], request)
                call(ec2, "delete_route", RouteTableId=table, DestinationPrefixListId=prefix_list)
        left = [{"Name": "subnet-id", "Values": changes.get("RemoveSubnetIds", ["none"])}]
        for interface in call(ec2, "describe_network_interfaces", Filters=left)["NetworkInterfaces"]:
            if interface["NetworkInterfaceId"] in made.attributes["NetworkInterfaceIds"]:
                call(ec2, "delete_network_interface", NetworkInterfaceId=interface["NetworkInterfaceId"])

    def _made(self, endpoint: dict[str, Any]) -> Made:
        identity = endpoint["VpcEndpointId"]
        names = endpoint.get("DnsEntries", [])
        attributes = {
            "Id": identity,
            "CreationTimestamp": str(endpoint.get("CreationTimestamp", "")),
            "NetworkInterfaceIds": endpoint.get("NetworkInterfaceIds", []),
            "DnsEntries": [f"{name.get('HostedZoneId', '')}:{name.get('DnsName', '')}" for name in names],
        }
        return Made(identity, attributes)


def _living(identity: str, request: Request) -> list[dict[str, Any]]:
    with already_gone("InvalidVpcEndpointId.NotFound"):
        found = call(request.client("ec2"), "describe_vpc_endpoints", VpcEndpointIds=[identity])["VpcEndpoints"]
        return [endpoint for endpoint in found if endpoint.get("State") != "deleted"]
    return []


def _refuse_one_zone_twice(properties: Properties, request: Request) -> None:
    """An interface endpoint has one network interface in a zone; moto makes as many as are asked for."""
    asked = properties.get("SubnetIds") or []
    subnets = call(request.client("ec2"), "describe_subnets", SubnetIds=list(asked))["Subnets"] if asked else []
    zones = [subnet["AvailabilityZone"] for subnet in subnets]
    for index, subnet in enumerate(subnets):
        if zones[index] in zones[:index]:
            message = (
                f"Found another VPC endpoint subnet in the availability zone of {subnet['SubnetId']}. VPC endpoint "
                "subnets should be in different availability zones supported by the VPC endpoint service."
            )
            raise refusal("DuplicateSubnetsInSameZone", message, "CreateVpcEndpoint")


def _refuse_private_dns(properties: Properties, request: Request) -> None:
    """A service's usual name leads to one endpoint in a network, and needs the network's DNS; moto does not look."""
    ec2, vpc, service = request.client("ec2"), properties["VpcId"], properties["ServiceName"]
    for switch in ("EnableDnsSupport", "EnableDnsHostnames"):
        attribute = switch[:1].lower() + switch[1:]
        if not call(ec2, "describe_vpc_attribute", VpcId=vpc, Attribute=attribute)[switch]["Value"]:
            message = "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes"
            raise refusal("InvalidParameter", f"{message} set to true for {vpc}", "CreateVpcEndpoint")
    found = call(ec2, "describe_vpc_endpoints")["VpcEndpoints"]  # moto does not filter them
    named = [each for each in found if each.get("State") != "deleted" and each.get("PrivateDnsEnabled")]
    if any((each["VpcId"], each["ServiceName"]) == (vpc, service) for each in named):
        name = ".".join(reversed(service.removeprefix("com.").split(".")[1:])) + ".amazonaws.com"
        message = f"private-dns-enabled cannot be set because there is already a conflicting DNS domain for {name}"
        raise refusal("InvalidParameter", f"{message} in the VPC {vpc}", "CreateVpcEndpoint")


def _prefix_list(service: str, request: Request) -> str:
    """The prefix list behind a gateway endpoint. AWS refuses a service that has none; moto takes any name."""
    lists = call(request.client("ec2"), "describe_prefix_lists")["PrefixLists"]
    for found in lists:
        if found["PrefixListName"] == service:
            return str(found["PrefixListId"])
    message = f"The Vpc Endpoint Service '{service}' does not exist"
    raise refusal("InvalidServiceName", message, "CreateVpcEndpoint")
