"""What every operation of the stage's CloudFormation starts from: the books, how a request names things, pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from oaktree_cfn.local import runner
from oaktree_cfn.local.region import Region
from oaktree_cfn.local.stacks import ChangeSet, Refusal, Revision, Stack

Request = Mapping[str, Any]
Answer = dict[str, Any]

PAGE = 100
"""Rows of one page, as most of CloudFormation's lists have."""

_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*")
_UPDATABLE = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
    "UPDATE_FAILED",
}


class Desk:
    """One region's books, and the lookups and beginnings that the operations share."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.books = region.books

    @staticmethod
    def _named(name: str) -> str:
        if not _NAME.fullmatch(name):
            raise Refusal(
                f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: {_NAME.pattern}"
            )
        return name

    def _newest_first(self) -> list[Stack]:
        return list(reversed(self.books.stacks.values()))

    def _found(self, name: str) -> Stack:
        stack = self.books.find(name)
        if stack is None:
            raise Refusal(f"Stack with id {name} does not exist")
        return stack

    def _owner(self, physical_id: str) -> Stack:
        for stack in self.books.stacks.values():
            if any(resource.physical_id == physical_id for resource in stack.resources.values()):
                return stack
        raise Refusal(f"Stack for {physical_id} does not exist")

    @staticmethod
    def _revision(stack: Stack) -> Revision:
        if stack.revision is None:
            raise Refusal("GetTemplateSummary cannot be called on REVIEW_IN_PROGRESS stacks.")
        return stack.revision

    def _change_set(self, request: Request) -> ChangeSet:
        name = request["ChangeSetName"]
        if name.startswith("arn:"):
            found = self.books.change_sets.get(name)
        else:
            if "StackName" not in request:
                raise Refusal("StackName must be specified if ChangeSetName is not specified as an ARN.")
            stack = self.books.find(request["StackName"])
            if stack is None:
                raise Refusal(f"Stack [{request['StackName']}] does not exist")
            found = self._waiting(stack, name)
        if found is None:
            raise Refusal(f"ChangeSet [{name}] does not exist", "ChangeSetNotFound", 404)
        return found

    def _waiting(self, stack: Stack, name: str) -> ChangeSet | None:
        """The change set with a name; once executed it is known by its ARN only."""
        sets = [cs for cs in self.books.change_sets.values() if cs.stack is stack and cs.name == name]
        return next((cs for cs in sets if not cs.execution.startswith("EXECUTE")), None)

    def _updatable(self, name: str) -> Stack:
        stack = self.books.find(name)
        if stack is None:
            raise Refusal(f"Stack [{name}] does not exist")
        if stack.status not in _UPDATABLE:
            raise Refusal(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
        return stack

    @staticmethod
    def _refuse_busy(stack: Stack) -> None:
        if stack.status != "REVIEW_IN_PROGRESS" and stack.status not in _UPDATABLE:
            raise Refusal(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")

    def _start(self, stack: Stack, revision: Revision, on_failure: str, plan: ChangeSet, request: Request) -> Answer:
        """Begin an operation in the background; the stack is in progress when the call returns."""
        named = plan.id in self.books.change_sets
        on_failure = on_failure or ("DO_NOTHING" if request.get("DisableRollback") else "ROLLBACK")
        stack.token = request.get("ClientRequestToken", "")
        stack.role_arn = request.get("RoleARN", stack.role_arn)
        stack.cancelled = False
        stack.disable_rollback = on_failure == "DO_NOTHING"
        stack.retain_except_on_create = bool(request.get("RetainExceptOnCreate"))
        stack.change_set_id = plan.id if named else ""
        for other in [cs for cs in self.books.change_sets.values() if cs.stack is stack and cs is not plan]:
            other.execution = "OBSOLETE" if other.execution == "AVAILABLE" else other.execution
        stack.status = "UPDATE_IN_PROGRESS" if stack.revision is not None else "CREATE_IN_PROGRESS"
        for each in plan.family():
            each.execution = "EXECUTE_IN_PROGRESS"

        def work() -> None:
            runner.create_or_update(self.region, stack, revision, on_failure, plan)
            for each in plan.family():
                each.execution = "EXECUTE_COMPLETE"

        runner.in_background(self.region, stack, work)
        return {"StackId": stack.id}

    @staticmethod
    def _page(key: str, rows: Sequence[Any], request: Request) -> Answer:
        token = request.get("NextToken") or "0"
        if not token.isdecimal():
            raise Refusal(f"NextToken {token} is invalid")
        start = int(token)
        answer: Answer = {key: list(rows[start : start + PAGE])}
        return answer | ({"NextToken": str(start + PAGE)} if start + PAGE < len(rows) else {})
