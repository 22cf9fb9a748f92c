"""The first decision: what to do with a bundle, given the stack as it stands. Pure.

``prepare`` is total: each of CloudFormation's stack statuses, and any it may yet invent, leads to steps or to an error
that says what to do. Two rules matter more than the others. A stack is deleted only when it never held anything
(``ROLLBACK_COMPLETE``, its very first create failed) and the caller said so; never after an update. And where nothing
would change, nothing is uploaded and no change set is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oaktree_cfn.aws.bucket import BucketState
from oaktree_cfn.aws.cloudformation import NewChangeSet, NewParameter
from oaktree_cfn.deploy.bundle import Bundle, Code, Packed
from oaktree_cfn.errors import OaktreeError, Refused, StackBusy
from oaktree_cfn.models import Stack
from oaktree_cfn.template.parameters import MASK

CREATE, UPDATE = "CREATE", "UPDATE"

_SETTLED = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"})
_UPDATABLE = _SETTLED | {"UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}
_NEW = frozenset({"REVIEW_IN_PROGRESS", "DELETE_COMPLETE"})


@dataclass(frozen=True, slots=True)
class RemoveFailed:
    """Delete what is left of a first create that failed: it holds nothing and blocks its name."""

    stack_id: str


@dataclass(frozen=True, slots=True)
class MakeBucket:
    """Make the artifact bucket, or complete it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Store the files that are not in the bucket yet."""

    files: tuple[Code | Packed, ...]


@dataclass(frozen=True, slots=True)
class OpenChangeSet:
    """Ask CloudFormation what would change. ``request`` says for which stack; nothing is executed."""

    request: NewChangeSet


Step = RemoveFailed | MakeBucket | Upload | OpenChangeSet
"""What there is to do before a review, in order. No steps at all: the stack already is what we want."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """What AWS knows before we begin: the stack, the template it was made from, and the artifact bucket."""

    stack: Stack | None
    template: Mapping[str, Any] | str
    bucket: BucketState


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the environment asks for. ``token`` makes the change set's name unlike any other, ``role_arn`` is the role that
    CloudFormation works as, if not as the caller.
    """

    name: str
    bundle: Bundle
    parameters: tuple[NewParameter, ...]
    tags: Mapping[str, str]
    token: str
    recreate: bool = False
    role_arn: str = ""


def kind(stack: Stack | None) -> str:
    """``CREATE`` for a stack that is not there or never held anything, otherwise ``UPDATE``."""
    return CREATE if stack is None or stack.status in _NEW | {"ROLLBACK_COMPLETE"} else UPDATE


def prepare(wanted: Wanted, deployed: Deployed) -> tuple[Step, ...]:
    """The steps up to a change set; none when nothing would change.

    Raises StackBusy while another operation runs, Refused when the stack needs a decision first.
    """
    stack = deployed.stack
    if stack is not None:
        refuse_unready(stack, wanted.recreate)
        if _same(wanted, stack, deployed.template):
            return ()
    return (*_removal(stack), *_packing(wanted.bundle, deployed.bucket), OpenChangeSet(_request(wanted, stack)))


def _removal(stack: Stack | None) -> tuple[Step, ...]:
    return (RemoveFailed(stack.id),) if stack is not None and stack.status == "ROLLBACK_COMPLETE" else ()


def _packing(bundle: Bundle, bucket: BucketState) -> tuple[Step, ...]:
    missing = tuple(file for file in bundle.files if file.key not in bucket.keys)
    make: tuple[Step, ...] = () if bucket.complete else (MakeBucket(),)
    return (*make, Upload(missing)) if missing else make


def _request(wanted: Wanted, stack: Stack | None) -> NewChangeSet:
    root = wanted.bundle.root
    return NewChangeSet(
        stack=wanted.name,
        name=f"oaktree-{root.key[:12]}-{wanted.token}",
        kind=kind(stack),
        template_url=root.url,
        parameters=wanted.parameters,
        capabilities=wanted.bundle.capabilities,
        tags=wanted.tags,
        role_arn=wanted.role_arn,
    )


# Which states may be built upon


def refuse_unready(stack: Stack, recreate: bool = False) -> None:
    """Raise StackBusy while an operation runs on the stack, Refused when it needs a decision first."""
    refusal = _refusal(stack, recreate)
    if refusal is not None:
        raise refusal


