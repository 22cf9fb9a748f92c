"""The topic that alarms tell: who may publish, and under which key."""

from __future__ import annotations

from typing import Any

from troposphere import Ref

from oaktree_cfn.services.alarm_topic import alarm_topic, by_email

KEY, TOPIC, POLICY = (resource.to_dict()["Properties"] for resource in alarm_topic(Ref("Prefix")))
OURS = {
    "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
    "ArnLike": {
        "aws:SourceArn": {
            "Fn::Sub": "arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*",
        }
    },
}


def plain(statement: Any) -> dict[str, Any]:
    found: dict[str, Any] = statement.to_dict() if hasattr(statement, "to_dict") else statement
    return found


def test_it_is_encrypted_under_a_key_of_its_own_that_turns_over() -> None:
    assert TOPIC["KmsMasterKeyId"] == {"Fn::GetAtt": ["AlarmTopicKey", "Arn"]}
    assert (KEY["EnableKeyRotation"], KEY["PendingWindowInDays"]) == (True, 7)


def test_alarms_of_this_account_may_use_the_key_and_nothing_else_may() -> None:
    _, alarms = map(plain, KEY["KeyPolicy"]["Statement"])
    assert alarms["Principal"] == {"Service": ["cloudwatch.amazonaws.com"]}
    assert alarms["Action"] == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert alarms["Condition"] == OURS


def test_alarms_of_this_account_may_publish_and_nothing_else_may() -> None:
    (statement,) = map(plain, POLICY["PolicyDocument"]["Statement"])
    assert statement["Principal"] == {"Service": ["cloudwatch.amazonaws.com"]}
    assert (statement["Action"], statement["Resource"]) == (["sns:Publish"], [{"Ref": "AlarmTopic"}])
    assert statement["Condition"] == OURS


def test_an_address_is_told_where_there_is_one() -> None:
    subscription = by_email(Ref("AlarmEmail"), "HasAlarmEmail").to_dict()
    assert subscription["Condition"] == "HasAlarmEmail"
    assert subscription["Properties"]["Endpoint"] == {"Ref": "AlarmEmail"}
