"""The application's data: the users table.

Whether the table outlives its stack is a choice of the environment, but ``DeletionPolicy`` takes no reference to a
parameter. So there are two resources made by one function, of which a condition makes one real: ``UsersTable`` goes with
its stack, ``RetainedUsersTable`` stays. Both have the same name, so changing ``RetainTable`` on a living stack is refused
by DynamoDB instead of moving the data: decide before the first deploy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from troposphere import Condition, GetAtt, If, Not, Ref, Template
from troposphere.dynamodb import (
    AttributeDefinition,
    KeySchema,
    PointInTimeRecoverySpecification,
    Table,
)

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.services.names import named


@dataclass(frozen=True)
class Data:
    """Data: the users table, paid per request, optionally recoverable, protected and retained."""

    def compose(self) -> Template:
        """The template."""
        template = form.begin(self)
        _questions(template)
        template.add_condition("KeepsTable", form.is_true("RetainTable"))
        template.add_condition("DropsTable", Not(Condition("KeepsTable")))
        template.add_resource(_users_table("UsersTable", "DropsTable", "Delete", "Delete"))
        template.add_resource(_users_table("RetainedUsersTable", "KeepsTable", "RetainExceptOnCreate", "Retain"))
        _outputs(template)
        return template


def _questions(template: Template) -> None:
    form.ask(template, form.NAMES, {"Prefix": form.prefix()})
    retain = form.switch(
        "RetainTable",
        "Whether the table stays when its stack is deleted. Decide before the first deploy: it cannot be changed later.",
        default=True,
    )
    recovery = form.switch(
        "PointInTimeRecovery", "Whether the table can be restored to any second of the last 35 days.", default=True
    )
    protection = form.switch(
        "TableDeletionProtection", "Whether DynamoDB refuses to delete the table until this is false.", default=True
    )
    questions = {"Outlives its stack": retain, "Point-in-time recovery": recovery, "Deletion protection": protection}
    form.ask(template, "Users table", questions)


def _users_table(title: str, condition: str, on_deletion: str, on_replacement: str) -> Table:
    return Table(
        title,
        Condition=condition,
        DeletionPolicy=on_deletion,
        UpdateReplacePolicy=on_replacement,
        TableName=named("{}-users", Ref("Prefix")),
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[AttributeDefinition(AttributeName="id", AttributeType="S")],
        KeySchema=[KeySchema(AttributeName="id", KeyType="HASH")],
        DeletionProtectionEnabled=Ref("TableDeletionProtection"),
        PointInTimeRecoverySpecification=PointInTimeRecoverySpecification(
            PointInTimeRecoveryEnabled=Ref("PointInTimeRecovery")
        ),
    )


def _outputs(template: Template) -> None:
    form.tell(template, "TableName", "The users table.", _of_either(Ref("RetainedUsersTable"), Ref("UsersTable")))
    arns = GetAtt("RetainedUsersTable", "Arn"), GetAtt("UsersTable", "Arn")
    form.tell(template, "TableArn", "The users table, for policies.", _of_either(*arns))


def _of_either(kept: Any, dropped: Any) -> If:
    return If("KeepsTable", kept, dropped)
