"""Grants by intent: the exact actions on the exact resource, never a wildcard that AWS does not force on us.

An intent says what for (``read-write`` on a table); the actions follow from it. Source of the actions and of what each
may be limited to: the Service Authorization Reference of the services.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from awacs import dynamodb, ecr, kms, logs, s3, secretsmanager, sns, sqs, ssm, ssmmessages
from awacs.aws import Action, Allow, Statement
from troposphere import Sub

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value

Actions = tuple[Action, ...]

_TABLE_READ: Actions = (dynamodb.BatchGetItem, dynamodb.GetItem, dynamodb.Query, dynamodb.Scan)
_TABLE_WRITE: Actions = (dynamodb.BatchWriteItem, dynamodb.DeleteItem, dynamodb.PutItem, dynamodb.UpdateItem)
_QUEUE: Actions = (sqs.GetQueueAttributes, sqs.GetQueueUrl)
_OBJECTS_READ: Actions = (s3.GetObject,)
_OBJECTS_WRITE: Actions = (s3.AbortMultipartUpload, s3.DeleteObject, s3.PutObject)
_BUCKET: Actions = (s3.GetBucketLocation, s3.ListBucket)

ACTIONS: Mapping[str, Mapping[str, Mapping[str, Actions]]] = {
    "table": {
        "read": {"": _TABLE_READ},
        "write": {"": _TABLE_WRITE},
        "read-write": {"": (*_TABLE_READ, *_TABLE_WRITE)},
    },
    "index": {"read": {"": (dynamodb.Query, dynamodb.Scan)}},
    "stream": {"consume": {"": (dynamodb.DescribeStream, dynamodb.GetRecords, dynamodb.GetShardIterator)}},
    "queue": {
        "send": {"": (*_QUEUE, sqs.SendMessage)},
        "consume": {"": (sqs.ChangeMessageVisibility, sqs.DeleteMessage, *_QUEUE, sqs.ReceiveMessage)},
    },
    "bucket": {
        "read": {"": _BUCKET, "/*": _OBJECTS_READ},
        "write": {"/*": _OBJECTS_WRITE},
        "read-write": {"": _BUCKET, "/*": (*_OBJECTS_READ, *_OBJECTS_WRITE)},
    },
    "secret": {
        "read": {"": (secretsmanager.DescribeSecret, secretsmanager.GetSecretValue)},
        "fetch": {"": (secretsmanager.GetSecretValue,)},
    },
    "parameter": {
        "read": {"": (ssm.GetParameter, ssm.GetParameters)},
        "write": {"": (ssm.PutParameter,)},
        "read-write": {"": (ssm.GetParameter, ssm.GetParameters, ssm.PutParameter)},
        "fetch": {"": (ssm.GetParameters,)},
    },
    "topic": {"publish": {"": (sns.Publish,)}},
    "key": {
        "decrypt": {"": (kms.Decrypt,)},
        "encrypt": {"": (kms.Encrypt, kms.GenerateDataKey)},
    },
}
"""Kind of resource -> intent -> what follows the resource's ARN -> actions."""

ARNS: Mapping[str, str] = {
    "table": r"arn:aws[a-z-]*:dynamodb:[^:]*:[^:]*:table/[^/]+",
    "index": r"arn:aws[a-z-]*:dynamodb:[^:]*:[^:]*:table/[^/]+/index/.+",
    "stream": r"arn:aws[a-z-]*:dynamodb:[^:]*:[^:]*:table/[^/]+/stream/.+",
    "queue": r"arn:aws[a-z-]*:sqs:[^:]*:[^:]*:[^:]+",
    "bucket": r"arn:aws[a-z-]*:s3:::[^/]+",
    "secret": r"arn:aws[a-z-]*:secretsmanager:[^:]*:[^:]*:secret:.+",
    "parameter": r"arn:aws[a-z-]*:ssm:[^:]*:[^:]*:parameter/.+",
    "topic": r"arn:aws[a-z-]*:sns:[^:]*:[^:]*:[^:]+",
    "key": r"arn:aws[a-z-]*:kms:[^:]*:[^:]*:key/.+",
}
"""Kind of resource -> what its ARN looks like (Service Authorization Reference, resource types)."""

INTENTS = tuple(sorted({intent for intents in ACTIONS.values() for intent in intents}))