def _refusal(stack: Stack, recreate: bool) -> OaktreeError | None:
    if stack.status in _NEW | _UPDATABLE:
        return None
    if stack.busy:
        return busy(stack)
    if stack.status == "ROLLBACK_COMPLETE":
        return None if recreate else _never_made(stack)
    return Refused(
        f"{stack.name} is in {stack.status}{_because(stack)}, and cannot be updated as it is.", _way_out(stack)
    )


def busy(stack: Stack) -> StackBusy:
    """The error for a stack on which an operation runs: which, since when, and how to go on."""
    return StackBusy(
        f"{stack.name} is busy: {stack.status}{_begun(stack)}. Nothing was changed.",
        "Repeat the command when it is done; `oaktree watch` follows what runs on an environment's own stack.",
    )


def _begun(stack: Stack) -> str:
    """Since when, and by which change set; of a deletion the stack tells neither."""
    since = stack.updated or stack.created
    if stack.status.startswith("DELETE_") or since is None:
        return ""
    name = stack.change_set_id.rpartition("changeSet/")[2].partition("/")[0]
    return f" since {since:%H:%M:%S} UTC" + (f", by change set {name}" if name else "")


def _never_made(stack: Stack) -> Refused:
    return Refused(
        f"The first deploy of {stack.name} failed{_because(stack)}; what is left of it (ROLLBACK_COMPLETE) blocks the name.",
        "Repeat with --recreate to delete those empty remains and deploy anew.",
    )


def _because(stack: Stack) -> str:
    return f" ({stack.reason})" if stack.reason else ""


def _way_out(stack: Stack) -> str:
    match stack.status:
        case "UPDATE_ROLLBACK_FAILED":
            return (
                "Repair what kept the rollback from finishing, then run "
                f"`aws cloudformation continue-update-rollback --stack-name {stack.name}`."
            )
        case "DELETE_FAILED":
            return f"Once what blocked the deletion is gone, run `aws cloudformation delete-stack --stack-name {stack.name}`."
        case "CREATE_FAILED" | "UPDATE_FAILED":
            return f"Run `aws cloudformation rollback-stack --stack-name {stack.name}`, then deploy again."
        case "ROLLBACK_FAILED":
            return f"Its first create could not be undone: run `aws cloudformation delete-stack --stack-name {stack.name}`, then deploy again."
        case _:
            return "Bring it to a completed state in the CloudFormation console, then deploy again."


# Whether anything would change at all


def _same(wanted: Wanted, stack: Stack, template: Mapping[str, Any] | str) -> bool:
    """Whether the stack already is what is wanted. False wherever only CloudFormation can tell."""
    root = wanted.bundle.root.document
    return (
        stack.status in _SETTLED
        and template == root
        and dict(stack.tags) == dict(wanted.tags)
        and not wanted.bundle.transformed
        and not any(_moving(packed.document) for packed in wanted.bundle.templates)
        and _same_parameters(wanted.parameters, root.get("Parameters") or {}, stack.parameters)
    )


def _moving(value: Any) -> bool:
    """Whether a template's meaning may change while its text stays: values looked up elsewhere."""
    if isinstance(value, str):
        return "{{resolve:" in value
    if isinstance(value, Mapping):
        return "Fn::GetStackOutput" in value or any(_moving(inner) for inner in value.values())
    return isinstance(value, list) and any(_moving(inner) for inner in value)


def _same_parameters(
    sent: tuple[NewParameter, ...], declared: Mapping[str, Mapping[str, Any]], deployed: Mapping[str, str]
) -> bool:
    values = {parameter.key: parameter.value for parameter in sent}
    return set(declared) == set(deployed) and all(
        _same_value(key, declaration, values, deployed[key]) for key, declaration in declared.items()
    )


def _same_value(key: str, declaration: Mapping[str, Any], values: Mapping[str, str | None], deployed: str) -> bool:
    if str(declaration.get("Type", "")).startswith("AWS::SSM::Parameter::Value"):
        return False  # the parameter's name is the same, what it points to may not be
    if deployed == MASK:
        return key in values and values[key] is None
    wanted = values[key] if key in values else _text(declaration.get("Default"))
    return wanted is None or wanted == deployed


def _text(default: Any) -> str:
    """A default as CloudFormation shows it."""
    return str(default).lower() if isinstance(default, bool) else str(default)
