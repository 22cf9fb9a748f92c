"""Fargate has the size that is asked for."""

from __future__ import annotations

import pytest

from .ground import found

TASK = "Task: {{Type: AWS::ECS::TaskDefinition, Properties: {{RequiresCompatibilities: [{where}], {size}}}}}"


def task(cpu: str, memory: str, where: str = "FARGATE") -> list[str]:
    return found("fargate-size", TASK.format(where=where, size=f"Cpu: {cpu}, Memory: {memory}"))


@pytest.mark.parametrize(
    ("cpu", "memory"),
    [
        ("256", "512"),
        ("'512'", "4096"),
        ("16384", "122880"),
        ("32768", "249856"),
        ("1 vCPU", "2 GB"),
        (".25 vcpu", "0.5GB"),
    ],
)
def test_a_pair_that_there_is_is_fine(cpu: str, memory: str) -> None:
    assert task(cpu, memory) == []


def test_memory_that_there_is_not_names_what_there_is() -> None:
    assert task("256", "4096") == ["Task.Memory is 4096; with Cpu 256 Fargate has 512, 1024, 2048 MiB"]
    assert task("8192", "17408") == ["Task.Memory is 17408; with Cpu 8192 Fargate has 16384, 20480 ... 61440 MiB"]
    assert task("1 vCPU", "1 GB")[0].startswith("Task.Memory is 1 GB; with Cpu 1 vCPU Fargate has 2048, ")


def test_cpu_that_there_is_not_names_what_there_is() -> None:
    (said,) = task("300", "512")
    assert said.startswith("Task.Cpu is 300; Fargate has 256, 512, 1024,")


def test_both_are_needed() -> None:
    assert task("!Ref AWS::NoValue", "512") == ["Task.Cpu is missing; a Fargate task states both Cpu and Memory"]


@pytest.mark.parametrize("value", ["!ImportValue Size", "much", "[]"])
def test_what_is_not_known_fits(value: str) -> None:
    assert task(value, "512") == []
    assert task("256", value) == []


def test_other_capacity_has_other_sizes() -> None:
    assert task("300", "7", where="EC2") == []
