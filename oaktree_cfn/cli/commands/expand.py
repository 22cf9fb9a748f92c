"""``oaktree expand``."""

from __future__ import annotations

from pathlib import Path

import click

from oaktree_cfn.cli import options

_DEPLOYED = "deployed"
"""Instead of a file: what stacks were made from."""


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
@options.any_environment
def command(
    names: tuple[str, ...], parameters: dict[str, str], diff: bool, name: str | None, environments: Path
) -> None:
    """Show what the OakTree macros make of the template in FILE.

    It is shown in the syntax it is written in; other transforms stay named in it. The bytes are those of the macros'
    Lambda function. Exits 2 when the template cannot be expanded.

    `expand --diff deployed --env ENV [STACK]...` shows what deploying stacks' own templates again would change of them,
    because the macros are others by now; without names, the environment's own stack.
    """
    from oaktree_cfn.cli import expanding

    if diff and names[:1] == (_DEPLOYED,):
        if name is None:
            raise click.UsageError("Stacks are deployed in an environment: --diff deployed --env ENV [STACK]...")
        expanding.compare(name, environments, names[1:])
    elif len(names) == 1:
        click.echo(expanding.expanded(Path(names[0]), parameters, diff), nl=False)
    else:
        raise click.UsageError("Give one template file, or: --diff deployed --env ENV [STACK]...")
