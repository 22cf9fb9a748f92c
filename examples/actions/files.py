"""Workflow and action files, read and checked for what is played here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from examples.actions.expressions import NotPlayed

OWN = "$/"
"""How a file refers to another one of its own repository, at its own commit."""

_PINNED = re.compile(r"([\w.-]+/[\w./-]+)@([0-9a-f]{40})")

_WORKFLOW = {"name", "on", "permissions", "concurrency", "env", "defaults", "jobs", "run-name"}
_JOB = {
    *("name", "needs", "if", "runs-on", "timeout-minutes", "permissions", "environment", "outputs", "defaults", "env"),
    *("steps", "uses", "with", "concurrency"),
}
_STEP = {"name", "id", "if", "uses", "run", "with", "env", "shell", "working-directory", "continue-on-error"}


def workflow(root: Path, name: str) -> dict[str, Any]:
    """The workflow ``name`` of a repository. Raises NotPlayed for a key that is not played."""
    found = _read(root / ".github" / "workflows" / name)
    _refuse_unknown(name, found, _WORKFLOW)
    for id_, job in found["jobs"].items():
        _refuse_unknown(f"{name}, job {id_}", job, _JOB)
        check_steps(f"{name}, job {id_}", job.get("steps", ()))
    return found


def action(root: Path, uses: str) -> tuple[Path, dict[str, Any]]:
    """The folder and the file of an action of this repository (``$/...``). Raises NotPlayed unless it is composite."""
    folder = root / uses.removeprefix(OWN)
    found = _read(folder / "action.yml")
    if found["runs"]["using"] != "composite":
        raise NotPlayed(f"{uses}: {found['runs']['using']}")
    check_steps(uses, found["runs"]["steps"])
    return folder, found


def events(found: Mapping[str, Any]) -> dict[str, Any]:
    """The events that start a workflow, with what each says of itself."""
    on = found["on"]
    if isinstance(on, Mapping):
        return {name: each or {} for name, each in on.items()}
    return {name: {} for name in ([on] if isinstance(on, str) else on)}


def pinned(uses: str) -> str:
    """The repository of somebody else's action. Raises NotPlayed unless it is pinned by a full commit."""
    found = _PINNED.fullmatch(uses)
    if found is None:
        raise NotPlayed(f"{uses!r}: neither {OWN}... nor pinned by a commit")
    return found[1]


def inputs(where: str, declared: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a call, with defaults. Raises NotPlayed for one that is missing or unknown, as GitHub refuses the call."""
    unknown = given.keys() - declared.keys()
    missing = {name for name, each in declared.items() if each.get("required") and name not in given}
    if unknown or missing:
        raise NotPlayed(f"{where}: inputs unknown {sorted(unknown)}, missing {sorted(missing)}")
    return {name: given.get(name, each.get("default", "")) for name, each in declared.items()}


def check_steps(where: str, steps: Iterable[Mapping[str, Any]]) -> None:
    """Raise NotPlayed for a key of a step that is not played."""
    for step in steps:
        _refuse_unknown(f"{where}, step {step.get('name')}", step, _STEP)


def _refuse_unknown(where: str, found: Mapping[str, Any], known: set[str]) -> None:
    unknown = found.keys() - known
    if unknown:
        raise NotPlayed(f"{where}: {', '.join(map(str, unknown))}")


def _read(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"on" if name is True else name: value for name, value in found.items()}  # YAML 1.1 reads `on` as true
