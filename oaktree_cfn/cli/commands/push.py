"""``oaktree push``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from oaktree_cfn.cli import options


@click.command("push")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@options.environment
@click.option("--tag", required=True, metavar="TAG", help="The commit, say: a tag names one image for good.")
@click.option(
    "--repository", default="", metavar="URL", help="Where to. [the output RepositoryUrl of the environment's stack]"
)
@options.outputs_format
def command(**arguments: Any) -> None:
    """Push the image in FILE into the environment's repository.

    FILE is an OCI archive, built and scanned without credentials: `docker buildx build --provenance=false --output
    type=oci,dest=FILE`. No Docker is needed here. The image's digest is printed. A tag that is there already is not
    moved: that is the digest printed then. `oaktree image --digest DIGEST` brings it into service.
    """
    from oaktree_cfn.cli.pushing import Pushed, push

    push(Pushed(**arguments))
