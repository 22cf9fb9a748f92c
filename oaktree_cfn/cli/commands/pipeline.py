"""``oaktree pipeline``: the roles with which jobs on GitHub review and deploy an environment."""

from __future__ import annotations

from typing import Any

import click

from oaktree_cfn.cli import options


@click.group("pipeline")
def command() -> None:
    """The roles with which jobs on GitHub review and deploy.

    They are one stack for each environment, PREFIX-pipeline, beside the environment's own.
    """


@command.command()
@options.environment
@options.parameters
@options.allow
@options.yes
@options.templates
@options.lint
@options.preflight
@click.option("--recreate", is_flag=True, help="Delete what is left of a first deploy that failed, then deploy anew.")
def deploy(**arguments: Any) -> None:
    """Bring the roles to what environment file and templates say.

    Their parameters stand under [pipeline] in the environment file. The same way as every deploy: one change set,
    shown, asked about, executed. CloudFormation's role may do what the templates need as they are now: deploy the
    pipeline first when they come to need more.
    """
    from oaktree_cfn.cli import pipeline_stack
    from oaktree_cfn.cli.opening import Request

    pipeline_stack.deploy(Request(**arguments))


@command.command()
@options.environment
@options.parameters
@options.allow
@options.templates
@options.lint
@options.preflight
@options.face
def review(**arguments: Any) -> None:
    """Show what a deploy of the pipeline would change.

    Changes nothing. Exits 0, or 3 when a gate would refuse the deploy.
    """
    from oaktree_cfn.cli import pipeline_stack
    from oaktree_cfn.cli.opening import Request

    pipeline_stack.review(Request(**arguments))


@command.command()
@options.environment
@options.yes
def destroy(**arguments: Any) -> None:
    """Delete the pipeline. The environment stays; while its stack works as the pipeline's role, this is refused."""
    from oaktree_cfn.cli import pipeline_stack
    from oaktree_cfn.cli.destroying import Request

    pipeline_stack.destroy(Request(**arguments))
