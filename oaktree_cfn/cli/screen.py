"""The two streams: results on stdout, everything said on the way on stderr."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live

from oaktree_cfn.deploy.decide import Consent
from oaktree_cfn.deploy.news import Progress, Report
from oaktree_cfn.terminal.progress import Board, lines
from oaktree_cfn.terminal.words import duration

PAPER = 160
"""Columns where no terminal says how wide it is: logs and files."""


def _console(stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    narrow = stream.isatty() or "COLUMNS" in os.environ
    return Console(stderr=stderr, highlight=False, width=None if narrow else PAPER)


class Screen:
    """What a command talks through."""

    def __init__(self) -> None:
        self.out = _console(stderr=False)
        self.err = _console(stderr=True)

    def show(self, text: str) -> None:
        """A result, exactly as it is."""
        self.out.print(text, markup=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """One line on the way."""
        self.err.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def step(self, done: Callable[[], str]) -> Iterator[None]:
        """Say what was done, and how long it took, once it is done."""
        start = time.monotonic()
        yield
        self.say(f"{done()} ({duration(time.monotonic() - start)})")

    @contextmanager
    def progress(self, name: str) -> Iterator[Report]:
        """Where progress is reported to: a live tree on a terminal, plain lines elsewhere."""
        if not self.err.is_terminal:
            yield self._print_lines
            return
        board, start = Board(name), time.monotonic()
        with Live(
            get_renderable=lambda: board.render(time.monotonic() - start),
            console=self.err,
            refresh_per_second=4,
        ):
            yield board.apply

    def _print_lines(self, progress: Progress) -> None:
        for line in lines(progress):
            self.say(line)

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to answer."""
        return sys.stdin is not None and sys.stdin.isatty()

    def ask(self, question: str) -> Consent:
        """A yes or no; no answer is no."""
        if not self.can_ask:
            return Consent.NOBODY_TO_ASK
        answer = self.read(f"{question} [y/N] ")
        return Consent.GIVEN if answer.lower() in {"y", "yes"} else Consent.DECLINED

    def read(self, prompt: str) -> str:
        """One line typed by a person; empty at the end of input."""
        self.err.print(prompt, end="", markup=False, soft_wrap=True)
        sys.stderr.flush()
        return sys.stdin.readline().strip()
