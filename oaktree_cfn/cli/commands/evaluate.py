"""``oaktree evaluate``."""

from __future__ import annotations

from pathlib import Path

import click

from oaktree_cfn.cli import options


@click.command("evaluate")
@options.environment
@options.parameters
@click.option(
    "--templates", type=options.FOLDER, default=Path("templates"), show_default=True, help="With a root.yaml."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it there. [stdout]")
def command(name: str, environments: Path, parameters: dict[str, str], templates: Path, out: Path | None) -> None:
    """Show what an environment is, as one plain template.

    Parameters and conditions are applied, nested stacks dissolved.

    For whatever reads templates and cannot follow parameters or nesting (checkov, cfn-guard, a person). It is not
    deployed.
    """
    from oaktree_cfn.cli.controlling import flat
    from oaktree_cfn.cli.writing import writing
    from oaktree_cfn.environment import load
    from oaktree_cfn.template.write import for_readers, to_yaml

    text = to_yaml(for_readers(flat(load(name, environments), templates, parameters).template))
    if out is None:
        click.echo(text, nl=False)
        return
    with writing(out, "--out FILE"):
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
