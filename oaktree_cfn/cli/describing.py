"""An environment as a pipeline has to know it before it signs in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from oaktree_cfn.blueprints import TEMPLATES
from oaktree_cfn.cli.controlling import flat
from oaktree_cfn.environment import Environment
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.models import Output
from oaktree_cfn.services.fargate import PLATFORMS

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/[\w+=,.@/-]{1,512}", re.ASCII)


def described(environment: Environment, templates: Path | None) -> tuple[Output, ...]:
    """Its facts, in the form of outputs."""
    return (
        Output("environment", environment.name),
        Output("region", environment.region),
        Output("account", environment.account),
        Output("stack", environment.stack_name),
        Output("platform", platform(environment, templates or TEMPLATES)),
    )


def platform(environment: Environment, templates: Path) -> str:
    """What images must be built for to run in every task of the environment; empty when it has none."""
    resources: dict[str, Any] = flat(environment, templates, {}).template["Resources"]
    tasks = [each["Properties"] for each in resources.values() if each["Type"] == "AWS::ECS::TaskDefinition"]
    asked = {str((task.get("RuntimePlatform") or {}).get("CpuArchitecture", "X86_64")) for task in tasks}
    return ",".join(sorted(PLATFORMS.get(each, each) for each in asked))


def check_role(environment: Environment, role: str) -> None:
    """Raise InvalidInput unless this is the ARN of a role in the environment's account."""
    found = _ROLE.fullmatch(role)
    if not role:
        raise InvalidInput(
            f"No role is given for {environment.name}: nothing was asked of AWS.",
            "The roles are outputs of the pipeline's stack; give their ARNs to the workflow (docs/pipeline.md).",
        )
    if found is None:
        raise InvalidInput(f"{role!r} is not the ARN of an IAM role.", "It looks like arn:aws:iam::ACCOUNT:role/NAME.")
    if found[1] != environment.account:
        raise InvalidInput(
            f"{role} is a role of account {found[1]}, but {environment.name} is account {environment.account} "
            f"({environment.path}). Nothing was asked of AWS.",
            f"Give the role that account {environment.account} has for this, or correct the environment's file.",
        )
