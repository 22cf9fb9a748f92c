"""Scheduled tasks: started by the clock, tried again, and what could not be started is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from oaktree_cfn.services.scheduled_task import ScheduledTask
from oaktree_cfn.services.task import Task
from tests.services.rendering import (
    GROUND,
    at,
    complaints,
    container,
    made,
    names_of,
    properties,
    scheduled,
    statements,
)

SAID: list[tuple[str, Any, str, Any]] = [
    ("schedule", "cron(0 3 * * ? *)", "ScheduleExpression", "cron(0 3 * * ? *)"),
    ("timezone", "Asia/Singapore", "ScheduleExpressionTimezone", "Asia/Singapore"),
    ("flexible_time_window", 15, "FlexibleTimeWindow", {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15}),
    ("enabled", False, "State", "DISABLED"),
    ("enabled", "false", "State", "DISABLED"),
    ("task_count", 3, "Target.EcsParameters.TaskCount", 3),
    ("maximum_retry_attempts", 0, "Target.RetryPolicy.MaximumRetryAttempts", 0),
    ("maximum_event_age", 60, "Target.RetryPolicy.MaximumEventAgeInSeconds", 60),
]


@pytest.mark.parametrize(("field", "value", "path", "expected"), SAID)
def test_each_choice_is_one_thing_in_the_schedule(field: str, value: Any, path: str, expected: Any) -> None:
    assert at(properties(scheduled(), "Schedule"), path) != expected
    assert at(properties(scheduled(**{field: value}), "Schedule"), path) == expected


def test_nothing_that_can_be_said_is_without_a_test() -> None:
    assert {field for field, *_ in SAID} == names_of(ScheduledTask) - names_of(Task)


def test_the_clock_starts_this_task_in_this_cluster() -> None:
    given = properties(scheduled(), "Schedule")
    assert given["Name"] == "oaktree-api-schedule"
    assert given["FlexibleTimeWindow"] == {"Mode": "OFF"}
    cluster = "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:cluster/${Cluster}"
    assert given["Target"]["Arn"] == {"Fn::Sub": [cluster, {"Cluster": "oaktree-cluster"}]}
    assert given["Target"]["EcsParameters"] == {
        "TaskDefinitionArn": {"Ref": "TaskDefinition"},
        "TaskCount": 1,
        "LaunchType": "FARGATE",
        "EnableECSManagedTags": True,
        "EnableExecuteCommand": False,
        "PropagateTags": "TASK_DEFINITION",
        "NetworkConfiguration": {
            "AwsvpcConfiguration": {
                "AssignPublicIp": "DISABLED",
                "SecurityGroups": [{"Fn::GetAtt": ["SecurityGroup", "GroupId"]}],
                "Subnets": ["subnet-1", "subnet-2"],
            }
        },
    }


def test_what_could_not_be_started_is_kept_for_two_weeks() -> None:
    found = made(scheduled())
    target = found["Schedule"]["Properties"]["Target"]
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}}
    assert found["DeadLetterQueue"]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_the_clock_may_start_and_tag_this_task_only_and_bury_what_it_cannot() -> None:
    may = statements(scheduled(), "SchedulerRole")
    in_cluster = "arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:"
    cluster = {"Fn::Sub": [f"{in_cluster}cluster/${{Cluster}}", {"Cluster": "oaktree-cluster"}]}
    tasks = {"Fn::Sub": [f"{in_cluster}task/${{Cluster}}/*", {"Cluster": "oaktree-cluster"}]}
    assert may["RunTask"]["Resource"] == [{"Ref": "TaskDefinition"}]
    assert may["RunTask"]["Condition"] == {"ArnEquals": {"ecs:cluster": cluster}}
    assert may["TagTask"]["Resource"] == [tasks]
    assert may["TagTask"]["Condition"] == {"StringEquals": {"ecs:CreateAction": ["RunTask"]}}
    assert may["PassRoles"]["Resource"] == [{"Fn::GetAtt": [role, "Arn"]} for role in ("ExecutionRole", "TaskRole")]
    assert may["PassRoles"]["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    assert may["Bury"]["Resource"] == [{"Fn::GetAtt": ["DeadLetterQueue", "Arn"]}]
    (trust,) = properties(scheduled(), "SchedulerRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": ["scheduler.amazonaws.com"]}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_clock_has_every_action_of_awss_own_policy_for_it() -> None:
    """AmazonEC2ContainerServiceEventsRole, as moto carries it."""
    policy = json.loads(aws_managed_policies_data)["AmazonEC2ContainerServiceEventsRole"]["Document"]["Statement"]
    theirs = {action for each in policy for action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])}  # fmt: skip
    ours = {action for each in statements(scheduled(), "SchedulerRole").values() for action in each["Action"]}
    assert ours - theirs == {"sqs:SendMessage"}
    assert theirs - ours == set()


def test_nobody_comes_in_and_nothing_is_kept_running() -> None:
    found = made(scheduled())
    assert "SecurityGroupIngress" not in found["SecurityGroup"]["Properties"]
    assert "Service" not in found
    assert "PortMappings" not in container(scheduled())


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"flexible_time_window": 0}, "flexible_time_window: 0 is not a whole number from 1 to 1440"),
        ({"task_count": 11}, "task_count: 11 is not a whole number from 1 to 10"),
        ({"maximum_retry_attempts": 186}, "maximum_retry_attempts: 186 is not a whole number from 0 to 185"),
        ({"maximum_event_age": 59}, "maximum_event_age: 59 is not a whole number from 60 to 86400"),
    ],
)
def test_what_the_clock_refuses_is_refused(said: dict[str, Any], told: str) -> None:
    assert complaints(scheduled(**said)) == [f"ScheduledTask.{told}"]


def test_the_ground_may_give_a_group_and_public_addresses() -> None:
    ground = replace(GROUND, security_group="sg-tasks", public_ip="ENABLED")
    place = at(properties(scheduled(), "Schedule", ground), "Target.EcsParameters.NetworkConfiguration")
    assert place["AwsvpcConfiguration"]["SecurityGroups"] == ["sg-tasks"]
    assert place["AwsvpcConfiguration"]["AssignPublicIp"] == "ENABLED"
