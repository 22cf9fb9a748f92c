"""The topic that alarms tell: encrypted, open to the alarms of this account and to nobody else.

It has a key of its own because CloudWatch alarms cannot publish under AWS's key for SNS (``alias/aws/sns``): that key's policy
lets no other service use it and cannot be changed (AWS re:Post knowledge center, "Why didn't I receive an SNS notification
for my CloudWatch alarm trigger?"; SNS developer guide, "Enable compatibility between event sources from AWS services and
encrypted topics").
"""

from __future__ import annotations

from typing import Any

from awacs.aws import Action, Allow, ArnLike, Condition, PolicyDocument, Principal, Statement, StringEquals
from troposphere import AWS_ACCOUNT_ID, AWSObject, GetAtt, Ref, Sub
from troposphere.sns import SubscriptionResource, Topic, TopicPolicy

from oaktree_cfn.services.fields import Value
from oaktree_cfn.services.keys import THIS_KEY, key
from oaktree_cfn.services.names import named


def alarm_topic(prefix: Value) -> list[AWSObject]:
    """``<prefix>-alarms``, its key and its policy. AWS keeps the key for a week after it is taken away."""
    topic = Topic("AlarmTopic", TopicName=named("{}-alarms", prefix), KmsMasterKeyId=GetAtt("AlarmTopicKey", "Arn"))
    uses = _alarms_may("EncryptForAlarms", ["kms:Decrypt", "kms:GenerateDataKey*"], THIS_KEY)
    publishes = PolicyDocument(
        Version="2012-10-17", Statement=[_alarms_may("PublishAlarms", ["sns:Publish"], [Ref("AlarmTopic")])]
    )
    return [
        key("AlarmTopicKey", "What alarms tell", uses, PendingWindowInDays=7),
        topic,
        TopicPolicy("AlarmTopicPolicy", Topics=[Ref("AlarmTopic")], PolicyDocument=publishes),
    ]


def by_email(address: Value, condition: str) -> SubscriptionResource:
    """An address that is told too, once its owner has confirmed the letter that SNS sends."""
    return SubscriptionResource(
        "AlarmEmailSubscription", Condition=condition, TopicArn=Ref("AlarmTopic"), Protocol="email", Endpoint=address
    )


def _alarms_may(sid: str, actions: list[str], resources: list[Any]) -> Statement:
    """What CloudWatch may do for the alarms of this account and region, whichever stack they belong to."""
    ours = Sub("arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*")
    return Statement(
        Sid=sid,
        Effect=Allow,
        Principal=Principal("Service", ["cloudwatch.amazonaws.com"]),
        Action=[Action(*action.split(":")) for action in actions],
        Resource=resources,
        Condition=Condition(
            [StringEquals({"aws:SourceAccount": Ref(AWS_ACCOUNT_ID)}), ArnLike({"aws:SourceArn": ours})]
        ),
    )
