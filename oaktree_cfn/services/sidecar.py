"""Another container of the same task: a proxy, an agent."""

from __future__ import annotations

from dataclasses import dataclass

from troposphere import ecs

from oaktree_cfn.services import fields
from oaktree_cfn.services.container import NAME, Container, mapping
from oaktree_cfn.services.fields import Value
from oaktree_cfn.services.ground import Ground


@dataclass(frozen=True, kw_only=True)
class Sidecar(Container):
    """As closed as the application's own container. It shares the task's network, size and roles."""

    name: str = fields.known(fields.text(fields.REQUIRED, NAME, "a container name", "Name of the container."))
    essential: Value = fields.switch(False, "Whether the task ends when this container does.")
    port: Value = fields.number(None, 1, 65535, "TCP port it listens on, where it does.")
    memory: Value = fields.number(None, 6, 249856, "Most memory it may use, in MiB.")

    def render(self, ground: Ground) -> ecs.ContainerDefinition:
        """The container definition."""
        limit = {} if self.memory is None else {"Memory": self.memory}
        return self.definition(
            ground,
            self.name,
            [] if self.port is None else [mapping(self.port)],
            {},
            Essential=self.essential,
            **limit,
        )
