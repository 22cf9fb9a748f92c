"""The world of a deployed stack: what Ref, GetAtt, ImportValue and GetAZs give on the local stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from oaktree_cfn.local.stacks import Books, Stack
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.values import UNKNOWN, TemplateError

Zones = Callable[[str], list[str]]


@dataclass
class Live:
    """Answers from the books; ``strict`` refuses what other stacks do not offer, else it is not known yet."""

    books: Books
    stack: Stack
    lookup_zones: Zones
    strict: bool = True
    imported: set[str] = field(default_factory=set)

    def physical_id(self, logical_id: str) -> Any:
        """The physical id, or UNKNOWN before the resource is made."""
        resource = self.stack.resources.get(logical_id)
        return resource.physical_id if resource is not None and resource.physical_id else UNKNOWN

    def attribute(self, logical_id: str, name: str) -> Any:
        """An attribute the handler returned, an output of a nested stack, or one of the resource's own properties."""
        resource = self.stack.resources.get(logical_id)
        if resource is None or not resource.physical_id:
            return UNKNOWN
        if resource.type == STACK_TYPE:
            return self._output(resource.physical_id, logical_id, name)
        found = resource.attributes.get(name, _property(resource.properties, name))
        if found is None:
            raise TemplateError(f"Resource type {resource.type} does not support attribute {{{name}}}")
        return found

    def _output(self, stack_id: str, logical_id: str, name: str) -> Any:
        if not name.startswith("Outputs."):
            raise TemplateError(
                f"Template error: resource {logical_id} does not support attribute type {name} in Fn::GetAtt"
            )
        output = self.books.stacks[stack_id].outputs.get(name.removeprefix("Outputs."))
        if output is None:
            raise TemplateError(f"Output '{name.removeprefix('Outputs.')}' not found in stack '{stack_id}'")
        return output["OutputValue"]

    def export(self, name: str) -> Any:
        """The exported value; remembers that this stack imports it."""
        self.imported.add(name)
        exporter = self.books.exporter(name)
        if exporter is not None:
            return exporter.exports[name]
        if self.strict:
            raise TemplateError(f"No export named {name} found")
        return UNKNOWN

    def stack_output(self, stack: str, output: str, region: str) -> Any:
        """Another stack's output: a weak read, which locks nothing."""
        if region != self.books.region:
            raise TemplateError(
                f"The local stage plays one region at a time: Fn::GetStackOutput of {region} is not supported"
            )
        found = self.books.find(stack)
        if found is not None and output in found.outputs:
            return found.outputs[output]["OutputValue"]
        if self.strict:
            raise TemplateError(f"Stack {stack} has no output {output}")
        return UNKNOWN

    def zones(self, region: str) -> list[str]:
        """The zones moto's EC2 describes."""
        return self.lookup_zones(region)


def _property(properties: Mapping[str, Any], name: str) -> Any:
    value: Any = properties
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def scope_of(stack: Stack, world: Live) -> Scope:
    """The evaluation scope of a stack's current revision."""
    assert stack.revision is not None  # noqa: S101  # a stack without a revision has nothing to evaluate
    return Scope(stack.revision.template, stack.revision.values, stack.pseudo(), world)
