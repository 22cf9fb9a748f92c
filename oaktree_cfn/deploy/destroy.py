"""Taking an environment down: what would be lost, what stays, and the deletion itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from oaktree_cfn.aws.cloudformation import CloudFormation
from oaktree_cfn.aws.connection import together
from oaktree_cfn.deploy.prepare import busy
from oaktree_cfn.errors import Refused
from oaktree_cfn.models import STACK_TYPE, Stack, StackResource

_STAYING = frozenset({"Retain", "RetainExceptOnCreate", "Snapshot"})


@dataclass(frozen=True, slots=True)
class Holding:
    """One resource of the environment. ``policy`` is its DeletionPolicy; ``stays`` says whether it outlives the stack."""

    path: tuple[str, ...]
    type: str
    physical_id: str
    policy: str = "Delete"

    @property
    def stays(self) -> bool:
        """Whether deleting the stack leaves it (or a snapshot of it) behind."""
        return self.policy in _STAYING


def survey(cloudformation: CloudFormation, stack_id: str) -> tuple[Holding, ...]:
    """Everything the stack and those nested in it hold, nested stacks themselves left out."""
    found: list[Holding] = []
    level: list[tuple[tuple[str, ...], str]] = [((), stack_id)]
    while level:
        answers = together(*[partial(_contents, cloudformation, each) for _, each in level])
        below: list[tuple[tuple[str, ...], str]] = []
        for (path, _), (resources, template) in zip(level, answers, strict=True):
            for resource in resources:
                if resource.type == STACK_TYPE:
                    below.append(((*path, resource.logical_id), resource.physical_id))
                else:
                    found.append(_holding(path, resource, template))
        level = below
    return tuple(found)


def _contents(cloudformation: CloudFormation, stack_id: str) -> tuple[list[StackResource], Mapping[str, Any]]:
    resources = [
        each for each in cloudformation.resources(stack_id) if each.status != "DELETE_COMPLETE" and each.physical_id
    ]
    template = cloudformation.template(stack_id, processed=True)
    return resources, template if isinstance(template, Mapping) else {}


def _holding(path: tuple[str, ...], resource: StackResource, template: Mapping[str, Any]) -> Holding:
    declared = (template.get("Resources") or {}).get(resource.logical_id) or {}
    policy = declared.get("DeletionPolicy", "Delete")
    return Holding((*path, resource.logical_id), resource.type, resource.physical_id, str(policy))


def check_policy(policy: str, environment: str) -> None:
    """Raise Refused where an environment's file forbids its deletion; nobody needs to be asked for that."""
    if policy == "refuse":
        raise Refused(
            f'The environment {environment} refuses to be destroyed ([review] destroy = "refuse" in its file).',
            "Change that line first, if this is really meant.",
        )


def check(stack: Stack) -> None:
    """Raise Refused where the stack forbids its deletion, StackBusy while something runs on it."""
    if stack.termination_protection:
        raise Refused(
            f"{stack.name} has termination protection.",
            "Switch it off first: `aws cloudformation update-termination-protection "
            f"--no-enable-termination-protection --stack-name {stack.name}`.",
        )
    if stack.busy:
        raise busy(stack)
