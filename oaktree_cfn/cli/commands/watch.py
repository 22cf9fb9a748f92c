"""``oaktree watch``."""

from __future__ import annotations

from pathlib import Path

import click

from oaktree_cfn.cli import options


@click.command("watch")
@options.environment
def command(name: str, environments: Path) -> None:
    """Follow a running deploy to its end, whoever started it."""
    from oaktree_cfn.cli.deploying import watch

    watch(name, environments)
