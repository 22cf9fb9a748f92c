"""ACM: certificates, in our models."""

from __future__ import annotations

from dataclasses import dataclass

from oaktree_cfn.aws.connection import Connection
from oaktree_cfn.errors import AwsError


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate: whether it can be used (ISSUED), and the names it is for."""

    status: str
    names: tuple[str, ...]

    def covers(self, domain: str) -> bool:
        """Whether it is for a domain: one of its names, or one label below a wildcard."""
        wildcard = f"*.{domain.partition('.')[2]}"
        return any(name.lower() in (domain.lower(), wildcard.lower()) for name in self.names)


class Acm:
    """Every call of ACM that OakTree makes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def certificate(self, arn: str) -> Certificate | None:
        """The certificate of that ARN, None when there is none."""
        try:
            found = self._connection.call("acm", "describe_certificate", CertificateArn=arn)["Certificate"]
        except AwsError as error:
            if error.code == "ResourceNotFoundException":
                return None
            raise
        names = dict.fromkeys((found["DomainName"], *found.get("SubjectAlternativeNames", ())))
        return Certificate(found["Status"], tuple(names))
