"""``oaktree controls``."""

from __future__ import annotations

from pathlib import Path

import click

from oaktree_cfn.cli import options


@click.command("controls")
@click.option("--env", "chosen", multiple=True, metavar="ENV", help="Environment; can be repeated. [all]")
@click.option("--environments", type=options.FOLDER, default=Path("environments"), hidden=True)
@click.option(
    "--templates", type=options.FOLDER, default=Path("templates"), show_default=True, help="With a root.yaml."
)
@options.parameters
def command(chosen: tuple[str, ...], environments: Path, templates: Path, parameters: dict[str, str]) -> None:
    """Hold environments against controls of AWS Security Hub.

    Those are judged that a template can satisfy. What is judged is what each environment is with its own values, all
    stacks together. A control that an environment does not satisfy stands under [accepted] in its file, with the
    reason; docs/security.md lists them. Exits 2 when a violation has no reason, or a reason no violation.
    """
    from oaktree_cfn.cli.controlling import check_controls, hold, summary
    from oaktree_cfn.environment import names

    held = hold(chosen or names(environments), environments, templates, parameters)
    check_controls(held, templates)
    for each in held:
        click.echo(summary(each))
