"""The books in the API's shapes: what DescribeStacks, DescribeChangeSet and the others answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from oaktree_cfn.local.stacks import ChangeSet, Event, Resource, Stack
from oaktree_cfn.models import STACK_TYPE, Change, Detail
from oaktree_cfn.review.changes import changes, plain
from oaktree_cfn.template import parameters

Answer = dict[str, Any]

NOT_CHECKED = "NOT_CHECKED"


def _without_none(answer: Answer) -> Answer:
    return {key: value for key, value in answer.items() if value is not None and value != ""}


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def stack(found: Stack) -> Answer:
    """A stack as DescribeStacks shows it."""
    revision = found.revision
    return _without_none(
        {
            "StackId": found.id,
            "StackName": found.name,
            "ChangeSetId": found.change_set_id,
            "Description": str(revision.template.get("Description", "")) if revision else "",
            "Parameters": (revision.shown_parameters() if revision else []) or None,
            "CreationTime": found.created,
            "DeletionTime": found.deleted,
            "LastUpdatedTime": found.updated,
            "RollbackConfiguration": {},
            "RoleARN": found.root.role_arn,
            "StackStatus": found.status,
            "StackStatusReason": found.reason,
            "DisableRollback": found.disable_rollback,
            "NotificationARNs": list(revision.notification_arns) if revision else [],
            "Capabilities": list(revision.capabilities) if revision and revision.capabilities else None,
            "Outputs": list(found.outputs.values()) or None,
            "Tags": _tags(revision.tags) if revision else [],
            "EnableTerminationProtection": None if found.gone else found.termination_protection,
            "ParentId": found.parent.id if found.parent else None,
            "RootId": found.root.id if found.parent else None,
            "DriftInformation": {"StackDriftStatus": NOT_CHECKED},
        }
    )


def stack_summary(found: Stack) -> Answer:
    """A stack as ListStacks shows it."""
    whole = stack(found)
    keys = (
        "StackId",
        "StackName",
        "CreationTime",
        "LastUpdatedTime",
        "DeletionTime",
        "StackStatus",
        "StackStatusReason",
        "ParentId",
        "RootId",
        "DriftInformation",
    )
    summary = {key: whole[key] for key in keys if key in whole}
    return summary | ({"TemplateDescription": whole["Description"]} if "Description" in whole else {})


def event(found: Event, of: Stack) -> Answer:
    """An event as DescribeStackEvents shows it."""
    return _without_none(
        {
            "StackId": of.id,
            "EventId": found.id,
            "StackName": of.name,
            "LogicalResourceId": found.logical_id,
            "ResourceType": found.type,
            "Timestamp": found.time,
            "ResourceStatus": found.status,
            "ResourceStatusReason": found.reason,
            "ResourceProperties": json.dumps(found.properties) if found.properties is not None else None,
            "ClientRequestToken": found.token,
        }
    ) | {"PhysicalResourceId": found.physical_id}  # there even before there is one


def operation_event(found: Event, of: Stack) -> Answer:
    """An event as DescribeEvents shows it."""
    plain = event(found, of)
    plain.pop("StackName")
    failed = found.status.endswith("_FAILED")
    return plain | {"EventType": "PROVISIONING_ERROR" if failed else "STACK_EVENT"}


def resource(found: Resource, of: Stack) -> Answer:
    """A resource as DescribeStackResources shows it."""
    return _without_none(
        {
            "StackName": of.name,
            "StackId": of.id,
            "LogicalResourceId": found.logical_id,
            "PhysicalResourceId": found.physical_id,
            "ResourceType": found.type,
            "Timestamp": found.time,
            "ResourceStatus": found.status,
            "ResourceStatusReason": found.reason,
            "DriftInformation": {"StackResourceDriftStatus": NOT_CHECKED},
        }
    )


def resource_summary(found: Resource, of: Stack) -> Answer:
    """A resource as ListStackResources shows it."""
    whole = resource(found, of)
    keys = (
        "LogicalResourceId",
        "PhysicalResourceId",
        "ResourceType",
        "ResourceStatus",
        "ResourceStatusReason",
        "DriftInformation",
    )
    return {key: whole[key] for key in keys if key in whole} | {"LastUpdatedTimestamp": whole["Timestamp"]}


def resource_detail(found: Resource, of: Stack) -> Answer:
    """A resource as DescribeStackResource shows it."""
    whole = resource(found, of)
    whole["LastUpdatedTimestamp"] = whole.pop("Timestamp")
    return whole | {"Metadata": json.dumps(found.declared.get("Metadata", {}))}


def change_set(found: ChangeSet, *, values: bool) -> Answer:
    """A change set as DescribeChangeSet shows it, all its changes in one page."""
    parent, root = found.parent, found.root if found.parent else None
    return _without_none(
        {
            "ChangeSetName": found.name,
            "ChangeSetId": found.id,
            "StackId": found.stack.id,
            "StackName": found.stack.name,
            "Description": found.description,
            "Parameters": _known_parameters(found) or None,
            "CreationTime": found.created,
            "ExecutionStatus": found.execution,
            "Status": found.status,
            "StatusReason": found.reason or (found.warning if values else ""),
            "NotificationARNs": list(found.revision.notification_arns),
            "RollbackConfiguration": {},
            "Capabilities": list(found.revision.capabilities),
            "Tags": _tags(found.revision.tags) or None,
            "Changes": [_change(each, found) for each in changes(found.differences, values=values)],
            "IncludeNestedStacks": found.nested,
            "ParentChangeSetId": parent.id if parent else None,
            "RootChangeSetId": root.id if root else None,
            "OnStackFailure": found.on_failure,
        }
    )


def _known_parameters(found: ChangeSet) -> list[dict[str, str]]:
    return [{key: plain(value) for key, value in item.items()} for item in found.revision.shown_parameters()]


def change_set_summary(found: ChangeSet) -> Answer:
    """A change set as ListChangeSets shows it."""
    whole = change_set(found, values=False)
    keys = (
        "StackId", "StackName", "ChangeSetId", "ChangeSetName", "ExecutionStatus", "Status", "StatusReason", "CreationTime", "Description",
        "IncludeNestedStacks", "ParentChangeSetId", "RootChangeSetId",
    )  # fmt: skip
    return {key: whole[key] for key in keys if key in whole}


def _change(change: Change, of: ChangeSet) -> Answer:
    child = of.children.get(change.logical_id)
    return {
        "Type": "Resource",
        "ResourceChange": _without_none(
            {
                "PolicyAction": change.policy_action,
                "Action": change.action,
                "LogicalResourceId": change.logical_id,
                "PhysicalResourceId": change.physical_id,
                "ResourceType": change.type,
                "Replacement": change.replacement,
                "Scope": list(change.scope),
                "Details": [_detail(detail) for detail in change.details],
                "ChangeSetId": child.id if child is not None and change.type == STACK_TYPE else None,
                "BeforeContext": json.dumps(change.before) if change.before is not None else None,
                "AfterContext": json.dumps(change.after) if change.after is not None else None,
            }
        ),
    }


def _detail(detail: Detail) -> Answer:
    target = _without_none(
        {
            "Attribute": detail.attribute,
            "Name": detail.name,
            "RequiresRecreation": detail.requires_recreation,
            "Path": detail.path,
            "BeforeValue": detail.before,
            "AfterValue": detail.after,
            "AttributeChangeType": detail.change_type,
        }
    )
    return _without_none(
        {
            "Target": target,
            "Evaluation": detail.evaluation,
            "ChangeSource": detail.source,
            "CausingEntity": detail.causing_entity,
        }
    )


def template_parameters(template: Mapping[str, Any]) -> list[Answer]:
    """Parameter declarations as GetTemplateSummary shows them."""
    return [
        _without_none(
            {
                "ParameterKey": name,
                "DefaultValue": str(declared["Default"]) if "Default" in declared else None,
                "ParameterType": declared["Type"],
                "NoEcho": parameters.no_echo(declared),
                "Description": declared.get("Description"),
                "ParameterConstraints": {"AllowedValues": [str(value) for value in declared["AllowedValues"]]}
                if "AllowedValues" in declared
                else None,
            }
        )
        for name, declared in template.get("Parameters", {}).items()
    ]
