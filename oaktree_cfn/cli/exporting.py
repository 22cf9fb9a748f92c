"""The map of exports: what an environment offers, and who takes it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from oaktree_cfn.aws.connection import together
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import connect
from oaktree_cfn.deploy.plan import deployed_stack
from oaktree_cfn.environment import load
from oaktree_cfn.terminal import outcome


def show(name: str, environments: Path) -> None:
    """Print every export of the environment's root stack with its importers. Raises InvalidInput when not deployed."""
    environment = load(name, environments)
    cloudformation = connect(environment, start=False).target.cloudformation
    stack = deployed_stack(cloudformation, environment.stack_name, environment.name)
    exported = [output for output in stack.outputs if output.export_name]
    importers = together(*[partial(cloudformation.importers, output.export_name) for output in exported])
    rows = [(output.export_name, output.value, users) for output, users in zip(exported, importers, strict=True)]
    Screen().show(outcome.exports(rows, environment.frozen_exports))
