"""CloudFormation's answers as our models, and two descriptions of one change set as one. Pure.

Why two: asked for property values, CloudFormation may leave out whole changes, sometimes with a warning in
``StatusReason`` and sometimes without a word; asked without, it leaves out values. Both answers together hold
everything, and where they disagree the worse one counts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from oaktree_cfn.models import Change, ChangeSet, Detail, Output, Stack, StackEvent, StackResource

Reply = Mapping[str, Any]

_REPLACEMENTS = ("", "False", "Conditional", "True")
_ACTIONS = ("", "Add", "Import", "Modify", "Remove")
"""From harmless to worst; what is in neither list is worse than all of it."""


def stack(reply: Reply) -> Stack:
    """A stack from one element of DescribeStacks."""
    return Stack(
        id=reply["StackId"],
        name=reply["StackName"],
        status=reply["StackStatus"],
        reason=reply.get("StackStatusReason", ""),
        parameters=parameters(reply),
        outputs=tuple(_output(output) for output in reply.get("Outputs", ())),
        tags=tags(reply),
        description=reply.get("Description", ""),
        created=reply.get("CreationTime"),
        updated=reply.get("LastUpdatedTime"),
        root_id=reply.get("RootId", ""),
        parent_id=reply.get("ParentId", ""),
        change_set_id=reply.get("ChangeSetId", ""),
        termination_protection=bool(reply.get("EnableTerminationProtection", False)),
        role_arn=reply.get("RoleARN", ""),
    )


def parameters(reply: Reply) -> dict[str, str]:
    """Parameter values by key; NoEcho ones are ``****``."""
    return {item["ParameterKey"]: item.get("ParameterValue", "") for item in reply.get("Parameters", ())}


def tags(reply: Reply) -> dict[str, str]:
    """Tag values by key."""
    return {item["Key"]: item["Value"] for item in reply.get("Tags", ())}


def _output(reply: Reply) -> Output:
    return Output(
        reply["OutputKey"], reply.get("OutputValue", ""), reply.get("Description", ""), reply.get("ExportName", "")
    )


def event(reply: Reply) -> StackEvent:
    """One element of DescribeStackEvents."""
    return StackEvent(
        id=reply["EventId"],
        stack_id=reply["StackId"],
        stack_name=reply["StackName"],
        logical_id=reply.get("LogicalResourceId", ""),
        physical_id=reply.get("PhysicalResourceId", ""),
        resource_type=reply.get("ResourceType", ""),
        status=reply.get("ResourceStatus", ""),
        reason=reply.get("ResourceStatusReason", ""),
        time=reply["Timestamp"],
    )


def resource(reply: Reply) -> StackResource:
    """One element of ListStackResources."""
    return StackResource(
        logical_id=reply["LogicalResourceId"],
        physical_id=reply.get("PhysicalResourceId", ""),
        type=reply["ResourceType"],
        status=reply["ResourceStatus"],
        reason=reply.get("ResourceStatusReason", ""),
        time=reply.get("LastUpdatedTimestamp"),
    )


def change_set(pages: Sequence[Reply]) -> ChangeSet:
    """A change set from all pages of one DescribeChangeSet; nested sets are named, not yet fetched."""
    first = pages[0]
    return ChangeSet(
        id=first["ChangeSetId"],
        name=first.get("ChangeSetName", ""),
        stack_id=first.get("StackId", ""),
        stack_name=first.get("StackName", ""),
        status=first.get("Status", ""),
        execution_status=first.get("ExecutionStatus", ""),
        reason=first.get("StatusReason", ""),
        changes=tuple(change(item) for page in pages for item in page.get("Changes", ())),
        parameters=parameters(first),
        tags=tags(first),
        parent_id=first.get("ParentChangeSetId", ""),
        root_id=first.get("RootChangeSetId", ""),
    )


def change(reply: Reply) -> Change:
    """One change. A kind other than Resource keeps its name as its action, so that it is judged as unknown."""
    body: Reply = reply.get("ResourceChange") or {}
    kind = reply.get("Type", "Resource")
    nameless = "" if kind == "Resource" else kind
    return Change(
        action=body.get("Action", "") if kind == "Resource" else kind,
        logical_id=body.get("LogicalResourceId", nameless),
        type=body.get("ResourceType", ""),
        physical_id=body.get("PhysicalResourceId", ""),
        replacement=body.get("Replacement", ""),
        policy_action=body.get("PolicyAction", ""),
        scope=tuple(body.get("Scope", ())),
        details=tuple(_detail(item) for item in body.get("Details", ())),
        before=document(body.get("BeforeContext")),
        after=document(body.get("AfterContext")),
        nested_id=body.get("ChangeSetId", ""),
    )


def document(text: str | None) -> dict[str, Any] | None:
    """The JSON object of a text, None where there is none: a document that was cut short is no document."""
    if not text:
        return None
    try:
        parsed = json.loads(text)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _detail(reply: Reply) -> Detail:
    target: Reply = reply.get("Target") or {}
    return Detail(
        attribute=target.get("Attribute", ""),
        name=target.get("Name", ""),
        path=target.get("Path", ""),
        before=target.get("BeforeValue"),
        after=target.get("AfterValue"),
        requires_recreation=target.get("RequiresRecreation", ""),
        evaluation=reply.get("Evaluation", ""),
        source=reply.get("ChangeSource", ""),
        causing_entity=reply.get("CausingEntity", ""),
        change_type=target.get("AttributeChangeType", ""),
    )


def merge(plain: ChangeSet, valued: ChangeSet) -> ChangeSet:
    """Both descriptions of one change set as one: no change of either is lost, values are kept where there are any."""
    rest: dict[str, list[Change]] = {}
    for other in valued.changes:
        rest.setdefault(other.logical_id, []).append(other)
    merged = []
    for one in plain.changes:
        twins = rest.get(one.logical_id) if one.logical_id else None
        merged.append(_merge_change(one, twins.pop(0)) if twins else one)
    left = {id(change) for changes in rest.values() for change in changes}
    reason = plain.reason or valued.reason  # the answer with values is the one that warns of what it left out
    return replace(
        plain, changes=(*merged, *(change for change in valued.changes if id(change) in left)), reason=reason
    )


def _merge_change(plain: Change, valued: Change) -> Change:
    told = {(detail.attribute, detail.name) for detail in valued.details}
    untold = tuple(detail for detail in plain.details if (detail.attribute, detail.name) not in told)
    return replace(
        valued,
        action=max(plain.action, valued.action, key=_seriousness),
        replacement=max(plain.replacement, valued.replacement, key=_weight),
        policy_action=valued.policy_action or plain.policy_action,
        scope=tuple(dict.fromkeys((*plain.scope, *valued.scope))),
        details=(*valued.details, *untold),
        before=plain.before if valued.before is None else valued.before,
        after=plain.after if valued.after is None else valued.after,
        nested_id=valued.nested_id or plain.nested_id,
        physical_id=valued.physical_id or plain.physical_id,
    )


def hang(root: str, known: Mapping[str, ChangeSet], above: frozenset[str] = frozenset()) -> ChangeSet:
    """The set ``root`` with every nested set that is known hanging on its change, and so on below."""

    def with_nested(change: Change) -> Change:
        if change.nested_id not in known or change.nested_id in above:
            return change
        return replace(change, nested=hang(change.nested_id, known, above | {root}))

    described = known[root]
    return replace(described, changes=tuple(with_nested(change) for change in described.changes))


def _seriousness(action: str) -> int:
    return _ACTIONS.index(action) if action in _ACTIONS else len(_ACTIONS)


def _weight(replacement: str) -> int:
    return _REPLACEMENTS.index(replacement) if replacement in _REPLACEMENTS else len(_REPLACEMENTS)
