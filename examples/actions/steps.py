"""Steps, one after the other, as a runner takes them: conditions, shells, files for outputs, composite actions, stand-ins."""

from __future__ import annotations

import re
import subprocess
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from examples.actions import files
from examples.actions.expressions import NotPlayed, Scope, text, true

Record = dict[str, Any]
StandIn = Callable[["Machine", Mapping[str, str]], Mapping[str, str] | None]
"""What plays somebody else's action: its inputs, and what it puts out. Raises ActionFailed."""

SHELLS = {"": ("bash", "-e"), "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail")}
"""As GitHub calls it without and with `shell: bash`."""
_CONDITIONS = re.compile(r"\b(success|failure|cancelled|always)\s*\(")


class ActionFailed(Exception):
    """An action ended with an error; the message is what it says."""


@dataclass(frozen=True)
class Taken:
    """A step that was taken or left out, and how it ended: ``success``, ``failure`` or ``skipped``."""

    name: str
    outcome: str
    log: str = ""


@dataclass
class Machine:
    """The machine of a job: its folders, its variables, what it may do, what its steps left."""

    root: Path
    """The repository that the workflows are in, at the commit that runs."""
    folder: Path
    contexts: Record
    variables: dict[str, str]
    stand_ins: Mapping[str, StandIn]
    permissions: Mapping[str, str]
    taken: list[Taken] = field(default_factory=list)
    summary: str = ""
    failed: bool = False

    @property
    def workspace(self) -> Path:
        """Where the code is."""
        return self.folder / "workspace"

    @property
    def temp(self) -> Path:
        """RUNNER_TEMP."""
        return self.folder / "temp"

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """What expressions may ask of the job so far."""
        return {
            "success": lambda: not self.failed,
            "failure": lambda: self.failed,
            "cancelled": lambda: False,
            "always": lambda: True,
            "hashfiles": lambda pattern: "".join(str(hash(each.name)) for each in self.workspace.glob(_plain(pattern))),
        }

    def wants(self, condition: Any, scope: Scope) -> bool:
        """Whether a condition holds; without a word about the job's state it also asks for success."""
        if condition is None:
            return not self.failed
        met = true(scope.evaluate(str(condition)))
        return met and (not self.failed or _CONDITIONS.search(str(condition)) is not None)


def _plain(pattern: str) -> str:
    return pattern.removeprefix("./")


@dataclass(frozen=True)
class Place:
    """Where steps stand: in a job or in a composite action. ``contexts`` are those that differ from the job's."""

    where: str
    contexts: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: str = "."
    steps: Record = field(default_factory=dict)

    def scope(self, machine: Machine, variables: Mapping[str, str] | None = None) -> Scope:
        """What an expression of a step here may ask."""
        env = {**self.variables, **(variables or {})}
        return Scope({**machine.contexts, **self.contexts, "steps": self.steps, "env": env}, machine.functions)


def take(machine: Machine, steps: Iterable[Mapping[str, Any]], place: Place) -> None:
    """Take the steps in their order. A failure makes the rest be left out, but for those that want to run all the same."""
    for number, step in enumerate(steps, 1):
        name = text(place.scope(machine).fill(step.get("name") or f"step {number}"))
        one = replace(place, where=f"{place.where} / {name}")
        if not machine.wants(step.get("if"), place.scope(machine)):
            _note(machine, one, step, "skipped")
            continue
        outputs: dict[str, str] = {}
        try:
            log = _take(machine, step, one, outputs)
        except ActionFailed as error:
            machine.failed = True
            _note(machine, one, step, "failure", str(error), outputs)
        else:
            _note(machine, one, step, "success", log, outputs)


def _note(
    machine: Machine,
    place: Place,
    step: Mapping[str, Any],
    outcome: str,
    log: str = "",
    outputs: Mapping[str, str] | None = None,
) -> None:
    machine.taken.append(Taken(place.where, outcome, log))
    if "id" in step:
        place.steps[step["id"]] = {"outcome": outcome, "conclusion": outcome, "outputs": dict(outputs or {})}


def _take(machine: Machine, step: Mapping[str, Any], place: Place, outputs: dict[str, str]) -> str:
    own = {name: text(each) for name, each in place.scope(machine).fill(step.get("env", {})).items()}
    scope = place.scope(machine, own)
    if "run" in step:
        return _run(machine, step, place, own, outputs)
    given = {name: text(each) for name, each in scope.fill(step.get("with", {})).items()}
    uses = str(step["uses"])
    if uses.startswith(files.OWN):
        _composite(machine, uses, given, place, outputs)
        return ""
    repository = files.pinned(uses)
    if repository not in machine.stand_ins:
        raise NotPlayed(f"{place.where}: nothing stands in for the action {repository}")
    outputs.update(machine.stand_ins[repository](machine, given) or {})
    return ""


def _composite(machine: Machine, uses: str, given: Mapping[str, str], place: Place, outputs: dict[str, str]) -> None:
    folder, found = files.action(machine.root, uses)
    values = files.inputs(uses, found.get("inputs", {}), given)
    github = {**machine.contexts["github"], "action_path": str(folder)}
    inner = Place(place.where, {"inputs": values, "github": github}, place.variables)
    before, machine.failed = machine.failed, False
    take(machine, found["runs"]["steps"], inner)
    failed, machine.failed = machine.failed, before
    scope = inner.scope(machine)
    outputs.update({name: text(scope.fill(each["value"])) for name, each in found.get("outputs", {}).items()})
    if failed:
        raise ActionFailed(f"{uses} failed")


# A step that is a script


def _run(
    machine: Machine, step: Mapping[str, Any], place: Place, own: Mapping[str, str], outputs: dict[str, str]
) -> str:
    shell = SHELLS[str(step.get("shell", ""))]
    scope = place.scope(machine, own)
    script = _fresh(machine, "script.sh", text(scope.fill(step["run"])))
    said = {
        name: _fresh(machine, name) for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STEP_SUMMARY")
    }
    variables = {**machine.variables, **place.variables, **own, **{name: str(path) for name, path in said.items()}}
    where = machine.workspace / text(scope.fill(step.get("working-directory", place.folder)))
    done = subprocess.run(  # the workflows of this repository
        [*shell, str(script)], cwd=where, env=variables, text=True, capture_output=True, check=False, timeout=300
    )
    outputs.update(_pairs(said["GITHUB_OUTPUT"]))
    machine.variables.update(_pairs(said["GITHUB_ENV"]))
    for line in said["GITHUB_PATH"].read_text(encoding="utf-8").splitlines():
        machine.variables["PATH"] = f"{line}:{machine.variables['PATH']}"
    machine.summary += said["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
    log = done.stdout + done.stderr
    if done.returncode != 0:
        raise ActionFailed(f"{log}Process completed with exit code {done.returncode}.")
    return log


def _fresh(machine: Machine, name: str, content: str = "") -> Path:
    path = machine.temp / f"_{uuid.uuid4().hex}_{name}"
    path.write_text(content, encoding="utf-8")
    return path


def _pairs(path: Path) -> dict[str, str]:
    """``name=value`` and ``name<<MARK`` ... ``MARK``, as the files of a step hold them."""
    found, lines = {}, iter(path.read_text(encoding="utf-8").splitlines())
    for line in lines:
        name, sign, rest = re.split(r"(<<|=)", line, maxsplit=1)
        found[name] = rest if sign == "=" else "\n".join(iter(lambda: next(lines), rest))
    return found
