"""Carrying out what ``prepare`` decided: one ``match`` over the steps, and the change set that comes of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from oaktree_cfn.aws.bucket import Bucket
from oaktree_cfn.aws.cloudformation import CloudFormation, NewChangeSet
from oaktree_cfn.aws.connection import together
from oaktree_cfn.deploy.pace import Pace, Time
from oaktree_cfn.deploy.prepare import MakeBucket, OpenChangeSet, RemoveFailed, Step, Upload
from oaktree_cfn.errors import DeployFailed, OaktreeError, Refused, Unknown
from oaktree_cfn.models import ChangeSet

LONGEST_CHANGE_SET = 15 * 60
"""Seconds after which a change set that is still being made is given up."""

_READY = frozenset({"CREATE_COMPLETE", "FAILED"})
_WORKING = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})


def run(steps: Iterable[Step], cloudformation: CloudFormation, bucket: Bucket, time: Time) -> ChangeSet | None:
    """Do the steps in order; the change set that the last one opened, complete. None when there were no steps."""
    opened = None
    for step in steps:
        match step:
            case RemoveFailed(stack_id):
                _remove_failed(cloudformation, stack_id, time)
            case MakeBucket():
                bucket.make()
            case Upload(files):
                together(*[partial(bucket.put, file.key, file.body) for file in files])
            case OpenChangeSet(request):
                opened = open_change_set(cloudformation, request, time)
    return opened


def _remove_failed(cloudformation: CloudFormation, stack_id: str, time: Time) -> None:
    kept = [resource for resource in cloudformation.resources(stack_id) if resource.status != "DELETE_COMPLETE"]
    if kept:
        names = ", ".join(f"{resource.logical_id} ({resource.physical_id})" for resource in kept)
        raise Refused(
            f"The failed stack still holds {names}.",
            f"Look at them first; `aws cloudformation delete-stack --stack-name {stack_id}` removes it.",
        )
    cloudformation.delete_stack(stack_id, f"oaktree-recreate-{stack_id.rpartition('/')[2]}"[:128])
    pace = Pace(time)
    while (stack := cloudformation.stack(stack_id)) is not None and stack.status != "DELETE_COMPLETE":
        if stack.status == "DELETE_FAILED":
            raise DeployFailed(
                f"The remains of {stack.name} cannot be deleted: {stack.reason}",
                f"Remove what blocks it, then run `aws cloudformation delete-stack --stack-name {stack.name}`.",
            )
        pace.pause()


def open_change_set(cloudformation: CloudFormation, request: NewChangeSet, time: Time) -> ChangeSet:
    """Ask for a change set and wait until it and all nested in it are made, or failed.

    When the request or the wait is interrupted, or the wait ends in an error, the half-made change set is discarded first.
    """
    try:
        arn = cloudformation.create_change_set(request)
    except KeyboardInterrupt:
        if arn := cloudformation.arrived(request):
            _discard_quietly(cloudformation, arn)
        raise
    try:
        return _complete(cloudformation, arn, time)
    except BaseException:
        _discard_quietly(cloudformation, arn)
        raise


def _complete(cloudformation: CloudFormation, arn: str, time: Time) -> ChangeSet:
    pace, end = Pace(time), time.now() + LONGEST_CHANGE_SET
    while time.now() < end:
        root = cloudformation.change_set(arn)
        if root.status not in _WORKING:
            tree = cloudformation.tree(root)
            if not any(change.nested and change.nested.status in _WORKING for _, change in tree.walk()):
                return tree  # a root may have FAILED while its children are still being made
        pace.pause()
    raise Unknown(f"CloudFormation is still making the change set {arn}.", "Nothing was changed; repeat the command.")


def _discard_quietly(cloudformation: CloudFormation, arn: str) -> None:
    try:
        discard(cloudformation, cloudformation.change_set(arn), made_stack=True)
    except OaktreeError:
        return  # what went wrong first is what the reader must see


def discard(cloudformation: CloudFormation, change_set: ChangeSet, *, made_stack: bool) -> None:
    """Take a change set back, with those nested in it, and the empty stacks that came with it.

    ``made_stack`` says that this run made the stack. It is deleted only while it holds nothing and no one else's change
    set waits in it.
    """
    cloudformation.delete_change_set(change_set.id)
    if not made_stack:
        return
    nested = [change.nested.stack_id for _, change in change_set.walk() if change.nested is not None]
    for stack_id in (change_set.stack_id, *nested):
        stack = cloudformation.stack(stack_id)
        others = [arn for arn in cloudformation.change_sets(stack_id) if arn != change_set.id] if stack else []
        if stack is not None and stack.status == "REVIEW_IN_PROGRESS" and (stack_id in nested or not others):
            cloudformation.delete_stack(stack_id, f"oaktree-discard-{change_set.name}"[:128])
