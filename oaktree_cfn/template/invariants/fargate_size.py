"""CPU and memory of a Fargate task are a pair that Fargate has."""

from __future__ import annotations

import re
from collections.abc import Iterator

from oaktree_cfn.services.fargate import MEMORY
from oaktree_cfn.template.invariants._system import TASK, Finding, Part, System

WHY = (
    "The task definition is refused (`No Fargate configuration exists for given values`), in the middle of the deployment. "
    '(ECS developer guide, "Troubleshoot Amazon ECS task definition invalid CPU or memory errors")'
)
FIX = "Choose memory that Fargate has for this CPU, both in the same task."

_WITH_UNIT = re.compile(r"(\d*\.?\d+)\s*(vcpu|gb)", re.IGNORECASE)


def find(system: System) -> Iterator[Finding]:
    """Sizes that Fargate does not have."""
    for task in system.of_type(TASK):
        if "FARGATE" in [each.text for each in task.at("RequiresCompatibilities").items]:
            yield from _size(task.at("Cpu"), task.at("Memory"))


def _size(cpu: Part, memory: Part) -> Iterator[Finding]:
    for part in (cpu, memory):
        if part.absent:
            yield part.finding("is missing; a Fargate task states both Cpu and Memory")
    units, mebibytes = _in_units(cpu), _in_units(memory)
    if units is None or mebibytes is None:
        return
    choices = MEMORY.get(f"{units:g}")
    if choices is None:
        yield cpu.finding(f"is {cpu.value}; Fargate has {', '.join(MEMORY)}")
    elif mebibytes not in choices:
        few = ", ".join(map(str, choices)) if len(choices) <= 8 else f"{choices[0]}, {choices[1]} ... {choices[-1]}"
        yield memory.finding(f"is {memory.value}; with Cpu {cpu.value} Fargate has {few} MiB")


def _in_units(part: Part) -> float | None:
    """CPU units or MiB; ECS also takes ``.5 vCPU`` and ``1 GB``."""
    unit = _WITH_UNIT.fullmatch(part.text.strip()) if part.text is not None else None
    return float(unit[1]) * 1024 if unit else part.number
