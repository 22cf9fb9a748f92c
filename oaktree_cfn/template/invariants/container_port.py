"""A load balancer sends requests to a port that a container listens on, and that the target group is made for.

``ContainerName`` and ``ContainerPort`` of a service's load balancers name a port mapping of its task definition, and the target
groups have that port.
"""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.template.invariants._system import SERVICE, TARGET_GROUP, Finding, Part, System

WHY = (
    "ECS refuses the service (`The container ... did not have a container port ... defined`), or the health checks ask a port "
    "where nobody answers and the tasks are killed one after the other."
)
FIX = "Let the port mapping, ContainerPort and the target group's Port be one value, for example one parameter."


def find(system: System) -> Iterator[Finding]:
    """Ports that do not fit together."""
    for service in system.of_type(SERVICE):
        task = system.task_of(service)
        for balancer in service.at("LoadBalancers").items:
            if task is not None:
                yield from _container(task, balancer)
            if task is None or task.at("NetworkMode").text in {"awsvpc", "host"}:
                yield from _groups(system, balancer)


def _container(task: Part, balancer: Part) -> Iterator[Finding]:
    name, containers = balancer.at("ContainerName"), task.at("ContainerDefinitions")
    mine = [each for each in containers.items if _same(each.at("Name"), name)]
    if not mine and name.known and containers.told and all(each.at("Name").known for each in containers.items):
        yield name.finding(f"is {name.text}, and {task.place} has no such container")
    for container in mine:
        yield from _port(task, balancer.at("ContainerPort"), container.at("PortMappings"))


def _port(task: Part, port: Part, mappings: Part) -> Iterator[Finding]:
    ports = [each.at("ContainerPort").number for each in mappings.items]
    if port.number is None or port.number in ports or None in ports or not mappings.told:
        return
    shown = ", ".join(f"{each:g}" for each in ports if each is not None) or "none"
    yield port.finding(f"is {port.number:g}; the container's ports in {task.place}: {shown}")


def _same(one: Part, other: Part) -> bool:
    """Whether two texts are the same, also where they are symbols for the same thing."""
    return isinstance(one.value, str) and one.value == other.value


def _groups(system: System, balancer: Part) -> Iterator[Finding]:
    port = balancer.at("ContainerPort")
    for name in (("TargetGroupArn",), ("AdvancedConfiguration", "AlternateTargetGroupArn")):
        group = system.find(balancer.at(*name))
        wanted = group.at("Port").number if group is not None and group.type == TARGET_GROUP else None
        if group is not None and wanted is not None and port.number is not None and wanted != port.number:
            yield port.finding(f"is {port.number:g}, and {group.place} is made for port {wanted:g}")
