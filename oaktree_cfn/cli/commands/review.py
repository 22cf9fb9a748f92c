"""``oaktree review``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from oaktree_cfn.cli import options


@click.command("review")
@options.any_environment
@options.parameters
@options.allow
@options.templates
@options.role_arn
@options.lint
@options.preflight
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the change set, and write the plan that `deploy --plan` executes.",
)
@click.option(
    "--plan",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Show what an earlier --out wrote, as it is now, or say what moved.",
)
@click.option(
    "--change-set",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Review saved DescribeChangeSet answers instead: one JSON list, root first. No account is asked.",
)
@options.face
@options.save
def command(change_set: Path | None, face: str, **arguments: Any) -> None:
    """Show what a deploy would change, and change nothing.

    Exits 0, or 3 when a gate would refuse the deploy.
    """
    if change_set is not None:
        _saved(change_set, face, arguments)
        return
    if not arguments["name"]:
        raise click.UsageError("Missing option '--env', or '--change-set FILE' for saved answers.")
    if arguments["plan"] is not None and arguments["out"] is not None:
        raise click.UsageError("--plan reads a plan, --out writes one: give one of them.")
    from oaktree_cfn.cli.deploying import show
    from oaktree_cfn.cli.opening import Request

    show(Request(face=face, **arguments))


def _saved(file: Path, face: str, arguments: dict[str, Any]) -> None:
    if arguments["out"] is not None or arguments["plan"] is not None or arguments["parameters"]:
        raise click.UsageError(
            "--out, --plan and --parameter need a change set of our own; --change-set reads a saved one."
        )
    from oaktree_cfn.cli.reviewing import Saved, show_saved

    templates = arguments["templates"] or Path("templates")
    show_saved(
        Saved(
            file, face, arguments["name"], arguments["environments"], templates, arguments["allow"], arguments["saves"]
        )
    )
