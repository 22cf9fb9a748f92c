"""Grants by intent: the exact actions on the exact resource, never a wildcard that AWS does not force on us."""

from __future__ import annotations

from typing import Any

from awacs import dynamodb, ecr, logs
from awacs.aws import Action, Allow, Statement

Arn = Any
"""The ARN of a resource: text or an intrinsic function that gives it."""

TABLE_READ_WRITE: tuple[Action, ...] = (
    dynamodb.BatchGetItem,
    dynamodb.BatchWriteItem,
    dynamodb.DeleteItem,
    dynamodb.GetItem,
    dynamodb.PutItem,
    dynamodb.Query,
    dynamodb.Scan,
    dynamodb.UpdateItem,
)
"""What an application needs to read and write the items of a table, and nothing of the table itself."""


def read_write_table(table: Arn) -> Statement:
    """Read and write the items of one table; not its indexes, streams or settings."""
    return Statement(Sid="ReadWriteTable", Effect=Allow, Action=list(TABLE_READ_WRITE), Resource=[table])


def log_in_to_registry() -> Statement:
    """Ask ECR for a login. The one action here that IAM allows on ``*`` only."""
    return Statement(Sid="LogInToRegistry", Effect=Allow, Action=[ecr.GetAuthorizationToken], Resource=["*"])


def pull_images(repository: Arn) -> Statement:
    """Pull images from one repository."""
    actions = [ecr.BatchCheckLayerAvailability, ecr.BatchGetImage, ecr.GetDownloadUrlForLayer]
    return Statement(Sid="PullImages", Effect=Allow, Action=actions, Resource=[repository])


def write_logs(log_group: Arn) -> Statement:
    """Write to the streams of one log group. ``log_group`` is the attribute ``Arn``, which covers its streams."""
    actions = [logs.CreateLogStream, logs.PutLogEvents]
    return Statement(Sid="WriteLogs", Effect=Allow, Action=actions, Resource=[log_group])
