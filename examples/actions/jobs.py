"""Workflows: jobs in the order of their needs, reusable ones with their inputs and outputs, and what an event starts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from examples.actions import files
from examples.actions.expressions import NotPlayed, Scope, text, true
from examples.actions.steps import Machine, Place, Record, StandIn, Taken, take

_LEVELS = ("none", "read", "write")


@dataclass(frozen=True)
class Job:
    """A job that ended: ``success``, ``failure`` or ``skipped``."""

    name: str
    result: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Taken, ...] = ()
    summary: str = ""
    runs_on: str = ""
    environment: str = ""

    @property
    def log(self) -> str:
        """All that its steps said."""
        return "\n".join(f"## {step.name}: {step.outcome}\n{step.log}" for step in self.steps)


@dataclass(frozen=True)
class Run:
    """What an event started: the jobs by name, and the outputs of the workflow that was called."""

    jobs: Mapping[str, Job]

    @property
    def red(self) -> bool:
        """Whether any of it failed."""
        return any(job.result == "failure" for job in self.jobs.values())


@dataclass(frozen=True)
class Event:
    """Something that happened to a repository. ``fork``: whether it came from one, so that tokens may read only."""

    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    fork: bool = False


@dataclass
class Runner:
    """Runs the workflows of the repository in ``root``; machines get folders of their own in ``folder``.

    ``variables`` are the ``vars`` of the repository's settings, ``github`` the context, ``environment`` what every machine has
    besides GitHub's own variables.
    """

    root: Path
    folder: Path
    github: Mapping[str, Any]
    variables: Mapping[str, str]
    environment: Mapping[str, str]
    stand_ins: Mapping[str, StandIn]
    machines: int = 0

    def run(self, workflow: str, event: Event, run_id: int) -> Run:
        """Start one workflow. Raises NotPlayed for an event that does not start it, and for what is not played."""
        found = files.workflow(self.root, workflow)
        if event.name not in files.events(found):
            raise NotPlayed(f"{workflow}: the event {event.name}")
        github = {**self.github, "event_name": event.name, "event": event.payload, "run_id": str(run_id)}
        declared = files.events(found)[event.name].get("inputs", {}) if event.inputs else {}
        contexts = {"github": github, "vars": self.variables, "inputs": files.inputs(workflow, declared, event.inputs)}
        return Run(dict(_Workflow(self, found, contexts, event.fork).jobs()))


@dataclass
class _Workflow:
    runner: Runner
    found: Mapping[str, Any]
    contexts: Record
    fork: bool
    granted: Mapping[str, str] | None = None
    done: dict[str, Job] = field(default_factory=dict)

    def jobs(self) -> Iterator[tuple[str, Job]]:
        """Every job, each after those that it needs."""
        waiting = dict(self.found["jobs"])
        while waiting:
            id_ = next(name for name, job in waiting.items() if not waiting.keys() & set(_needs(job)))
            job = waiting.pop(id_)
            contexts = {**self.contexts, "needs": self._needed(_needs(job))}
            if not self._wanted(job, contexts):
                self.done[id_] = Job(id_, "skipped")
            elif "uses" in job:
                yield from self._called(id_, job, contexts)
                continue
            else:
                self.done[id_] = self._one(id_, job, contexts)
            yield id_, self.done[id_]

    def _needed(self, names: list[str]) -> Record:
        return {name: {"result": self.done[name].result, "outputs": self.done[name].outputs} for name in names}

    def _wanted(self, job: Mapping[str, Any], contexts: Record) -> bool:
        """A job runs when all that it needs succeeded, unless its condition asks about failures itself."""
        before = [self.done[name].result for name in _ancestors(self.found["jobs"], job)]
        functions: Mapping[str, Callable[..., bool]] = {
            "success": lambda: all(result == "success" for result in before),
            "failure": lambda: "failure" in before,
            "cancelled": lambda: False,
            "always": lambda: True,
        }
        condition = str(job.get("if", "success()"))
        met = true(Scope(contexts, functions).evaluate(condition))
        asks = any(f"{name}()" in condition for name in functions)
        return met and (asks or functions["success"]())

    def _called(self, id_: str, job: Mapping[str, Any], contexts: Record) -> Iterator[tuple[str, Job]]:
        """The jobs of a reusable workflow."""
        found = files.workflow(self.runner.root, Path(job["uses"]).name)
        given = Scope(contexts).fill(job.get("with", {}))
        declared = files.events(found)["workflow_call"].get("inputs", {})
        own = {**self.contexts, "inputs": files.inputs(str(job["uses"]), declared, given)}
        inner = _Workflow(self.runner, found, own, self.fork, self._permissions(job))
        jobs = dict(inner.jobs())
        result = "failure" if any(each.result == "failure" for each in jobs.values()) else "success"
        scope = Scope({**own, "jobs": {name: {"outputs": each.outputs} for name, each in jobs.items()}})
        promised = files.events(found)["workflow_call"].get("outputs", {})
        outputs = {name: text(scope.fill(each["value"])) for name, each in promised.items()}
        self.done[id_] = Job(id_, result, outputs)
        yield id_, self.done[id_]
        yield from jobs.items()

    def _permissions(self, job: Mapping[str, Any]) -> Mapping[str, str]:
        """What a job's token may do. Raises NotPlayed for more than the caller has, as GitHub refuses the run."""
        asked: Mapping[str, str] = job.get("permissions", self.found.get("permissions", {}))
        for name, level in asked.items():
            limit = "write" if self.granted is None else self.granted.get(name, "none")
            if _LEVELS.index(level) > _LEVELS.index(limit):
                raise NotPlayed(f"{name}: {level} is asked for, the caller allows {limit}")
        return {name: "read" if self.fork and level == "write" else level for name, level in asked.items()}

    def _one(self, id_: str, job: Mapping[str, Any], contexts: Record) -> Job:
        runner = self.runner
        runner.machines += 1
        folder = runner.folder / f"{runner.machines}-{id_}"
        machine = _machine(runner, folder, contexts, self._permissions(job))
        scope = Scope({**machine.contexts})
        env = {
            name: text(each) for name, each in scope.fill({**self.found.get("env", {}), **job.get("env", {})}).items()
        }
        where = text(scope.fill(job.get("defaults", {}).get("run", {}).get("working-directory", ".")))
        place = Place(id_, variables=env, folder=where)
        take(machine, job["steps"], place)
        outputs = {name: text(place.scope(machine).fill(each)) for name, each in job.get("outputs", {}).items()}
        return Job(
            id_,
            "failure" if machine.failed else "success",
            outputs,
            tuple(machine.taken),
            machine.summary,
            text(scope.fill(job["runs-on"])),
            text(scope.fill(job.get("environment", ""))),
        )


