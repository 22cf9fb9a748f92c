"""What AWS documents: metrics by namespace with their dimensions, how alarms are evaluated, what a dashboard may say.

Load balancer: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
Service: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
Insights: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
Table: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
Queue: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
Dashboard: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

from __future__ import annotations

from typing import Any

_BALANCER = frozenset({"LoadBalancer"})
_TARGETS = frozenset({"LoadBalancer", "TargetGroup"})
_SERVICE = frozenset({"ClusterName", "ServiceName"})
_TABLE = frozenset({"TableName"})
_OPERATION = frozenset({"TableName", "Operation"})
_QUEUE = frozenset({"QueueName"})

METRICS: dict[tuple[str, str], set[frozenset[str]]] = {
    **{
        ("AWS/ApplicationELB", name): {_BALANCER}
        for name in (
            "ActiveConnectionCount",
            "HTTPCode_ELB_5XX_Count",
            "HTTPCode_ELB_502_Count",
            "HTTPCode_ELB_503_Count",
            "HTTPCode_ELB_504_Count",
            "RejectedConnectionCount",
        )
    },
    **{
        ("AWS/ApplicationELB", name): {_BALANCER, _TARGETS}
        for name in (
            "HTTPCode_Target_2XX_Count",
            "HTTPCode_Target_3XX_Count",
            "HTTPCode_Target_4XX_Count",
            "HTTPCode_Target_5XX_Count",
            "RequestCount",
            "TargetResponseTime",
        )
    },
    **{
        ("AWS/ApplicationELB", name): {_TARGETS}
        for name in ("HealthyHostCount", "RequestCountPerTarget", "UnHealthyHostCount")
    },
    **{("AWS/ECS", name): {_SERVICE, frozenset({"ClusterName"})} for name in ("CPUUtilization", "MemoryUtilization")},
    **{
        ("ECS/ContainerInsights", name): {_SERVICE}
        for name in ("DeploymentCount", "DesiredTaskCount", "PendingTaskCount", "RunningTaskCount")
    },
    **{
        ("AWS/DynamoDB", name): {_TABLE, _TABLE | {"GlobalSecondaryIndexName"}}
        for name in (
            "ConsumedReadCapacityUnits",
            "ConsumedWriteCapacityUnits",
            "ReadThrottleEvents",
            "WriteThrottleEvents",
        )
    },
    **{("AWS/DynamoDB", name): {_OPERATION} for name in ("SuccessfulRequestLatency", "SystemErrors")},
    **{
        ("AWS/SQS", name): {_QUEUE}
        for name in (
            "ApproximateAgeOfOldestMessage",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesVisible",
        )
    },
}
"""Namespace and name -> the sets of dimensions it is published with."""


def _exactly(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object with these properties and no others."""
    properties = {**required, **optional}
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


_TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
_SECONDS = {"type": "integer", "minimum": 60, "multipleOf": 60}
_STATISTIC = {"type": "string", "pattern": r"^(SampleCount|Average|Sum|Minimum|Maximum|p\d{1,2}(\.\d{1,2})?)$"}
_ID = {"type": "string", "pattern": "^[a-z][A-Za-z0-9_]*$"}
_AXIS = _exactly({}, label=_TEXT, min={"type": "number"}, max={"type": "number"}, showUnits={"type": "boolean"})
_RENDERING = _exactly({}, id=_ID, label=_TEXT, stat=_STATISTIC, period=_SECONDS, visible={"type": "boolean"})
_EXPRESSION = _exactly({"expression": _TEXT}, id=_ID, label=_TEXT)
_METRIC = {
    "type": "array",
    "anyOf": [
        {"prefixItems": [_EXPRESSION], "minItems": 1, "maxItems": 1},
        {"prefixItems": [_TEXT, _TEXT], "minItems": 2, "items": {"anyOf": [_TEXT, _RENDERING]}},
    ],
}
_LIMIT = _exactly({"value": {"type": "number"}}, label=_TEXT, color=_TEXT, visible={"type": "boolean"})

_PROPERTIES = {
    "metric": _exactly(
        {"region": _TEXT, "metrics": {"type": "array", "minItems": 1, "maxItems": 500, "items": _METRIC}},
        title=_TEXT,
        view={"enum": ["timeSeries", "singleValue", "gauge", "bar", "pie", "table"]},
        stacked={"type": "boolean"},
        period=_SECONDS,
        stat=_STATISTIC,
        yAxis=_exactly({}, left=_AXIS, right=_AXIS),
        annotations=_exactly({"horizontal": {"type": "array", "items": _LIMIT}}),
    ),
    "log": _exactly(
        {"region": _TEXT, "query": {"type": "string", "pattern": r"^SOURCE '[^']+'(\n?\s*\| .+)+$"}},
        title=_TEXT,
        view={"enum": ["table", "timeSeries", "bar", "pie"]},
    ),
    "alarm": _exactly(
        {"alarms": {"type": "array", "minItems": 1, "maxItems": 100, "items": _TEXT}},
        title=_TEXT,
        sortBy={"enum": ["default", "stateUpdatedTimestamp", "timestamp"]},
    ),
}

DASHBOARD_BODY: dict[str, Any] = _exactly(
    {
        "widgets": {
            "type": "array",
            "maxItems": 500,
            "items": {
                "anyOf": [
                    _exactly(
                        {
                            "type": {"const": kind},
                            "x": {"type": "integer", "minimum": 0, "maximum": 23},
                            "y": {"type": "integer", "minimum": 0},
                            "width": {"type": "integer", "minimum": 1, "maximum": 24},
                            "height": {"type": "integer", "minimum": 1, "maximum": 1000},
                            "properties": properties,
                        }
                    )
                    for kind, properties in _PROPERTIES.items()
                ]
            },
        }
    }
)
"""A dashboard's body as a JSON schema, as far as it concerns graphs, logs and alarms."""


def metrics(body: dict[str, Any]) -> list[tuple[str, str, frozenset[str]]]:
    """Every metric on a dashboard: namespace, name, names of its dimensions."""
    found = []
    for widget in body["widgets"]:
        for entry in widget["properties"].get("metrics", ()):
            if isinstance(entry[0], str):
                texts = [part for part in entry if isinstance(part, str)]
                found.append((texts[0], texts[1], frozenset(texts[2::2])))
    return found
