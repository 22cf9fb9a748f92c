"""The application's data: the users table.

Whether the table outlives its stack is a choice of the environment, but ``DeletionPolicy`` takes no reference to a
parameter. So there are two resources made from one description, of which a condition makes one real: ``UsersTable`` goes
with its stack, ``RetainedUsersTable`` stays. Both have the same name, so changing ``RetainTable`` on a living stack is
refused by DynamoDB instead of moving the data: decide before the first deploy.

``RetainExceptOnCreate`` takes a table along that a failed first deploy has just made. Deletion protection does not let it:
``docs/data.md`` tells what to do then, and how to come by without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from troposphere import AWSObject, Condition, GetAtt, If, Not, Ref, Template

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.services import fields
from oaktree_cfn.services.index import Key
from oaktree_cfn.services.names import named
from oaktree_cfn.services.table import Table
from oaktree_cfn.services.when import When, resources

USERS = Table(
    name=named("{}-users", Ref("Prefix")),
    partition=Key(name="id"),
    recovery=Ref("PointInTimeRecovery"),
    protected=Ref("TableDeletionProtection"),
)
"""The users table: found by ``id``, paid for by request. ``keep`` is the environment's choice, whatever is said here."""


@dataclass(frozen=True)
class Data:
    """Data: the users table, paid per request, optionally recoverable, protected and retained.

    ``users`` is for programmers: ``Data(replace(USERS, sort=Key(name="at", type="N")))``.
    """

    users: Table = USERS

    def compose(self) -> Template:
        """The template. Raises InvalidInput for a table that DynamoDB would refuse."""
        fields.verify(self.users)
        template = form.begin(self)
        form.ask(template, form.NAMES, {"Prefix": form.prefix()})
        fill(template, self.users)
        _outputs(template, self.users)
        return template


def fill(template: Template, users: Table) -> None:
    """Add the users table and the questions about it to a template: ``attribute`` and ``name`` tell of it."""
    _questions(template)
    template.add_condition("KeepsTable", form.is_true("RetainTable"))
    template.add_condition("DropsTable", Not(Condition("KeepsTable")))
    template.add_resource(_either("UsersTable", "DropsTable", replace(users, keep=False)))
    template.add_resource(_either("RetainedUsersTable", "KeepsTable", replace(users, keep=True)))


def _either(title: str, condition: str, table: Table) -> Iterable[AWSObject]:
    return resources(When(condition, table), lambda part: part.render(title))


def _questions(template: Template) -> None:
    retain = form.switch(
        "RetainTable",
        "Whether the table stays when its stack is deleted. Decide before the first deploy: it cannot be changed later.",
        default=True,
    )
    questions = {
        "Outlives its stack": retain,
        "Point-in-time recovery": form.asked(Table, "recovery", "PointInTimeRecovery"),
        "Deletion protection": form.asked(Table, "protected", "TableDeletionProtection"),
    }
    form.ask(template, "Users table", questions)


def _outputs(template: Template, users: Table) -> None:
    form.tell(template, "TableName", "The users table.", name())
    form.tell(template, "TableArn", "The users table, for policies.", attribute("Arn"))
    if users.stream is not None:
        condition = users.stream.condition if isinstance(users.stream, When) else None
        form.tell(template, "TableStreamArn", "The stream of its changes.", attribute("StreamArn"), condition=condition)


def name() -> If:
    """The name of whichever of the two tables is real."""
    return _of_either(Ref("RetainedUsersTable"), Ref("UsersTable"))


def attribute(name: str) -> If:
    """An attribute of whichever of the two tables is real."""
    return _of_either(GetAtt("RetainedUsersTable", name), GetAtt("UsersTable", name))


def _of_either(kept: Any, dropped: Any) -> If:
    return If("KeepsTable", kept, dropped)
