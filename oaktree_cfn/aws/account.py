"""One account in one region: who we are there, and the services behind one name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from oaktree_cfn.aws.acm import Acm
from oaktree_cfn.aws.bucket import Bucket
from oaktree_cfn.aws.cloudformation import CloudFormation
from oaktree_cfn.aws.connection import Connection
from oaktree_cfn.aws.ecr import Ecr
from oaktree_cfn.aws.ecs import Ecs
from oaktree_cfn.aws.network import Network
from oaktree_cfn.aws.secrets import Secrets
from oaktree_cfn.aws.service_catalog import ServiceCatalog


@dataclass(frozen=True, slots=True)
class Identity:
    """Who AWS takes us for."""

    account: str
    arn: str


class Aws:
    """An account in a region. ``endpoint`` leads to the local stage instead; nothing then leaves this machine."""

    def __init__(self, region: str, endpoint: str | None = None) -> None:
        self.connection = Connection(region, endpoint)
        self.region = region
        self.endpoint = endpoint

    def identity(self) -> Identity:
        """The account and principal of the credentials in use. Raises InvalidInput when there are none that work."""
        reply = self.connection.call("sts", "get_caller_identity")
        return Identity(str(reply["Account"]), str(reply["Arn"]))

    @cached_property
    def cloudformation(self) -> CloudFormation:
        """Stacks and change sets."""
        return CloudFormation(self.connection)

    @cached_property
    def acm(self) -> Acm:
        """Certificates."""
        return Acm(self.connection)

    @cached_property
    def network(self) -> Network:
        """Subnets, and listeners."""
        return Network(self.connection)

    @cached_property
    def secrets(self) -> Secrets:
        """Secrets and parameters."""
        return Secrets(self.connection)

    @cached_property
    def ecr(self) -> Ecr:
        """Images."""
        return Ecr(self.connection)

    @cached_property
    def ecs(self) -> Ecs:
        """Services and their tasks."""
        return Ecs(self.connection)

    @cached_property
    def catalog(self) -> ServiceCatalog:
        """Products and what is provisioned from them."""
        return ServiceCatalog(self.connection)

    def bucket(self, name: str, account: str) -> Bucket:
        """The S3 bucket of that name, which must belong to ``account``."""
        return Bucket(self.connection, name, account)
