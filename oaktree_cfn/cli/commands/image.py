"""``oaktree image``."""

from __future__ import annotations

from typing import Any

import click

from oaktree_cfn.cli import options


@click.command("image")
@options.environment
@click.option("--tag", metavar="TAG", help="The image with this tag; its digest is rolled out.")
@click.option("--digest", metavar="sha256:...", help="The image with this digest.")
@click.option("--rollback", is_flag=True, help="The image that ran before the present one.")
@options.allow
@options.yes
@options.role_arn
@options.face
@options.save
def command(tag: str | None, digest: str | None, rollback: bool, **arguments: Any) -> None:
    """Roll out another image, and change nothing else.

    The image is one of the environment's own repository. The change set uses the deployed templates and parameters, so
    that it can touch the task definition and its service alone; the next deploy keeps the image. The first image starts
    the service.
    """
    if [tag is not None, digest is not None, rollback].count(True) != 1:
        raise click.UsageError("Give one of --tag TAG, --digest sha256:... and --rollback.")
    from oaktree_cfn.cli.imaging import Wanted, ship
    from oaktree_cfn.cli.opening import Request

    ship(Request(**arguments), Wanted(tag or "", digest or ""))
