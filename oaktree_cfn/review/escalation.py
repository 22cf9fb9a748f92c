"""Permissions that lead to more permissions: what to look for in a policy, and why it matters. Pure.

Whoever has one of these can, alone or in one more step, act with rights that nobody gave them. The list follows the known
paths of privilege escalation in AWS; a row needs all of its actions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from oaktree_cfn.review.grants import ANY, Grant, Part, covers


class Path(NamedTuple):
    """Actions that together escalate. ``everywhere``: only where they are allowed on every resource."""

    actions: tuple[str, ...]
    reason: str
    everywhere: bool = False


_HAND_OVER = "iam:passrole"
_HANDED = "hands any passable role to"

PATHS = (
    Path((_HAND_OVER,), "can hand any role of the account to a service", everywhere=True),
    Path(("sts:assumerole",), "can become any role that trusts this account", everywhere=True),
    Path(("iam:putrolepolicy",), "can write itself new permissions into a role"),
    Path(("iam:putuserpolicy",), "can write new permissions into a user"),
    Path(("iam:putgrouppolicy",), "can write new permissions into a group"),
    Path(("iam:attachrolepolicy",), "can attach any policy, also AdministratorAccess, to a role"),
    Path(("iam:attachuserpolicy",), "can attach any policy, also AdministratorAccess, to a user"),
    Path(("iam:attachgrouppolicy",), "can attach any policy, also AdministratorAccess, to a group"),
    Path(("iam:createpolicyversion",), "can rewrite a managed policy"),
    Path(("iam:setdefaultpolicyversion",), "can bring back an older, wider version of a policy"),
    Path(("iam:updateassumerolepolicy",), "can let anybody assume a role"),
    Path(("iam:createaccesskey",), "can make access keys for other users"),
    Path(("iam:createloginprofile",), "can give other users a password"),
    Path(("iam:updateloginprofile",), "can change other users' passwords"),
    Path(("iam:addusertogroup",), "can join any group"),
    Path(("iam:deleterolepermissionsboundary",), "can take the boundary off a role"),
    Path(("iam:deleteuserpermissionsboundary",), "can take the boundary off a user"),
    Path((_HAND_OVER, "lambda:createfunction"), f"{_HANDED} code of its own in Lambda"),
    Path((_HAND_OVER, "lambda:updatefunctionconfiguration"), f"{_HANDED} a Lambda function"),
    Path((_HAND_OVER, "lambda:updatefunctioncode"), f"{_HANDED} a Lambda function whose code it writes"),
    Path(("lambda:updatefunctioncode",), "can run code with the role of any Lambda function", everywhere=True),
    Path((_HAND_OVER, "ec2:runinstances"), f"{_HANDED} a machine of its own"),
    Path((_HAND_OVER, "ecs:runtask"), f"{_HANDED} a container of its own"),
    Path((_HAND_OVER, "ecs:registertaskdefinition"), f"{_HANDED} a container of its own"),
    Path((_HAND_OVER, "cloudformation:createstack"), f"{_HANDED} CloudFormation, which then makes what it likes"),
    Path((_HAND_OVER, "cloudformation:updatestack"), f"{_HANDED} CloudFormation, which then makes what it likes"),
    Path((_HAND_OVER, "cloudformation:createchangeset"), f"{_HANDED} CloudFormation, which then makes what it likes"),
    Path((_HAND_OVER, "glue:createjob"), f"{_HANDED} a Glue job of its own"),
    Path((_HAND_OVER, "codebuild:createproject"), f"{_HANDED} a build of its own"),
    Path((_HAND_OVER, "sagemaker:createnotebookinstance"), f"{_HANDED} a notebook of its own"),
    Path((_HAND_OVER, "states:createstatemachine"), f"{_HANDED} a state machine of its own"),
    Path((_HAND_OVER, "datapipeline:createpipeline"), f"{_HANDED} a pipeline of its own"),
    Path(("ssm:sendcommand",), "can run commands on any managed machine", everywhere=True),
    Path(("ssm:startsession",), "can log in to any managed machine", everywhere=True),
    Path(("ecs:executecommand",), "can run commands in any container, with its task's role", everywhere=True),
    Path(("kms:putkeypolicy",), "can give itself any key"),
    Path(("secretsmanager:getsecretvalue",), "can read every secret of the account", everywhere=True),
    Path(("organizations:*",), "rules the organization", everywhere=True),
)

ADMINISTRATOR = "may do everything with everything: an administrator"

MANAGED = {
    "AdministratorAccess": "may do everything with everything",
    "IAMFullAccess": "can give itself any permission",
    "PowerUserAccess": "may do everything but manage users and roles",
    "SystemAdministrator": "can hand roles to machines of its own",
    "AWSCloudFormationFullAccess": "can make CloudFormation act with any role it may pass",
    "SecretsManagerReadWrite": "can read every secret of the account",
    "AWSLambda_FullAccess": "can run code with the role of any Lambda function",
}
"""AWS's own policies that nobody should get by the way, by the name at the end of their ARN."""


def reasons(new: Iterable[Grant], whole: Iterable[Grant]) -> Iterator[str]:
    """Why what is granted anew leads further, each reason once. ``whole`` is all that is then allowed, ``new`` included."""
    fresh = [grant for grant in new if grant.effect == "Allow"]
    allowed = [grant for grant in whole if grant.effect == "Allow"]
    if any(_gives(grant, ANY, True) for grant in fresh):
        yield ADMINISTRATOR
        return
    found = (
        path
        for path in PATHS
        if any(_any_gives(fresh, action, path.everywhere) for action in path.actions)
        and all(_any_gives(allowed, action, path.everywhere) for action in path.actions)
    )
    yield from dict.fromkeys(f"{' with '.join(path.actions)}: {path.reason}" for path in found)


def _any_gives(grants: list[Grant], action: str, everywhere: bool) -> bool:
    return any(_gives(grant, action, everywhere) for grant in grants)


def _gives(grant: Grant, action: str, everywhere: bool) -> bool:
    return grant.actions.covers(Part(frozenset({action}))) and (not everywhere or _everywhere(grant.resources))


def _everywhere(resources: Part) -> bool:
    """Whether no name limits them: ``*``, all of a kind (``arn:aws:iam::123456789012:role/*``), or all but some."""
    if resources.negated:
        return True
    return any(
        covers(value, "?*") or value.endswith((":*", ":role/*", ":function:*", ":secret:*", ":instance/*"))
        for value in resources.values
    )