def _needs(job: Mapping[str, Any]) -> list[str]:
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else list(needs)


def _ancestors(jobs: Mapping[str, Any], job: Mapping[str, Any]) -> set[str]:
    direct = set(_needs(job))
    return direct.union(*(_ancestors(jobs, jobs[name]) for name in direct))


def _machine(runner: Runner, folder: Path, contexts: Record, permissions: Mapping[str, str]) -> Machine:
    """A fresh machine, with the variables that GitHub sets and nothing of ours but where commands are."""
    for name in ("workspace", "temp"):
        (folder / name).mkdir(parents=True)
    github = contexts["github"]
    told = {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(folder / "workspace"),
        "RUNNER_TEMP": str(folder / "temp"),
        "HOME": str(folder),
        **{f"GITHUB_{name.upper()}": str(github[name]) for name in _TOLD if name in github},
    }
    made = {**contexts, "runner": {"temp": str(folder / "temp"), "os": "Linux", "arch": "X64"}, "job": {"status": ""}}
    variables = {"PATH": os.environ["PATH"], **runner.environment, **told}
    return Machine(runner.root, folder, made, variables, runner.stand_ins, permissions)


_TOLD = ("repository", "sha", "ref", "run_id", "event_name", "event_path", "api_url", "server_url", "actor")
