"""What Service Connect publishes is a named port of the task definition.

Each ``PortName`` of ``ServiceConnectConfiguration.Services`` is the ``Name`` of a port mapping.
"""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.template.invariants._system import SERVICE, Finding, Part, System

WHY = (
    "ECS refuses the service, or nobody can reach it by its name. "
    "[terraform-aws-ecs-container-definition #162](https://github.com/cloudposse/terraform-aws-ecs-container-definition/issues/162)"
)
FIX = "Name the port in PortMappings of the task definition, and publish that name."


def find(system: System) -> Iterator[Finding]:
    """Published ports that no container has."""
    for service in system.of_type(SERVICE):
        task = system.task_of(service)
        names = _names(task) if task is not None else None
        for published in service.at("ServiceConnectConfiguration", "Services").items if names is not None else ():
            name = published.at("PortName")
            if task is not None and names is not None and name.text is not None and name.text not in names:
                yield name.finding(f"is {name.text}, and no port mapping of {task.place} has that name")


def _names(task: Part) -> set[str | None] | None:
    """The names of a task's ports; None where they are not all known."""
    lists = [each.at("PortMappings") for each in task.at("ContainerDefinitions").items]
    names = [port.at("Name") for each in lists for port in each.items]
    told = all(each.told for each in (task.at("ContainerDefinitions"), *lists))
    return {name.text for name in names} if told and all(name.known or name.absent for name in names) else None
