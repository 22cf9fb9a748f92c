"""What rules look at: the evaluated resources of a whole tree of stacks, and questions about them.

Every answer tells "not there" from "not known": an absent value is None, one that only AWS or another stack knows is UNKNOWN
or a symbol (``template/stacks.py``), and whatever lies below it is not known either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template import plain
from oaktree_cfn.template.stacks import Evaluated, symbolic
from oaktree_cfn.template.values import UNKNOWN, TemplateError

SERVICE, TASK, CLUSTER = "AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::ECS::Cluster"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"

_SYMBOL = re.compile("⟨([^⟩]*)⟩")
_SEGMENT = re.compile("(?:⟨[^⟩]*⟩|[^/⟨])+")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that breaks a rule. ``steps`` lead from the resource at ``path`` to the property; texts hold no secrets."""

    path: tuple[str, ...]
    steps: tuple[str, ...]
    message: str
    rule: str = ""
    fix: str = ""

    @property
    def resource(self) -> str:
        """``Alb/TargetGroup``."""
        return "/".join(self.path)

    @property
    def place(self) -> str:
        """``Alb/TargetGroup.HealthCheckTimeoutSeconds``."""
        return ".".join((self.resource, *self.steps))


@dataclass(frozen=True, slots=True)
class Part:
    """A resource, or what stands somewhere in its properties; ``value`` is None where nothing does."""

    path: tuple[str, ...]
    type: str
    value: Any
    steps: tuple[str, ...] = ()

    def at(self, *steps: str) -> Part:
        """What stands below."""
        value = self.value
        for step in steps:
            value = UNKNOWN if _opaque(value) else plain.at(value, step)
        return replace(self, value=value, steps=(*self.steps, *steps))

    @property
    def items(self) -> tuple[Part, ...]:
        """The items of a list as far as they are known; none where it is absent."""
        whole = replace(self, value=[] if _opaque(self.value) else plain.listed(self.value))
        return tuple(whole.at(str(index)) for index, item in enumerate(whole.value) if item is not UNKNOWN)

    @property
    def told(self) -> bool:
        """Whether ``items`` are all there will be."""
        return not _opaque(self.value) and UNKNOWN not in plain.listed(self.value)

    @property
    def place(self) -> str:
        """The resource's path as people type it."""
        return "/".join(self.path)

    @property
    def absent(self) -> bool:
        """Whether surely nothing stands here."""
        return self.value is None

    @property
    def known(self) -> bool:
        """Whether something stands here of which everything is known."""
        return self.value is not None and not _unknown(self.value)

    @property
    def number(self) -> float | None:
        """The number, None where there is none or it is not known."""
        return plain.number(self.value)

    @property
    def text(self) -> str | None:
        """The text, None where there is none or it is not known."""
        return self.value if isinstance(self.value, str) and self.known else None

    @property
    def on(self) -> bool:
        """Whether it says true."""
        return plain.truth(self.value)

    def default(self, value: Any) -> Part:
        """The same, with what applies where nothing is said."""
        return replace(self, value=value) if self.absent else self

    def finding(self, message: str) -> Finding:
        """A finding at this place."""
        return Finding(self.path, self.steps, message)


def _opaque(value: Any) -> bool:
    return value is UNKNOWN or symbolic(value)


def _unknown(value: Any) -> bool:
    """Whether a part of it is not known."""
    if isinstance(value, Mapping):
        return any(map(_unknown, value.values()))
    return any(map(_unknown, value)) if isinstance(value, list) else _opaque(value)


@dataclass(frozen=True, slots=True)
class Run:
    """Where tasks are put: by a service, a schedule or a rule. ``task`` is None where its definition is not at hand."""

    owner: Part
    network: Part
    task: Part | None


