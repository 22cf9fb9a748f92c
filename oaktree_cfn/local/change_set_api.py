"""The API's operations on change sets: made, described, executed or dropped."""

from __future__ import annotations

import json

from oaktree_cfn.local import planning, revisions, shown
from oaktree_cfn.local.desk import Answer, Desk, Request
from oaktree_cfn.local.resources.iam_policies import NO_SUCH_ENTITY
from oaktree_cfn.local.resources.service import already_gone
from oaktree_cfn.local.stacks import Refusal, Stack


class ChangeSetApi(Desk):
    """Change sets of one region."""

    def create_change_set(self, request: Request) -> Answer:
        """CreateChangeSet: CREATE or UPDATE. The set is finished when the call returns."""
        kind = request.get("ChangeSetType", "UPDATE")
        if kind not in ("CREATE", "UPDATE"):
            raise Refusal(f"The local stage does not play change sets of type {kind}", "NotImplemented", 501)
        stack, new = self._stack_for(kind, self._named(request["StackName"]), request["ChangeSetName"])
        if self._waiting(stack, request["ChangeSetName"]) is not None:
            raise Refusal(
                f"ChangeSet {request['ChangeSetName']} cannot be created due to a mismatch with existing attribute ClientToken",
                "AlreadyExistsException",
            )
        self._refuse_role(request.get("RoleARN", ""))
        revision = revisions.from_request(self.region, request, stack.revision)
        change_set = planning.make(self.region, stack, revision, request, kind)
        if new:
            self.books.add(stack)
            self.books.record(stack, "REVIEW_IN_PROGRESS", "User Initiated")
        return {"Id": change_set.id, "StackId": stack.id}

    def describe_change_set(self, request: Request) -> Answer:
        """DescribeChangeSet, with or without property values, paged."""
        change_set = self._change_set(request)
        answer = shown.change_set(change_set, values=bool(request.get("IncludePropertyValues")))
        return answer | self._page("Changes", answer["Changes"], request)

    def describe_change_set_hooks(self, request: Request) -> Answer:
        """DescribeChangeSetHooks: the stage has no hooks."""
        change_set = self._change_set(request)
        return {
            "ChangeSetId": change_set.id,
            "ChangeSetName": change_set.name,
            "Hooks": [],
            "Status": "PLANNED",
            "StackId": change_set.stack.id,
            "StackName": change_set.stack.name,
        }

    def list_change_sets(self, request: Request) -> Answer:
        """ListChangeSets: those that wait."""
        stack = self._found(request["StackName"])
        sets = [cs for cs in self.books.change_sets.values() if cs.stack is stack]
        rows = [shown.change_set_summary(cs) for cs in sets if not cs.execution.startswith("EXECUTE")]
        return self._page("Summaries", rows, request)

    def delete_change_set(self, request: Request) -> Answer:
        """DeleteChangeSet with its children, and the shells of nested stacks that only it needed."""
        try:
            change_set = self._change_set(request)
        except Refusal as refusal:
            if refusal.code == "ChangeSetNotFound":
                return {}
            raise
        if change_set.execution == "EXECUTE_IN_PROGRESS":
            raise Refusal(
                f"ChangeSet [{change_set.id}] cannot be deleted while it is executed", "InvalidChangeSetStatus"
            )
        self.books.forget(change_set.root)
        return {}

    def execute_change_set(self, request: Request) -> Answer:
        """ExecuteChangeSet: this one runs, all others of the stack are gone."""
        change_set = self._change_set(request)
        if change_set.parent is not None:
            raise Refusal("ExecuteChangeSet cannot be called on a nested change set", "InvalidChangeSetStatus")
        if change_set.execution != "AVAILABLE":
            state = (
                f"execution status of [{change_set.execution}]"
                if change_set.status == "CREATE_COMPLETE"
                else f"status of [{change_set.status}]"
            )
            raise Refusal(
                f"ChangeSet [{change_set.id}] cannot be executed in its current {state}", "InvalidChangeSetStatus"
            )
        stack = change_set.stack
        self._refuse_busy(stack)
        for other in [cs for cs in self.books.change_sets.values() if cs.stack is stack and cs is not change_set]:
            if not other.execution.startswith("EXECUTE"):  # executed ones can still be described by ARN
                self.books.forget(other)
        role = {"RoleARN": change_set.role_arn} if change_set.role_arn else {}
        self._start(stack, change_set.revision, change_set.on_failure, change_set, {**request, **role})
        return {}

    def _refuse_role(self, arn: str) -> None:
        """A role that is not there, or does not trust CloudFormation."""
        if arn and "cloudformation.amazonaws.com" not in self._trust(arn):
            raise Refusal(f"Role {arn} is invalid or cannot be assumed")

    def _trust(self, arn: str) -> str:
        with already_gone(*NO_SUCH_ENTITY):
            role = self.region.services.client("iam").get_role(RoleName=arn.rpartition("/")[2])["Role"]
            return json.dumps(role["AssumeRolePolicyDocument"]) if role["Arn"] == arn else ""
        return ""

    def _stack_for(self, kind: str, name: str, change_set: str) -> tuple[Stack, bool]:
        """The stack a change set is for, and whether it is a new shell, not yet in the books."""
        if kind == "UPDATE":
            stack = self.books.find(name)
            if stack is None or stack.status == "REVIEW_IN_PROGRESS":
                raise Refusal(f"Stack [{name}] does not exist")
            return self._updatable(name), False
        stack = self.books.find(name)
        if stack is not None and stack.status != "REVIEW_IN_PROGRESS":
            raise Refusal(
                f"Stack [{name}] already exists and cannot be created again with the changeSet [{change_set}]."
            )
        return (stack, False) if stack is not None else (Stack(name, self.region.name, self.books.now()), True)
