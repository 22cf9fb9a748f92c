"""The sizes of Fargate tasks are those that cfn-lint knows, all of them and no others."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from oaktree_cfn.services.fargate import MEMORY


def pairs_of(choice: dict[str, Any]) -> tuple[str, set[int]]:
    """One alternative of cfn-lint's schema: CPU units, and the MiB that go with them."""
    (cpu,) = choice["Cpu"]["then"]["enum"]
    memory = choice["Memory"]["then"]
    if "enum" in memory:
        return cpu, set(memory["enum"])
    return cpu, set(range(memory["minimum"], memory["maximum"] + 1, memory["multipleOf"]))


def test_every_pair_is_one_of_cfn_lints_and_the_other_way_round() -> None:
    folder = resources.files("cfnlint") / "data" / "schemas" / "extensions" / "aws_ecs_taskdefinition"
    schema = json.loads((folder / "fargate_cpu_memory.json").read_text())
    known = dict(pairs_of(choice["properties"]) for choice in schema["then"]["anyOf"])
    assert {cpu: set(memory) for cpu, memory in MEMORY.items()} == known
