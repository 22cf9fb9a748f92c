"""CloudFormation: stacks, events and change sets, in our models.

Requests that change something are safe to repeat. A change set has a name nobody else uses, so ``AlreadyExists`` means
that an earlier attempt of ours arrived and only its reply was lost; the same holds for a change set that is found
executing when we execute it. Both are looked up and adopted.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import oaktree_cfn.aws.replies as replies
from oaktree_cfn.aws.connection import Connection, together
from oaktree_cfn.aws.failures import NO_ANSWER
from oaktree_cfn.errors import AwsError, InvalidInput, StackBusy
from oaktree_cfn.models import ChangeSet, Stack, StackEvent, StackResource


@dataclass(frozen=True, slots=True)
class NewParameter:
    """A parameter to send: a value, or the one the stack already has where ``value`` is None."""

    key: str
    value: str | None


@dataclass(frozen=True, slots=True)
class NewChangeSet:
    """What to ask for. ``name`` must be unique: it is also the token that makes a repeated request harmless.

    Without ``template_url`` the stack's own template is meant. ``role_arn`` is the role that CloudFormation works as, now and
    in all later operations on the stack; without one it keeps the stack's, or works with the caller's rights.
    """

    stack: str
    name: str
    kind: str
    template_url: str = ""
    parameters: tuple[NewParameter, ...] = ()
    capabilities: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    description: str = "Made by oaktree"
    role_arn: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why CloudFormation failed an operation before touching a resource (early validation, hooks)."""

    logical_id: str
    reason: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """One export of a region."""

    name: str
    value: str
    stack_id: str


