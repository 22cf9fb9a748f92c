"""The network: subnets and their way out, the doors to AWS's own services, and who may talk to whom.

Addresses: the VPC's block ``a.b.0.0`` is cut into ``a.b.0.0/24``, ``a.b.1.0/24`` and so on. The first three are public
subnets, the next three private ones, whether or not all exist, so that a third zone or private subnets can be added
without moving anything.

S3 and DynamoDB are reached through gateway endpoints in every case, by every subnet: they cost nothing, NAT does by the
gigabyte, and nothing gets around their policies. Interface endpoints stand in private subnets only: an endpoint takes one
subnet of a zone (EC2 refuses a second, DuplicateSubnetsInSameZone), so its subnets must not follow the tasks to others.

The VPC's default security group stays as EC2 makes it, open to itself: CloudFormation neither owns nor can change it.
Nothing here uses it. ``docs/network.md`` tells how to empty it (Security Hub's EC2.2).
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from troposphere import (
    And,
    AWSObject,
    Condition,
    Equals,
    GetAtt,
    GetAZs,
    If,
    Join,
    Not,
    Or,
    Ref,
    Select,
    Split,
    Sub,
    Template,
)
from troposphere.ec2 import (
    EIP,
    VPC,
    InternetGateway,
    NatGateway,
    Route,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    SubnetRouteTableAssociation,
    VPCGatewayAttachment,
)

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.services import endpoints, fields
from oaktree_cfn.services.exempt import exempt
from oaktree_cfn.services.fields import Problem
from oaktree_cfn.services.flow_log import flow_log
from oaktree_cfn.services.names import named
from oaktree_cfn.services.task import RETENTION
from oaktree_cfn.services.when import When, resources

ZONES = ("A", "B", "C")
_EVERYWHERE = "0.0.0.0/0"
_PREFIX = Ref("Prefix")


@dataclass(frozen=True)
class Network:
    """Network: VPC, public and (where tasks run there) private subnets in two or three zones, security groups.

    The load balancer stands in the public subnets. Tasks run in the private ones, reaching out through NAT gateways or
    reaching AWS's services only through interface endpoints, or in the public ones with a public IP each, which costs no
    NAT and is meant for development.
    """

    interface_endpoints: Sequence[str] = fields.several(
        fields.Text(endpoints.SERVICE, "a service as in com.amazonaws.<region>.<service>"),
        "Services that get an interface endpoint where the parameter InterfaceEndpoints is true.",
        endpoints.INTERFACES,
    )
    trusted_accounts: Sequence[Any] = fields.several(
        fields.Text("[0-9]{12}", "an account of 12 digits"),
        "Accounts beside this one whose buckets, tables and credentials may pass through the endpoints.",
    )

    def compose(self) -> Template:
        """The template. Raises InvalidInput for endpoints with which nothing could run."""
        fields.verify(self)
        template = form.begin(self)
        _questions(template)
        _rules(template)
        _conditions(template)
        template.add_resource([*_vpc(), *_public(), *_nat(), *_private(), _load_balancer_group(), _task_group()])
        template.add_resource(endpoints.gateways(_PREFIX, Ref("Vpc"), _route_tables(), self.trusted_accounts))
        template.add_resource(resources(When("HasInterfaceEndpoints", self.interface_endpoints), self._interfaces))
        template.add_resource(resources(When("HasFlowLog", Ref("FlowLogRetentionDays")), _flow_log))
        form.bound_roles(template)
        _outputs(template)
        return template

    def _interfaces(self, services: Sequence[str]) -> Iterator[AWSObject]:
        group, subnets = "EndpointSecurityGroup", _one_per_zone("PrivateSubnet", "HasPrivateC")
        yield endpoints.security_group(group, _PREFIX, Ref("Vpc"), Ref("VpcCidr"))
        for service in services:
            place = Ref("Vpc"), subnets, GetAtt(group, "GroupId")
            yield endpoints.interface(service, _PREFIX, *place, self.trusted_accounts)

    def contradictions(self) -> Iterator[Problem]:
        """Endpoints that do not do what the parameter promises, or that are there twice."""
        missing = [service for service in endpoints.PULLING if service not in self.interface_endpoints]
        if missing:
            lacks = f"it lacks {', '.join(missing)}, without which no task starts where there is no NAT"
            yield Problem("interface_endpoints", lacks, "Add it")
        titles = [endpoints.title(service) for service in self.interface_endpoints]
        if len(set(titles)) < len(titles):
            yield Problem("interface_endpoints", "it names a service twice", "Name each once")


def _questions(template: Template) -> None:
    form.ask(template, form.NAMES, {"Prefix": form.prefix()})
    form.ask(
        template,
        "Network",
        {
            "Address block": _address_block(),
            "Zones": _zones(),
            "Tasks run in": form.task_subnets(),
            "NAT": _nat_gateways(),
            "Interface endpoints": _interface_endpoints(),
            "Flow log": _flow_logs(),
            "Flow log retention": form.choice("FlowLogRetentionDays", "Days to keep the flow log.", RETENTION, "30"),
        },
    )
    form.ask(template, "Web service", {"Port": form.container_port()})
    https = form.switch("Https", "Whether the load balancer may be reached on port 443.", default=False)
    form.ask(template, form.WIRING, {"HTTPS": https})


def _address_block() -> Any:
    octet = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    return form.text(
        "VpcCidr",
        "IPv4 address block of the VPC. Each subnet gets 256 of its addresses. Changing it replaces the network.",
        pattern=rf"{octet}\.{octet}\.0\.0/(1[6-9]|2[01])",
        constraint="an IPv4 block a.b.0.0 from /16 to /21, for example 10.0.0.0/16",
        Default="10.0.0.0/16",
    )


def _zones() -> Any:
    return form.choice("Zones", "Number of availability zones to spread over.", ("2", "3"), "2")


def _nat_gateways() -> Any:
    return form.choice(
        "NatGateways",
        "How tasks in private subnets reach out: one NAT gateway for all zones, or one per zone, which survives the loss "
        "of a zone and costs more. Without effect when tasks run in public subnets.",
        ("none", "single", "per-zone"),
        "single",
    )


def _interface_endpoints() -> Any:
    return form.switch(
        "InterfaceEndpoints",
        "Whether tasks in private subnets reach AWS's services (registry, logs, parameters, secrets, ECS Exec) without "
        "NAT, through endpoints paid by the hour and zone. With NatGateways none they reach nothing else.",
        default=False,
    )


def _flow_logs() -> Any:
    return form.switch("FlowLogs", "Whether the network's traffic is logged, accepted and rejected.", default=True)


def _rules(template: Template) -> None:
    """Without a way out, tasks cannot even pull their image; say so before anything is made."""
    template.add_rule(
        "PrivateTasksNeedNat",
        {
            "RuleCondition": Equals(Ref("TaskSubnets"), "private"),
            "Assertions": [
                {
                    "Assert": Or(
                        {"Fn::Contains": [["single", "per-zone"], Ref("NatGateways")]},
                        form.is_true("InterfaceEndpoints"),
                    ),
                    "AssertDescription": "Tasks in private subnets need NatGateways single or per-zone, "
                    "or InterfaceEndpoints true",
                }
            ],
        },
    )


def _conditions(template: Template) -> None:
    add = template.add_condition
    add("HasHttps", form.is_true("Https"))
    add("HasZoneC", Equals(Ref("Zones"), "3"))
    add("HasPrivate", Equals(Ref("TaskSubnets"), "private"))
    add("HasPrivateC", And(Condition("HasPrivate"), Condition("HasZoneC")))
    add("HasNat", And(Condition("HasPrivate"), Not(Equals(Ref("NatGateways"), "none"))))
    add("HasWayOutC", And(Condition("HasNat"), Condition("HasZoneC")))
    add("HasNatPerZone", And(Condition("HasPrivate"), Equals(Ref("NatGateways"), "per-zone")))
    add("HasNatC", And(Condition("HasNatPerZone"), Condition("HasZoneC")))
    add("HasInterfaceEndpoints", And(Condition("HasPrivate"), form.is_true("InterfaceEndpoints")))
    add("HasFlowLog", form.is_true("FlowLogs"))


def _vpc() -> Iterator[AWSObject]:
    yield VPC(
        "Vpc",
        CidrBlock=Ref("VpcCidr"),
        EnableDnsHostnames=True,
        EnableDnsSupport=True,
        Tags=form.name_tag(named("{}-vpc", _PREFIX)),
    )
    yield InternetGateway("InternetGateway", Tags=form.name_tag(named("{}-internet", _PREFIX)))
    yield VPCGatewayAttachment("InternetAttachment", VpcId=Ref("Vpc"), InternetGatewayId=Ref("InternetGateway"))


def _public() -> Iterator[AWSObject]:
    """No address is given by the subnet: the load balancer has its own, and tasks ask for one if they may have it."""
    yield _route_table("PublicRoutes", "{}-public")
    yield Route(
        "PublicWayOut",
        DependsOn="InternetAttachment",
        RouteTableId=Ref("PublicRoutes"),
        DestinationCidrBlock=_EVERYWHERE,
        GatewayId=Ref("InternetGateway"),
    )
    for index, zone in enumerate(ZONES):
        yield from _subnet("Public", zone, index, index, "PublicRoutes", {"C": "HasZoneC"})


def _nat() -> Iterator[AWSObject]:
    for zone, condition in zip(ZONES, ("HasNat", "HasNatPerZone", "HasNatC"), strict=True):
        tags = form.name_tag(named(f"{{}}-nat-{zone.lower()}", _PREFIX))
        yield EIP(f"NatAddress{zone}", Condition=condition, DependsOn="InternetAttachment", Domain="vpc", Tags=tags)
        yield NatGateway(
            f"NatGateway{zone}",
            Condition=condition,
            DependsOn="PublicWayOut",
            AllocationId=GetAtt(f"NatAddress{zone}", "AllocationId"),
            SubnetId=Ref(f"PublicSubnet{zone}"),
            Tags=tags,
        )


def _private() -> Iterator[AWSObject]:
    """A route table per zone in every case, so that going from one NAT gateway to three only changes routes.

    Without NAT it has no way out at all: what is not in the network or behind an endpoint cannot be reached.
    """
    for index, zone in enumerate(ZONES):
        condition = "HasPrivateC" if zone == "C" else "HasPrivate"
        yield _route_table(f"PrivateRoutes{zone}", f"{{}}-private-{zone.lower()}", Condition=condition)
        yield Route(
            f"PrivateWayOut{zone}",
            Condition="HasWayOutC" if zone == "C" else "HasNat",
            RouteTableId=Ref(f"PrivateRoutes{zone}"),
            DestinationCidrBlock=_EVERYWHERE,
            NatGatewayId=_nat_for(zone),
        )
        conditions = dict.fromkeys(ZONES, condition)
        yield from _subnet("Private", zone, index, index + len(ZONES), f"PrivateRoutes{zone}", conditions)


def _nat_for(zone: str) -> Any:
    return Ref("NatGatewayA") if zone == "A" else If("HasNatPerZone", Ref(f"NatGateway{zone}"), Ref("NatGatewayA"))


def _route_tables() -> If:
    """All there are."""
    public = Ref("PublicRoutes")
    private = _one_per_zone("PrivateRoutes", "HasPrivateC", lambda private: [public, *private])
    return If("HasPrivate", private, [public])


def _flow_log(days: Any) -> list[AWSObject]:
    return flow_log(_PREFIX, Ref("Vpc"), days)


def _route_table(title: str, name: str, **more: Any) -> RouteTable:
    return RouteTable(title, VpcId=Ref("Vpc"), Tags=form.name_tag(named(name, _PREFIX)), **more)


def _subnet(
    kind: str, zone: str, index: int, block: int, routes: str, conditions: dict[str, str]
) -> Iterator[AWSObject]:
    """A subnet in the zone with this index, on this block of addresses, with its route table."""
    more = {"Condition": conditions[zone]} if zone in conditions else {}
    yield Subnet(
        f"{kind}Subnet{zone}",
        VpcId=Ref("Vpc"),
        AvailabilityZone=Select(index, GetAZs("")),
        CidrBlock=_addresses(block),
        MapPublicIpOnLaunch=False,
        Tags=form.name_tag(named(f"{{}}-{kind.lower()}-{zone.lower()}", _PREFIX)),
        **more,
    )
    yield SubnetRouteTableAssociation(
        f"{kind}Subnet{zone}Routes", SubnetId=Ref(f"{kind}Subnet{zone}"), RouteTableId=Ref(routes), **more
    )


def _addresses(block: int) -> Sub:
    return Sub(f"${{Start}}.{block}.0/24", Start=Select(0, Split(".0.0/", Ref("VpcCidr"))))


def _load_balancer_group() -> SecurityGroup:
    """Its way out names the VPC's addresses, not the tasks' group: two groups naming each other would be a circle."""
    http, https = _from_anywhere(80, "HTTP from anywhere"), _from_anywhere(443, "HTTPS from anywhere")
    group = SecurityGroup(
        "LoadBalancerSecurityGroup",
        VpcId=Ref("Vpc"),
        GroupDescription="Load balancer: HTTP and HTTPS from anywhere, out to the tasks",
        SecurityGroupIngress=If("HasHttps", [http, https], [http]),
        SecurityGroupEgress=[
            SecurityGroupRule(
                Description="To the tasks",
                IpProtocol="tcp",
                FromPort=Ref("ContainerPort"),
                ToPort=Ref("ContainerPort"),
                CidrIp=Ref("VpcCidr"),
            )
        ],
        Tags=form.name_tag(named("{}-load-balancer", _PREFIX)),
    )
    return exempt(group, "the load balancer is there for everybody, on port 80 too", "CKV_AWS_260")


def _from_anywhere(port: int, description: str) -> SecurityGroupRule:
    return SecurityGroupRule(Description=description, IpProtocol="tcp", FromPort=port, ToPort=port, CidrIp=_EVERYWHERE)


def _task_group() -> SecurityGroup:
    return SecurityGroup(
        "TaskSecurityGroup",
        VpcId=Ref("Vpc"),
        GroupDescription="Tasks: application port from the load balancer only, out to anywhere",
        SecurityGroupIngress=[
            SecurityGroupRule(
                Description="Application port from the load balancer",
                IpProtocol="tcp",
                FromPort=Ref("ContainerPort"),
                ToPort=Ref("ContainerPort"),
                SourceSecurityGroupId=GetAtt("LoadBalancerSecurityGroup", "GroupId"),
            )
        ],
        SecurityGroupEgress=[SecurityGroupRule(Description="Out to anywhere", IpProtocol="-1", CidrIp=_EVERYWHERE)],
        Tags=form.name_tag(named("{}-tasks", _PREFIX)),
    )


def _outputs(template: Template) -> None:
    public = _one_per_zone("PublicSubnet", "HasZoneC", _joined)
    private = _one_per_zone("PrivateSubnet", "HasPrivateC", _joined)
    tasks = If("HasPrivate", private, public)
    tell = functools.partial(form.tell, template)
    tell("VpcId", "The VPC.", Ref("Vpc"))
    tell("VpcCidr", "Its addresses, for rules of security groups.", Ref("VpcCidr"))
    tell("PublicSubnetIds", "Public subnets, joined by commas.", public)
    tell("PrivateSubnetIds", "Private subnets, joined by commas.", private, condition="HasPrivate")
    tell("TaskSubnetIds", "Subnets the tasks run in, joined by commas.", tasks)
    public_ip = If("HasPrivate", "DISABLED", "ENABLED")
    tell("TaskPublicIp", "Whether tasks have a public IP each, without which they reach nothing.", public_ip)
    tell("LoadBalancerSecurityGroupId", "Security group of the load balancer.", _group("LoadBalancerSecurityGroup"))
    tell("TaskSecurityGroupId", "Security group of the tasks.", _group("TaskSecurityGroup"))
    endpoints_group = _group("EndpointSecurityGroup")
    tell(
        "EndpointSecurityGroupId",
        "Security group of the interface endpoints, for more of them.",
        endpoints_group,
        condition="HasInterfaceEndpoints",
    )
    tell("FlowLogGroupName", "Where the flow log is.", Ref("FlowLogGroup"), condition="HasFlowLog")


def _group(title: str) -> GetAtt:
    return GetAtt(title, "GroupId")


def _joined(refs: list[Ref]) -> Join:
    return Join(",", refs)


def _one_per_zone(title: str, third: str, render: Callable[[list[Ref]], Any] = list) -> If:
    """``render`` of the resources in two zones, or in three where the condition holds.

    Each list is whole: not every engine takes one with gaps.
    """
    two, three = ([Ref(f"{title}{zone}") for zone in ZONES[:count]] for count in (2, 3))
    return If(third, render(three), render(two))
