"""What AWS measures by itself of load balancers, services, queues and tables, and what follows from it.

Sources: Elastic Load Balancing user guide, "CloudWatch metrics for your Application Load Balancer"; ECS developer guide,
"Amazon ECS CloudWatch metrics"; CloudWatch user guide, "Amazon ECS Container Insights metrics"; SQS developer guide,
"Available CloudWatch metrics for Amazon SQS"; DynamoDB developer guide, "DynamoDB metrics and dimensions".

In an expression a value that is missing counts as zero, and a minute in which it would divide by zero has none (CloudWatch
user guide, "Using metric math"): a minute without errors is a good one, a minute without requests says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from oaktree_cfn.services.fields import Value
from oaktree_cfn.services.metrics import Input, Metric

OPERATIONS = (
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "UpdateItem",
)
"""What an application does to the items of a table; DynamoDB counts its own failures by operation only."""


def _of(namespace: str, dimensions: Mapping[str, Value], name: str, statistic: str) -> Metric:
    return Metric(namespace=namespace, name=name, dimensions=dimensions, statistic=statistic)


def math(expression: str, **metrics: Metric) -> Metric:
    """An expression over metrics by name. The names show in no other metric of a dashboard's graph."""
    inputs = (
        Input(id=name, namespace=each.namespace, name=each.name, dimensions=each.dimensions, statistic=each.statistic)
        for name, each in metrics.items()
    )
    return Metric(expression=expression, inputs=tuple(inputs))


@dataclass(frozen=True)
class Traffic:
    """Requests through a load balancer to one target group, both as metrics call them (``app/<name>/<id>``,
    ``targetgroup/<name>/<id>``).
    """

    load_balancer: Value
    target_group: Value

    def of_balancer(self, name: str, statistic: str = "Sum") -> Metric:
        """A metric of the whole load balancer."""
        return _of("AWS/ApplicationELB", {"LoadBalancer": self.load_balancer}, name, statistic)

    def of_targets(self, name: str, statistic: str = "Sum") -> Metric:
        """A metric of the targets only."""
        names = {"LoadBalancer": self.load_balancer, "TargetGroup": self.target_group}
        return _of("AWS/ApplicationELB", names, name, statistic)

    @property
    def application_errors(self) -> Metric:
        """Percent of the requests that the application answered with a 5xx."""
        return math(
            "100 * failed / handled",
            failed=self.of_targets("HTTPCode_Target_5XX_Count"),
            handled=self.of_targets("RequestCount"),
        )

    @property
    def balancer_errors(self) -> Metric:
        """Percent of the requests that the load balancer itself answered with a 5xx: nobody there, no answer, too late.

        Requests for which there was nobody are not counted among the requests, so they are added.
        """
        return math(
            "100 * rejected / (requests + rejected)",
            rejected=self.of_balancer("HTTPCode_ELB_5XX_Count"),
            requests=self.of_balancer("RequestCount"),
        )


@dataclass(frozen=True)
class Tasks:
    """The tasks of one service, by the names of cluster and service."""

    cluster: Value
    service: Value

    @property
    def _dimensions(self) -> dict[str, Value]:
        return {"ClusterName": self.cluster, "ServiceName": self.service}

    def used(self, name: str, statistic: str = "Average") -> Metric:
        """``CPUUtilization`` or ``MemoryUtilization``, in percent of what the tasks have."""
        return _of("AWS/ECS", self._dimensions, name, statistic)

    def count(self, name: str) -> Metric:
        """``DesiredTaskCount``, ``RunningTaskCount``, ``PendingTaskCount`` or ``DeploymentCount``, from Container Insights."""
        return _of("ECS/ContainerInsights", self._dimensions, name, "Average")

    @property
    def missing(self) -> Metric:
        """Tasks that should run and do not; none when none should."""
        return math("desired - running", desired=self.count("DesiredTaskCount"), running=self.count("RunningTaskCount"))


@dataclass(frozen=True)
class Messages:
    """The messages in one queue, by its name."""

    queue: Value

    def of(self, name: str, statistic: str = "Maximum") -> Metric:
        """A metric of the queue."""
        return _of("AWS/SQS", {"QueueName": self.queue}, name, statistic)


@dataclass(frozen=True)
class Items:
    """The items of one table, by its name."""

    table: Value

    def of(self, name: str, statistic: str = "Sum") -> Metric:
        """A metric of the whole table, without its indexes."""
        return _of("AWS/DynamoDB", {"TableName": self.table}, name, statistic)

    def by(self, operation: str, name: str, statistic: str = "Sum") -> Metric:
        """A metric of one operation on the table."""
        return _of("AWS/DynamoDB", {"TableName": self.table, "Operation": operation}, name, statistic)

    @property
    def failures(self) -> Metric:
        """Requests that DynamoDB itself failed to serve (HTTP 5xx), of all operations."""
        metrics = {operation.lower(): self.by(operation, "SystemErrors") for operation in OPERATIONS}
        return math(" + ".join(metrics), **metrics)
