"""``oaktree outputs``."""

from __future__ import annotations

from pathlib import Path

import click

from oaktree_cfn.cli import options


@click.command("outputs")
@options.environment
@options.outputs_format
def command(name: str, environments: Path, form: str) -> None:
    """Print the outputs of an environment's stack."""
    from oaktree_cfn.cli.following import show_outputs
    from oaktree_cfn.cli.screen import Screen
    from oaktree_cfn.cli.session import connect
    from oaktree_cfn.deploy.plan import deployed_stack
    from oaktree_cfn.environment import load
    from oaktree_cfn.terminal import outcome

    session = connect(load(name, environments), start=False)
    stack = deployed_stack(session.target.cloudformation, session.environment.stack_name, name)
    if form == "table":
        show_outputs(Screen(), stack)
    else:
        click.echo(outcome.text(stack.outputs, form))
