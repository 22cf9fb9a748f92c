"""CloudFormation's API on the local stage: one method per operation, named as boto3 names it.

Requests and answers are plain dicts in the API's shapes (``wire`` turns them to and from HTTP). Whatever CloudFormation
has and the stage does not play is refused by name. What concerns stacks is here; change sets and templates have a file of
their own, and all of it starts from the same ``Desk``.
"""

from __future__ import annotations

from collections.abc import Callable

from botocore import xform_name

from oaktree_cfn.local import planning, revisions, runner, shown
from oaktree_cfn.local.change_set_api import ChangeSetApi
from oaktree_cfn.local.desk import Answer, Request
from oaktree_cfn.local.stacks import ChangeSet, Event, Refusal, Revision, Stack
from oaktree_cfn.local.template_api import TemplateApi

_UNPLAYED = {
    "DeletionMode",
    "DeploymentConfig",
    "DeploymentMode",
    "ForceRollback",
    "ImportExistingResources",
    "ResourceTypes",
    "ResourcesToImport",
    "RollbackConfiguration",
    "StackPolicyBody",
    "StackPolicyDuringUpdateBody",
    "StackPolicyDuringUpdateURL",
    "StackPolicyURL",
    "TimeoutInMinutes",
}
"""Options that would change what happens, and that the stage does not play."""


