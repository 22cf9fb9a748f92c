"""Networks and subnets."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import ec2_tags
from oaktree_cfn.local.resources.service import already_gone, call, refusal, undone_on_failure
from oaktree_cfn.local.resources.shapes import differ, given, known, only

_SWITCHES = {"EnableDnsSupport": True, "EnableDnsHostnames": False}


class Vpc(Handler):
    """A network; AWS makes its default security group, network ACL and main route table along with it."""

    type = "AWS::EC2::VPC"
    supported = frozenset({"CidrBlock", "EnableDnsHostnames", "EnableDnsSupport", "InstanceTenancy", "Tags"})

    def create(self, properties: Properties, request: Request) -> Made:
        vpc = call(
            request.client("ec2"),
            "create_vpc",
            **given(properties, "CidrBlock", "InstanceTenancy"),
            TagSpecifications=ec2_tags.specified("vpc", properties),
        )["Vpc"]
        made = Made(vpc["VpcId"])
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._switch(made, {}, properties, request)
            return self._made(vpc["VpcId"], request)

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        self._switch(made, before, after, request)
        if differ(before, after, "InstanceTenancy"):
            tenancy = after.get("InstanceTenancy", "default")
            call(request.client("ec2"), "modify_vpc_tenancy", VpcId=made.physical_id, InstanceTenancy=tenancy)
        ec2_tags.retag(made.physical_id, before, after, request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("InvalidVpcID.NotFound"):
            _refuse_while_in_use(made.physical_id, request)
            call(request.client("ec2"), "delete_vpc", VpcId=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        ec2 = request.client("ec2")
        vpc = only(call(ec2, "describe_vpcs", VpcIds=[made.physical_id])["Vpcs"])
        switches = {name: _switched(ec2, made.physical_id, name) for name in _SWITCHES}
        return {**given(vpc, "CidrBlock", "InstanceTenancy"), **switches, "Tags": ec2_tags.tags_of(vpc, properties)}

    def replaces(self, before: Properties, after: Properties) -> bool:
        return not (
            before.get("InstanceTenancy") == "dedicated" and after.get("InstanceTenancy", "default") == "default"
        )

    def _switch(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        for name, default in _SWITCHES.items():
            if differ(before, after, name):
                value = {"Value": after.get(name, default)}
                call(request.client("ec2"), "modify_vpc_attribute", VpcId=made.physical_id, **{name: value})

    def _made(self, vpc_id: str, request: Request) -> Made:
        ec2 = request.client("ec2")
        vpc = only(call(ec2, "describe_vpcs", VpcIds=[vpc_id])["Vpcs"])
        of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
        groups = call(
            ec2, "describe_security_groups", Filters=[*of_vpc, {"Name": "group-name", "Values": ["default"]}]
        )["SecurityGroups"]
        acls = call(ec2, "describe_network_acls", Filters=[*of_vpc, {"Name": "default", "Values": ["true"]}])
        attributes = {
            "VpcId": vpc_id,
            "CidrBlockAssociations": [item["AssociationId"] for item in vpc.get("CidrBlockAssociationSet", [])],
            "DefaultSecurityGroup": groups[0]["GroupId"],
            "DefaultNetworkAcl": acls["NetworkAcls"][0]["NetworkAclId"],
            "Ipv6CidrBlocks": [item["Ipv6CidrBlock"] for item in vpc.get("Ipv6CidrBlockAssociationSet", [])],
        }
        return Made(vpc_id, attributes)


def _switched(ec2: Any, vpc_id: str, name: str) -> bool:
    attribute = name[:1].lower() + name[1:]
    return bool(call(ec2, "describe_vpc_attribute", VpcId=vpc_id, Attribute=attribute)[name]["Value"])


def _refuse_while_in_use(vpc_id: str, request: Request) -> None:
    """AWS refuses while anything but the defaults is left; moto only looks at subnets and route tables."""
    ec2 = request.client("ec2")
    of_vpc = [{"Name": "vpc-id", "Values": [vpc_id]}]
    groups = call(ec2, "describe_security_groups", Filters=of_vpc)["SecurityGroups"]
    attached = [{"Name": "attachment.vpc-id", "Values": [vpc_id]}]
    gateways = call(ec2, "describe_internet_gateways", Filters=attached)["InternetGateways"]
    if gateways or any(group["GroupName"] != "default" for group in groups):
        message = f"The vpc '{vpc_id}' has dependencies and cannot be deleted."
        raise refusal("DependencyViolation", message, "DeleteVpc")


class Subnet(Handler):
    """A slice of a network in one zone; the zone is chosen by AWS where the template names none."""

    type = "AWS::EC2::Subnet"
    supported = frozenset(
        {
            "AssignIpv6AddressOnCreation",
            "AvailabilityZone",
            "AvailabilityZoneId",
            "CidrBlock",
            "MapPublicIpOnLaunch",
            "Tags",
            "VpcId",
        }
    )
    _switches = ("MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation")

    def create(self, properties: Properties, request: Request) -> Made:
        subnet_id = call(
            request.client("ec2"),
            "create_subnet",
            **given(properties, "AvailabilityZone", "AvailabilityZoneId", "CidrBlock", "VpcId"),
            TagSpecifications=ec2_tags.specified("subnet", properties),
        )["Subnet"]["SubnetId"]
        made = Made(subnet_id)
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            for name in self._switches:  # always: moto takes the first subnet of a zone for a default subnet
                self._switch(made, name, properties, request)
            return self._made(subnet_id, request)

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        for name in self._switches:
            if differ(before, after, name):
                self._switch(made, name, after, request)
        ec2_tags.retag(made.physical_id, before, after, request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        ec2 = request.client("ec2")
        inside = [{"Name": "subnet-id", "Values": [made.physical_id]}]
        if call(ec2, "describe_network_interfaces", Filters=inside)["NetworkInterfaces"]:
            message = f"The subnet '{made.physical_id}' has dependencies and cannot be deleted."
            raise refusal("DependencyViolation", message, "DeleteSubnet")
        with already_gone("InvalidSubnetID.NotFound"):
            call(ec2, "delete_subnet", SubnetId=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        subnet = only(call(request.client("ec2"), "describe_subnets", SubnetIds=[made.physical_id])["Subnets"])
        plain = given(subnet, *(self.supported - {"Tags"}))
        return known({**plain, "Tags": ec2_tags.tags_of(subnet, properties)})

    def _switch(self, made: Made, name: str, properties: Properties, request: Request) -> None:
        value = {"Value": properties.get(name, False)}
        call(request.client("ec2"), "modify_subnet_attribute", SubnetId=made.physical_id, **{name: value})

    def _made(self, subnet_id: str, request: Request) -> Made:
        ec2 = request.client("ec2")
        subnet = only(call(ec2, "describe_subnets", SubnetIds=[subnet_id])["Subnets"])
        associated = [{"Name": "association.subnet-id", "Values": [subnet_id]}]
        acls = call(ec2, "describe_network_acls", Filters=associated)["NetworkAcls"]
        associations = [
            item["NetworkAclAssociationId"]
            for acl in acls
            for item in acl["Associations"]
            if item.get("SubnetId") == subnet_id
        ]
        attributes = {
            "SubnetId": subnet_id,
            **given(subnet, "AvailabilityZone", "AvailabilityZoneId"),  # where the template left the choice to AWS
            "NetworkAclAssociationId": associations[0] if associations else "",
            "Ipv6CidrBlocks": [item["Ipv6CidrBlock"] for item in subnet.get("Ipv6CidrBlockAssociationSet", [])],
        }
        return Made(subnet_id, attributes)


class InternetGateway(Handler):
    """A network's door to the internet, once attached."""

    type = "AWS::EC2::InternetGateway"
    supported = frozenset({"Tags"})

    def create(self, properties: Properties, request: Request) -> Made:
        tags = ec2_tags.specified("internet-gateway", properties)
        gateway = call(request.client("ec2"), "create_internet_gateway", TagSpecifications=tags)["InternetGateway"]
        return Made(gateway["InternetGatewayId"], {"InternetGatewayId": gateway["InternetGatewayId"]})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        ec2_tags.retag(made.physical_id, before, after, request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("InvalidInternetGatewayID.NotFound"):
            call(request.client("ec2"), "delete_internet_gateway", InternetGatewayId=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        found = call(request.client("ec2"), "describe_internet_gateways", InternetGatewayIds=[made.physical_id])
        return {"Tags": ec2_tags.tags_of(found["InternetGateways"][0], properties)}


class VpcGatewayAttachment(Handler):
    """An internet gateway's attachment; ``Ref`` is ``IGW|<vpc id>``."""

    type = "AWS::EC2::VPCGatewayAttachment"
    supported = frozenset({"InternetGatewayId", "VpcId"})

    def create(self, properties: Properties, request: Request) -> Made:
        call(request.client("ec2"), "attach_internet_gateway", **given(properties, "InternetGatewayId", "VpcId"))
        return Made(f"IGW|{properties['VpcId']}", {"AttachmentType": "IGW"})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        if differ(before, after, "InternetGatewayId"):
            self.delete(made, before, request)
            return self.create(after, request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        ec2, vpc_id = request.client("ec2"), properties["VpcId"]
        with already_gone("Gateway.NotAttached", "InvalidInternetGatewayID.NotFound"):
            if _mapped_addresses(ec2, vpc_id):
                message = f"Network {vpc_id} has some mapped public address(es). Please unmap those public address(es)"
                raise refusal(
                    "DependencyViolation", f"{message} before detaching the gateway.", "DetachInternetGateway"
                )
            call(ec2, "detach_internet_gateway", **given(properties, "InternetGatewayId", "VpcId"))

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        attached = [{"Name": "attachment.vpc-id", "Values": [properties["VpcId"]]}]
        gateway = only(call(request.client("ec2"), "describe_internet_gateways", Filters=attached)["InternetGateways"])
        return {"InternetGatewayId": gateway["InternetGatewayId"], "VpcId": gateway["Attachments"][0]["VpcId"]}


def _mapped_addresses(ec2: Any, vpc_id: str) -> list[str]:
    interfaces = [address.get("NetworkInterfaceId") for address in call(ec2, "describe_addresses").get("Addresses", [])]
    inside = [{"Name": "vpc-id", "Values": [vpc_id]}]
    found = call(ec2, "describe_network_interfaces", Filters=inside)["NetworkInterfaces"]
    return [item["NetworkInterfaceId"] for item in found if item["NetworkInterfaceId"] in interfaces]


def require_internet_gateway(vpc_id: str, refused: Exception, request: Request) -> None:
    """Raise what AWS answers when something that needs the internet is made in a network without a gateway.

    It is how a forgotten ``DependsOn`` on the attachment shows in AWS; moto does not look.
    """
    attached = [{"Name": "attachment.vpc-id", "Values": [vpc_id]}]
    if not call(request.client("ec2"), "describe_internet_gateways", Filters=attached)["InternetGateways"]:
        raise refused


def vpc_of_subnet(subnet_id: str, request: Request) -> str:
    """The network a subnet lies in."""
    subnets = call(request.client("ec2"), "describe_subnets", SubnetIds=[subnet_id])["Subnets"]
    return str(subnets[0]["VpcId"])
