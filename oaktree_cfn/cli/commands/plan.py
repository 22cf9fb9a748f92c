"""``oaktree plan``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from oaktree_cfn.cli import options

_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


@click.command("plan")
@click.argument("old", type=_FILE, required=False)
@click.argument("new", type=_FILE, required=False)
@click.option("--env", "name", envvar="ENV", metavar="ENV", help="Environment; or $ENV.")
@click.option("--environments", type=options.FOLDER, default=Path("environments"), hidden=True)
@click.option(
    "--against",
    default="HEAD",
    show_default=True,
    metavar="DIR|REV|deployed",
    help="With --env: a folder of templates, a git revision, or the stack as it stands.",
)
@options.parameters
@click.option(
    "--param", "new_parameters", multiple=True, metavar="KEY=VALUE", callback=options.pairs, help="With OLD NEW: a value for NEW (and for OLD, unless it has its own)."
)  # fmt: skip
@click.option(
    "--old-param", "old_parameters", multiple=True, metavar="KEY=VALUE", callback=options.pairs, help="With OLD NEW: a value for OLD."
)  # fmt: skip
@options.allow
@options.face
@options.save
@options.templates
@click.option("--lint/--no-lint", "linting", default=True, help="With --env: refuse what breaks invariants.")
def command(old: Path | None, new: Path | None, **arguments: Any) -> None:
    """Foretell what would change, from templates alone.

    No account is asked, but for `--against deployed`. `plan --env ENV` compares the templates and the environment file
    here with those of a git revision, a folder, or the deployed stack. `plan OLD NEW` compares two template files of
    any origin, children by relative path. Exits 0, or 3 when a gate would refuse.
    """
    from oaktree_cfn.blueprints import TEMPLATES
    from oaktree_cfn.cli.planning import Files, Shown, plan_environment, plan_files

    values = {**arguments["parameters"], **arguments["new_parameters"]}
    shown = Shown(
        arguments["allow"],
        arguments["face"],
        arguments["templates"] or TEMPLATES,
        linting=arguments["linting"],
        saves=arguments["saves"],
    )
    if old is not None and new is not None:
        plan_files(Files(old, new, arguments["old_parameters"], values), shown)
    elif old is None and arguments["name"]:
        plan_environment(arguments["name"], arguments["environments"], arguments["against"], values, shown)
    else:
        raise click.UsageError("Give two template files, OLD and NEW, or an environment: --env ENV.")
