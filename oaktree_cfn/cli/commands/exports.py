"""``oaktree exports``."""

from __future__ import annotations

from pathlib import Path

import click

from oaktree_cfn.cli import options


@click.command("exports")
@options.environment
def command(name: str, environments: Path) -> None:
    """Show an environment's exports and who imports them."""
    from oaktree_cfn.cli.exporting import show

    show(name, environments)
