"""A worker: tasks that take messages from a queue, as many as the backlog asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

from troposphere import AWSObject

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.grants import Grant
from oaktree_cfn.services.ground import Ground
from oaktree_cfn.services.metrics import Input, Metric
from oaktree_cfn.services.network import own_group
from oaktree_cfn.services.queue import Queue
from oaktree_cfn.services.rollout import Rolling
from oaktree_cfn.services.scaling import Scaling
from oaktree_cfn.services.service import Service
from oaktree_cfn.services.target_tracking import TargetTracking
from oaktree_cfn.services.when import When, resources

_BACKLOG = "Backlog"
_PER_TASK = "visible / IF(FILL(running, 0) > 0, running, 1)"
"""Without a running task, and where Container Insights says nothing of one, the backlog itself counts: so the first message
starts the first task.
"""


@dataclass(frozen=True, kw_only=True)
class Worker(Service):
    """It finds its queue's address in ``QUEUE_URL`` and may receive and delete messages there.

    With ``scaling`` it keeps ``backlog`` messages waiting per task; Container Insights must be on, because the number of
    running tasks is measured there.
    """

    told: ClassVar[tuple[str, ...]] = ("QUEUE_URL",)

    queue: Queue = fields.part(Queue(), Queue, "The queue and its dead letters.")
    backlog_per_task: Value = fields.number(
        100, 1, 10**9, "Messages waiting per task to stay near: what a task handles in the time one may wait."
    )
    rollout: Rolling = fields.part(Rolling(), Rolling, "How a new version takes over.")

    def contradictions(self) -> Iterator[Problem]:
        """Nobody sends requests to a worker; and one measure is its own."""
        yield from super().contradictions()
        scaling = self.scales()
        for index, each in enumerate(() if scaling is None else scaling.target_tracking):
            if each.name.lower() == _BACKLOG.lower():
                yield Problem(f"scaling.target_tracking.{index}.name", "the backlog has this name", "Take another")
        if scaling is not None and scaling.requests is not None:
            yield Problem("scaling.requests", "a worker gets no requests", "Leave it out: the backlog is measured")
        if self.service_connect is not None and self.service_connect.name is not None:
            yield Problem(
                "service_connect.name", "nobody calls a worker", "Leave the name out: then it may call others"
            )

    def resources(self, ground: Ground) -> list[AWSObject]:
        """Everything the worker is made of, in reading order. Raises InvalidInput for a wrong description."""
        return fields.verified(self).compose(ground)

    def compose(self, ground: Ground) -> list[AWSObject]:
        """The same, of what is verified already."""
        consume = Grant("consume", "queue", ground.att("Queue", "Arn"))
        return [
            *self.queue.render(ground),
            self.log_group(ground),
            *self.roles(ground, consume),
            self.task_definition(ground, QUEUE_URL=ground.ref("Queue")),
            *own_group(ground),
            self.ecs_service(ground, self.after(consume)),
            *resources(self._scaling(ground), lambda scaling: scaling.render(ground)),
        ]

    def _scaling(self, ground: Ground) -> Value:
        """The scaling with the backlog as its first measure."""
        scaling = self.scales()
        if scaling is None:
            return None
        tracked = TargetTracking(name=_BACKLOG, metric=_backlog(ground), target=self.backlog_per_task)
        whole: Scaling = replace(scaling, target_tracking=(tracked, *scaling.target_tracking))
        return When(self.scaling.condition, whole) if isinstance(self.scaling, When) else whole


def _backlog(ground: Ground) -> Metric:
    visible = Input(
        id="visible",
        namespace="AWS/SQS",
        name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": ground.att("Queue", "QueueName")},
        statistic="Maximum",
    )
    running = Input(
        id="running",
        namespace="ECS/ContainerInsights",
        name="RunningTaskCount",
        dimensions={"ClusterName": ground.cluster, "ServiceName": ground.att("Service", "Name")},
    )
    return Metric(expression=_PER_TASK, inputs=(visible, running))
