"""How the reads and writes of a table are paid for: each by itself, or by units held ready, which may follow the load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from troposphere import AWSObject, Ref
from troposphere.applicationautoscaling import (
    PredefinedMetricSpecification,
    ScalableTarget,
    ScalingPolicy,
    TargetTrackingScalingPolicyConfiguration,
)
from troposphere.dynamodb import OnDemandThroughput, ProvisionedThroughput

from oaktree_cfn.services import fields
from oaktree_cfn.services.fields import Problem, Value

_UNITS = (1, 10_000_000)


@dataclass(frozen=True, kw_only=True)
class OnDemand:
    """Each request is paid for; nothing is held ready. A most bounds the bill: what is beyond is throttled."""

    most_reads: Value = fields.number(None, *_UNITS, "Most read request units a second.")
    most_writes: Value = fields.number(None, *_UNITS, "Most write request units a second.")

    mode = "PAY_PER_REQUEST"

    def throughput(self) -> dict[str, Any]:
        """The property that says so, if anything is to be said."""
        given = {"MaxReadRequestUnits": self.most_reads, "MaxWriteRequestUnits": self.most_writes}
        most = {name: value for name, value in given.items() if value is not None}
        return {"OnDemandThroughput": OnDemandThroughput(**most)} if most else {}

    def scaling(self, title: str, place: Any, level: str) -> list[AWSObject]:
        """DynamoDB sees to it."""
        return []


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Units a second that are held ready: always the minimum, or as many up to a maximum as the load needs.

    A unit is a strongly consistent read of 4 KB, or a write of 1 KB (DynamoDB developer guide, "Provisioned capacity
    mode"). The autoscaler takes targets from 20 to 90 percent.
    """

    minimum: Value = fields.number(fields.REQUIRED, *_UNITS, "Fewest units.")
    maximum: Value = fields.number(None, *_UNITS, "Most units; without it there are always the fewest.")
    target: Value = fields.number(70, 20, 90, "Percent of the units to keep in use.")

    def contradictions(self) -> Iterator[Problem]:
        """Bounds the wrong way round."""
        known = self.maximum is not None and fields.is_literal(self.minimum) and fields.is_literal(self.maximum)
        if known and int(self.minimum) > int(self.maximum):
            yield Problem("minimum", f"{self.minimum} is more than the maximum {self.maximum}", "Swap them")

    @property
    def follows_the_load(self) -> bool:
        """Whether there is anything to scale."""
        return self.maximum is not None and self.maximum != self.minimum


@dataclass(frozen=True, kw_only=True)
class Provisioned:
    """Units are held ready and paid for by the hour, used or not. They begin at the minimum; an update of the template
    that changes it sets them back to it, wherever the load has brought them.
    """

    reads: Capacity = fields.known(fields.part(fields.REQUIRED, Capacity, "Units for reads."))
    writes: Capacity = fields.known(fields.part(fields.REQUIRED, Capacity, "Units for writes."))

    mode = "PROVISIONED"

    def throughput(self) -> dict[str, Any]:
        """The property that says so."""
        units = {"ReadCapacityUnits": self.reads.minimum, "WriteCapacityUnits": self.writes.minimum}
        return {"ProvisionedThroughput": ProvisionedThroughput(**units)}

    def scaling(self, title: str, place: Any, level: str) -> list[AWSObject]:
        """What makes the units of a table or an index follow the load.

        ``title`` begins the logical ids, ``place`` is ``table/<name>`` or ``table/<name>/index/<index>``, ``level`` is
        ``table`` or ``index``.
        """
        both = {"Read": self.reads, "Write": self.writes}
        scaled = [(verb, capacity) for verb, capacity in both.items() if capacity.follows_the_load]
        return [
            each
            for verb, capacity in scaled
            for each in _scaling(f"{title}{verb}Scaling", verb, capacity, place, level)
        ]


BILLING = (OnDemand, Provisioned)
"""The ways to pay."""


def _scaling(title: str, verb: str, capacity: Capacity, place: Any, level: str) -> list[AWSObject]:
    metric = PredefinedMetricSpecification(PredefinedMetricType=f"DynamoDB{verb}CapacityUtilization")
    target = ScalableTarget(
        title,
        ServiceNamespace="dynamodb",
        ScalableDimension=f"dynamodb:{level}:{verb}CapacityUnits",
        ResourceId=place,
        MinCapacity=capacity.minimum,
        MaxCapacity=capacity.maximum,
    )
    policy = ScalingPolicy(
        f"{title}Policy",
        PolicyName=f"{verb.lower()}-utilization",
        PolicyType="TargetTrackingScaling",
        ScalingTargetId=Ref(title),
        TargetTrackingScalingPolicyConfiguration=TargetTrackingScalingPolicyConfiguration(
            TargetValue=capacity.target, PredefinedMetricSpecification=metric
        ),
    )
    return [target, policy]
