"""``oaktree lint``."""

from __future__ import annotations

from pathlib import Path

import click

from oaktree_cfn.cli import options


@click.command("lint")
@click.option("--templates", type=options.FOLDER, default=Path("templates"), show_default=True, help="What to lint.")
@click.option("--environments", type=options.FOLDER, default=Path("environments"), hidden=True)
@click.option("--region", "chosen", multiple=True, help="Only for these regions. [those the environments use]")
def command(templates: Path, environments: Path, chosen: tuple[str, ...]) -> None:
    """Check the templates with cfn-lint, our own rules, and AWS's own engine as a second opinion.

    Exits 2 when there is any finding.
    """
    from oaktree_cfn.cli.preflight import describe
    from oaktree_cfn.environment import regions
    from oaktree_cfn.errors import InvalidInput
    from oaktree_cfn.template.lint import lint, second_opinion

    places = chosen or regions(environments)
    found = (*lint(templates, places), *second_opinion(templates))
    if found:
        lines = "\n".join(describe(templates, finding) for finding in found)
        raise InvalidInput(f"The templates have findings:\n{lines}", "Correct them, then lint again.")
    click.echo(f"{templates}: clean for {', '.join(places)}")
