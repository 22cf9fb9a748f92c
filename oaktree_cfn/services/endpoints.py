"""Private doors from a network to AWS's services, and what may pass through them.

A gateway endpoint (S3, DynamoDB) is a route and costs nothing. An interface endpoint is a network interface in each zone,
paid by the hour; with private DNS the service's usual name leads there, so that no program needs to know.

An endpoint's policy grants nothing: it is the most that may pass, whatever roles allow besides. Without one, anything may,
also into somebody else's bucket. Ours let pass what belongs to this account and to those it trusts, in the way of AWS's
own examples of a data perimeter (github.com/aws-samples/data-perimeter-policy-examples): through the gateways by *whose
resource* is asked for, through the interfaces by *who* asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from awacs import s3
from awacs.aws import Action, Allow, Bool, Condition, PolicyDocument, Principal, Statement, StringEquals
from troposphere import AWS_ACCOUNT_ID, Ref, Sub, Tags
from troposphere.ec2 import SecurityGroup, SecurityGroupRule, VPCEndpoint

from oaktree_cfn.services.names import named

PULLING = ("ecr.api", "ecr.dkr", "logs")
"""What Fargate asks for before a container runs: the image (its layers come from S3) and somewhere to log.

Source: ECR user guide, "Amazon ECR interface VPC endpoints"; ECS developer guide, "Amazon ECS interface VPC endpoints".
"""

INTERFACES = (*PULLING, "ssm", "ssmmessages", "secretsmanager", "sts")
"""The same, and what tasks may ask for: parameters, a shell (ECS Exec is ``ssmmessages``), secrets, other roles."""

SERVICE = r"[a-z0-9]+([.-][a-z0-9]+)*"
"""What stands behind ``com.amazonaws.<region>.`` in the name of an endpoint's service."""


def title(service: str) -> str:
    """The logical id of a service's endpoint.

    >>> title("ecr.api")
    'EcrApiEndpoint'
    """
    return "".join(part.capitalize() for part in re.split("[.-]", service)) + "Endpoint"


def gateways(prefix: Any, vpc: Any, route_tables: Any, accounts: Sequence[Any] = ()) -> list[VPCEndpoint]:
    """The gateway endpoints there are, on these route tables; ``accounts`` are trusted beside this one."""
    return [
        _endpoint(
            service,
            prefix,
            VpcId=vpc,
            VpcEndpointType="Gateway",
            RouteTableIds=route_tables,
            PolicyDocument=_policy(*statements([Ref(AWS_ACCOUNT_ID), *accounts])),
        )
        for service, statements in _GATEWAYS.items()
    ]


def interface(
    service: str, prefix: Any, vpc: Any, subnets: Any, group: Any, accounts: Sequence[Any] = ()
) -> VPCEndpoint:
    """An interface endpoint in these subnets, one in each zone, behind a security group."""
    return _endpoint(
        service,
        prefix,
        VpcId=vpc,
        VpcEndpointType="Interface",
        SubnetIds=subnets,
        SecurityGroupIds=[group],
        PrivateDnsEnabled=True,
        PolicyDocument=_policy(_asked_by([Ref(AWS_ACCOUNT_ID), *accounts])),
    )


def _endpoint(service: str, prefix: Any, **more: Any) -> VPCEndpoint:
    tags = Tags(Name=named(f"{{}}-{service.replace('.', '-')}", prefix))
    return VPCEndpoint(title(service), ServiceName=Sub(f"com.amazonaws.${{AWS::Region}}.{service}"), Tags=tags, **more)


def security_group(logical_id: str, prefix: Any, vpc: Any, block: Any) -> SecurityGroup:
    """Who may knock at interface endpoints: anyone inside the network, on the one port they have.

    Private DNS leads the whole network to them, so whoever were kept out here would lose the service altogether. The way
    out leads to nowhere, which is how one takes away the rule for everywhere that a group without any rule gets
    (CloudFormation template reference, AWS::EC2::SecurityGroup): an endpoint opens no connection of its own.
    """
    https = SecurityGroupRule(Description="HTTPS from inside", IpProtocol="tcp", FromPort=443, ToPort=443, CidrIp=block)
    return SecurityGroup(
        logical_id,
        VpcId=vpc,
        GroupDescription="Endpoints: HTTPS from inside the network, out to nowhere",
        SecurityGroupIngress=[https],
        SecurityGroupEgress=[SecurityGroupRule(Description="Nowhere", IpProtocol="-1", CidrIp="127.0.0.1/32")],
        Tags=Tags(Name=named("{}-endpoints", prefix)),
    )


# Policies


def _policy(*statements: Statement) -> PolicyDocument:
    return PolicyDocument(Version="2012-10-17", Statement=list(statements))


def _pass(sid: str, actions: Sequence[Action], resource: Any = "*", condition: Any = None) -> Statement:
    more = {"Condition": Condition(condition)} if condition else {}
    return Statement(Sid=sid, Effect=Allow, Principal=Principal("*"), Action=list(actions), Resource=[resource], **more)


def _asked_by(accounts: Sequence[Any]) -> Statement:
    """An interface endpoint lets nobody in who came with a stranger's credentials."""
    return _pass("AskedByUs", [Action("*")], condition=StringEquals({"aws:PrincipalAccount": list(accounts)}))


def _of(accounts: Sequence[Any]) -> StringEquals:
    return StringEquals({"aws:ResourceAccount": list(accounts)})


def _s3(accounts: Sequence[Any]) -> list[Statement]:
    """Our buckets; the layers of every image in ECR, which lie in a bucket of AWS that ECR itself signs for; and what
    services of AWS sign for, such as the answer of a custom resource to CloudFormation.
    """
    layers = Sub("arn:${AWS::Partition}:s3:::prod-${AWS::Region}-starport-layer-bucket/*")
    signed = Bool({"aws:PrincipalIsAWSService": "true"})
    return [
        _pass("OurBuckets", [Action("s3", "*")], condition=_of(accounts)),
        _pass("ImageLayers", [s3.GetObject], layers),
        _pass("SignedByServices", [Action("s3", "*")], condition=signed),
    ]


def _dynamodb(accounts: Sequence[Any]) -> list[Statement]:
    return [_pass("OurTables", [Action("dynamodb", "*")], condition=_of(accounts))]


_GATEWAYS: Mapping[str, Callable[[Sequence[Any]], list[Statement]]] = {"s3": _s3, "dynamodb": _dynamodb}
"""The services that have gateway endpoints, these two and no others -> what may pass."""
