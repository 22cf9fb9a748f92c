"""Table, value by value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Draw = Callable[..., Any]


@pytest.mark.parametrize(("retain", "title"), [("true", "RetainedUsersTable"), ("false", "UsersTable")])
def test_there_is_one_users_table_whichever_way_it_ends(retain: str, title: str, picture: Draw) -> None:
    drawn = picture("data", RetainTable=retain)
    assert drawn.resources() == {title}
    assert drawn.properties(title) == {
        "TableName": "oaktree-dev-users",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "DeletionProtectionEnabled": "true",
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": "true"},
    }
    assert drawn.output("TableName") == f"<{title}>"
    assert drawn.output("TableArn") == f"<{title}.Arn>"


def test_a_retained_table_survives_its_stack_but_not_a_failed_first_deploy(templates: dict[str, Any]) -> None:
    table = templates["data"]["Resources"]["RetainedUsersTable"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")
