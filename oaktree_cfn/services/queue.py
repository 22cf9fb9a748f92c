"""A queue of messages, and the queue for those that nobody could handle."""

from __future__ import annotations

from dataclasses import dataclass

from troposphere.sqs import Queue as SqsQueue
from troposphere.sqs import RedrivePolicy

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Value
from oaktree_cfn.services.ground import Ground

_TWO_WEEKS = 14 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Queue:
    """A standard queue, encrypted by SQS, with a dead-letter queue that keeps messages for two weeks."""

    visibility_timeout: Value = fields.number(
        60, 0, 43200, "Seconds a message stays hidden while it is handled; more than handling takes."
    )
    message_retention_period: Value = fields.number(345600, 60, _TWO_WEEKS, "Seconds an unhandled message is kept.")
    max_receive_count: Value = fields.number(5, 1, 1000, "Times a message is tried before it goes to the dead letters.")

    def render(self, ground: Ground) -> list[SqsQueue]:
        """The dead-letter queue and the queue."""
        dead = ground.att("DeadLetterQueue", "Arn")
        queue = SqsQueue(
            ground.id("Queue"),
            QueueName=ground.name("{}-queue"),
            SqsManagedSseEnabled=True,
            VisibilityTimeout=self.visibility_timeout,
            MessageRetentionPeriod=self.message_retention_period,
            ReceiveMessageWaitTimeSeconds=20,
            RedrivePolicy=RedrivePolicy(deadLetterTargetArn=dead, maxReceiveCount=self.max_receive_count),
        )
        return [dead_letter_queue(ground), queue]


def dead_letter_queue(ground: Ground) -> SqsQueue:
    """Where failed messages and invocations wait for a person."""
    return SqsQueue(
        ground.id("DeadLetterQueue"),
        QueueName=ground.name("{}-dead-letters"),
        SqsManagedSseEnabled=True,
        MessageRetentionPeriod=_TWO_WEEKS,
    )
