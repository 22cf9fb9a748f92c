"""Plan files on disk: written after a review, read before a deploy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from oaktree_cfn.aws.cloudformation import CloudFormation
from oaktree_cfn.cli.judging import Reviewed
from oaktree_cfn.cli.opening import Packed, Request, sent_parameters
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import Session
from oaktree_cfn.cli.writing import writing
from oaktree_cfn.deploy import approval
from oaktree_cfn.deploy.approval import Approval, Found
from oaktree_cfn.errors import AwsError, InvalidInput, Refused
from oaktree_cfn.files import write_whole
from oaktree_cfn.models import ChangeSet, Stack
from oaktree_cfn.terminal import review_json


def save(plan: Approval, path: Path) -> None:
    """Write a plan file whole or not at all, readable by its owner only. Raises InvalidInput when it cannot be written."""
    with writing(path, "--out FILE"):
        write_whole(path, approval.write(plan))


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


def write(screen: Screen, request: Request, session: Session, packed: Packed, reviewed: Reviewed | None) -> None:
    """Write the plan of a review that was asked for with ``--out``."""
    if request.out is None:
        return
    stack = session.target.cloudformation.stack(packed.environment.stack_name)
    change_set = reviewed.change_set if reviewed is not None else None
    now = found(session, packed, stack, change_set)
    approved = Approval(
        now.environment,
        now.account,
        now.region,
        packed.environment.stack_name,
        stack_id=stack.id if stack is not None else "",
        updated=approval.last_change(stack),
        templates=now.templates,
        parameters=now.parameters,
    )
    if reviewed is not None and change_set is not None:
        approved = replace(
            approved,
            change_set=change_set.id,
            change_sets=approval.arns(change_set),
            content=approval.content(change_set),
            refused=tuple(refusal.place for refusal in reviewed.verdict.refusals),
            review=review_json.document(reviewed.review, reviewed.verdict),
        )
    save(approved, request.out)
    execute = f"oaktree deploy --env {request.name} --plan {request.out}"
    screen.say(f"The plan is in {request.out}: `{execute}`{_bound(request)} executes it.")


def _bound(request: Request) -> str:
    """The options that the command which executes a plan must repeat: a plan is bound to what they say."""
    said = {"--parameter": request.parameters, "--templates": request.templates}
    options = " and ".join(name for name, value in said.items() if value)
    return f", with the same {options}," if options else ""


def found(session: Session, packed: Packed, stack: Stack | None, change_set: ChangeSet | None) -> Found:
    """How things stand now, to be compared with an approval."""
    environment = packed.environment
    return Found(
        environment.name,
        session.target.account,
        environment.region,
        stack,
        change_set,
        packed.bundle.root.key,
        approval.parameters_hash((each.key, each.value) for each in sent_parameters(packed, stack)),
    )
