"""``oaktree environment``."""

from __future__ import annotations

from pathlib import Path

import click

from oaktree_cfn.cli import options


@click.command("environment")
@options.environment
@options.templates
@click.option(
    "--role",
    "roles",
    multiple=True,
    metavar="ARN",
    help="A role that will be assumed: exit 2 unless it is one of the environment's account.",
)
@options.outputs_format
def command(name: str, environments: Path, templates: Path | None, roles: tuple[str, ...], form: str) -> None:
    """Print an environment's region, account, stack and platform.

    That is what a pipeline has to know before it signs in. The platform is what images have to be built for
    (linux/amd64, linux/arm64). No account is asked.
    """
    from oaktree_cfn.cli.describing import check_role, described
    from oaktree_cfn.cli.screen import Screen
    from oaktree_cfn.environment import load
    from oaktree_cfn.terminal import outcome

    environment = load(name, environments)
    for role in roles:
        check_role(environment, role)
    told = described(environment, templates)
    Screen().show(outcome.table(told) if form == "table" else outcome.text(told, form))
