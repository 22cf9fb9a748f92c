"""Service Connect: services of one namespace call each other by name, without a load balancer between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from troposphere import ecs

from oaktree_cfn.services import fields
from oaktree_cfn.services.container import logs, mapping
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground

_PORT = "app"
"""The name of the application's port mapping, by which Service Connect knows it."""


@dataclass(frozen=True, kw_only=True)
class ServiceConnect:
    """How a service takes part. Without a name it calls others and cannot be called."""

    name: Value = fields.text(
        None,
        "[a-z0-9_][a-z0-9_-]{0,63}",
        "lower-case letters, digits, underscores and hyphens",
        "Name that others call the service by.",
    )
    port: Value = fields.number(80, 1, 65535, "Port that others call it on.")
    protocol: str = fields.known(
        fields.choice(
            "http",
            ("http", "http2", "grpc", "tcp"),
            "What is spoken on that port. ECS cannot change it later without making the service anew.",
        )
    )
    request_timeout: Value = fields.number(
        None, 0, 2147483, "Seconds a request may take, where the default of 15 is too short; 0 for no end."
    )

    def contradictions(self) -> Iterator[Problem]:
        """What only a protocol with requests has."""
        if self.request_timeout is not None and self.protocol == "tcp":
            yield Problem("request_timeout", "tcp knows no requests", "Leave it out, or say another protocol")

    def mapping(self, port: Value) -> ecs.PortMapping:
        """The application's port, under the name and protocol that Service Connect wants."""
        more = {} if self.protocol == "tcp" else {"AppProtocol": self.protocol}
        return mapping(port, Name=_PORT, **more)

    def render(self, ground: Ground) -> ecs.ServiceConnectConfiguration:
        """The service's ``ServiceConnectConfiguration``; the proxy's log goes where the service's own does."""
        more: dict[str, Any] = {}
        if ground.namespace is not None:
            more["Namespace"] = ground.namespace
        if self.name is not None:
            more["Services"] = [self._service()]
        return ecs.ServiceConnectConfiguration(Enabled=True, LogConfiguration=logs(ground), **more)

    def _service(self) -> ecs.ServiceConnectService:
        timeout: dict[str, Any] = {}
        if self.request_timeout is not None:
            timeout["Timeout"] = ecs.TimeoutConfiguration(PerRequestTimeoutSeconds=self.request_timeout)
        alias = ecs.ServiceConnectClientAlias(DnsName=self.name, Port=self.port)
        return ecs.ServiceConnectService(PortName=_PORT, DiscoveryName=self.name, ClientAliases=[alias], **timeout)
