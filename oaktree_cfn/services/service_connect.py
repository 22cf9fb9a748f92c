"""Service Connect: services of one namespace call each other by name, without a load balancer between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troposphere import ecs

from oaktree_cfn.services import fields
from oaktree_cfn.services.container import logs
from oaktree_cfn.services.fields import Value
from oaktree_cfn.services.ground import Ground

PORT_NAME = "app"
"""The name of the application's port mapping, by which Service Connect knows it."""


@dataclass(frozen=True, kw_only=True)
class ServiceConnect:
    """How a service takes part. Without a name it calls others and cannot be called."""

    name: Value = fields.text(
        None, "[a-z0-9-]{1,64}", "lower-case letters, digits and hyphens", "Name that others call the service by."
    )
    port: Value = fields.number(80, 1, 65535, "Port that others call it on.")
    request_timeout: Value = fields.number(
        None, 0, 2147483, "Seconds a request may take, where the default of 15 is too short."
    )

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
        return ecs.ServiceConnectService(PortName=PORT_NAME, DiscoveryName=self.name, ClientAliases=[alias], **timeout)
