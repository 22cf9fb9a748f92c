"""Logs of a network's traffic. No traffic flows here, so nothing is ever written."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import ec2_tags
from oaktree_cfn.local.resources.service import already_gone, call, refusal
from oaktree_cfn.local.resources.shapes import given, known, only

_KINDS = {"vpc": "VPC", "subnet": "Subnet", "eni": "NetworkInterface"}
"""Beginning of a resource's id -> what kind it is; the service tells only the id."""


class FlowLog(Handler):
    """A flow log; nothing but its tags can change."""

    type = "AWS::EC2::FlowLog"
    _kept = (
        "DeliverLogsPermissionArn",
        "LogDestination",
        "LogDestinationType",
        "LogFormat",
        "LogGroupName",
        "MaxAggregationInterval",
        "ResourceId",
        "TrafficType",
    )
    supported = frozenset({*_kept, "ResourceType", "Tags"})

    def create(self, properties: Properties, request: Request) -> Made:
        answer = call(
            request.client("ec2"),
            "create_flow_logs",
            ResourceIds=[properties["ResourceId"]],
            TagSpecifications=ec2_tags.specified("vpc-flow-log", properties),
            **given(properties, *(set(self._kept) - {"ResourceId"}), "ResourceType"),
        )
        for failed in answer.get("Unsuccessful", []):
            raise refusal(failed["Error"]["Code"], failed["Error"]["Message"], "CreateFlowLogs")
        identity = answer["FlowLogIds"][0]
        return Made(identity, {"Id": identity})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        ec2_tags.retag(made.physical_id, before, after, request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("InvalidFlowLogId.NotFound"):
            call(request.client("ec2"), "delete_flow_logs", FlowLogIds=[made.physical_id])

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        found: dict[str, Any] = only(
            call(request.client("ec2"), "describe_flow_logs", FlowLogIds=[made.physical_id])["FlowLogs"]
        )
        kind = _KINDS.get(found["ResourceId"].partition("-")[0])
        return known({**given(found, *self._kept), "ResourceType": kind, "Tags": ec2_tags.tags_of(found, properties)})
