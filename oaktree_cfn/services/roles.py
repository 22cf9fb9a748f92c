"""The two roles of a task. ECS itself uses the execution role to start it, the application the task role while it runs.

Two, never one: what ECS needs to pull an image is none of the application's business, and the other way round.
"""

from __future__ import annotations

from typing import Any

from awacs.aws import Allow, Condition, PolicyDocument, Principal, Statement, StringEquals
from awacs.sts import AssumeRole
from troposphere import AWS_ACCOUNT_ID, Ref
from troposphere.iam import ManagedPolicy, PolicyType, Role

from oaktree_cfn.services.grants import log_in_to_registry, pull_images, write_logs
from oaktree_cfn.services.names import named


def _allow(*statements: Statement) -> PolicyDocument:
    return PolicyDocument(Version="2012-10-17", Statement=list(statements))


def _trust_tasks_of_this_account() -> PolicyDocument:
    """Without the condition, ECS could be talked into using the role for another account (the confused deputy)."""
    ours = Condition(StringEquals({"aws:SourceAccount": Ref(AWS_ACCOUNT_ID)}))
    tasks = Principal("Service", ["ecs-tasks.amazonaws.com"])
    return _allow(Statement(Effect=Allow, Principal=tasks, Action=[AssumeRole], Condition=ours))


def execution_role(prefix: Any) -> Role:
    """The role ECS uses to start a task: ``<prefix>-execution-role``."""
    return Role(
        "ExecutionRole",
        RoleName=named("{}-execution-role", prefix),
        Description="ECS uses it to pull the image and write the logs",
        AssumeRolePolicyDocument=_trust_tasks_of_this_account(),
    )


def execution_policy(prefix: Any, repository: Any, log_group: Any) -> PolicyType:
    """The actions of AmazonECSTaskExecutionRolePolicy, on this repository and this log group only."""
    return PolicyType(
        "ExecutionPolicy",
        PolicyName=named("{}-execution", prefix),
        PolicyDocument=_allow(log_in_to_registry(), pull_images(repository), write_logs(log_group)),
        Roles=[Ref("ExecutionRole")],
    )


def task_role(prefix: Any) -> Role:
    """The role the application runs as: ``<prefix>-task-role``."""
    return Role(
        "TaskRole",
        RoleName=named("{}-task-role", prefix),
        Description="The application runs as this role",
        AssumeRolePolicyDocument=_trust_tasks_of_this_account(),
    )


def task_policy(name: Any, *grants: Statement) -> ManagedPolicy:
    """What the application may do: a managed policy, so that it can be read and audited under its own name.

    It has no description: IAM cannot change one, so CloudFormation would replace the policy, which its fixed name forbids.
    """
    return ManagedPolicy(
        "TaskPolicy",
        ManagedPolicyName=name,
        PolicyDocument=_allow(*grants),
        Roles=[Ref("TaskRole")],
    )
