"""``oaktree local``: AWS on this machine."""

from __future__ import annotations

import shlex

import click


@click.group("local")
def command() -> None:
    """The local stage: AWS on this machine, in memory. ENV=local starts it by itself."""


@command.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1. [one that is free]")
def start(port: int) -> None:
    """Start it, unless it runs already."""
    from oaktree_cfn.cli.session import HOME
    from oaktree_cfn.errors import InvalidInput
    from oaktree_cfn.local import process

    before = process.running(HOME)
    stage = before or process.start(HOME, port)
    if before is not None and port and not before.endpoint.endswith(f":{port}"):
        raise InvalidInput(f"The local stage already runs at {before.endpoint}.", "`oaktree local stop` ends that one.")
    click.echo(f"The local stage runs at {stage.endpoint} (process {stage.pid}, log {stage.log}).")


@command.command()
def stop() -> None:
    """End it; everything deployed on it is forgotten."""
    from oaktree_cfn.cli.session import HOME
    from oaktree_cfn.local import process

    click.echo("The local stage was stopped." if process.stop(HOME) else "The local stage does not run.")


@command.command()
def status() -> None:
    """Say where it runs and what is deployed on it. Exits 2 when it does not run."""
    from oaktree_cfn.cli.stage import describe

    click.echo(describe())


@command.command()
def reset() -> None:
    """Forget everything deployed on it, and go on running."""
    from oaktree_cfn.cli.stage import the_stage

    the_stage().ask("POST", "reset", {})
    click.echo("Everything on the local stage was forgotten.")


@command.command()
def env() -> None:
    """Print shell exports that lead boto3 and the AWS CLI to it.

    `eval "$(oaktree local env)"` puts them into the shell.
    """
    from oaktree_cfn.cli.stage import exports

    for name, value in exports().items():
        click.echo(f"export {name}={shlex.quote(value)}")
