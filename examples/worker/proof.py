"""What goes into the queue reaches the worker; what cannot be handled is kept; the backlog sets the number of tasks."""

from __future__ import annotations

import json

from examples.account import Account, Change, Facts

CHANGE = Change("Up to twenty tasks", "blueprints/root.py", "max_capacity=10", "max_capacity=20")

DEPLOYED = {
    "a message comes out as it went in": "order 1",
    "hidden while it is handled": "120",
    "tries before the dead letters": 3,
    "tasks": (1, 10),
    "waiting messages per task": 50.0,
    "both know the queue": True,
    "the intake may": ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"],
}

CHANGED = {"tasks": (1, 20)}


def facts(account: Account) -> Facts:
    """What the queue, the autoscaler and the tasks say."""
    sqs, scaling, url = account.client("sqs"), account.client("application-autoscaling"), account.outputs["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    (policy,) = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    told = [account.variables(name) for name in ("intake", "handler")]
    return {
        "a message comes out as it went in": _through(account, url),
        "hidden while it is handled": queue["VisibilityTimeout"],
        "tries before the dead letters": json.loads(queue["RedrivePolicy"])["maxReceiveCount"],
        "tasks": (target["MinCapacity"], target["MaxCapacity"]),
        "waiting messages per task": policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"],
        "both know the queue": [told[0]["ORDERS"], told[1]["QUEUE_URL"]] == [url, url],
        "the intake may": account.allowed("intake"),
    }


def _through(account: Account, url: str) -> str:
    sqs = account.client("sqs")
    sqs.send_message(QueueUrl=url, MessageBody="order 1")
    (message,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return str(message["Body"])
