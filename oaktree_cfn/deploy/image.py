"""Another image for what is deployed, and nothing else: the change set, what it may touch, and which image was there before.

The change set uses the deployed templates, every parameter as it is, and one value that is new: the image's digest. What
rolls out so is remembered by CloudFormation, as the value of a kept parameter: the next deploy leaves it alone.

What ran before is remembered by ECS: a family's revisions outlive the stack's updates, deregistered ones included. The image
before is that of the revision, among those before the present one, that went out of service last and ran another image; one
that never came up went while the one before it stayed. So a second rollback returns from the first. Nothing is remembered on
this machine.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime

from oaktree_cfn.aws.cloudformation import NewChangeSet, NewParameter
from oaktree_cfn.aws.ecr import parted
from oaktree_cfn.aws.ecs import Revision
from oaktree_cfn.deploy.prepare import UPDATE
from oaktree_cfn.deploy.slot import Slot
from oaktree_cfn.models import KNOWN_AFTER_APPLY, ChangeSet, Stack
from oaktree_cfn.review.review import NEW_REVISION, Action, Entry, Label, PropertyChange, Review

_MAY_CHANGE = {
    "AWS::ECS::TaskDefinition": frozenset({"ContainerDefinitions"}),
    "AWS::ECS::Service": frozenset({"TaskDefinition"}),
    "AWS::Scheduler::Schedule": frozenset({"Target"}),
    "AWS::Events::Rule": frozenset({"Targets"}),
}
"""Task definitions and what runs them -> the properties that another image changes."""

_FIRST = {"AWS::ECS::Service": frozenset({"DesiredCount"})}
"""What the first image changes besides: the service starts."""
_SCALING = "AWS::ApplicationAutoScaling::"

_ACKNOWLEDGED = ("CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND")
"""What the deployed templates were acknowledged for, if they needed it."""

_EPOCH = datetime.fromtimestamp(0, UTC)


def request(stack: Stack, slot: Slot, digest: str, token: str, role_arn: str = "") -> NewChangeSet:
    """The change set that puts another image into the slot. ``token`` makes its name unlike any other, ``role_arn`` is the
    role that CloudFormation works as.
    """
    kept = [NewParameter(key, None) for key in stack.parameters if key != slot.parameter]
    return NewChangeSet(
        stack=stack.name,
        name=f"oaktree-image-{digest.rpartition(':')[2][:12]}-{token}",
        kind=UPDATE,
        parameters=(*kept, NewParameter(slot.parameter, slot.said(digest))),
        capabilities=_ACKNOWLEDGED,
        tags=stack.tags,
        role_arn=role_arn,
    )


def strangers(review: Review, slot: Slot, foretold: ChangeSet | None = None) -> tuple[str, ...]:
    """What a review changes besides the image, one line each; what surely stays is left out.

    CloudFormation counts values of other stacks as not known and so as changed. ``foretold`` is the forecast of the same update:
    what it does not say of such a value does not happen.
    """
    said = {path: {each.name for each in change.details} for path, change in foretold.walk()} if foretold else {}
    found = (each for each in review.entries if each.label is not Label.NOISE)
    return tuple(line for each in found for line in _strange(each, not slot.value, said.get(each.path)))


def _strange(entry: Entry, first: bool, foretold: Collection[str] | None) -> Iterator[str]:
    if first and entry.action is Action.ADD and entry.type.startswith(_SCALING):
        return
    may = _MAY_CHANGE.get(entry.type, frozenset()) | (_FIRST.get(entry.type, frozenset()) if first else frozenset())
    if not may or entry.action not in _actions(entry):
        yield f"{entry.place} ({entry.type}) would {_VERBS.get(entry.action, 'change')}"
        return
    real = [each for each in entry.properties if foretold is None or _sure(each) or _name(each) in foretold]
    strange = dict.fromkeys(name for each in real if (name := _name(each)) not in may)
    yield from (f"{entry.place}.{name} ({entry.type}) would change" for name in strange)


def _name(change: PropertyChange) -> str:
    return change.name.partition("/")[0]


def _sure(change: PropertyChange) -> bool:
    """Whether both values are told: what CloudFormation knows to differ does."""
    return change.told and KNOWN_AFTER_APPLY not in (change.after or "")


def _actions(entry: Entry) -> Collection[Action]:
    """What may happen to it: a new revision of a task definition is a replacement."""
    return (Action.MODIFY, Action.REPLACE, Action.MAY_REPLACE) if entry.note == NEW_REVISION else (Action.MODIFY,)


_VERBS = {
    Action.ADD: "be added",
    Action.REMOVE: "be removed",
    Action.REPLACE: "be replaced",
    Action.MAY_REPLACE: "perhaps be replaced",
    Action.MODIFY: "be modified",
}


def before(revisions: Iterable[Revision], container: str, now: str) -> str:
    """The version of the image (tag or digest) that ran before ``now``; empty where there was none."""
    others = [each for each in revisions if parted(each.images.get(container, ""))[1] not in ("", "none", now)]
    last = max(others, key=lambda each: (each.ended or _EPOCH, each.number), default=None)
    return parted(last.images[container])[1] if last is not None else ""
