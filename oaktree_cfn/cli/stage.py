"""The local stage, seen from the command line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from oaktree_cfn.cli.session import HOME, LOCAL
from oaktree_cfn.environment import ENVIRONMENTS, load
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.local import process
from oaktree_cfn.terminal.words import count, status


def the_stage() -> process.Stage:
    """The running stage. Raises InvalidInput when there is none."""
    stage = process.running(HOME)
    if stage is None:
        raise InvalidInput("The local stage does not run.", "`oaktree local start` starts it.")
    return stage


def exports(environments: Path = ENVIRONMENTS) -> dict[str, str]:
    """The variables that lead boto3 and the AWS CLI to the stage."""
    region = load(LOCAL, environments).region
    return {
        "AWS_ENDPOINT_URL": the_stage().endpoint,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }


def describe() -> str:
    """Where it runs, what is deployed, and what it accepts without keeping."""
    stage = the_stage()
    state: Mapping[str, Any] = stage.ask("GET", "state")
    lines = [f"The local stage runs at {stage.endpoint} (process {stage.pid}, log {stage.log})."]
    lines += _stacks(state["stacks"]) or ["Nothing is deployed on it."]
    lines.append(f"It plays {count(len(state['types']), 'resource type')}. Accepted, not kept:")
    for kind, reasons in sorted(state["not_kept"].items()):
        lines += [f"  {kind} {path}: {reason}" for path, reason in sorted(reasons.items())]
    return "\n".join(lines)


def _stacks(stacks: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each root stack, with the resources of its whole tree."""
    resources: Counter[tuple[str, str]] = Counter()
    for each in stacks:
        resources[each["region"], each["root"]] += each["resources"]
    return [
        f"{each['name']} in {each['region']}: {status(each['status'])}, "
        f"{count(resources[each['region'], each['name']], 'resource')}"
        for each in stacks
        if not each["nested"]
    ]
