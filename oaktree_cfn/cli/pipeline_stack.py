"""The pipeline's stack: one for an environment, deployed, reviewed and destroyed as environments are, by somebody who may
change IAM.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from oaktree_cfn.blueprints import TEMPLATES
from oaktree_cfn.blueprints.pipeline import Pipeline
from oaktree_cfn.cli import deploying, destroying
from oaktree_cfn.cli.linting import root_template
from oaktree_cfn.cli.opening import Beside, Request
from oaktree_cfn.cli.session import LOCAL, connect, running
from oaktree_cfn.deploy import plan
from oaktree_cfn.deploy.bundle import package
from oaktree_cfn.environment import Environment, load
from oaktree_cfn.errors import Refused
from oaktree_cfn.template.write import to_yaml

TABLE = "pipeline"
"""The table of an environment file that holds its parameters."""


def stack_name(environment: Environment) -> str:
    """The stack's name."""
    return f"{environment.prefix}-pipeline"


def deploy(request: Request) -> None:
    """Bring the environment's pipeline to what its file and its templates say. Raises as a deploy does."""
    with _beside(request) as beside:
        deploying.deploy(replace(request, beside=beside))


def review(request: Request) -> None:
    """Show what that would change, and change nothing."""
    with _beside(request) as beside:
        deploying.show(replace(request, beside=beside))


def destroy(request: destroying.Request) -> None:
    """Delete it. The environment stays, and nobody on GitHub can deploy it any more. Raises Refused while the environment's
    stack works as its role: without that, nobody could change or delete it any more.
    """
    environment = load(request.name, request.environments)
    _refuse_needed(environment)
    destroying.destroy(replace(request, beside=stack_name(environment)))


def _refuse_needed(environment: Environment) -> None:
    if environment.name == LOCAL and not running():
        return
    stack = connect(environment, start=False).target.cloudformation.stack(environment.stack_name)
    if stack is not None and stack.role_arn.endswith(f":role/{environment.prefix}-cloudformation-role"):
        raise Refused(
            f"{stack.name} works as {stack.role_arn}: without that role it could be neither changed nor deleted.",
            f"Destroy it first (`oaktree destroy --env {environment.name}`), or deploy it with another service_role.",
        )


@contextmanager
def _beside(request: Request) -> Iterator[Beside]:
    """The stack, with a template that is derived from the environment's own."""
    environment = load(request.name, request.environments)
    place = plan.location(environment.account, environment.region)
    system = package(root_template(request.templates), place)
    pipeline = Pipeline(tuple(template.document for template in system.templates))
    with tempfile.TemporaryDirectory(prefix="oaktree-") as folder:
        root = Path(folder) / TEMPLATES / "pipeline.yaml"
        root.parent.mkdir()
        root.write_text(to_yaml(pipeline.compose().to_dict()), encoding="utf-8")
        implied = {"Prefix": environment.prefix, "GitHubEnvironment": environment.name, "ArtifactBucket": place.bucket}
        yield Beside(stack_name(environment), root, TABLE, environment.pipeline, implied)
