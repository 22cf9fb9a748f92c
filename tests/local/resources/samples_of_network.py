"""Samples of networks, routes, security groups, addresses and endpoints."""

from __future__ import annotations

from .ground import ACCOUNT, REGION, Ground
from .samples import OTHER_TAGS, TAGS, Life, Sample, life


def vpc(ground: Ground) -> Life:
    return life(
        {
            "CidrBlock": "10.20.0.0/16",
            "EnableDnsHostnames": True,
            "EnableDnsSupport": False,
            "InstanceTenancy": "dedicated",
            "Tags": TAGS,
        },
        {"EnableDnsHostnames": None, "EnableDnsSupport": True, "InstanceTenancy": "default", "Tags": OTHER_TAGS},
    )


def subnet(ground: Ground) -> Life:
    return life(
        {
            "AvailabilityZone": f"{REGION}b",
            "CidrBlock": f"10.7.{ground.number() % 190}.0/24",
            "MapPublicIpOnLaunch": True,
            "AssignIpv6AddressOnCreation": True,
            "VpcId": ground.vpc,
            "Tags": TAGS,
        },
        {"MapPublicIpOnLaunch": False, "AssignIpv6AddressOnCreation": None, "Tags": OTHER_TAGS},
    )


def subnet_by_zone_id(ground: Ground) -> Life:
    block = f"10.7.{ground.number() % 190}.0/24"
    return life({"AvailabilityZoneId": "apse1-az1", "CidrBlock": block, "VpcId": ground.vpc})


def internet_gateway(ground: Ground) -> Life:
    return life({"Tags": TAGS}, {"Tags": OTHER_TAGS})


def attachment(ground: Ground) -> Life:
    gateways = [ground.make("AWS::EC2::InternetGateway").physical_id for _ in range(2)]
    return life({"VpcId": ground.new_vpc(), "InternetGatewayId": gateways[0]}, {"InternetGatewayId": gateways[1]})


def route_table(ground: Ground) -> Life:
    return life({"VpcId": ground.vpc, "Tags": TAGS}, {"Tags": OTHER_TAGS})


def nat_gateway_of(ground: Ground) -> str:
    address = {"AllocationId": ground.new_address(), "SubnetId": ground.subnets[0]}
    return ground.make("AWS::EC2::NatGateway", **address).physical_id


