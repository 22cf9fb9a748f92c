"""What CloudFormation looks up for a template before any resource is made: zones, parameters' values, secrets.

It does so as the role it was given, so that role needs a right for each. Sources: CloudFormation user guide, "Fn::GetAZs", "Dynamic
references", "CloudFormation-supplied parameter types".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from oaktree_cfn.template import iam

Lookup = tuple[str, str]
"""An action, and the ARN it is about, in the language of ``Fn::Sub``."""

_ZONES = ("DescribeAccountAttributes", "DescribeAvailabilityZones", "DescribeSubnets")
_EC2_TYPES = {
    "AvailabilityZone::Name": "AvailabilityZones",
    "Image::Id": "Images",
    "Instance::Id": "Instances",
    "KeyPair::KeyName": "KeyPairs",
    "SecurityGroup::GroupName": "SecurityGroups",
    "SecurityGroup::Id": "SecurityGroups",
    "Subnet::Id": "Subnets",
    "VPC::Id": "Vpcs",
    "Volume::Id": "Volumes",
}
"""What a parameter of such a type (``AWS::EC2::VPC::Id``, or a list of them) is held against."""

_PART = r"(?:\$\{[^}]*\}|[^:}])"
_REFERENCE = re.compile(
    rf"\{{\{{resolve:(ssm|ssm-secure|secretsmanager):(arn(?::{_PART}*){{4}}:secret:{_PART}+|{_PART}+)"
)


def lookups(template: Mapping[str, Any]) -> Iterator[Lookup]:
    """Everything that CloudFormation looks up for a template."""
    for declaration in (template.get("Parameters") or {}).values():
        yield from _of_type(str(declaration.get("Type", "")))
    yield from _of_value({key: value for key, value in template.items() if key != "Parameters"})


def _of_type(type_: str) -> Iterator[Lookup]:
    if type_.startswith("AWS::SSM::Parameter::"):
        yield "ssm:GetParameters", f"{iam.arn('ssm', 'parameter')}*"
    for name, described in _EC2_TYPES.items():
        if f"AWS::EC2::{name}" in type_:
            yield f"ec2:Describe{described}", "*"
    if "AWS::Route53::HostedZone::Id" in type_:
        yield "route53:GetHostedZone", f"{iam.arn('route53', 'hostedzone')}*"


def _of_value(value: Any) -> Iterator[Lookup]:
    if isinstance(value, str):
        yield from (_reference(*found) for found in _REFERENCE.findall(value))
    elif isinstance(value, Mapping):
        if "Fn::GetAZs" in value:
            yield from ((f"ec2:{name}", "*") for name in _ZONES)
        for inner in value.values():
            yield from _of_value(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _of_value(inner)


def _reference(service: str, name: str) -> Lookup:
    """A secret's ARN ends with six characters that its name does not have."""
    if service != "secretsmanager":
        return "ssm:GetParameters", f"{iam.arn('ssm', 'parameter')}{_known(name).removeprefix('/')}"
    full = name.startswith("arn:")
    return "secretsmanager:GetSecretValue", _known(
        name
    ) if full else f"{iam.arn('secretsmanager', 'Secret')}{_known(name)}-*"


def _known(name: str) -> str:
    """A name in which parts that are put in later stand for anything."""
    return re.sub(r"\$\{(?!AWS::)[^}]*\}", "*", name)
