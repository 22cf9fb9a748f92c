"""What rules look at: the system that a deploy is to make, and the parts of it that meet what is there already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from oaktree_cfn.environment import Environment
from oaktree_cfn.template.invariants import Part, Run, System
from oaktree_cfn.template.judge import evaluated
from oaktree_cfn.template.parameters import is_ssm
from oaktree_cfn.template.stacks import parameters_of
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.values import UNKNOWN

_DYNAMIC = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^{}]+)\}\}")


@dataclass(frozen=True)
class Wanted:
    """A system as it will be deployed. ``exports`` are the names it exports, ``parameters`` the root's values as far as they are
    told, ``looked_up`` those of its parameters whose value is the name of an SSM parameter.
    """

    system: System
    exports: frozenset[str] = frozenset()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    looked_up: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, tree: Tree, environment: Environment, values: Mapping[str, Any]) -> Wanted:
        """What a tree of templates makes of these values of the root's parameters. Raises TemplateError."""
        found = evaluated(tree, environment, values)
        declared = parameters_of(tree)
        known = {name: value for name, value in values.items() if name in declared and value is not UNKNOWN}
        asked = {**{name: each.get("Default") for name, each in declared.items()}, **known}
        looked_up = {name: str(asked[name]) for name in declared if is_ssm(str(declared[name].get("Type")))}
        exports = frozenset(name for name in found.exports() if "⟨" not in name)
        return cls(System.of(found, environment.production), exports, known, looked_up)

    @cached_property
    def starting(self) -> tuple[Part, ...]:
        """The containers of the task definitions that a service, a schedule or a rule will run, each once."""
        tasks = {run.task.path: run.task for run in self.running if run.task is not None}
        return tuple(container for task in tasks.values() for container in task.at("ContainerDefinitions").items)

    @cached_property
    def running(self) -> tuple[Run, ...]:
        """Where tasks will be put; services that are to have none are left out."""
        return tuple(run for run in self.system.runs if run.owner.at("DesiredCount").number != 0)

    def dynamic(self, *services: str) -> Iterator[tuple[Part, str]]:
        """Dynamic references to these services (``ssm``, ``secretsmanager``), each with the resource it stands in."""
        for resource in self.system.resources:
            for text in _texts(resource.value):
                yield from ((resource, name) for service, name in _DYNAMIC.findall(text) if service in services)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str) and "{{resolve:" in value:
        yield value