def route_to_the_internet(ground: Ground) -> Life:
    table, nat = ground.new_route_table(), nat_gateway_of(ground)
    return life(
        {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": ground.internet_gateway},
        {"GatewayId": None, "NatGatewayId": nat},
    )


def route_through_an_interface(ground: Ground) -> Life:
    ec2 = ground.client("ec2")
    interface = ec2.create_network_interface(SubnetId=ground.subnets[1])["NetworkInterface"]["NetworkInterfaceId"]
    block = {"RouteTableId": ground.new_route_table(), "DestinationCidrBlock": "172.16.0.0/12"}
    return life({**block, "NetworkInterfaceId": interface})


def route_to_a_peer(ground: Ground) -> Life:
    peer = ground.make("AWS::EC2::VPC", CidrBlock="10.99.0.0/16").physical_id
    peering = ground.client("ec2").create_vpc_peering_connection(VpcId=ground.vpc, PeerVpcId=peer)
    identity = peering["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    block = {"RouteTableId": ground.new_route_table(), "DestinationCidrBlock": "10.99.0.0/16"}
    return life({**block, "VpcPeeringConnectionId": identity})


def route_for_ipv6(ground: Ground) -> Life:
    gateway = ground.client("ec2").create_egress_only_internet_gateway(VpcId=ground.vpc)
    identity = gateway["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
    block = {"RouteTableId": ground.new_route_table(), "DestinationIpv6CidrBlock": "::/0"}
    return life({**block, "EgressOnlyInternetGatewayId": identity})


def route_to_a_prefix_list(ground: Ground) -> Life:
    ec2 = ground.client("ec2")
    made = ec2.create_managed_prefix_list(PrefixListName="offices", MaxEntries=1, AddressFamily="IPv4")
    return life(
        {
            "RouteTableId": ground.new_route_table(),
            "DestinationPrefixListId": made["PrefixList"]["PrefixListId"],
            "GatewayId": ground.internet_gateway,
        }
    )


def association(ground: Ground) -> Life:
    subnet_id = ground.new_subnet(ground.new_vpc(), ground.number() % 190)
    return life({"RouteTableId": ground.new_route_table(), "SubnetId": subnet_id})


def security_group(ground: Ground) -> Life:
    source = ground.new_group()
    ec2 = ground.client("ec2")
    made = ec2.create_managed_prefix_list(PrefixListName="offices", MaxEntries=1, AddressFamily="IPv4")
    offices = made["PrefixList"]["PrefixListId"]
    web = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    return life(
        {
            "GroupDescription": "of the application",
            "GroupName": f"application-{ground.number()}",
            "VpcId": ground.vpc,
            "SecurityGroupIngress": [
                {**web, "CidrIp": "0.0.0.0/0", "Description": "anyone"},
                {**web, "CidrIpv6": "::/0", "Description": "anyone, newer"},
                {**web, "SourceSecurityGroupId": source, "Description": "friends"},
                {**web, "SourcePrefixListId": offices},
            ],
            "SecurityGroupEgress": [
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "0.0.0.0/0", "Description": "out"},
                {**web, "CidrIpv6": "::/0"},
                {**web, "DestinationSecurityGroupId": source},
                {**web, "DestinationPrefixListId": offices},
            ],
            "Tags": TAGS,
        },
        {
            "SecurityGroupIngress": [
                {**web, "CidrIp": "0.0.0.0/0", "Description": "everyone"},
                {**web, "SourceSecurityGroupId": source, "Description": "good friends"},
                {"IpProtocol": "-1", "CidrIpv6": "2001:db8::/32"},
            ],
            "SecurityGroupEgress": [{"IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}],
            "Tags": OTHER_TAGS,
        },
        {"SecurityGroupIngress": None, "SecurityGroupEgress": None, "Tags": None},
    )


def ingress_from_a_range(ground: Ground) -> Life:
    rule = {"GroupId": ground.new_group(), "IpProtocol": "tcp", "FromPort": 5000, "ToPort": 5001}
    return life({**rule, "CidrIp": "10.1.0.0/16", "Description": "inside"}, {"Description": "still inside"})


def ingress_from_an_ipv6_range(ground: Ground) -> Life:
    return life({"GroupId": ground.new_group(), "IpProtocol": "-1", "CidrIpv6": "::/0"}, {"Description": "all"})


def ingress_from_a_group(ground: Ground) -> Life:
    rule = {"GroupId": ground.new_group(), "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
    return life({**rule, "SourceSecurityGroupId": ground.new_group(), "Description": "load balancer"})


def ingress_from_a_prefix_list(ground: Ground) -> Life:
    lists = ground.client("ec2").describe_prefix_lists()["PrefixLists"]
    rule = {"GroupId": ground.new_group(), "IpProtocol": "udp", "FromPort": 53, "ToPort": 53}
    return life({**rule, "SourcePrefixListId": lists[0]["PrefixListId"]})


def egress_to_a_range(ground: Ground) -> Life:
    rule = {"GroupId": ground.new_group(), "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    return life({**rule, "CidrIp": "0.0.0.0/0", "Description": "out"}, {"Description": "far out"})


def egress_to_an_ipv6_range(ground: Ground) -> Life:
    return life({"GroupId": ground.new_group(), "IpProtocol": "-1", "CidrIpv6": "::/0"})


def egress_to_a_group(ground: Ground) -> Life:
    rule = {"GroupId": ground.new_group(), "IpProtocol": "tcp", "FromPort": 5000, "ToPort": 5000}
    return life({**rule, "DestinationSecurityGroupId": ground.new_group(), "Description": "application"})


def egress_to_a_prefix_list(ground: Ground) -> Life:
    lists = ground.client("ec2").describe_prefix_lists()["PrefixLists"]
    rule = {"GroupId": ground.new_group(), "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    return life({**rule, "DestinationPrefixListId": lists[0]["PrefixListId"]})


def address(ground: Ground) -> Life:
    return life({"Domain": "vpc", "Tags": TAGS}, {"Tags": OTHER_TAGS})


def nat_gateway(ground: Ground) -> Life:
    return life(
        {
            "AllocationId": ground.new_address(),
            "ConnectivityType": "public",
            "SubnetId": ground.subnets[1],
            "Tags": TAGS,
        },
        {"Tags": OTHER_TAGS},
    )


def private_nat_gateway(ground: Ground) -> Life:
    return life({"ConnectivityType": "private", "SubnetId": ground.subnets[2]})


POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}],
}


def gateway_endpoint(ground: Ground) -> Life:
    tables = [ground.new_route_table() for _ in range(3)]
    return life(
        {
            "VpcId": ground.vpc,
            "ServiceName": f"com.amazonaws.{REGION}.s3",
            "VpcEndpointType": "Gateway",
            "RouteTableIds": tables[:2],
            "PolicyDocument": POLICY,
            "Tags": TAGS,
        },
        {"RouteTableIds": tables[1:], "PolicyDocument": None, "Tags": OTHER_TAGS},
    )


def interface_endpoint(ground: Ground) -> Life:
    vpc, subnets = named_network(ground)
    groups = [ground.new_group() for _ in range(2)]
    return life(
        {
            "VpcId": vpc,
            "ServiceName": f"com.amazonaws.{REGION}.ecr.api",
            "VpcEndpointType": "Interface",
            "PrivateDnsEnabled": True,
            "PolicyDocument": POLICY,
            "SubnetIds": subnets[:2],
            "SecurityGroupIds": groups[:1],
        },
        {"SubnetIds": subnets[1:], "SecurityGroupIds": groups, "PolicyDocument": None},
        {"SubnetIds": subnets[1:2], "PolicyDocument": {**POLICY, "Version": "2008-10-17"}},
    )


def named_network(ground: Ground) -> tuple[str, list[str]]:
    """A network that names what is in it, as private DNS needs it, and a subnet of it in each zone."""
    block = {"CidrBlock": "10.7.0.0/16", "EnableDnsSupport": True, "EnableDnsHostnames": True}
    vpc = ground.make("AWS::EC2::VPC", **block).physical_id
    return vpc, [ground.new_subnet(vpc, index, zone) for index, zone in enumerate("abc")]


def flow_log_to_logs(ground: Ground) -> Life:
    group = ground.make("AWS::Logs::LogGroup", LogGroupName=f"/vpc/{ground.number()}").physical_id
    return life(
        {
            "ResourceType": "VPC",
            "ResourceId": ground.new_vpc(),
            "TrafficType": "REJECT",
            "LogDestinationType": "cloud-watch-logs",
            "LogGroupName": group,
            "DeliverLogsPermissionArn": f"arn:aws:iam::{ACCOUNT}:role/flow-log",
            "MaxAggregationInterval": 60,
            "LogFormat": "${vpc-id} ${srcaddr} ${dstaddr} ${action}",
            "Tags": TAGS,
        },
        {"Tags": OTHER_TAGS},
        {"Tags": None},
    )


def flow_log_of_a_subnet(ground: Ground) -> Life:
    bucket = ground.make("AWS::S3::Bucket").physical_id
    place = {"ResourceType": "Subnet", "ResourceId": ground.subnets[0], "TrafficType": "ALL"}
    return life({**place, "LogDestinationType": "s3", "LogDestination": f"arn:aws:s3:::{bucket}"})


def flow_log_of_an_interface(ground: Ground) -> Life:
    ec2 = ground.client("ec2")
    interface = ec2.create_network_interface(SubnetId=ground.subnets[0])["NetworkInterface"]["NetworkInterfaceId"]
    role = {"DeliverLogsPermissionArn": f"arn:aws:iam::{ACCOUNT}:role/flow-log", "LogGroupName": "/vpc/later"}
    return life({"ResourceType": "NetworkInterface", "ResourceId": interface, "TrafficType": "ACCEPT", **role})


SAMPLES: list[tuple[str, Sample]] = [
    ("AWS::EC2::VPC", vpc),
    ("AWS::EC2::Subnet", subnet),
    ("AWS::EC2::Subnet", subnet_by_zone_id),
    ("AWS::EC2::InternetGateway", internet_gateway),
    ("AWS::EC2::VPCGatewayAttachment", attachment),
    ("AWS::EC2::RouteTable", route_table),
    ("AWS::EC2::Route", route_to_the_internet),
    ("AWS::EC2::Route", route_through_an_interface),
    ("AWS::EC2::Route", route_to_a_peer),
    ("AWS::EC2::Route", route_for_ipv6),
    ("AWS::EC2::Route", route_to_a_prefix_list),
    ("AWS::EC2::SubnetRouteTableAssociation", association),
    ("AWS::EC2::SecurityGroup", security_group),
    ("AWS::EC2::SecurityGroupIngress", ingress_from_a_range),
    ("AWS::EC2::SecurityGroupIngress", ingress_from_an_ipv6_range),
    ("AWS::EC2::SecurityGroupIngress", ingress_from_a_group),
    ("AWS::EC2::SecurityGroupIngress", ingress_from_a_prefix_list),
    ("AWS::EC2::SecurityGroupEgress", egress_to_a_range),
    ("AWS::EC2::SecurityGroupEgress", egress_to_an_ipv6_range),
    ("AWS::EC2::SecurityGroupEgress", egress_to_a_group),
    ("AWS::EC2::SecurityGroupEgress", egress_to_a_prefix_list),
    ("AWS::EC2::EIP", address),
    ("AWS::EC2::NatGateway", nat_gateway),
    ("AWS::EC2::NatGateway", private_nat_gateway),
    ("AWS::EC2::VPCEndpoint", gateway_endpoint),
    ("AWS::EC2::VPCEndpoint", interface_endpoint),
    ("AWS::EC2::FlowLog", flow_log_to_logs),
    ("AWS::EC2::FlowLog", flow_log_of_a_subnet),
    ("AWS::EC2::FlowLog", flow_log_of_an_interface),
]
