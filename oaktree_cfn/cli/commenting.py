"""A review as the comment on a pull request."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.environment import load
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.github.comment import stick
from oaktree_cfn.github.run import Run
from oaktree_cfn.terminal import review_markdown


@dataclass(frozen=True, slots=True)
class Commented:
    """What the command line asks for: the review's file (``-`` is stdin), whose it is, and where it goes."""

    file: Path
    name: str
    environments: Path
    pull_request: int | None = None


def comment(request: Commented) -> None:
    """Make or update the environment's comment. Without a review, the comment says that there is none."""
    screen, stack = Screen(), load(request.name, request.environments).stack_name
    run = Run.of(os.environ, request.pull_request)
    body = _body(request.file)
    if body:
        _check(request.file, body, stack)
    else:
        screen.say(f"{request.file} is empty or not there: the comment says that there is no review.")
        body = review_markdown.missing(stack, run.page)
    written = stick(run, review_markdown.marker(stack), body)
    screen.show(f"{written.url} ({written.done})")


def _body(file: Path) -> str:
    """Empty where nothing was written: the command that should have done so failed, and said why."""
    try:
        return sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: cannot be read: {error}", "Give the Markdown of a review.") from error


def _check(file: Path, body: str, stack: str) -> None:
    if not body.startswith(review_markdown.marker(stack)):
        raise InvalidInput(
            f"{file} is no review of {stack}: it does not begin with {review_markdown.marker(stack)}",
            "Write it with `oaktree review` or `plan`, `--format markdown`, of the same environment.",
        )
    if len(body) > review_markdown.LIMIT:
        raise InvalidInput(
            f"{file} has {len(body):,} characters; a comment takes {review_markdown.LIMIT:,}.",
            "Write the review again: `--format markdown` cuts to what fits.",
        )
