"""Run the examples on local stages of their own.

Two at a time, each process with a stage, a free port and a temporary folder, which end with it however it ends. Exits 0 when
each example was deployed, changed and destroyed, and was what its ``proof.py`` says in between.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from examples.board import Board, Event
from examples.cycle import NAMES, Failed, Life, copy, live, stage

TOGETHER = 2
PAPER = 120
"""Columns where no terminal says how wide it is."""
INTERRUPTED = 130


def main(names: list[str]) -> int:
    """Run these examples, all without a name; returns the exit code."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PAPER
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        console.print(f"There is no example {', '.join(unknown)}. There are: {', '.join(NAMES)}.")
        return 2
    _interruptible()
    board = Board(names or list(NAMES))
    try:
        _run(console, board)
    except KeyboardInterrupt:
        console.print("Interrupted. The stages were ended.")
        return INTERRUPTED
    for name, reason in board.failures():
        console.print(Text.assemble((name, "bold red"), f" {board.result(name)}: {reason}"))
    console.print(board.summary())
    return 1 if board.failures() else 0


def _interruptible() -> None:
    """Be ended by ^C and by being told to, once: the second of the two would find the stages being ended, and stop that."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def _interrupt(*_: Any) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _run(console: Console, board: Board) -> None:
    context = get_context("spawn")
    events: Queue[Event] = context.Queue()
    shares = [board.names[index::TOGETHER] for index in range(TOGETHER)]
    workers = [context.Process(target=work, args=(share, events)) for share in shares if share]
    with _ended(workers), Live(console=console, get_renderable=board.table, auto_refresh=console.is_terminal):
        while any(worker.is_alive() for worker in workers) or not events.empty():
            try:
                name = board.note(events.get(timeout=0.2))
            except Empty:
                continue
            if not console.is_terminal and board.ended(name):
                console.print(f"{name}: {board.result(name)}")
    board.close()
    if not console.is_terminal:
        console.print()


@contextmanager
def _ended(workers: Sequence[BaseProcess]) -> Iterator[None]:
    """Whatever happens, no worker outlives this. An interrupt reaches them too; they end their stages themselves."""
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            if worker.is_alive():
                worker.terminate()
        for worker in workers:
            worker.join()


def work(names: list[str], events: Queue[Event]) -> None:
    """Run a share of the examples one after the other, on one stage, and tell of every step."""
    _interruptible()
    try:
        with tempfile.TemporaryDirectory() as home, stage(Path(home)) as found:
            for name in names:
                if not _one(Life(copy(name, Path(home), found)), events):
                    found.ask("POST", "reset", {})  # what is left must not trouble the next one
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _one(life: Life, events: Queue[Event]) -> bool:
    name = life.example.name
    try:
        for step, seconds in live(life, lambda step: events.put(Event(name, step))):
            events.put(Event(name, step, seconds, resources=life.resources))
    except Failed as failure:
        events.put(Event(name, reason=str(failure)))
        return False
    return True
