"""``oaktree preflight``."""

from __future__ import annotations

from typing import Any

import click

from oaktree_cfn.cli import options


@click.command("preflight")
@options.environment
@options.parameters
@options.templates
def command(**arguments: Any) -> None:
    """Look for what would stand in a deploy's way in the account.

    Images, certificates, secrets, addresses and so on. Part of deploy and review; changes nothing. Exits 2 when there
    is any finding (docs/preflight.md).
    """
    from oaktree_cfn.cli.deploying import look
    from oaktree_cfn.cli.opening import Request

    look(Request(linting=False, **arguments))