class ControlPlane(ChangeSetApi, TemplateApi):
    """CloudFormation in one region."""

    def operation(self, action: str) -> Callable[[Request], Answer]:
        """The method that plays an API operation. Raises Refusal for one the stage does not play."""
        method: Callable[[Request], Answer] | None = getattr(self, xform_name(action), None)
        if method is None:
            raise Refusal(f"The local stage does not play cloudformation:{action}", "NotImplemented", 501)

        def locked(request: Request) -> Answer:
            unplayed = sorted(name for name in _UNPLAYED if request.get(name) and request[name] != "STANDARD")
            if unplayed:
                raise Refusal(f"The local stage does not play {', '.join(unplayed)} of {action}", "NotImplemented", 501)
            with self.books.lock:
                return method(request)

        return locked

    # --- stacks -----------------------------------------------------------------------------------------------------

    def create_stack(self, request: Request) -> Answer:
        """CreateStack."""
        name = self._named(request["StackName"])
        stack = self.books.find(name)
        if stack is not None and stack.status != "REVIEW_IN_PROGRESS":
            raise Refusal(f"Stack [{name}] already exists", "AlreadyExistsException")
        revision = revisions.from_request(self.region, request, None)
        new = stack is None
        stack = stack or Stack(name, self.region.name, self.books.now())
        plan = self._unnamed_plan(stack, revision, "CREATE")
        if new:
            self.books.add(stack)
        stack.termination_protection = bool(request.get("EnableTerminationProtection"))
        return self._start(stack, revision, request.get("OnFailure", ""), plan, request)

    def update_stack(self, request: Request) -> Answer:
        """UpdateStack."""
        stack = self._updatable(request["StackName"])
        revision = revisions.from_request(self.region, request, stack.revision)
        plan = self._unnamed_plan(stack, revision, "UPDATE")
        if plan.status == "FAILED" and not revision.failure:
            raise Refusal(planning.NO_UPDATES)
        return self._start(stack, revision, "", plan, request)

    def delete_stack(self, request: Request) -> Answer:
        """DeleteStack: of a stack that does not exist it is a success that does nothing."""
        stack = self.books.find(request["StackName"])
        if stack is None or stack.gone:
            return {}
        if stack.termination_protection:
            raise Refusal(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        if (
            stack.parent is None
            and stack.status.endswith("_IN_PROGRESS")
            and stack.status not in ("REVIEW_IN_PROGRESS", "DELETE_IN_PROGRESS")
        ):
            raise Refusal(f"Stack [{stack.name}] is in {stack.status} state and can not be deleted")
        retain = request.get("RetainResources", ())
        if retain and stack.status != "DELETE_FAILED":
            raise Refusal(
                f"Invalid operation on stack [{stack.id}]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state."
            )
        stack.token = request.get("ClientRequestToken", "")
        if stack.status != "DELETE_IN_PROGRESS":
            stack.status = "DELETE_IN_PROGRESS"
            runner.in_background(self.region, stack, lambda: runner.delete(self.region, stack, retain))
        return {}

    def cancel_update_stack(self, request: Request) -> Answer:
        """CancelUpdateStack: takes effect before the next resource."""
        stack = self._found(request["StackName"])
        if stack.status != "UPDATE_IN_PROGRESS":
            raise Refusal(f"CancelUpdateStack cannot be called from current stack status {stack.status}")
        stack.cancelled = True
        return {}

    def continue_update_rollback(self, request: Request) -> Answer:
        """ContinueUpdateRollback."""
        stack = self._found(request["StackName"])
        if stack.status != "UPDATE_ROLLBACK_FAILED" or stack.unfinished is None:
            raise Refusal(f"Stack:{stack.id} is in {stack.status} state and can not continue update rollback")
        skip = request.get("ResourcesToSkip", ())
        stack.token = request.get("ClientRequestToken", "")
        stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
        runner.in_background(self.region, stack, lambda: runner.continue_rollback(stack.unfinished, skip))
        return {}

    def rollback_stack(self, request: Request) -> Answer:
        """RollbackStack: from CREATE_FAILED and UPDATE_FAILED."""
        stack = self._found(request["StackName"])
        if stack.status not in ("CREATE_FAILED", "UPDATE_FAILED") or stack.unfinished is None:
            raise Refusal(f"Stack:{stack.id} is in {stack.status} state and can not be rolled back")
        operation = stack.unfinished
        stack.token = request.get("ClientRequestToken", "")
        stack.disable_rollback, stack.cancelled = False, False
        stack.retain_except_on_create = bool(request.get("RetainExceptOnCreate"))
        stack.status = "ROLLBACK_IN_PROGRESS" if operation.creating else "UPDATE_ROLLBACK_IN_PROGRESS"
        runner.in_background(self.region, stack, lambda: runner.roll_back(operation, ""))
        return {"StackId": stack.id}

    def update_termination_protection(self, request: Request) -> Answer:
        """UpdateTerminationProtection: root stacks only."""
        stack = self._found(request["StackName"])
        if stack.parent is not None:
            raise Refusal("Termination protection cannot be updated on a nested stack")
        stack.termination_protection = bool(request["EnableTerminationProtection"])
        return {"StackId": stack.id}

    def describe_stacks(self, request: Request) -> Answer:
        """DescribeStacks: one by name or id (deleted ones by id), or all that exist."""
        if "StackName" in request:
            return {"Stacks": [shown.stack(self._found(request["StackName"]))]}
        return self._page("Stacks", [shown.stack(stack) for stack in self._newest_first() if not stack.gone], request)

    def list_stacks(self, request: Request) -> Answer:
        """ListStacks."""
        wanted = request.get("StackStatusFilter")
        rows = [shown.stack_summary(stack) for stack in self._newest_first() if not wanted or stack.status in wanted]
        return self._page("StackSummaries", rows, request)

    def describe_stack_events(self, request: Request) -> Answer:
        """DescribeStackEvents, newest first."""
        stack = self.books.find(request["StackName"])
        if stack is None:
            raise Refusal(f"Stack [{request['StackName']}] does not exist")
        return self._page("StackEvents", [shown.event(event, stack) for event in reversed(stack.events)], request)

    def describe_events(self, request: Request) -> Answer:
        """DescribeEvents: of a stack, or of a change set's stack; ``FailedEvents`` keeps the failures."""
        stack = (
            self._change_set(request).stack if "ChangeSetName" in request else self._found(request.get("StackName", ""))
        )
        only_failed = request.get("Filters", {}).get("FailedEvents")
        events: list[Event] = [
            event for event in reversed(stack.events) if not only_failed or event.status.endswith("_FAILED")
        ]
        return self._page("OperationEvents", [shown.operation_event(event, stack) for event in events], request)

    # --- resources --------------------------------------------------------------------------------------------------

    def describe_stack_resources(self, request: Request) -> Answer:
        """DescribeStackResources, by stack or by physical id."""
        stack = (
            self._found(request["StackName"]) if "StackName" in request else self._owner(request["PhysicalResourceId"])
        )
        wanted = request.get("LogicalResourceId")
        return {
            "StackResources": [
                shown.resource(each, stack)
                for each in list(stack.resources.values())
                if wanted in (None, each.logical_id)
            ]
        }

    def describe_stack_resource(self, request: Request) -> Answer:
        """DescribeStackResource."""
        name, logical_id = request["StackName"], request["LogicalResourceId"]
        stack = self.books.find(name)
        if stack is None:
            raise Refusal(f"Stack '{name}' does not exist")
        if logical_id not in stack.resources:
            raise Refusal(f"Resource {logical_id} does not exist for stack {name}")
        return {"StackResourceDetail": shown.resource_detail(stack.resources[logical_id], stack)}

    def list_stack_resources(self, request: Request) -> Answer:
        """ListStackResources."""
        stack = self._found(request["StackName"])
        rows = [shown.resource_summary(resource, stack) for resource in list(stack.resources.values())]
        return self._page("StackResourceSummaries", rows, request)

    # --- exports ----------------------------------------------------------------------------------------------------

    def list_exports(self, request: Request) -> Answer:
        """ListExports."""
        living = [stack for stack in self.books.stacks.values() if not stack.gone]
        rows = [
            {"ExportingStackId": stack.id, "Name": name, "Value": value}
            for stack in living
            for name, value in stack.exports.items()
        ]
        return self._page("Exports", rows, request)

    def list_imports(self, request: Request) -> Answer:
        """ListImports."""
        importers = [stack.name for stack in self.books.importers(request["ExportName"])]
        if not importers:
            raise Refusal(f"Export '{request['ExportName']}' is not imported by any stack.")
        return self._page("Imports", importers, request)

    # --- shared -----------------------------------------------------------------------------------------------------

    def _unnamed_plan(self, stack: Stack, revision: Revision, kind: str) -> ChangeSet:
        """The comparison behind CreateStack and UpdateStack, which nobody can describe."""
        plan = planning.make(
            self.region, stack, revision, {"ChangeSetName": "direct", "IncludeNestedStacks": True}, kind
        )
        broken = [each for each in plan.family() if each.broken]
        if broken and not revision.failure:  # a transform that fails is told by the operation
            self.books.forget(plan)
            raise Refusal(f"Nested stack {broken[-1].stack.name}: {broken[-1].reason}")
        for each in plan.family():
            self.books.change_sets.pop(each.id, None)
        return plan
