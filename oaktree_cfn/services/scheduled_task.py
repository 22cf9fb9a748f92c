"""A scheduled task: EventBridge Scheduler starts it by the clock, tries again, and keeps what it could not start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from awacs import ecs as ecs_actions
from awacs import iam, sqs
from awacs.aws import Allow, ArnEquals, Condition, Statement, StringEquals
from troposphere import AWSObject, Sub
from troposphere import scheduler as eventbridge
from troposphere.iam import Policy, Role

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.queue import dead_letter_queue
from oaktree_cfn.services.roles import document, trusted_by
from oaktree_cfn.services.service import group_of, own_group
from oaktree_cfn.services.task import Task

_SCHEDULE = r"rate\(\d+ (minutes?|hours?|days?)\)|cron\([^()]+\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)"


@dataclass(frozen=True, kw_only=True)
class ScheduledTask(Task):
    """One run at each time. A start that fails is tried again; at the end its invocation lands with the dead letters."""

    schedule: Value = fields.text(
        fields.REQUIRED,
        _SCHEDULE,
        "rate(5 minutes), cron(0 3 * * ? *) or at(2030-01-01T00:00:00)",
        "When it runs.",
        256,
    )
    timezone: Value = fields.text("UTC", r"[A-Za-z0-9_+/-]+", "a time zone such as Asia/Singapore", "Time zone of it.")
    flexible_time_window: Value = fields.number(None, 1, 1440, "Minutes within which it may start, to spread load.")
    enabled: bool = fields.switch(True, "Whether the schedule runs.")
    task_count: Value = fields.number(1, 1, 10, "Tasks started each time.")
    maximum_retry_attempts: Value = fields.number(3, 0, 185, "Times a failed start is tried again.")
    maximum_event_age: Value = fields.number(3600, 60, 86400, "Seconds after which a start is not tried again.")

    def contradictions(self) -> Iterator[Problem]:
        """EventBridge Scheduler counts one of a thing in the singular only."""
        yield from super().contradictions()
        if fields.is_literal(self.schedule) and str(self.schedule).startswith("rate(1 ") and "s)" in str(self.schedule):
            yield Problem("schedule", f"{self.schedule!r} counts one in the plural", "Write rate(1 hour)")

    def resources(self, ground: Ground) -> list[AWSObject]:
        """Everything the task and its schedule are made of, in reading order. Raises InvalidInput for a wrong
        description.
        """
        fields.verify(self)
        return [
            self.log_group(ground),
            *self.roles(ground),
            self.task_definition(ground),
            *own_group(ground),
            dead_letter_queue(ground),
            _scheduler_role(ground),
            self._schedule(ground),
        ]

    def _schedule(self, ground: Ground) -> eventbridge.Schedule:
        window = {"Mode": "OFF"}
        if self.flexible_time_window is not None:
            window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": self.flexible_time_window}
        return eventbridge.Schedule(
            ground.id("Schedule"),
            DependsOn=[ground.id(kind) for kind in self.after()],
            Name=ground.name("{}-schedule"),
            ScheduleExpression=self.schedule,
            ScheduleExpressionTimezone=self.timezone,
            State="ENABLED" if self.enabled else "DISABLED",
            FlexibleTimeWindow=eventbridge.FlexibleTimeWindow(**window),
            Target=self._target(ground),
        )

    def _target(self, ground: Ground) -> eventbridge.Target:
        more: dict[str, Any] = {"EnableExecuteCommand": True} if self.execute_command is True else {}
        run = eventbridge.EcsParameters(
            TaskDefinitionArn=ground.ref("TaskDefinition"),
            TaskCount=self.task_count,
            LaunchType="FARGATE",
            EnableECSManagedTags=True,
            PropagateTags="TASK_DEFINITION",
            NetworkConfiguration=eventbridge.NetworkConfiguration(
                AwsvpcConfiguration=eventbridge.AwsVpcConfiguration(
                    AssignPublicIp=ground.public_ip, SecurityGroups=[group_of(ground)], Subnets=ground.subnets
                )
            ),
            **more,
        )
        return eventbridge.Target(
            Arn=_cluster_arn(ground),
            RoleArn=ground.att("SchedulerRole", "Arn"),
            EcsParameters=run,
            RetryPolicy=eventbridge.RetryPolicy(
                MaximumRetryAttempts=self.maximum_retry_attempts, MaximumEventAgeInSeconds=self.maximum_event_age
            ),
            DeadLetterConfig=eventbridge.DeadLetterConfig(Arn=ground.att("DeadLetterQueue", "Arn")),
        )


def _cluster_arn(ground: Ground) -> Sub:
    return Sub("arn:${AWS::Partition}:ecs:${AWS::Region}:${AWS::AccountId}:cluster/${Cluster}", Cluster=ground.cluster)


def _scheduler_role(ground: Ground) -> Role:
    """What EventBridge Scheduler needs: to run this task in this cluster, with its two roles, and to bury the rest."""
    here = Condition(ArnEquals({"ecs:cluster": _cluster_arn(ground)}))
    to_tasks = Condition(StringEquals({"iam:PassedToService": "ecs-tasks.amazonaws.com"}))
    roles = [ground.att("ExecutionRole", "Arn"), ground.att("TaskRole", "Arn")]
    statements = [
        Statement(
            Sid="RunTask",
            Effect=Allow,
            Action=[ecs_actions.RunTask],
            Resource=[ground.ref("TaskDefinition")],
            Condition=here,
        ),
        Statement(Sid="PassRoles", Effect=Allow, Action=[iam.PassRole], Resource=roles, Condition=to_tasks),
        Statement(Sid="Bury", Effect=Allow, Action=[sqs.SendMessage], Resource=[ground.att("DeadLetterQueue", "Arn")]),
    ]
    return Role(
        ground.id("SchedulerRole"),
        RoleName=ground.name("{}-scheduler-role"),
        Description="EventBridge Scheduler starts the task with it",
        AssumeRolePolicyDocument=trusted_by("scheduler.amazonaws.com"),
        Policies=[Policy(PolicyName="run-task", PolicyDocument=document(statements))],
    )
