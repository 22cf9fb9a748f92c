"""Roles."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources.iam_policies import NO_SUCH_ENTITY, inline_document
from oaktree_cfn.local.resources.service import already_gone, call, refusal, undone_on_failure
from oaktree_cfn.local.resources.shapes import as_sent, differ, document, given, known, split, tag_change
from oaktree_cfn.local.resources.tagging import in_order


class Role(Handler):
    """A role; ``Ref`` is its name. Its inline policies are its own: other resources may add more of them."""

    type = "AWS::IAM::Role"
    supported = frozenset(
        {
            "AssumeRolePolicyDocument",
            "Description",
            "ManagedPolicyArns",
            "MaxSessionDuration",
            "Path",
            "PermissionsBoundary",
            "Policies",
            "RoleName",
            "Tags",
        }
    )

    def create(self, properties: Properties, request: Request) -> Made:
        plain = ("AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "Path", "PermissionsBoundary", "Tags")
        name = properties.get("RoleName") or request.name(64)
        _refuse_unknown_boundary(request.client("iam"), properties, "CreateRole")
        role = call(request.client("iam"), "create_role", RoleName=name, **given(properties, *plain))["Role"]
        made = Made(name, given(role, "Arn", "RoleId"))
        with undone_on_failure(lambda: self.delete(made, properties, request)):
            self._policies(made, {}, properties, request)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        iam, name = request.client("iam"), made.physical_id
        if differ(before, after, "AssumeRolePolicyDocument"):
            policy = after["AssumeRolePolicyDocument"]
            call(iam, "update_assume_role_policy", RoleName=name, PolicyDocument=policy)
        if differ(before, after, "Description", "MaxSessionDuration"):
            duration = after.get("MaxSessionDuration", 3600)
            call(
                iam, "update_role", RoleName=name, Description=after.get("Description", ""), MaxSessionDuration=duration
            )
        if differ(before, after, "PermissionsBoundary"):
            _bound(iam, name, after)
        self._policies(made, before, after, request)
        changed, removed = tag_change(before, after)
        if changed:
            call(iam, "tag_role", RoleName=name, Tags=changed)
        if removed:
            call(iam, "untag_role", RoleName=name, TagKeys=removed)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        """Takes along what the role itself declared; IAM refuses while anything else is attached."""
        iam, name = request.client("iam"), made.physical_id
        self._policies(made, properties, {}, request)
        with already_gone(*NO_SUCH_ENTITY):
            call(iam, "delete_role", RoleName=name)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        iam, name = request.client("iam"), made.physical_id
        role = call(iam, "get_role", RoleName=name)["Role"]
        attached = call(iam, "list_attached_role_policies", RoleName=name)["AttachedPolicies"]
        arns = as_sent([policy["PolicyArn"] for policy in attached], properties.get("ManagedPolicyArns"))
        declared = [policy["PolicyName"] for policy in properties.get("Policies") or ()]
        return known(
            {
                **given(role, "Description", "MaxSessionDuration", "Path", "RoleName"),
                "AssumeRolePolicyDocument": document(role["AssumeRolePolicyDocument"]),
                "PermissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
                "ManagedPolicyArns": arns,
                "Policies": [
                    {"PolicyName": policy, "PolicyDocument": inline_document(iam, "role", name, policy)}
                    for policy in as_sent(call(iam, "list_role_policies", RoleName=name)["PolicyNames"], declared)
                    if policy in declared
                ],
                "Tags": in_order(role.get("Tags"), properties),
            }
        )

    def _policies(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        iam, name = request.client("iam"), made.physical_id
        old = {policy["PolicyName"]: policy["PolicyDocument"] for policy in before.get("Policies") or ()}
        new = {policy["PolicyName"]: policy["PolicyDocument"] for policy in after.get("Policies") or ()}
        for policy, text in new.items():
            if old.get(policy) != text:
                call(iam, "put_role_policy", RoleName=name, PolicyName=policy, PolicyDocument=text)
        for policy in old.keys() - new.keys():
            with already_gone(*NO_SUCH_ENTITY):
                call(iam, "delete_role_policy", RoleName=name, PolicyName=policy)
        added, removed = split(before.get("ManagedPolicyArns") or [], after.get("ManagedPolicyArns") or [])
        for arn in added:
            call(iam, "attach_role_policy", RoleName=name, PolicyArn=arn)
        for arn in removed:
            with already_gone(*NO_SUCH_ENTITY):
                call(iam, "detach_role_policy", RoleName=name, PolicyArn=arn)


def _bound(iam: Any, role: str, after: Properties) -> None:
    boundary = after.get("PermissionsBoundary")
    if boundary:
        _refuse_unknown_boundary(iam, after, "PutRolePermissionsBoundary")
        call(iam, "put_role_permissions_boundary", RoleName=role, PermissionsBoundary=boundary)
    else:
        call(iam, "delete_role_permissions_boundary", RoleName=role)


def _refuse_unknown_boundary(iam: Any, properties: Properties, operation: str) -> None:
    """moto takes any ARN for a boundary. AWS's own policies, which it does not have, are there."""
    arn = properties.get("PermissionsBoundary")
    if not arn or ":iam::aws:policy/" in arn:
        return
    with already_gone(*NO_SUCH_ENTITY):
        call(iam, "get_policy", PolicyArn=arn)
        return
    raise refusal("NoSuchEntity", f"Scope ARN: {arn} does not exist or is not attachable.", operation)
