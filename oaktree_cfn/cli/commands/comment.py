"""``oaktree comment``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from oaktree_cfn.cli import options


@click.command("comment")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@options.environment
@click.option("--pull-request", type=click.IntRange(min=1), metavar="NUMBER", help="[that of the run's event]")
def command(**arguments: Any) -> None:
    """Put the review in FILE (its Markdown) on the pull request.

    There is one comment for each environment, and it is kept up to date.

    For a job of GitHub Actions, with GITHUB_TOKEN in its environment and `permissions: pull-requests: write`. An empty
    or missing FILE makes the comment say that there is no review, so that none of an older commit is taken for it.
    """
    from oaktree_cfn.cli.commenting import Commented, comment

    comment(Commented(**arguments))
