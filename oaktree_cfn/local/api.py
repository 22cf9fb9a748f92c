"""CloudFormation's API on the local stage: one method per operation, named as boto3 names it.

Requests and answers are plain dicts in the API's shapes (``wire`` turns them to and from HTTP). Whatever CloudFormation
has and the stage does not play is refused by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore import xform_name

from oaktree_cfn.local import planning, revisions, runner, shown
from oaktree_cfn.local.region import Region
from oaktree_cfn.local.stacks import ChangeSet, Event, Refusal, Revision, Stack
from oaktree_cfn.template import schemas

Request = Mapping[str, Any]
Answer = dict[str, Any]

PAGE = 100
"""Rows of one page, as most of CloudFormation's lists have."""

_NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*")
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
_UPDATABLE = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
    "UPDATE_FAILED",
}


class ControlPlane:
    """CloudFormation in one region."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.books = region.books

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
        if plan.status == "FAILED":
            raise Refusal("No updates are to be performed.")
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

    # --- templates --------------------------------------------------------------------------------------------------

    def get_template(self, request: Request) -> Answer:
        """GetTemplate, of a stack or a change set. No transforms are played, so both stages are the original."""
        if "ChangeSetName" in request:
            if "StackName" not in request and not request["ChangeSetName"].startswith("arn:"):
                raise Refusal("StackName is a required parameter.")
            revision = self._change_set(request).revision
        elif "StackName" in request:
            revision = self._revision(self._found(request["StackName"]))
        else:
            raise Refusal("StackName is required if ChangeSetName is not specified.")
        return {"TemplateBody": revision.body, "StagesAvailable": ["Original", "Processed"]}

    def get_template_summary(self, request: Request) -> Answer:
        """GetTemplateSummary, of a stack or a template."""
        if "StackName" in request:
            template = self._revision(self._found(request["StackName"])).template
        else:
            template = revisions.checked(revisions.body_of(self.region, request, None))
        return self._summary(template)

    def validate_template(self, request: Request) -> Answer:
        """ValidateTemplate."""
        template = revisions.checked(revisions.body_of(self.region, request, None))
        keys = ("ParameterKey", "DefaultValue", "NoEcho", "Description")
        declared = [{key: row[key] for key in keys if key in row} for row in shown.template_parameters(template)]
        return {"Parameters": declared} | (
            {"Description": template["Description"]} if "Description" in template else {}
        )

    def _summary(self, template: Mapping[str, Any]) -> Answer:
        types: dict[str, list[str]] = {}
        for name, resource in template["Resources"].items():
            types.setdefault(resource["Type"], []).append(name)
        identifiers = [
            {"ResourceType": type_, "LogicalResourceIds": names, "ResourceIdentifiers": _identifiers(type_)}
            for type_, names in types.items()
        ]
        answer = {
            "Parameters": shown.template_parameters(template),
            "ResourceTypes": list(types),
            "ResourceIdentifierSummaries": identifiers,
            "Version": "2010-09-09",
        }
        if "Metadata" in template:
            answer["Metadata"] = json.dumps(template["Metadata"])
        return answer | ({"Description": template["Description"]} if "Description" in template else {})

    # --- change sets ------------------------------------------------------------------------------------------------

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
        self._start(stack, change_set.revision, change_set.on_failure, change_set, request)
        return {}

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

    def _unnamed_plan(self, stack: Stack, revision: Revision, kind: str) -> ChangeSet:
        """The comparison behind CreateStack and UpdateStack, which nobody can describe."""
        plan = planning.make(
            self.region, stack, revision, {"ChangeSetName": "direct", "IncludeNestedStacks": True}, kind
        )
        broken = [each for each in plan.family() if each.broken]
        if broken:
            self.books.forget(plan)
            raise Refusal(f"Nested stack {broken[-1].stack.name}: {broken[-1].reason}")
        for each in plan.family():
            self.books.change_sets.pop(each.id, None)
        return plan

    def _start(self, stack: Stack, revision: Revision, on_failure: str, plan: ChangeSet, request: Request) -> Answer:
        """Begin an operation in the background; the stack is in progress when the call returns."""
        named = plan.id in self.books.change_sets
        on_failure = on_failure or ("DO_NOTHING" if request.get("DisableRollback") else "ROLLBACK")
        stack.token = request.get("ClientRequestToken", "")
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


def _identifiers(type_: str) -> list[str]:
    schema = schemas.of(type_)
    return [".".join(pointer) for pointer in schema.primary_identifier] if schema is not None else []
