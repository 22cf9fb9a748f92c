"""Topics, their subscriptions and their policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import tagging
from oaktree_cfn.local.resources.service import already_gone, call, undone_on_failure
from oaktree_cfn.local.resources.shapes import differ, document, given, is_true, known, only, split

_GONE = ("NotFound", "NotFoundException", "ResourceNotFound", "ResourceNotFoundException")
_DEFAULT_POLICY = "__default_policy_ID"


class Topic(Handler):
    """A topic; ``Ref`` is its ARN. The subscriptions listed in it are its own."""

    type = "AWS::SNS::Topic"
    supported = frozenset(
        {
            "ContentBasedDeduplication",
            "DisplayName",
            "FifoTopic",
            "KmsMasterKeyId",
            "Subscription.Endpoint",
            "Subscription.Protocol",
            "Tags",
            "TopicName",
        }
    )
    not_kept: ClassVar[Mapping[str, str]] = {
        "SignatureVersion": "moto's topics do not tell it",
        "TracingConfig": "moto's topics do not tell it",
    }
    _attributes: ClassVar[dict[str, Any]] = {
        "ContentBasedDeduplication": False,
        "DisplayName": "",
        "KmsMasterKeyId": "",
        "SignatureVersion": "1",
        "TracingConfig": "PassThrough",
    }

    def create(self, properties: Properties, request: Request) -> Made:
        sns = request.client("sns")
        suffix = ".fifo" if is_true(properties.get("FifoTopic")) else ""
        name = properties.get("TopicName") or request.name(256 - len(suffix)) + suffix
        attributes = given(properties, *self._attributes, "FifoTopic")
        arn = call(sns, "create_topic", Name=name, Attributes=attributes, **given(properties, "Tags"))["TopicArn"]
        made = Made(arn, {"TopicArn": arn, "TopicName": name})
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._subscribe(made, properties.get("Subscription") or (), request)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        sns, arn = request.client("sns"), made.physical_id
        for name, default in self._attributes.items():
            if differ(before, after, name):
                value = after.get(name, default)
                call(sns, "set_topic_attributes", TopicArn=arn, AttributeName=name, AttributeValue=value)
        added, removed = split(before.get("Subscription") or [], after.get("Subscription") or [])
        self._unsubscribe(made, removed, request)
        self._subscribe(made, added, request)
        tagging.retag(sns, arn, before, after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(*_GONE):
            self._unsubscribe(made, properties.get("Subscription") or (), request)
            call(request.client("sns"), "delete_topic", TopicArn=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        sns, arn = request.client("sns"), made.physical_id
        found = call(sns, "get_topic_attributes", TopicArn=arn)["Attributes"]
        declared = properties.get("Subscription") or ()
        listed = [given(item, "Endpoint", "Protocol") for item in _subscriptions(sns, arn)]
        fifo = found.get("FifoTopic") == "true"
        return known(
            {
                "TopicName": found["TopicArn"].rsplit(":", 1)[1],
                "DisplayName": found.get("DisplayName") or None,
                "KmsMasterKeyId": found.get("KmsMasterKeyId") or None,
                "FifoTopic": fifo or None,
                "ContentBasedDeduplication": found["ContentBasedDeduplication"] == "true" if fifo else None,
                "Subscription": [item for item in declared if item in listed],
                "Tags": tagging.tags_of(sns, arn, properties),
            }
        )

    def _subscribe(self, made: Made, wanted: Iterable[Mapping[str, Any]], request: Request) -> None:
        for item in wanted:
            call(request.client("sns"), "subscribe", TopicArn=made.physical_id, **given(item, "Endpoint", "Protocol"))

    def _unsubscribe(self, made: Made, unwanted: Iterable[Mapping[str, Any]], request: Request) -> None:
        sns, unwanted = request.client("sns"), list(unwanted)
        for item in _subscriptions(sns, made.physical_id) if unwanted else ():
            if given(item, "Endpoint", "Protocol") in unwanted:
                call(sns, "unsubscribe", SubscriptionArn=item["SubscriptionArn"])


def _subscriptions(sns: Any, topic: str) -> list[dict[str, Any]]:
    return list(call(sns, "list_subscriptions_by_topic", TopicArn=topic).get("Subscriptions", []))


class Subscription(Handler):
    """One subscription to a topic; ``Ref`` is its ARN."""

    type = "AWS::SNS::Subscription"
    _documents = ("DeliveryPolicy", "FilterPolicy", "RedrivePolicy")
    _plain = ("FilterPolicyScope", "RawMessageDelivery", "SubscriptionRoleArn")
    supported = frozenset({"Endpoint", "Protocol", "TopicArn", *_documents, *_plain})

    def create(self, properties: Properties, request: Request) -> Made:
        sns = request.client("sns")
        address = given(properties, "Endpoint", "Protocol", "TopicArn")
        arn = call(sns, "subscribe", **address, ReturnSubscriptionArn=True)["SubscriptionArn"]
        made = Made(arn, {"Arn": arn})
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._set(made, {}, properties, request)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        self._set(made, before, after, request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(*_GONE):
            call(request.client("sns"), "unsubscribe", SubscriptionArn=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        arn = {"SubscriptionArn": made.physical_id}
        found = call(request.client("sns"), "get_subscription_attributes", **arn)["Attributes"]
        raw = found.get("RawMessageDelivery")
        return known(
            {
                **given(found, "Endpoint", "Protocol", "TopicArn", "FilterPolicyScope", "SubscriptionRoleArn"),
                "RawMessageDelivery": None if raw is None else raw == "true",
                **{name: document(found.get(name)) for name in self._documents},
            }
        )

    def _set(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        names = [name for name in (*self._plain, *self._documents) if differ(before, after, name)]
        for name in names:
            value: Any = after.get(name)
            if value is None:
                value = {"RawMessageDelivery": False, "FilterPolicyScope": "MessageAttributes"}.get(name, {})
            call(
                request.client("sns"),
                "set_subscription_attributes",
                SubscriptionArn=made.physical_id,
                AttributeName=name,
                AttributeValue=value,
            )


class TopicPolicy(Handler):
    """The policy of topics that are declared elsewhere; a deletion brings AWS's own policy back."""

    type = "AWS::SNS::TopicPolicy"
    supported = frozenset({"PolicyDocument", "Topics"})

    def create(self, properties: Properties, request: Request) -> Made:
        for topic in properties["Topics"]:
            _set_policy(topic, properties["PolicyDocument"], request)
        name = request.name()
        return Made(name, {"Id": name})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        for topic in after["Topics"]:
            _set_policy(topic, after["PolicyDocument"], request)
        self._reset([topic for topic in before["Topics"] if topic not in after["Topics"]], request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        self._reset(properties["Topics"], request)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        sns = request.client("sns")
        held: dict[str, Any] = {}
        for topic in properties["Topics"]:
            policy = document(call(sns, "get_topic_attributes", TopicArn=topic)["Attributes"]["Policy"])
            if policy.get("Id") != _DEFAULT_POLICY:
                held[topic] = policy
        return {"Topics": list(held), "PolicyDocument": only(list(held.values()))}

    def _reset(self, topics: Iterable[str], request: Request) -> None:
        for topic in topics:
            with already_gone(*_GONE):
                _set_policy(topic, _default_policy(topic, request.account), request)


def _set_policy(topic: str, policy: Any, request: Request) -> None:
    sns = request.client("sns")
    call(sns, "set_topic_attributes", TopicArn=topic, AttributeName="Policy", AttributeValue=policy)


def _default_policy(topic: str, account: str) -> dict[str, Any]:
    """What AWS gives to a new topic: its own account may use it."""
    actions = ("GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic")
    more = ("Subscribe", "ListSubscriptionsByTopic", "Publish")
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in (*actions, *more)],
        "Resource": topic,
        "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
    }
    return {"Version": "2008-10-17", "Id": _DEFAULT_POLICY, "Statement": [statement]}
