"""Plan files on disk: written after a review, read before a deploy."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from oaktree_cfn.aws.cloudformation import CloudFormation
from oaktree_cfn.deploy import approval
from oaktree_cfn.deploy.approval import Approval, Found
from oaktree_cfn.errors import AwsError, InvalidInput, Refused
from oaktree_cfn.models import ChangeSet


def save(plan: Approval, path: Path) -> None:
    """Write a plan file whole or not at all, readable by its owner only. Raises InvalidInput when it cannot be written."""
    try:
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(approval.write(plan))
        Path(draft).replace(path)
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be written: {error.strerror}", "Give another place: --out FILE.") from error


def load(path: Path) -> Approval:
    """The approval in a plan file. Raises InvalidInput."""
    try:
        return approval.read(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{path}: cannot be read: {error}", "Give the file that `oaktree review --out` wrote."
        ) from error


def find(cloudformation: CloudFormation, plan: Approval) -> ChangeSet | None:
    """The change set a plan names with all below it, as it is now; None when it vanished."""
    if not plan.change_set:
        return None
    try:
        return cloudformation.tree(cloudformation.change_set(plan.change_set))
    except AwsError as error:
        if error.code in {"ChangeSetNotFound", "ChangeSetNotFoundException"}:
            return None
        raise


def refuse_moved(plan: Approval, now: Found) -> None:
    """Raise Refused with everything that moved since the plan was written."""
    moves = approval.moved(plan, now)
    if moves:
        lines = "\n".join(f"  {move}" for move in moves)
        raise Refused(
            f"This is not what was reviewed any more; nothing was changed.\n{lines}",
            f"Review again: `oaktree review --env {plan.environment} --out FILE`.",
        )
