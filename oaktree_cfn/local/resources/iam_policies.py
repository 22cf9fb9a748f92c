"""Policies: inline ones given to their holders, and managed ones attached to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources.service import already_gone, call, undone_on_failure
from oaktree_cfn.local.resources.shapes import as_sent, differ, document, given, known, only, split

NO_SUCH_ENTITY = ("NoSuchEntity", "NoSuchEntityException")
_HOLDERS = {"Roles": "role", "Users": "user", "Groups": "group"}


def _holders(properties: Properties) -> set[tuple[str, str]]:
    """Who a policy is for: ``(role, name)``, ``(user, name)``, ``(group, name)``."""
    return {(kind, holder) for name, kind in _HOLDERS.items() for holder in properties.get(name) or ()}


def _named(kind: str, name: str) -> dict[str, str]:
    return {f"{kind.capitalize()}Name": name}


def inline_document(iam: Any, kind: str, holder: str, policy: str) -> Any:
    """An inline policy's document, or None where the holder has no such policy."""
    with already_gone(*NO_SUCH_ENTITY):
        found = call(iam, f"get_{kind}_policy", **_named(kind, holder), PolicyName=policy)
        return document(found["PolicyDocument"])
    return None


class Policy(Handler):
    """An inline policy given to roles, users and groups that are declared elsewhere; ``Ref`` is a generated name."""

    type = "AWS::IAM::Policy"
    supported = frozenset({"Groups", "PolicyDocument", "PolicyName", "Roles", "Users"})

    def create(self, properties: Properties, request: Request) -> Made:
        name = request.name()
        made = Made(name, {"Id": name})
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._put(_holders(properties), properties, request)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        unchanged = not differ(before, after, "PolicyName", "PolicyDocument")
        self._put(_holders(after) - (_holders(before) if unchanged else set()), after, request)
        left = _holders(before) - (_holders(after) if before["PolicyName"] == after["PolicyName"] else set())
        self._drop(left, before["PolicyName"], request)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        self._drop(_holders(properties), properties["PolicyName"], request)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        iam, name = request.client("iam"), properties["PolicyName"]
        found = {holder: inline_document(iam, *holder, name) for holder in sorted(_holders(properties))}
        holding = [holder for holder, text in found.items() if text is not None]
        by_kind = {
            ours: as_sent([name for held, name in holding if held == kind], properties.get(ours))
            for ours, kind in _HOLDERS.items()
        }
        return known({"PolicyName": name, "PolicyDocument": found[only(holding)], **by_kind})

    def _put(self, holders: Iterable[tuple[str, str]], properties: Properties, request: Request) -> None:
        policy = given(properties, "PolicyName", "PolicyDocument")
        for kind, holder in sorted(holders):
            call(request.client("iam"), f"put_{kind}_policy", **_named(kind, holder), **policy)

    def _drop(self, holders: Iterable[tuple[str, str]], policy: str, request: Request) -> None:
        for kind, holder in sorted(holders):
            with already_gone(*NO_SUCH_ENTITY):
                call(request.client("iam"), f"delete_{kind}_policy", **_named(kind, holder), PolicyName=policy)


class RolePolicy(Handler):
    """One inline policy of one role; ``Ref`` is its name."""

    type = "AWS::IAM::RolePolicy"
    supported = frozenset({"PolicyDocument", "PolicyName", "RoleName"})

    def create(self, properties: Properties, request: Request) -> Made:
        call(request.client("iam"), "put_role_policy", **given(properties, "RoleName", "PolicyName", "PolicyDocument"))
        return Made(properties["PolicyName"])

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        return self.create(after, request)

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone(*NO_SUCH_ENTITY):
            call(request.client("iam"), "delete_role_policy", **given(properties, "RoleName", "PolicyName"))

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        found = call(request.client("iam"), "get_role_policy", **given(properties, "RoleName", "PolicyName"))
        return {**given(found, "RoleName", "PolicyName"), "PolicyDocument": document(found["PolicyDocument"])}


class ManagedPolicy(Handler):
    """A managed policy; ``Ref`` is its ARN. A change makes a new default version and drops the one before."""

    type = "AWS::IAM::ManagedPolicy"
    supported = frozenset({"Description", "Groups", "ManagedPolicyName", "Path", "PolicyDocument", "Roles", "Users"})

    def create(self, properties: Properties, request: Request) -> Made:
        name = properties.get("ManagedPolicyName") or request.name(128)
        plain = given(properties, "Description", "Path", "PolicyDocument")
        policy = call(request.client("iam"), "create_policy", PolicyName=name, **plain)["Policy"]
        made = self._made(policy["Arn"], request)
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._attach(made, {}, properties, request)
        return self._made(policy["Arn"], request)

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        iam, arn = request.client("iam"), made.physical_id
        if differ(before, after, "PolicyDocument"):
            old = call(iam, "get_policy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
            text = after["PolicyDocument"]
            call(iam, "create_policy_version", PolicyArn=arn, PolicyDocument=text, SetAsDefault=True)
            call(iam, "delete_policy_version", PolicyArn=arn, VersionId=old)
        self._attach(made, before, after, request)
        return self._made(arn, request)

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        self._attach(made, properties, {}, request)
        with already_gone(*NO_SUCH_ENTITY):
            call(request.client("iam"), "delete_policy", PolicyArn=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        iam, arn = request.client("iam"), made.physical_id
        policy = call(iam, "get_policy", PolicyArn=arn)["Policy"]
        version = call(iam, "get_policy_version", PolicyArn=arn, VersionId=policy["DefaultVersionId"])
        held = call(iam, "list_entities_for_policy", PolicyArn=arn)
        holders = {
            ours: as_sent([item[f"{kind.capitalize()}Name"] for item in held[f"Policy{ours}"]], properties.get(ours))
            for ours, kind in _HOLDERS.items()
        }
        return known(
            {
                **given(policy, "Description", "Path"),
                "ManagedPolicyName": policy["PolicyName"],
                "PolicyDocument": document(version["PolicyVersion"]["Document"]),
                **holders,
            }
        )

    def _attach(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        added, removed = split(sorted(_holders(before)), sorted(_holders(after)))
        for kind, holder in added:
            parameters = {**_named(kind, holder), "PolicyArn": made.physical_id}
            call(request.client("iam"), f"attach_{kind}_policy", **parameters)
        for kind, holder in removed:
            with already_gone(*NO_SUCH_ENTITY):
                parameters = {**_named(kind, holder), "PolicyArn": made.physical_id}
                call(request.client("iam"), f"detach_{kind}_policy", **parameters)

    def _made(self, arn: str, request: Request) -> Made:
        policy = call(request.client("iam"), "get_policy", PolicyArn=arn)["Policy"]
        numbers = given(policy, "AttachmentCount", "DefaultVersionId", "IsAttachable", "PolicyId")
        times = {name: str(policy[name]) for name in ("CreateDate", "UpdateDate") if name in policy}
        boundaries = {"PermissionsBoundaryUsageCount": policy.get("PermissionsBoundaryUsageCount", 0)}
        return Made(arn, {"PolicyArn": arn, **numbers, **times, **boundaries})
