"""The schedule starts this task, in this cluster, with no more rights than that takes."""

from __future__ import annotations

from examples.account import Account, Change, Facts

CHANGE = Change("An hour later", "blueprints/root.py", "cron(0 3", "cron(0 4")

DEPLOYED = {
    "when": ("cron(0 3 * * ? *)", "Asia/Singapore", "ENABLED"),
    "within": {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 15},
    "what": True,
    "tries again": 2,
    "what never starts": True,
    "the scheduler may": {
        "ecs:RunTask": ["reports-nightly-task"],
        "ecs:TagResource": ["*"],  # of tasks that it starts
        "iam:PassRole": ["reports-nightly-execution-role", "reports-nightly-task-role"],
        "sqs:SendMessage": ["reports-nightly-dead-letters"],
    },
}

CHANGED = {"when": ("cron(0 4 * * ? *)", "Asia/Singapore", "ENABLED")}


def facts(account: Account) -> Facts:
    """What the schedule and its role say."""
    schedule = account.client("scheduler").get_schedule(Name="reports-nightly-schedule")
    target = schedule["Target"]
    return {
        "when": (schedule["ScheduleExpression"], schedule["ScheduleExpressionTimezone"], schedule["State"]),
        "within": schedule["FlexibleTimeWindow"],
        "what": target["EcsParameters"]["TaskDefinitionArn"] == account.id("Nightly/TaskDefinition"),
        "tries again": target["RetryPolicy"]["MaximumRetryAttempts"],
        "what never starts": target["DeadLetterConfig"]["Arn"].endswith(":reports-nightly-dead-letters"),
        "the scheduler may": _allowed(account),
    }


def _allowed(account: Account) -> dict[str, list[str]]:
    """Action -> names at the end of the ARNs, without the revision of a task definition."""
    policy = account.client("iam").get_role_policy(RoleName="reports-nightly-scheduler-role", PolicyName="run-task")
    statements = policy["PolicyDocument"]["Statement"]
    return {each["Action"][0]: sorted(_name(arn) for arn in each["Resource"]) for each in statements}


def _name(arn: str) -> str:
    return arn.split(":", 5)[5].rpartition("/")[2].partition(":")[0]
