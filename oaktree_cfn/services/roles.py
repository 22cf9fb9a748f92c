"""The two roles of a task. ECS itself uses the execution role to start it, the application the task role while it runs.

Two, never one: what ECS needs to pull an image is none of the application's business, and the other way round.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from awacs.aws import Allow, Condition, PolicyDocument, Principal, Statement, StringEquals
from awacs.sts import AssumeRole
from troposphere import AWS_ACCOUNT_ID, Ref
from troposphere.iam import ManagedPolicy, PolicyType, Role

from oaktree_cfn.services.fields import Value
from oaktree_cfn.services.grants import (
    Grant,
    log_in_to_registry,
    open_shells,
    pull_images,
    record_shells,
    statements,
    write_logs,
)
from oaktree_cfn.services.ground import Ground


def document(given: Iterable[Any]) -> PolicyDocument:
    """A policy of these statements."""
    return PolicyDocument(Version="2012-10-17", Statement=list(given))


def trusted_by(service: str) -> PolicyDocument:
    """A service of AWS may take the role, for this account only: without the condition it could be talked into using the
    role for another account (the confused deputy).
    """
    ours = Condition(StringEquals({"aws:SourceAccount": Ref(AWS_ACCOUNT_ID)}))
    principal = Principal("Service", [service])
    return document([Statement(Effect=Allow, Principal=principal, Action=[AssumeRole], Condition=ours)])


def execution_role(ground: Ground) -> Role:
    """The role ECS uses to start a task: ``<prefix>-execution-role``."""
    return Role(
        ground.id("ExecutionRole"),
        RoleName=ground.name("{}-execution-role"),
        Description="ECS uses it to pull the image and write the logs",
        AssumeRolePolicyDocument=trusted_by("ecs-tasks.amazonaws.com"),
    )


def execution_policy(ground: Ground, repositories: Iterable[Value], grants: Iterable[Grant]) -> PolicyType:
    """The actions of AmazonECSTaskExecutionRolePolicy, on these repositories and this log group only, and the secrets."""
    pulls = _pulls(tuple(repositories))
    logs = write_logs(ground.att("LogGroup", "Arn"))
    return PolicyType(
        ground.id("ExecutionPolicy"),
        PolicyName=ground.name("{}-execution"),
        PolicyDocument=document([*pulls, logs, *statements(grants)]),
        Roles=[ground.ref("ExecutionRole")],
    )


def _pulls(repositories: tuple[Value, ...]) -> list[Statement]:
    """Log in and pull; nothing for public images only."""
    if not repositories:
        return []
    first = pull_images(repositories[0])
    first.properties["Resource"] = list(repositories)
    return [log_in_to_registry(), first]


def task_role(ground: Ground) -> Role:
    """The role the application runs as: ``<prefix>-task-role``."""
    return Role(
        ground.id("TaskRole"),
        RoleName=ground.name("{}-task-role"),
        Description="The application runs as this role",
        AssumeRolePolicyDocument=trusted_by("ecs-tasks.amazonaws.com"),
    )


def task_policy(ground: Ground, name: Value, grants: Iterable[Grant]) -> list[ManagedPolicy]:
    """What the application may do: a managed policy, so that it can be read and audited under its own name.

    It has no description: IAM cannot change one, so CloudFormation would replace the policy, which its fixed name
    forbids. There is none where nothing is granted.
    """
    granted = statements(grants)
    if not granted:
        return []
    policy = ManagedPolicy(
        ground.id("TaskPolicy"),
        ManagedPolicyName=ground.name("{}-access") if name is None else name,
        PolicyDocument=document(granted),
        Roles=[ground.ref("TaskRole")],
    )
    return [policy]


def shell_policy(ground: Ground) -> PolicyType:
    """What ECS Exec needs in the task role to open a shell and to record it."""
    return PolicyType(
        ground.id("ShellPolicy"),
        PolicyName=ground.name("{}-shell"),
        PolicyDocument=document([open_shells(), *record_shells(ground.cluster)]),
        Roles=[ground.ref("TaskRole")],
    )
