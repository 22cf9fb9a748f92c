"""``oaktree build``."""

from __future__ import annotations

from pathlib import Path

import click

from oaktree_cfn.cli import options


@click.command("build")
@click.option(
    "--blueprints",
    type=click.Path(path_type=Path, exists=True),
    metavar="PATH",
    help="A folder of blueprints, or one file. [blueprints/ where there is one, else the library's own]",
)
@click.option("--check", is_flag=True, help="Write nothing; exit 2 and name every file that is not up to date.")
@click.option(
    "--out", type=options.FOLDER, default=Path("templates"), show_default=True, help="Folder of the templates."
)
def command(blueprints: Path | None, check: bool, out: Path) -> None:
    """Render every blueprint into templates/."""
    from oaktree_cfn.blueprints import of_project, render, stale
    from oaktree_cfn.cli.writing import writing
    from oaktree_cfn.errors import InvalidInput

    chosen = blueprints or of_project()
    if check:
        states = stale(out, chosen)
        if states:
            lines = "\n".join(f"{out / name}: {state}" for name, state in states.items())
            raise InvalidInput(
                f"The templates are not what the blueprints render:\n{lines}", "Run `make build`, or `oaktree build`."
            )
        return
    with writing(out, "--out DIRECTORY"):
        written = render(out, chosen)
    for path in written:
        click.echo(path if path.exists() else f"{path} (removed)")
    if not written:
        click.echo(f"{out}: up to date")
