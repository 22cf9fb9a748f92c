"""Queues and their policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources.service import already_gone, call
from oaktree_cfn.local.resources.shapes import differ, document, given, is_true, known, only, tag_change
from oaktree_cfn.local.resources.tagging import in_order

_GONE = ("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist")
_NUMBERS = {
    "DelaySeconds": 0,
    "KmsDataKeyReusePeriodSeconds": 300,
    "MaximumMessageSize": 262144,
    "MessageRetentionPeriod": 345600,
    "ReceiveMessageWaitTimeSeconds": 0,
    "VisibilityTimeout": 30,
}
_SWITCHES = {"ContentBasedDeduplication": False, "SqsManagedSseEnabled": True}
_TEXTS = {"DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue", "KmsMasterKeyId": ""}
_DOCUMENTS = {"RedrivePolicy": ""}
_CHANGEABLE: dict[str, Any] = {**_NUMBERS, **_SWITCHES, **_TEXTS, **_DOCUMENTS}


class Queue(Handler):
    """A queue; ``Ref`` is its address, ``Arn`` an attribute."""

    type = "AWS::SQS::Queue"
    supported = frozenset({*_CHANGEABLE, "FifoQueue", "QueueName", "Tags"})
    not_kept: ClassVar[Mapping[str, str]] = {"RedriveAllowPolicy": "moto's queues do not tell it"}

    def create(self, properties: Properties, request: Request) -> Made:
        sqs = request.client("sqs")
        suffix = ".fifo" if is_true(properties.get("FifoQueue")) else ""
        name = properties.get("QueueName") or request.name(80 - len(suffix)) + suffix
        attributes = given(properties, *_CHANGEABLE, *self.not_kept, "FifoQueue")
        tags = properties.get("Tags")
        address = call(sqs, "create_queue", QueueName=name, Attributes=attributes, Tags=tags)["QueueUrl"]
        arn = _attributes(sqs, address)["QueueArn"]
        return Made(address, {"QueueUrl": address, "Arn": arn, "QueueName": name})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        sqs, address = request.client("sqs"), made.physical_id
        changed = {
            name: after.get(name, default) for name, default in _CHANGEABLE.items() if differ(before, after, name)
        }
        if changed:
            call(sqs, "set_queue_attributes", QueueUrl=address, Attributes=changed)
        tags, removed = tag_change(before, after)
        if tags:
            call(sqs, "tag_queue", QueueUrl=address, Tags=tags)
        if removed:
            call(sqs, "untag_queue", QueueUrl=address, TagKeys=removed)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(*_GONE):
            call(request.client("sqs"), "delete_queue", QueueUrl=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        sqs, address = request.client("sqs"), made.physical_id
        found = _attributes(sqs, address)
        return known(
            {
                "QueueName": found["QueueArn"].rsplit(":", 1)[1],
                **{name: int(found[name]) for name in _NUMBERS if name in found},
                **{name: found[name] == "true" for name in (*_SWITCHES, "FifoQueue") if name in found},
                **{name: found[name] for name in _TEXTS if found.get(name)},
                **{name: document(found.get(name)) for name in _DOCUMENTS},
                "Tags": in_order(call(sqs, "list_queue_tags", QueueUrl=address).get("Tags", {}), properties),
            }
        )


def _attributes(sqs: Any, address: str) -> dict[str, str]:
    found = call(sqs, "get_queue_attributes", QueueUrl=address, AttributeNames=["All"])["Attributes"]
    return {name: value.lower() if value in ("True", "False") else value for name, value in found.items()}


class QueuePolicy(Handler):
    """The policy of queues that are declared elsewhere."""

    type = "AWS::SQS::QueuePolicy"
    supported = frozenset({"PolicyDocument", "Queues"})

    def create(self, properties: Properties, request: Request) -> Made:
        self._set(properties["Queues"], properties["PolicyDocument"], request)
        name = request.name()
        return Made(name, {"Id": name})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        self._set(after["Queues"], after["PolicyDocument"], request)
        self._set([queue for queue in before["Queues"] if queue not in after["Queues"]], "", request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        for queue in properties["Queues"]:
            with already_gone(*_GONE):
                self._set([queue], "", request)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        sqs = request.client("sqs")
        found = {queue: document(_attributes(sqs, queue).get("Policy")) for queue in properties["Queues"]}
        held = {queue: policy for queue, policy in found.items() if policy}
        return {"Queues": list(held), "PolicyDocument": only(list(held.values()))}

    def _set(self, queues: Iterable[str], policy: Any, request: Request) -> None:
        for queue in queues:
            call(request.client("sqs"), "set_queue_attributes", QueueUrl=queue, Attributes={"Policy": policy})