@dataclass(frozen=True)
class System:
    """All resources that surely exist, and the types of those that may. ``production`` is the environment's word for itself."""

    resources: tuple[Part, ...]
    maybe: frozenset[str] = frozenset()
    production: bool = False
    _by_path: Mapping[tuple[str, ...], Part] = field(init=False, repr=False, compare=False)
    _by_type: Mapping[str, list[Part]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index them once."""
        types: dict[str, list[Part]] = {}
        for each in self.resources:
            types.setdefault(each.type, []).append(each)
        object.__setattr__(self, "_by_path", {each.path: each for each in self.resources})
        object.__setattr__(self, "_by_type", types)

    @classmethod
    def of(cls, root: Evaluated, production: bool = False) -> System:
        """The system of an evaluated tree. A nested stack that was not looked into may hold anything."""
        resources, maybe = [], set()
        for stack in root.walk():
            for name, resource in stack.scope.template["Resources"].items():
                exists = _exists(stack, name)
                if exists is True:
                    resources.append(Part((*stack.path, name), resource["Type"], stack.properties(name)))
                if exists is UNKNOWN or (
                    exists is True and resource["Type"] == STACK_TYPE and name not in stack.children
                ):
                    maybe.add(resource["Type"])
        return cls(tuple(resources), frozenset(maybe), production)

    def of_type(self, *types: str) -> list[Part]:
        """The resources of these types, in the order of the templates."""
        return [each for type_ in types for each in self._by_type.get(type_, ())]

    def complete(self, *types: str) -> bool:
        """Whether these are all there will be of these types: none hangs on what is not known, no stack is closed to us."""
        return not self.maybe & {STACK_TYPE, *types}

    def find(self, value: Part | None) -> Part | None:
        """The resource that a value refers to, by Ref or GetAtt, through parameters and outputs; None for all else."""
        match = _SYMBOL.fullmatch(value.value) if value is not None and isinstance(value.value, str) else None
        path = tuple(match[1].split("/")) if match else ()
        return self._by_path.get(path) or self._by_path.get(path[:-1])

    def identity(self, value: Part) -> Any:
        """What two values that mean the same thing have in common; None where that cannot be told."""
        found = self.find(value)
        return found.path if found is not None else value.value if isinstance(value.value, str) else None

    # Services

    def task_of(self, service: Part) -> Part | None:
        """The task definition of a service, where it is one of the system's."""
        found = self.find(service.at("TaskDefinition"))
        return found if found is not None and found.type == TASK else None

    def containers(self) -> Iterator[Part]:
        """Every container of every task definition."""
        for task in self.of_type(TASK):
            yield from task.at("ContainerDefinitions").items

    def scaled(self, target: Part) -> Part | None:
        """The service that a scalable target scales (``service/CLUSTER/SERVICE``)."""
        resource = target.at("ResourceId").value
        segments = _SEGMENT.findall(resource) if isinstance(resource, str) else []
        if target.at("ServiceNamespace").text != "ecs" or len(segments) != 3:
            return None
        cluster, name = (replace(target, value=segment) for segment in segments[1:])
        found = self._services.get(name.value, ())
        return next((each for each in found if symbolic(name.value) or self._in(cluster, each)), None)

    @cached_property
    def _services(self) -> Mapping[str, list[Part]]:
        """Services by all that they may be called. A symbol means one, a name one only together with the cluster's."""
        found: dict[str, list[Part]] = {}
        for service in self.of_type(SERVICE):
            for name in _names(service, "ServiceName"):
                found.setdefault(name, []).append(service)
        return found

    def _in(self, cluster: Part, service: Part) -> bool:
        return bool(self._clusters(service.at("Cluster")) & self._clusters(cluster))

    def _clusters(self, value: Part) -> set[str]:
        """Every way to call the cluster that is called like this."""
        found, stated = self.find(value), value.default("default").value
        mine = {stated} if isinstance(stated, str) else set()
        return mine | (_names(found, "ClusterName") if found is not None else set())

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Every place where tasks are put into subnets."""
        found = [Run(each, each.at(*_NETWORK), self.task_of(each)) for each in self.of_type(SERVICE)]
        for schedule in self.of_type("AWS::Scheduler::Schedule"):
            found.append(self._by_target(schedule, schedule.at("Target"), _NETWORK))
        for rule in self.of_type("AWS::Events::Rule"):
            found += [self._by_target(rule, target, _NETWORK_OF_RULE) for target in rule.at("Targets").items]
        return tuple(found)

    def _by_target(self, owner: Part, target: Part, network: tuple[str, ...]) -> Run:
        ecs = target.at("EcsParameters")
        return Run(owner, ecs.at(*network), self.find(ecs.at("TaskDefinitionArn")))


_NETWORK = ("NetworkConfiguration", "AwsvpcConfiguration")
_NETWORK_OF_RULE = ("NetworkConfiguration", "AwsVpcConfiguration")


def _names(resource: Part, name: str) -> set[str]:
    """Whatever a text may call a resource by: its name, and the symbols for its id and its attributes."""
    place = resource.place
    stated = resource.at(name).value
    return {f"⟨{place}⟩", f"⟨{place}/Name⟩", *([stated] if isinstance(stated, str) else [])}


def _exists(stack: Evaluated, name: str) -> Any:
    try:
        return stack.scope.exists(name)
    except TemplateError:
        return UNKNOWN
