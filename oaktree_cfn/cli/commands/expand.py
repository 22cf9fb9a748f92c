"""``oaktree expand``."""

from __future__ import annotations

from pathlib import Path

import click

from oaktree_cfn.cli import options


@click.command("expand")
@click.argument("names", metavar="[FILE]", nargs=-1)
@click.option(
    "--param",
    "parameters",
    multiple=True,
    metavar="KEY=VALUE",
    callback=options.pairs,
    help="Value of a template parameter, to be judged as it will be.",
)
@click.option("--diff", is_flag=True, help="Show what the macros change instead of the whole template.")
@click.option(
    "--deployed",
    is_flag=True,
    help="With --env: compare the expansions that stacks were made from with those of this version. "
    "Names are stacks then; none is the environment's own.",
)
@options.any_environment
def command(
    names: tuple[str, ...], parameters: dict[str, str], diff: bool, deployed: bool, name: str | None, environments: Path
) -> None:
    """Show FILE as CloudFormation would have it after the OakTree macros, in the syntax it is written in.

    Other transforms stay named in it. The bytes are those of the macros' Lambda function. Exits 2 when the template
    cannot be expanded.

    `expand --deployed --env ENV [STACK]...` shows what deploying a stack's own template again would change of it, because
    the macros are others by now.
    """
    from oaktree_cfn.cli import expanding

    if deployed and name:
        expanding.compare(name, environments, names)
    elif len(names) == 1 and not deployed:
        click.echo(expanding.expanded(Path(names[0]), parameters, diff), nl=False)
    else:
        raise click.UsageError("Give one template file, or --deployed with --env ENV.")
