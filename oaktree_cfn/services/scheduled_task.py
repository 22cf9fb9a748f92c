"""A scheduled task: EventBridge Scheduler starts it by the clock, tries again, and keeps what it could not start."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from awacs import ecs as ecs_actions
from awacs import iam, sqs
from awacs.aws import Allow, ArnEquals, Condition, Statement, StringEquals
from troposphere import AWSObject, Sub
from troposphere import scheduler as eventbridge
from troposphere.iam import Policy, Role

from oaktree_cfn.services import fields
from oaktree_cfn.services import schedule as clock
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.network import own_group, place
from oaktree_cfn.services.queue import dead_letter_queue
from oaktree_cfn.services.roles import document, trusted_by
from oaktree_cfn.services.task import Task
from oaktree_cfn.services.when import either

_CLUSTER, _TASKS = "cluster/${Cluster}", "task/${Cluster}/*"


@dataclass(frozen=True, kw_only=True)
class ScheduledTask(Task):
    """One run at each time. A start that fails is tried again; at the end its invocation lands with the dead letters."""

    schedule: Value = fields.of(clock.EXPRESSION, fields.REQUIRED, "When it runs, such as cron(0 3 * * ? *).")
    timezone: Value = fields.of(clock.TIMEZONE, "UTC", "Time zone of the schedule.")
    flexible_time_window: Value = fields.number(None, 1, 1440, "Minutes within which it may start, to spread load.")
    enabled: bool = fields.known(fields.switch(True, "Whether the schedule runs."))
    task_count: Value = fields.number(1, 1, 10, "Tasks started each time.")
    maximum_retry_attempts: Value = fields.number(3, 0, 185, "Times a failed start is tried again.")
    maximum_event_age: Value = fields.number(3600, 60, 86400, "Seconds after which a start is not tried again.")

    def contradictions(self) -> Iterator[Problem]:
        """A schedule that looks right and is none."""
        yield from super().contradictions()
        yield from clock.contradictions(self.schedule)

    def resources(self, ground: Ground) -> list[AWSObject]:
        """Everything the task and its schedule are made of, in reading order. Raises InvalidInput for a wrong
        description.
        """
        return fields.verified(self).compose(ground)

    def compose(self, ground: Ground) -> list[AWSObject]:
        """The same, of what is verified already."""
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
        run = eventbridge.EcsParameters(
            TaskDefinitionArn=ground.ref("TaskDefinition"),
            TaskCount=self.task_count,
            LaunchType="FARGATE",
            EnableECSManagedTags=True,
            PropagateTags="TASK_DEFINITION",
            EnableExecuteCommand=either(self._shells(), lambda said: said, False),
            NetworkConfiguration=eventbridge.NetworkConfiguration(
                AwsvpcConfiguration=eventbridge.AwsVpcConfiguration(**place(ground))
            ),
        )
        return eventbridge.Target(
            Arn=_in_cluster(ground, _CLUSTER),
            RoleArn=ground.att("SchedulerRole", "Arn"),
            EcsParameters=run,
            RetryPolicy=eventbridge.RetryPolicy(
                MaximumRetryAttempts=self.maximum_retry_attempts, MaximumEventAgeInSeconds=self.maximum_event_age
            ),
            DeadLetterConfig=eventbridge.DeadLetterConfig(Arn=ground.att("DeadLetterQueue", "Arn")),
        )


def _in_cluster(ground: Ground, kind: str) -> Sub:
    arn = f"arn:${{AWS::Partition}}:ecs:${{AWS::Region}}:${{AWS::AccountId}}:{kind}"
    return Sub(arn, Cluster=ground.cluster)


def _scheduler_role(ground: Ground) -> Role:
    """What EventBridge Scheduler needs: to run and tag this task in this cluster, with its two roles, and to bury the rest
    (AmazonEC2ContainerServiceEventsRole does the same on everything).
    """
    here = Condition(ArnEquals({"ecs:cluster": _in_cluster(ground, _CLUSTER)}))
    when_run = Condition(StringEquals({"ecs:CreateAction": ["RunTask"]}))
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
        Statement(
            Sid="TagTask",
            Effect=Allow,
            Action=[ecs_actions.TagResource],
            Resource=[_in_cluster(ground, _TASKS)],
            Condition=when_run,
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
