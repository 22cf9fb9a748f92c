"""What a resource needs around it: clients of one moto server, and a network, a role, a cluster made on first use."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any

import boto3
from botocore.config import Config

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import handlers

REGION = "ap-southeast-1"
ACCOUNT = "123456789012"
_FAST = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})


class Ground:
    """One region of one moto server."""

    def __init__(self, endpoint: str, elsewhere: Mapping[str, str] | None = None) -> None:
        """``elsewhere`` are the endpoints of services that moto does not play."""
        self.endpoint = endpoint
        self._elsewhere = elsewhere or {}
        self._numbers = itertools.count(1)
        self.client = cache(self._client)

    def _client(self, service: str) -> Any:
        session = boto3.Session("test", "test", region_name=REGION)
        place = self._elsewhere.get(service, self.endpoint)
        return session.client(service, endpoint_url=place, config=_FAST)

    def request(self, logical_id: str = "Thing", stack_name: str = "oaktree-test") -> Request:
        return Request(stack_name, logical_id, REGION, ACCOUNT, self.client)

    def number(self) -> int:
        return next(self._numbers)

    def make(self, kind: str, **properties: Any) -> Made:
        """Make a resource with its own handler."""
        return handlers()[kind].create(properties, self.request(kind.rsplit(":", 1)[1]))

    def new_vpc(self) -> str:
        return self.make("AWS::EC2::VPC", CidrBlock="10.7.0.0/16").physical_id

    def new_subnet(self, vpc_id: str, third: int, zone: str = "a") -> str:
        place = {"VpcId": vpc_id, "CidrBlock": f"10.7.{third}.0/24", "AvailabilityZone": f"{REGION}{zone}"}
        return self.make("AWS::EC2::Subnet", **place).physical_id

    @cached_property
    def vpc(self) -> str:
        """A network with an internet gateway."""
        vpc_id = self.new_vpc()
        gateway = self.make("AWS::EC2::InternetGateway").physical_id
        self.make("AWS::EC2::VPCGatewayAttachment", VpcId=vpc_id, InternetGatewayId=gateway)
        self.internet_gateway = gateway
        return vpc_id

    @cached_property
    def subnets(self) -> list[str]:
        return [self.new_subnet(self.vpc, 200 + index, zone) for index, zone in enumerate("abc")]

    def new_route_table(self) -> str:
        return self.make("AWS::EC2::RouteTable", VpcId=self.vpc).physical_id

    def new_group(self) -> str:
        return self.make("AWS::EC2::SecurityGroup", GroupDescription="a group", VpcId=self.vpc).physical_id

    def new_address(self) -> str:
        return str(self.make("AWS::EC2::EIP").attributes["AllocationId"])


def paths(properties: Any, prefix: str = "") -> set[str]:
    """Every property path of a sample, without list indices; a list of keyed values ends at its own name."""
    if isinstance(properties, dict):
        return {
            path for key, value in properties.items() for path in {f"{prefix}{key}", *paths(value, f"{prefix}{key}.")}
        }
    if isinstance(properties, list):
        return {path for item in properties for path in paths(item, prefix)}
    return set()


__all__ = ["Ground", "Handler", "Properties", "paths"]
