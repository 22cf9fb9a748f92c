"""A running operation for a terminal: a live tree of stacks, or one line an event where nothing can be redrawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from rich.text import Text
from rich.tree import Tree

from oaktree_cfn.deploy.news import Progress, Said, Told
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.terminal.words import count, duration, printable, status


@dataclass(slots=True)
class _Node:
    """A stack or a resource of the board."""

    status: str = ""
    reason: str = ""
    since: float = 0.0
    is_stack: bool = False
    said: str = ""
    below: dict[str, _Node] = field(default_factory=dict)


class Board:
    """What is known of the operation so far, fed with ``Progress`` and rendered at any time."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._root = _Node(is_stack=True)
        self._trouble = ""
        self.elapsed = 0.0

    def apply(self, progress: Progress) -> None:
        """Take in the news."""
        self._root.status = progress.stack.status
        self._trouble = progress.trouble
        self.elapsed = progress.elapsed
        for told in progress.news:
            self._note(told, progress.elapsed)
        for said in progress.said:
            self._at(said.path, progress.elapsed).said = said.message

    def _at(self, path: tuple[str, ...], elapsed: float) -> _Node:
        node = self._root
        for name in path:
            node.is_stack = True
            node = node.below.setdefault(name, _Node(since=elapsed))
        return node

    def _note(self, told: Told, elapsed: float) -> None:
        node = self._at(told.path, elapsed)
        if told.path:
            node.status, node.reason = told.event.status, told.event.reason
            node.is_stack = node.is_stack or told.event.resource_type == STACK_TYPE

    def render(self, elapsed: float | None = None) -> Tree:
        """The tree now: every stack, and of its resources those at work or failed."""
        now = self.elapsed if elapsed is None else elapsed
        tree = Tree(_label(self._name, self._root, duration(now)), guide_style="dim")
        _grow(tree, self._root, now)
        if self._trouble:
            tree.add(Text(printable(self._trouble), "yellow"))
        return tree


def _grow(tree: Tree, node: _Node, now: float) -> None:
    for name, below in node.below.items():
        working, failed = below.status.endswith("_IN_PROGRESS"), below.status.endswith("_FAILED")
        if below.is_stack:
            _grow(tree.add(_label(name, below, duration(now - below.since) if working else "")), below, now)
        elif working or failed:
            branch = tree.add(_label(name, below, duration(now - below.since) if working else ""))
            if failed and below.reason:
                branch.add(Text(printable(below.reason), "red"))
            if below.said:
                branch.add(Text(printable(below.said), "dim"))


def _label(name: str, node: _Node, time: str) -> Text:
    text = Text.assemble((name, "bold" if node.is_stack else ""), "  ", (status(node.status), _style(node.status)))
    done = sum(_at_rest(below) for below in node.below.values())
    if node.is_stack and node.below:
        text.append(f"  {done} of {count(len(node.below), 'resource')}", "dim")
    if time:
        text.append(f"  {time}", "dim")
    return text


def _at_rest(node: _Node) -> bool:
    return not node.status.endswith("_IN_PROGRESS")


def _style(word: str) -> str:
    if "FAILED" in word or "ROLLBACK" in word:
        return "bold red"
    return "yellow" if word.endswith("_IN_PROGRESS") else "green"


def lines(progress: Progress) -> list[str]:
    """The news as plain lines: what came to rest, every failure with its reason, what services say that roll out."""
    news = [(told.event.time, _line(told, progress)) for told in progress.news if _worth_a_line(told)]
    said = [(each.time, _said(each, progress)) for each in progress.said]
    found = [line for _, line in sorted([*news, *said], key=lambda each: each[0])]
    return [*found, f"{duration(progress.elapsed):>10}  {progress.trouble}"] if progress.trouble else found


def _worth_a_line(told: Told) -> bool:
    """A nested stack tells of itself what its parent tells too; once is enough."""
    return not told.event.status.endswith("_IN_PROGRESS") and not (told.path and told.event.about_stack)


def _line(told: Told, progress: Progress) -> str:
    event = told.event
    place = "/".join(told.path) or progress.stack.name
    reason = f": {printable(event.reason)}" if event.status.endswith("_FAILED") and event.reason else ""
    return f"{_when(event.time, progress)}  {place}  {status(event.status)}{reason}"


def _said(said: Said, progress: Progress) -> str:
    return f"{_when(said.time, progress)}  {'/'.join(said.path)}  {printable(said.message)}"


def _when(time: datetime, progress: Progress) -> str:
    seconds = (time - progress.began).total_seconds() if progress.began else progress.elapsed
    return f"{duration(seconds):>10}"
