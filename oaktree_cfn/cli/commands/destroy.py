"""``oaktree destroy``."""

from __future__ import annotations

from typing import Any

import click

from oaktree_cfn.cli import options


@click.command("destroy")
@options.environment
@options.yes
@click.option(
    "--artifacts",
    is_flag=True,
    help="Also delete the bucket of packaged templates, which all stacks and catalogs of the account and region share.",
)
def command(**arguments: Any) -> None:
    """Delete an environment's stack.

    Shows what is lost first, and asks for the environment's name.
    """
    from oaktree_cfn.cli.destroying import Request, destroy

    destroy(Request(**arguments))
