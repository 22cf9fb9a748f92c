"""Grants name what they allow: no ``*`` and no ``service:*`` among the actions, no ``*`` for the resources.

Actions that IAM knows no resources for are the only ones on ``*``. In a policy that belongs to a resource, ``*`` is that resource
itself (a key's policy), so only actions are judged there; a key's policy may leave all of them to the account's own IAM.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from oaktree_cfn.template import iam
from oaktree_cfn.template.invariants._statements import allowed
from oaktree_cfn.template.invariants._system import Finding, Part, System

WHY = (
    "A task that is taken over can do everything the grant says, in the whole account: read all tables, pass on any role. "
    "(Security Hub IAM.1, IAM.21)"
)
FIX = "Name the actions that are used, and the ARNs of what they are used on."

WITHOUT_RESOURCE = (
    "ecr:GetAuthorizationToken",
    "logs:DescribeLogGroups",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
    "ec2:Describe*",
    "elasticloadbalancing:Describe*",
    "ecs:DescribeTaskDefinition",
    "ecs:ListTasks",
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "cloudformation:GetTemplateSummary",
)
"""Actions that IAM allows on ``*`` only: logging in to ECR, ECS Exec's channels and record, what ECS's infrastructure role looks up,
traces, the summary of a template that is no stack yet; ECS's list of tasks, which a condition on the cluster limits. Those of which IAM's data says so are known from there (``template/iam.py``).

Source: service authorization reference, "Actions, resources, and condition keys"; AmazonECSInfrastructureRolePolicyForLoadBalancers
for the two ``Describe*``.
"""

_WIDE_ACTION = re.compile(r"([^:]*:)?[*?]*\*[*?]*")
_WIDE_RESOURCE = re.compile(r"(arn:([^:]*:){0,4})?[*?]*\*[*?]*")


def find(system: System) -> Iterator[Finding]:
    """Grants that say more than they mean."""
    for statement, identity in allowed(system):
        yield from _actions(statement)
        if identity:
            yield from _resources(statement)


def _actions(statement: Part) -> Iterator[Finding]:
    if not statement.at("NotAction").absent:
        yield statement.at("NotAction").finding("allows every action but these")
    for action in statement.at("Action").items:
        if action.text is not None and _WIDE_ACTION.fullmatch(action.text) and not _left_to_iam(statement):
            yield action.finding(f"is {action.text}")


def _left_to_iam(statement: Part) -> bool:
    """Whether a key's policy names the account, which means: let IAM decide."""
    names = [str(each.value) for each in statement.at("Principal", "AWS").items]
    return statement.type.startswith("AWS::KMS::") and bool(names) and all(name.endswith(":root") for name in names)


def _resources(statement: Part) -> Iterator[Finding]:
    if not statement.at("NotResource").absent:
        yield statement.at("NotResource").finding("allows it on everything but these")
    if not statement.at("NotAction").absent or all(_has_none(each) for each in statement.at("Action").items):
        return
    for resource in statement.at("Resource").items:
        if isinstance(resource.value, str) and _WIDE_RESOURCE.fullmatch(resource.value):
            names = [str(each.value) for each in statement.at("Action").items if not _has_none(each)]
            yield resource.finding(f"is {resource.value} for {', '.join(names)}")


def _has_none(action: Part) -> bool:
    """Whether IAM knows no resource for it, as far as it is known."""
    text = action.text
    known = any(fnmatchcase(text.lower(), each.lower()) for each in WITHOUT_RESOURCE) if text is not None else True
    return known or iam.kinds(str(text)) == ()
