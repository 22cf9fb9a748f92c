"""One comment on a pull request, made once and kept up to date: found again by the mark that it begins with.

Only a comment of a bot counts as ours: anybody may write the mark, and nobody else's words are overwritten. When an answer
is lost, the comments are read again before anything is written, so that one that was made is not made twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oaktree_cfn.errors import GithubError
from oaktree_cfn.github.api import TRIES
from oaktree_cfn.github.run import Run

PAGE = 100
"""Comments that GitHub gives at once, at most."""


@dataclass(frozen=True, slots=True)
class Comment:
    """What is on the pull request now, and what was done for it: ``made``, ``updated`` or ``unchanged``."""

    url: str
    done: str


def stick(run: Run, mark: str, body: str) -> Comment:
    """Make the comment that begins with ``mark``, or bring it up to date. Raises GithubError."""
    for attempt in range(TRIES):
        try:
            return _write(run, _ours(run, mark), body)
        except GithubError as error:
            if attempt == TRIES - 1 or not error.lost:
                raise
            run.github.pause(2.0**attempt)
    raise AssertionError("a comment is written, or an error is raised")


def _write(run: Run, ours: dict[str, Any] | None, body: str) -> Comment:
    if ours is None:
        made = run.github.ask("POST", _comments(run), {"body": body})
        return Comment(made["html_url"], "made")
    if ours["body"] == body:
        return Comment(ours["html_url"], "unchanged")
    updated = run.github.ask("PATCH", f"/repos/{run.repository}/issues/comments/{ours['id']}", {"body": body})
    return Comment(updated["html_url"], "updated")


def _ours(run: Run, mark: str) -> dict[str, Any] | None:
    found = (each for each in _all(run) if (each.get("user") or {}).get("type") == "Bot")
    return next((each for each in found if (each.get("body") or "").startswith(mark)), None)


def _all(run: Run) -> Iterator[dict[str, Any]]:
    """Every comment, oldest first, read no further than is asked for."""
    number, full = 1, True
    while full:
        page = run.github.ask("GET", f"{_comments(run)}?per_page={PAGE}&page={number}")
        yield from page
        number, full = number + 1, len(page) == PAGE


def _comments(run: Run) -> str:
    """Comments of a pull request are those of the issue it is."""
    return f"/repos/{run.repository}/issues/{run.pull_request}/comments"
