"""``oaktree review``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from oaktree_cfn.cli import options


@click.command("review")
@options.environment
@options.parameters
@options.allow
@options.templates
@options.lint
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the change set, and write the plan that `deploy --plan` executes.",
)
def command(**arguments: Any) -> None:
    """Show what a deploy would change, and change nothing.

    Exits 0, or 3 when a gate would refuse the deploy.
    """
    from oaktree_cfn.cli.deploying import Request, show

    show(Request(**arguments))
