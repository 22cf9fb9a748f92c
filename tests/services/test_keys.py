"""Keys: who may use them."""

from __future__ import annotations

from typing import Any

from troposphere import Ref

from oaktree_cfn.services.keys import encrypts_logs, key
from oaktree_cfn.services.names import named


def statements(*grants: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = key("Key", "a key", *grants).to_dict()["Properties"]["KeyPolicy"]["Statement"]
    return found


def test_every_key_turns_over_and_stays_in_the_hands_of_its_account() -> None:
    properties = key("Key", "a key").to_dict()["Properties"]
    assert properties["EnableKeyRotation"] is True
    (account,) = properties["KeyPolicy"]["Statement"]
    assert account["Action"] == ["kms:*"]
    assert account["Principal"] == {"AWS": [{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}]}


def test_no_key_is_open_to_everybody() -> None:
    grants = encrypts_logs(named("/ecs/{}", Ref("Prefix")))
    assert all(statement["Principal"] not in ("*", {"AWS": "*"}) for statement in statements(grants))


def test_a_log_groups_key_serves_that_group_only() -> None:
    _, logs = statements(encrypts_logs("/ecs/oaktree"))
    (pattern, names) = logs["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"]["Fn::Sub"]
    assert pattern.endswith(":log-group:${Group}")
    assert names == {"Group": "/ecs/oaktree"}
