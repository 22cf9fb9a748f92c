"""``oaktree expand``."""

from __future__ import annotations

from pathlib import Path

import click

from oaktree_cfn.cli import options


@click.command("expand")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--param",
    "parameters",
    multiple=True,
    metavar="KEY=VALUE",
    callback=options.pairs,
    help="Value of a template parameter, to be judged as it will be.",
)
@click.option("--diff", is_flag=True, help="Show what the macros change instead of the whole template.")
def command(file: Path, parameters: dict[str, str], diff: bool) -> None:
    """Show FILE as CloudFormation would have it after the OakTree macros, in the syntax it is written in.

    Other transforms stay named in it. The bytes are those of the macros' Lambda function. Exits 2 when the template
    cannot be expanded.
    """
    from oaktree_cfn.macros.expansion import Source, expand
    from oaktree_cfn.template.read import lines, load
    from oaktree_cfn.template.write import to_json_text, to_yaml

    template = load(file)
    text = file.read_text(encoding="utf-8")
    write = to_json_text if text.lstrip().startswith("{") else to_yaml
    expanded = write(expand(template, parameters, Source(str(file), lines(text))))
    if not diff:
        click.echo(expanded, nl=False)
        return
    import difflib

    before = write(template).splitlines(keepends=True)
    after = expanded.splitlines(keepends=True)
    click.echo("".join(difflib.unified_diff(before, after, str(file), f"{file} expanded", n=3)), nl=False)