@dataclass(frozen=True)
class Grant:
    """One intent on one resource: ``Grant("read-write", "table", GetAtt("Users", "Arn"))``."""

    intent: str = fields.known(fields.choice(fields.REQUIRED, INTENTS, "What the application does with the resource."))
    on: str = fields.known(fields.choice(fields.REQUIRED, tuple(ACTIONS), "What kind of resource it is."))
    arn: Value = fields.arn(fields.REQUIRED, "ARN of the resource.")

    def contradictions(self) -> Iterator[Problem]:
        """Not every kind of resource takes every intent, and an ARN says what kind it is."""
        article = "an" if self.on == "index" else "a"
        if self.intent not in ACTIONS[self.on]:
            may = ", ".join(ACTIONS[self.on])
            yield Problem("intent", f"{article} {self.on} takes no {self.intent}", f"Say one of {may}")
        if fields.is_literal(self.arn) and not re.fullmatch(ARNS[self.on], self.arn):
            yield Problem("arn", f"it is not the ARN of {article} {self.on}", "Give that, or say what else it is")

    def statements(self) -> Iterator[Statement]:
        """One statement for each kind of ARN that the actions are limited to."""
        for suffix, actions in ACTIONS[self.on][self.intent].items():
            sid = "".join(word.capitalize() for word in (*self.intent.split("-"), self.on))
            yield Statement(
                Sid=sid + ("Objects" if suffix else ""),
                Effect=Allow,
                Action=sorted(actions, key=lambda action: str(action.JSONrepr())),
                Resource=[_followed(self.arn, suffix)],
            )


def statements(grants: Iterable[Grant]) -> list[Statement]:
    """The statements of all grants, each with a name of its own."""
    found: list[Statement] = []
    names: dict[str, int] = {}
    for statement in (statement for grant in grants for statement in grant.statements()):
        name = statement.properties["Sid"]
        names[name] = names.get(name, 0) + 1
        statement.properties["Sid"] = name if names[name] == 1 else f"{name}{names[name]}"
        found.append(statement)
    return found


def _followed(arn: Value, suffix: str) -> Any:
    if not suffix:
        return arn
    return f"{arn}{suffix}" if isinstance(arn, str) else Sub("${Arn}" + suffix, Arn=arn)


# What ECS itself needs


def log_in_to_registry() -> Statement:
    """Ask ECR for a login. IAM allows this action on ``*`` only."""
    return Statement(Sid="LogInToRegistry", Effect=Allow, Action=[ecr.GetAuthorizationToken], Resource=["*"])


def pull_images(repository: Value) -> Statement:
    """Pull images from one repository."""
    actions = [ecr.BatchCheckLayerAvailability, ecr.BatchGetImage, ecr.GetDownloadUrlForLayer]
    return Statement(Sid="PullImages", Effect=Allow, Action=actions, Resource=[repository])


def write_logs(log_group: Value) -> Statement:
    """Write to the streams of one log group. ``log_group`` is the attribute ``Arn``, which covers its streams."""
    actions = [logs.CreateLogStream, logs.PutLogEvents]
    return Statement(Sid="WriteLogs", Effect=Allow, Action=actions, Resource=[log_group])


def open_shells() -> Statement:
    """Let ECS Exec open a session into a container. IAM allows these actions on ``*`` only."""
    actions = [
        ssmmessages.CreateControlChannel,
        ssmmessages.CreateDataChannel,
        ssmmessages.OpenControlChannel,
        ssmmessages.OpenDataChannel,
    ]
    return Statement(Sid="OpenShells", Effect=Allow, Action=actions, Resource=["*"])


def record_shells(cluster: Value) -> list[Statement]:
    """Let a session write what is typed and shown to the cluster's record; where it cannot, ECS Exec opens none (ECS
    developer guide, "Logging and auditing using ECS Exec"). IAM allows to look for a log group on ``*`` only.
    """
    record = Sub(
        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/ecs/${Cluster}/exec:*", Cluster=cluster
    )
    actions = [logs.CreateLogStream, logs.DescribeLogStreams, logs.PutLogEvents]
    return [
        Statement(Sid="FindRecord", Effect=Allow, Action=[logs.DescribeLogGroups], Resource=["*"]),
        Statement(Sid="RecordShells", Effect=Allow, Action=actions, Resource=[record]),
    ]
