"""From an environment and its templates to a change set that waits for a decision.

The calls are few and side by side: what AWS knows is asked in one round (stack, template, bucket, objects), then come
the uploads, the change set, its description. A stack that already is what is wanted costs that first round alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from oaktree_cfn.aws import Aws
from oaktree_cfn.aws.bucket import Bucket, BucketState
from oaktree_cfn.aws.cloudformation import CloudFormation, Problem
from oaktree_cfn.aws.connection import together
from oaktree_cfn.aws.partition import partition
from oaktree_cfn.deploy.bundle import Bundle, Location
from oaktree_cfn.deploy.diagnose import Cause, change_set_failure
from oaktree_cfn.deploy.pace import Time
from oaktree_cfn.deploy.prepare import CREATE, Deployed, MakeBucket, Step, Upload, Wanted, kind, prepare
from oaktree_cfn.deploy.steps import discard, run
from oaktree_cfn.errors import InvalidInput, OaktreeError
from oaktree_cfn.models import ChangeSet, Stack

NO_ACCOUNT = "000000000000"
"""What an environment file says until somebody has put an account into it."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where we deploy: an account in a region, its artifact bucket, and the clock to wait by."""

    aws: Aws
    account: str
    time: Time

    @property
    def cloudformation(self) -> CloudFormation:
        """Its stacks."""
        return self.aws.cloudformation

    @property
    def bucket(self) -> Bucket:
        """Its artifact bucket."""
        return self.aws.bucket(location(self.account, self.aws.region).bucket, self.account)


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The stack already is what is wanted."""

    stack: Stack


@dataclass(frozen=True, slots=True)
class Planned:
    """A change set, complete, that waits to be executed or discarded. ``before`` is the stack as it was found."""

    change_set: ChangeSet
    before: Stack | None
    uploaded: int = 0

    @property
    def creates(self) -> bool:
        """Whether the stack is made anew."""
        return kind(self.before) == CREATE

    @property
    def made_stack(self) -> bool:
        """Whether this run made the (still empty) stack."""
        return self.before is None or self.before.status in {"DELETE_COMPLETE", "ROLLBACK_COMPLETE"}


def location(account: str, region: str) -> Location:
    """Where templates are stored: one bucket for each account and region, shared by the environments there."""
    return Location(f"oaktree-artifacts-{account}-{region}", region, partition(region).suffix)


def role_arn(role: str, account: str, region: str) -> str:
    """The ARN of a role that is told by its name or its ARN; empty for none."""
    if not role or role.startswith("arn:"):
        return role
    return f"arn:{partition(region).name}:iam::{account}:role/{role}"


def guard(account: str, expected: str, environment: str) -> None:
    """Raise InvalidInput when the credentials belong to another account than the environment names."""
    if expected and account != expected:
        advice = f"Sign in to account {expected}, or choose another environment."
        if expected == NO_ACCOUNT:
            advice = f'Put your account into environments/{environment}.toml: account = "{account}" if it is this one.'
        raise InvalidInput(
            f"These credentials belong to account {account}, but {environment} is account {expected}. Nothing was sent.",
            advice,
        )


def deployed_stack(cloudformation: CloudFormation, stack_name: str, environment: str, advice: str = "") -> Stack:
    """The environment's stack, or another there, with ``advice`` of its own. Raises InvalidInput when nothing is deployed."""
    stack = cloudformation.stack(stack_name)
    if stack is None or stack.status in {"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"}:
        raise InvalidInput(f"{stack_name} is not deployed.", advice or f"Run `make deploy ENV={environment}`.")
    return stack


def look(target: Target, name: str, bundle: Bundle) -> Deployed:
    """What AWS knows before we begin, asked all at once."""
    stack: Callable[[], Stack | None] = partial(target.cloudformation.stack, name)
    template: Callable[[], Mapping[str, Any] | str] = partial(target.cloudformation.template, name)
    bucket: Callable[[], BucketState] = partial(target.bucket.state, bundle.keys)
    found: list[Any] = together(stack, template, bucket)
    return Deployed(*found)


def plan(
    target: Target, wanted: Wanted, deployed: Deployed, agreed: Callable[[], None] = lambda: None
) -> Planned | Unchanged:
    """The change set that leads from ``deployed`` to ``wanted``, or word that there is nothing to do.

    ``agreed`` is called when all is uploaded and before anything that is there is touched, or asked to change; what it raises
    ends it.

    Raises StackBusy, Refused and InvalidInput as ``prepare`` does, and DeployFailed when CloudFormation cannot make the
    change set. After an error, or an interrupt, nothing of it is left.
    """
    steps = prepare(wanted, deployed)
    uploads = tuple(step for step in steps if isinstance(step, MakeBucket | Upload))
    run(uploads, target.cloudformation, target.bucket, target.time)
    if steps:
        agreed()
    made = carry_out(target, tuple(step for step in steps if step not in uploads), deployed.stack)
    return replace(made, uploaded=_uploads(uploads)) if isinstance(made, Planned) else made


def carry_out(target: Target, steps: tuple[Step, ...], before: Stack | None) -> Planned | Unchanged:
    """The change set that steps lead to from the stack as it was ``before``; without any, nothing is to be done.

    Raises DeployFailed when CloudFormation cannot make it. After an error, or an interrupt, nothing of it is left.
    """
    opened = run(steps, target.cloudformation, target.bucket, target.time)
    if opened is None:
        if before is None:
            raise AssertionError("no steps for a stack that does not exist")
        return Unchanged(before)
    planned = Planned(opened, before)
    if opened.status == "CREATE_COMPLETE" and opened.execution_status in {"AVAILABLE", ""}:
        return planned
    return _not_executable(target, planned)


def _not_executable(target: Target, planned: Planned) -> Unchanged:
    change_set = planned.change_set
    try:
        if change_set.no_change and planned.before is not None:
            return Unchanged(planned.before)
        raise change_set_failure(change_set, _problems(target.cloudformation, change_set))
    finally:
        take_back(target, planned)


def _problems(cloudformation: CloudFormation, change_set: ChangeSet) -> list[Cause]:
    """What early validation and hooks say; asked of every failed set, and never a reason to fail differently."""
    failed = [((), change_set)] + [(path, change.nested) for path, change in change_set.walk() if change.nested]
    found: list[Cause] = []
    for path, each in failed:
        if each.status == "FAILED" and not each.no_change:
            found += [_cause(path, problem) for problem in _ask_problems(cloudformation, each.id)]
    return found


def _ask_problems(cloudformation: CloudFormation, arn: str) -> tuple[Problem, ...]:
    try:
        return cloudformation.problems(arn)
    except OaktreeError:
        return ()  # older endpoints lack DescribeEvents, and a role may lack the permission


def _cause(path: tuple[str, ...], problem: Problem) -> Cause:
    place = f" at {problem.path}" if problem.path else ""
    return Cause((*path, problem.logical_id) if problem.logical_id else path, "", problem.reason + place)


def _uploads(steps: tuple[Step, ...]) -> int:
    return sum(len(step.files) for step in steps if isinstance(step, Upload))


def take_back(target: Target, planned: Planned) -> None:
    """Discard the change set, and the empty stack if this run made it. Never hides an error that is under way."""
    try:
        discard(target.cloudformation, planned.change_set, made_stack=planned.made_stack)
    except OaktreeError:
        return  # a change set that stays behind harms nobody; the next run meets and ignores it
