"""A network to judge tasks in, as YAML: a public and a private subnet, and what is added to them."""

from __future__ import annotations

NETWORK = """
Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
Gateway: {Type: AWS::EC2::InternetGateway}
Public: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}
PublicRoutes: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
PublicHasRoutes: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Public, RouteTableId: !Ref PublicRoutes}}
Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref PublicRoutes, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}
Private: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc}}
PrivateRoutes: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
PrivateHasRoutes: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Private, RouteTableId: !Ref PrivateRoutes}}
"""

NAT = """
Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref Public}}
PrivateOut: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref PrivateRoutes, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}}
"""


def endpoint(name: str, more: str = "") -> str:
    """An interface endpoint for a service, or the gateway of S3."""
    kind = "Gateway, RouteTableIds: [!Ref PrivateRoutes]" if name == "s3" else "Interface, SubnetIds: [!Ref Private]"
    properties = (
        f"VpcId: !Ref Vpc, ServiceName: !Sub 'com.amazonaws.${{AWS::Region}}.{name}', VpcEndpointType: {kind}{more}"
    )
    return f"Endpoint{name.replace('.', '')}: {{Type: AWS::EC2::VPCEndpoint, Properties: {{{properties}}}}}\n"


def service(subnet: str, address: str = "DISABLED", more: str = "") -> str:
    """A service in a subnet, its task with container, logs and secrets that ``TASK`` has."""
    place = f"{{AwsvpcConfiguration: {{Subnets: {subnet}, AssignPublicIp: {address}}}}}"
    properties = f"TaskDefinition: !Ref Task, NetworkConfiguration: {place}{more}"
    return f"Service: {{Type: AWS::ECS::Service, Properties: {{{properties}}}}}\n"


TASK = """
Task:
  Type: AWS::ECS::TaskDefinition
  Properties:
    RequiresCompatibilities: [FARGATE]
    ContainerDefinitions:
      - Name: app
        LogConfiguration: {LogDriver: awslogs}
        Secrets: []
"""
