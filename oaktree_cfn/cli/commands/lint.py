"""``oaktree lint``."""

from __future__ import annotations

from pathlib import Path

import click

from oaktree_cfn.cli import options


@click.command("lint")
@click.option("--templates", type=options.FOLDER, default=Path("templates"), show_default=True, help="What to lint.")
@click.option("--region", "chosen", multiple=True, help="Only for these regions. [those the environments use]")
@options.any_environment
def command(templates: Path, chosen: tuple[str, ...], name: str | None, environments: Path) -> None:
    """Check the templates: cfn-lint, AWS's engine, invariants.

    AWS's own engine (cloudformation-validate) is asked as a second opinion. Invariants (docs/invariants.md) judge what
    the templates say with an environment's values: with those of every environment, or of one. Exits 2 when there is
    any finding.
    """
    from oaktree_cfn.cli.linting import describe
    from oaktree_cfn.cli.ruling import broken_rules
    from oaktree_cfn.environment import load, names
    from oaktree_cfn.errors import InvalidInput
    from oaktree_cfn.macros.linting import lint, second_opinion

    judged = [load(each, environments) for each in ((name,) if name else names(environments))]
    regions = chosen or sorted({each.region for each in judged})
    found = (*lint(templates, regions), *second_opinion(templates))
    lines = [*(describe(templates, finding) for finding in found), *broken_rules(templates, judged)]
    if lines:
        raise InvalidInput("The templates have findings:\n" + "\n".join(lines), "Correct them, then lint again.")
    with_values = f", with the values of {', '.join(each.name for each in judged)}" if judged else ""
    click.echo(f"{templates}: clean for {', '.join(regions)}{with_values}")
