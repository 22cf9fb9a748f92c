"""``oaktree macros``: the macros behind OakTree's shorthand, in an account and region."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from oaktree_cfn.cli import options


@click.group("macros")
def command() -> None:
    """The macros of an account and region. They are one stack, oaktree-macros, beside the environments there."""


@command.command()
@options.environment
@options.parameters
@options.allow
@options.yes
@options.lint
@options.preflight
@click.option("--recreate", is_flag=True, help="Delete what is left of a first deploy that failed, then deploy anew.")
def deploy(**arguments: Any) -> None:
    """Bring the macros of ENV's account and region to this version.

    The same way as every deploy: one change set, shown, asked about, executed. Stacks that are deployed already change
    only when they are deployed again: `oaktree expand --diff deployed` shows what then.
    """
    from oaktree_cfn.cli import macro_stack
    from oaktree_cfn.cli.opening import Request

    macro_stack.deploy(Request(**arguments))


@command.command()
@options.environment
@options.parameters
@options.allow
@options.lint
@options.preflight
@options.face
def review(**arguments: Any) -> None:
    """Show what a deploy of the macros would change.

    Changes nothing. Exits 0, or 3 when a gate would refuse the deploy.
    """
    from oaktree_cfn.cli import macro_stack
    from oaktree_cfn.cli.opening import Request

    macro_stack.review(Request(**arguments))


@command.command()
@options.environment
@options.yes
def destroy(**arguments: Any) -> None:
    """Delete the macros. Stacks made with them stay as they are, and cannot be updated until there are macros again."""
    from oaktree_cfn.cli import macro_stack
    from oaktree_cfn.cli.destroying import Request

    macro_stack.destroy(Request(**arguments))


@command.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write. [what templates/macros.yaml names]",
)
def package(out: Path | None) -> None:
    """Write the Lambda package.

    For SAM, or any tool that packages templates/macros.yaml itself.
    """
    from oaktree_cfn.cli import macro_stack

    path, size = macro_stack.package(out)
    click.echo(f"{path}: {size:,} bytes")