class CloudFormation:
    """Every call of CloudFormation that OakTree makes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        return self._connection.call("cloudformation", operation, **arguments)

    def _all(self, member: str, operation: str, **arguments: Any) -> list[dict[str, Any]]:
        pages = self._connection.pages("cloudformation", operation, **arguments)
        return [item for page in pages for item in page.get(member, ())]

    # Asking

    def stack(self, name: str) -> Stack | None:
        """The stack of that name or ARN, or None. By ARN a deleted stack is still told (DELETE_COMPLETE)."""
        try:
            found = self._call("describe_stacks", StackName=name)["Stacks"]
        except AwsError as error:
            if _absent(error):
                return None
            raise
        return replies.stack(found[0]) if found else None

    def template(self, name: str, *, processed: bool = False) -> Mapping[str, Any] | str:
        """The template of a stack, as it was sent or after its transforms: parsed where it is JSON, otherwise its text; empty
        for a stack that has none.
        """
        return self._template(StackName=name, TemplateStage="Processed" if processed else "Original")

    def template_of(self, change_set: ChangeSet) -> Mapping[str, Any] | str:
        """What the transforms made of a change set's template."""
        return self._template(ChangeSetName=change_set.id, TemplateStage="Processed")

    def _template(self, **place: str) -> Mapping[str, Any] | str:
        try:
            body = self._call("get_template", **place).get("TemplateBody", "")
        except AwsError as error:
            if _absent(error) or _empty(error):
                return ""
            raise
        if isinstance(body, Mapping):
            return body  # boto3 has parsed it already
        try:
            parsed = json.loads(body)
        except ValueError:
            return str(body)
        return parsed if isinstance(parsed, dict) else str(body)

    def resources(self, name: str) -> tuple[StackResource, ...]:
        """The stack's resources, deleted ones included."""
        found = self._all("StackResourceSummaries", "list_stack_resources", StackName=name)
        return tuple(replies.resource(item) for item in found)

    def exports(self) -> dict[str, str]:
        """Every export of the region by name."""
        return {export.name: export.value for export in self.exported()}

    def exported(self) -> tuple[Export, ...]:
        """Every export of the region, with the stack it belongs to."""
        found = self._all("Exports", "list_exports")
        return tuple(Export(item["Name"], item["Value"], item.get("ExportingStackId", "")) for item in found)

    def importers(self, export: str) -> tuple[str, ...]:
        """Names of the stacks that import an export; CloudFormation answers an error where there are none."""
        try:
            return tuple(name for page in self._pages("list_imports", ExportName=export) for name in page["Imports"])
        except AwsError as error:
            if "not imported" in error.detail:
                return ()
            raise

    def _pages(self, operation: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        return self._connection.pages("cloudformation", operation, **arguments)

    def events(
        self, stack_id: str, seen: Container[str] = (), until: Callable[[StackEvent], bool] | None = None
    ) -> list[StackEvent]:
        """The stack's events, oldest first, back to one in ``seen`` or one for which ``until`` is true (exclusive)."""
        found: list[StackEvent] = []
        for page in self._connection.pages("cloudformation", "describe_stack_events", StackName=stack_id):
            for reply in page.get("StackEvents", ()):
                event = replies.event(reply)
                if event.id in seen or (until is not None and until(event)):
                    return found[::-1]
                found.append(event)
        return found[::-1]

    def last_event(self, stack_id: str) -> StackEvent | None:
        """The latest event of a stack."""
        found = self._call("describe_stack_events", StackName=stack_id).get("StackEvents", ())
        return replies.event(found[0]) if found else None

    def sent(self, stack_id: str, logical_id: str) -> Mapping[str, Any]:
        """The properties CloudFormation last sent for a resource, every reference resolved; empty where it does not tell."""
        for page in self._pages("describe_stack_events", StackName=stack_id):
            for reply in page.get("StackEvents", ()):
                if reply.get("LogicalResourceId") == logical_id and reply.get("ResourceProperties"):
                    return replies.document(reply["ResourceProperties"]) or {}
        return {}

    def problems(self, change_set: str) -> tuple[Problem, ...]:
        """Why a change set FAILED, as DescribeEvents tells it; the answer may be empty."""
        found = self._all(
            "OperationEvents", "describe_events", ChangeSetName=change_set, Filters={"FailedEvents": True}
        )
        return tuple(
            Problem(item.get("LogicalResourceId", ""), reason, item.get("ValidationPath", ""))
            for item in found
            if (reason := item.get("ValidationStatusReason") or item.get("ResourceStatusReason") or "")
        )

    def change_sets(self, stack: str) -> tuple[str, ...]:
        """The ARNs of the stack's change sets that were not executed."""
        try:
            found = self._all("Summaries", "list_change_sets", StackName=stack)
        except AwsError as error:
            if _absent(error):
                return ()
            raise
        return tuple(item["ChangeSetId"] for item in found)

    def change_set(self, arn: str, values: bool = False) -> ChangeSet:
        """One change set, all its pages, without those nested in it."""
        pages = self._connection.pages(
            "cloudformation", "describe_change_set", ChangeSetName=arn, IncludePropertyValues=values
        )
        return replies.change_set(list(pages))

    def tree(self, root: ChangeSet) -> ChangeSet:
        """``root`` (described without values) complete: with values, and with every nested set hanging on its change.

        One round of requests a level, side by side: the depth of the tree counts, not the number of stacks.
        """
        known = {root.id: root}
        level = [root.id]
        while level:
            answers = together(*[partial(self._complete, arn, known.get(arn)) for arn in level])
            known.update(zip(level, answers, strict=True))
            level = [
                change.nested_id
                for answer in answers
                for change in answer.changes
                if change.nested_id and change.nested_id not in known
            ]
            level = list(dict.fromkeys(level))
        return replies.hang(root.id, known)

    def _complete(self, arn: str, plain: ChangeSet | None) -> ChangeSet:
        if plain is not None and plain.status == "FAILED":
            return plain
        asked = [False, True] if plain is None else [True]
        answers = together(*[partial(self.change_set, arn, values) for values in asked])
        return replies.merge(plain or answers[0], answers[-1])

    # Changing

    def create_change_set(self, new: NewChangeSet) -> str:
        """Ask for a change set and return its ARN. Raises InvalidInput when the request is invalid, StackBusy when
        another operation has started meanwhile."""
        try:
            reply = self._call("create_change_set", **_request(new))
        except AwsError as error:
            if error.code in {"AlreadyExistsException", NO_ANSWER}:
                return self._adopt(new, error)
            if _moved(error):
                raise StackBusy(
                    f"{new.stack} is busy: {error.detail}", "Wait until it is done, then repeat."
                ) from error
            if new.role_arn and "cannot be assumed" in error.detail:
                raise InvalidInput(
                    f"CloudFormation cannot work as {new.role_arn}: {error.detail}",
                    "Check the role's name and account, that it trusts cloudformation.amazonaws.com, and that you may pass it.",
                ) from error
            if error.code in {"ValidationError", "InsufficientCapabilitiesException"}:
                raise InvalidInput(
                    f"CloudFormation does not accept this: {error.detail}", "Nothing was changed."
                ) from error
            raise
        return str(reply["Id"])

    def _adopt(self, new: NewChangeSet, error: AwsError) -> str:
        arn = self.arrived(new)
        if not arn:
            raise error from None
        return arn

    def arrived(self, new: NewChangeSet) -> str:
        """The ARN of a change set that was asked for and whose reply nobody saw; empty where there is none."""
        try:
            return str(self._call("describe_change_set", ChangeSetName=new.name, StackName=new.stack)["ChangeSetId"])
        except AwsError:
            return ""

    def execute(self, change_set: ChangeSet) -> None:
        """Start exactly this change set. Finding it started already is success: only our reply can have been lost."""
        try:
            self._call(
                "execute_change_set",
                ChangeSetName=change_set.id,
                ClientRequestToken=change_set.name,
                RetainExceptOnCreate=True,  # a failed deploy takes what it just made with it, whatever its DeletionPolicy
            )
        except AwsError as error:
            if not self._started(change_set, error):
                raise

    def _started(self, change_set: ChangeSet, error: AwsError) -> bool:
        if error.code not in {"InvalidChangeSetStatus", "TokenAlreadyExistsException", "ChangeSetNotFound", NO_ANSWER}:
            return False
        stack = self.stack(change_set.stack_id)
        if stack is not None and stack.change_set_id == change_set.id and stack.status != "REVIEW_IN_PROGRESS":
            return True
        try:
            return self.change_set(change_set.id).execution_status.startswith("EXECUTE_")
        except AwsError:
            return False

    def delete_change_set(self, arn: str) -> None:
        """Discard a change set and those nested in it; one that is gone already is fine."""
        try:
            self._call("delete_change_set", ChangeSetName=arn)
        except AwsError as error:
            if error.code not in {"ChangeSetNotFound", "ChangeSetNotFoundException"} and not _absent(error):
                raise

    def delete_stack(self, stack_id: str, token: str) -> None:
        """Start deleting the stack. Raises AwsError, also when something forbids it (termination protection, exports)."""
        try:
            self._call("delete_stack", StackName=stack_id, ClientRequestToken=token)
        except AwsError as error:
            if error.code != "TokenAlreadyExistsException":
                raise

    def protect(self, name: str, on: bool) -> None:
        """Switch the root stack's termination protection."""
        self._call("update_termination_protection", StackName=name, EnableTerminationProtection=on)


def _absent(error: AwsError) -> bool:
    return error.code == "ValidationError" and "does not exist" in error.detail


def _empty(error: AwsError) -> bool:
    """Whether the stack is there, and still waits for its first change set to be executed."""
    return error.code == "ValidationError" and "REVIEW_IN_PROGRESS" in error.detail


def _moved(error: AwsError) -> bool:
    """Whether the stack's state, not our request, is what CloudFormation objects to."""
    return error.code == "ValidationError" and "_IN_PROGRESS" in error.detail


def _request(new: NewChangeSet) -> dict[str, Any]:
    return {
        "StackName": new.stack,
        "ChangeSetName": new.name,
        "ChangeSetType": new.kind,
        **({"TemplateURL": new.template_url} if new.template_url else {"UsePreviousTemplate": True}),
        "Parameters": [_parameter(parameter) for parameter in new.parameters],
        "Capabilities": list(new.capabilities),
        "Tags": [{"Key": key, "Value": value} for key, value in new.tags.items()],
        "ClientToken": new.name,
        "Description": new.description,
        "IncludeNestedStacks": True,
        # A first deploy that fails is cleared away; otherwise its remains would block every later one.
        **({"OnStackFailure": "DELETE"} if new.kind == "CREATE" else {}),
        **({"RoleARN": new.role_arn} if new.role_arn else {}),
    }


def _parameter(parameter: NewParameter) -> dict[str, Any]:
    if parameter.value is None:
        return {"ParameterKey": parameter.key, "UsePreviousValue": True}
    return {"ParameterKey": parameter.key, "ParameterValue": parameter.value}
