"""How the examples stand: a table that fills while they run."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.table import Table

from examples.cycle import STEPS

PASSED = "passed"
_STEPS = [step for step, _ in STEPS]


@dataclass(frozen=True)
class Event:
    """A step of an example begins (no ``seconds``), ends, or fails (``reason``)."""

    name: str
    step: str = ""
    seconds: float | None = None
    reason: str = ""
    resources: int = 0


@dataclass
class _Run:
    step: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    resources: int = 0
    reason: str = ""

    @property
    def result(self) -> str:
        if self.reason:
            return f"failed: {self.step or 'start'}"
        if list(self.seconds) == _STEPS:
            return PASSED
        return f"{self.step} …" if self.step else ""

    def cell(self, step: str) -> str:
        return f"{self.seconds[step]:.1f}" if step in self.seconds else ""


class Board:
    """The examples by name, in the order in which they are shown."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self._runs = {name: _Run() for name in names}

    def note(self, event: Event) -> str:
        """Take an event down; the example's name."""
        run = self._runs[event.name]
        run.step, run.reason = event.step or run.step, event.reason
        run.resources = event.resources or run.resources
        if event.seconds is not None:
            run.seconds[event.step] = event.seconds
        return event.name

    def ended(self, name: str) -> bool:
        """Whether nothing more is to come of an example."""
        return bool(self._runs[name].reason) or self.result(name) == PASSED

    def close(self) -> None:
        """Nothing more will come: what has not ended failed."""
        for run in self._runs.values():
            if run.result != PASSED:
                run.reason = run.reason or "it was not heard of again"

    def table(self) -> Table:
        """The table as it stands."""
        table = Table()
        table.add_column("example", no_wrap=True)
        for column in ("resources", *(f"{step} s" for step in _STEPS)):
            table.add_column(column, justify="right")
        table.add_column("result")
        for name, run in self._runs.items():
            table.add_row(name, str(run.resources or ""), *map(run.cell, _STEPS), run.result)
        return table

    def result(self, name: str) -> str:
        """How one ended."""
        return self._runs[name].result

    def failures(self) -> list[tuple[str, str]]:
        """Name and reason of each that did not pass."""
        return [(name, run.reason) for name, run in self._runs.items() if run.reason]

    def summary(self) -> str:
        """The last line."""
        failed = len(self.failures())
        passed = len(self.names) - failed
        return f"{passed} example{'' if passed == 1 else 's'} passed" + (f", {failed} failed" if failed else "")
