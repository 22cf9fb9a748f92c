"""``oaktree catalog``: the web service as a product of Service Catalog."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from oaktree_cfn.cli import options

F = TypeVar("F", bound=Callable[..., Any])


@click.group("catalog")
def command() -> None:
    """The web service as a Service Catalog product. It is published here and provisioned by others."""


@command.command()
@options.environment
@options.parameters
@options.allow
@options.yes
@options.templates
@options.lint
@options.preflight
@click.option("--deprecate", is_flag=True, help="Advise against the version before this one.")
@click.option("--share", metavar="NODE", help="Share within the organization: o-… or ou-…, never an account.")
def publish(**arguments: Any) -> None:
    """Publish the product's template as a version, if it is new.

    The catalog's stack is brought up to date first. Running it again changes nothing. Versions are called as the
    changelog says. What is provisioned is left alone.
    """
    from oaktree_cfn.cli.publishing import Request
    from oaktree_cfn.cli.publishing import publish as run

    run(Request(**arguments))


@command.command()
@options.environment
@options.templates
@options.allow
@click.option(
    "--version", default="here", show_default=True, help="A published version, or the template in this folder."
)
@options.face
def rehearse(**arguments: Any) -> None:
    """Show what a version would do to all that is provisioned.

    Changes nothing. Exits 0, or 3 when something needs attention.
    """
    from oaktree_cfn.cli.rehearsing import Request, show

    show(Request(**arguments))


def _launching(function: F) -> F:
    """What provisioning and updating are told."""
    version = click.option("--version", help="Name or id of the version. [provision: the newest; update: its own]")
    product = click.option("--product", metavar="ID", help="Another product of the same portfolio.")
    name = click.argument("wanted", metavar="NAME")
    for option in (options.face, version, product, options.yes, options.allow, options.parameters, name):
        function = option(function)
    return options.environment(function)


@command.command()
@_launching
def provision(**arguments: Any) -> None:
    """Provision the product under a NAME of its own.

    Its plan is shown as a review; after a yes the launch is watched to its end.
    """
    from oaktree_cfn.cli.provisioning import Request
    from oaktree_cfn.cli.provisioning import provision as run

    run(Request(**arguments))


@command.command()
@_launching
def update(**arguments: Any) -> None:
    """Bring a provisioned product to a version or to values.

    What is not given stays.
    """
    from oaktree_cfn.cli.provisioning import Request
    from oaktree_cfn.cli.provisioning import update as run

    run(Request(**arguments))


@command.command()
@options.environment
@click.argument("wanted", metavar="NAME")
@click.option("--product", metavar="ID", help="Another product of the same portfolio.")
@options.yes
def terminate(**arguments: Any) -> None:
    """Delete a provisioned product with all its stack made."""
    from oaktree_cfn.cli.provisioning import Request
    from oaktree_cfn.cli.provisioning import terminate as run

    run(Request(**arguments))
