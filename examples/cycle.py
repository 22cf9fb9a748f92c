"""The life of an example: rendered, linted, deployed, changed, destroyed, and looked at in between.

Every step is a command as one types it (``oaktree deploy --env local``). The examples work in copies, on a stage of their
own.
"""

from __future__ import annotations

import contextlib
import importlib
import shutil
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType

from examples import command
from examples.account import Account, Change, Facts
from examples.leftovers import WITH_ANOTHER, inventory, unseen
from oaktree_cfn.local import process

HERE = Path(__file__).parent
NAMES = tuple(sorted(path.parent.name for path in HERE.glob("*/proof.py")))


class Failed(Exception):
    """A step of an example did not end as it should; the message says how."""


@dataclass(frozen=True)
class Example:
    """One folder here: ``proof.py`` beside a project. ``folder`` is the copy it works in."""

    name: str
    folder: Path
    endpoint: str = ""

    @cached_property
    def proof(self) -> ModuleType:
        """What its ``proof.py`` says."""
        return importlib.import_module(f"examples.{self.name}.proof")

    @property
    def change(self) -> Change:
        """The one edit it makes."""
        change: Change = self.proof.CHANGE
        return change

    @cached_property
    def account(self) -> Account:
        """Where it is deployed."""
        settings = tomllib.loads((self.folder / "environments" / "local.toml").read_text(encoding="utf-8"))
        return Account(self.endpoint, settings["prefix"])

    def oaktree(self, *arguments: str) -> str:
        """Run a command in its folder; what was printed. Raises Failed with that for any exit code but 0."""
        done = command.oaktree(self.folder, *arguments)
        said = done.stdout + done.stderr
        if done.returncode != 0:
            raise Failed(f"oaktree {arguments[0]} ended with {done.returncode}:\n{said.strip()}")
        return said

    def edit(self) -> None:
        """Make the change."""
        path = self.folder / self.change.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.change.before) != 1:
            raise Failed(f"{self.change.file} does not say {self.change.before!r} exactly once")
        path.write_text(text.replace(self.change.before, self.change.after), encoding="utf-8")


# The steps


@dataclass
class Life:
    """What is known of a deployed example on the way."""

    example: Example
    parameters: tuple[str, ...] = ()
    before: Mapping[str, set[str]] = field(default_factory=dict)
    resources: int = 0
    kinds: set[str] = field(default_factory=set)

    def build(self) -> None:
        """Render the templates, and find nothing wrong with them: cfn-lint, the second opinion, the invariants."""
        self.example.oaktree("build")
        self.example.oaktree("lint")

    def deploy(self) -> None:
        """Deploy what was rendered, and look."""
        prepare = getattr(self.example.proof, "prepare", None)
        given = prepare(self.example.account) if prepare else {}
        self.parameters = tuple(f"--parameter={name}={value}" for name, value in given.items())
        self.before = inventory(self.example.account)
        self.example.oaktree("deploy", "--env", "local", "--no-lint", *self.parameters)
        made = self.example.account.resources()
        self.resources, self.kinds = len(made), {kind for kind, _ in made.values()}
        self._look(self.example.proof.DEPLOYED)

    def update(self) -> None:
        """Make the example's change and deploy it: it is what changed, and nothing else of what is looked at."""
        meanwhile = getattr(self.example.proof, "meanwhile", None)
        if meanwhile:
            meanwhile(self.example.account)
        self.example.edit()
        self.example.oaktree("build")
        self.example.oaktree("deploy", "--env", "local", "--yes", "--no-lint", *self.parameters)
        self._look({**self.example.proof.DEPLOYED, **self.example.proof.CHANGED})

    def destroy(self) -> None:
        """Destroy it: nothing is left of any type it had."""
        self.example.oaktree("destroy", "--env", "local", "--yes")
        _refuse(unseen(self.kinds), "leftovers.py cannot tell whether these are left")
        after = inventory(self.example.account)
        for kind in {WITH_ANOTHER.get(kind, kind) for kind in self.kinds}:
            _refuse(after[kind] - self.before[kind], f"left of {kind}")

    def _look(self, expected: Facts) -> None:
        seen = self.example.proof.facts(self.example.account)
        wrong = [name for name in {*expected, *seen} if expected.get(name) != seen.get(name)]
        _refuse({f"{name}: expected {expected.get(name)!r}, but it is {seen.get(name)!r}" for name in wrong}, "not so")


def _refuse(found: set[str], words: str) -> None:
    if found:
        raise Failed(f"{words}: {'; '.join(sorted(found))}")


STEPS: tuple[tuple[str, Callable[[Life], None]], ...] = (
    ("build", Life.build),
    ("deploy", Life.deploy),
    ("update", Life.update),
    ("destroy", Life.destroy),
)


def live(life: Life, begin: Callable[[str], None]) -> Iterator[tuple[str, float]]:
    """Each step's name and seconds as it ends; ``begin`` is told of it before. Raises Failed."""
    for name, step in STEPS:
        begin(name)
        start = time.monotonic()
        step(life)
        yield name, time.monotonic() - start


# The place


@contextlib.contextmanager
def stage(home: Path) -> Iterator[process.Stage]:
    """A local stage of its own on a free port, ended in any case."""
    try:
        yield process.start(home)
        process.stop(home)
    except BaseException:  # an interrupt of the stopping, too
        process.stop(home)
        raise


def copy(name: str, home: Path, found: process.Stage | None = None) -> Example:
    """The example in a folder below ``home``, whose stage is its own."""
    folder = home / name
    shutil.copytree(HERE / name, folder, ignore=shutil.ignore_patterns("templates", "__pycache__", ".oaktree"))
    (folder / ".oaktree").symlink_to(home / ".oaktree")
    return Example(name, folder, found.endpoint if found else "")
