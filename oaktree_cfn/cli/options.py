"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

FOLDER = click.Path(path_type=Path, file_okay=False)


def environment(function: F) -> F:
    """``--env ENV`` (or $ENV), and where environment files lie."""
    return _environment(function, required=True)


def any_environment(function: F) -> F:
    """The same for a command that can do without."""
    return _environment(function, required=False)


def _environment(function: F, *, required: bool) -> F:
    option = click.option("--env", "name", envvar="ENV", required=required, metavar="ENV", help="Environment; or $ENV.")
    folder = click.option(
        "--environments", type=FOLDER, default=Path("environments"), hidden=True, help="Folder of environment files."
    )
    return option(folder(function))


def templates(function: F) -> F:
    """``--templates DIR``: other templates than the rendered ones."""
    return click.option(
        "--templates", type=FOLDER, metavar="DIR", help="Use other templates: a folder with a root.yaml. [templates]"
    )(function)


def parameters(function: F) -> F:
    """``--parameter KEY=VALUE``, any number of times."""
    return click.option(
        "--parameter",
        "parameters",
        multiple=True,
        metavar="KEY=VALUE",
        callback=pairs,
        help="Value of a template parameter; wins over the environment file.",
    )(function)


def allow(function: F) -> F:
    """``--allow PATH``, any number of times."""
    return click.option(
        "--allow",
        multiple=True,
        metavar="PATH",
        envvar="OAKTREE_ALLOW",
        help="Let a gated change through, e.g. Data/UsersTable; or $OAKTREE_ALLOW.",
    )(function)


def yes(function: F) -> F:
    """``--yes``."""
    return click.option("--yes", is_flag=True, help="Consent without being asked.")(function)


def role_arn(function: F) -> F:
    """``--role-arn ROLE``."""
    return click.option(
        "--role-arn",
        metavar="ROLE",
        default="",
        callback=_role,
        help="Name or ARN of the role CloudFormation works as. [service_role in the environment file]",
    )(function)


def _role(context: click.Context, option: click.Parameter, value: str) -> str:
    """Raises click's BadParameter for what names no role."""
    from oaktree_cfn.environment import role

    try:
        return value and role(value)
    except ValueError as error:
        raise click.BadParameter(str(error), context, option) from None


def lint(function: F) -> F:
    """``--no-lint``."""
    return click.option("--lint/--no-lint", "linting", default=True, help="Lint the templates first.")(function)


def preflight(function: F) -> F:
    """``--no-preflight``."""
    return click.option(
        "--preflight/--no-preflight", default=True, help="Look first at what stands in the way in the account."
    )(function)


def pairs(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """``KEY=VALUE`` texts as a dict. Raises click's BadParameter."""
    found = [value.partition("=") for value in values]
    for key, equals, _ in found:
        if not key or not equals:
            raise click.BadParameter(f"{key!r} is not KEY=VALUE", context, option)
    return {key: value for key, _, value in found}


_FILES = ("markdown", "html", "json", "sarif", "annotations")


def face(function: F) -> F:
    """``--format``: how a review is shown."""
    return click.option(
        "--format",
        "face",
        type=click.Choice(["terminal", *_FILES]),
        default="terminal",
        show_default=True,
        help="For people, a pull request, a browser, programs, code scanning, a build's log.",
    )(function)


def save(function: F) -> F:
    """``--save FORMAT=FILE``, any number of times."""
    return click.option(
        "--save",
        "saves",
        multiple=True,
        metavar="FORMAT=FILE",
        callback=_saves,
        help="Write the review there as well, in that format.",
    )(function)


def _saves(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> dict[str, Path]:
    """Format -> file. Raises click's BadParameter."""
    found = pairs(context, option, values)
    for name in found.keys() - set(_FILES):
        raise click.BadParameter(f"{name!r} is none of {', '.join(_FILES)}", context, option)
    return {name: Path(path) for name, path in found.items()}


def outputs_format(function: F) -> F:
    """``--format`` of keys and values."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["table", "markdown", "json", "env", "github"]),
        default="table",
        show_default=True,
        help="For people; for a page; for programs; for a shell's eval; for $GITHUB_OUTPUT.",
    )(function)
