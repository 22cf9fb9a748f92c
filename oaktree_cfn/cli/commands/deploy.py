"""``oaktree deploy``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from oaktree_cfn.cli import options


@click.command("deploy")
@options.environment
@options.parameters
@options.allow
@options.yes
@options.templates
@options.role_arn
@options.lint
@options.preflight
@options.save
@click.option("--recreate", is_flag=True, help="Delete what is left of a first deploy that failed, then deploy anew.")
@click.option(
    "--plan",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Execute exactly what `review --out` wrote, or say what moved.",
)
def command(**arguments: Any) -> None:
    """Bring an environment's stack to what the templates say.

    Makes one change set, shows what it would do, asks, and executes exactly that. ENV=local deploys to this machine.
    """
    from oaktree_cfn.cli.deploying import deploy
    from oaktree_cfn.cli.opening import Request

    deploy(Request(**arguments))
