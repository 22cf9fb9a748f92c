"""A launch role: whether it is there, and what its policies let it do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oaktree_cfn.template.authorization import Context, allowed


@dataclass(frozen=True)
class Role:
    """A role in IAM, by its ARN; ``iam`` is a boto3 client."""

    iam: Any
    arn: str

    @property
    def name(self) -> str:
        """The role's name, which the ARN ends with."""
        return self.arn.rpartition("/")[2]

    def exists(self) -> bool:
        """Whether there is one."""
        try:
            self.iam.get_role(RoleName=self.name)
        except self.iam.exceptions.NoSuchEntityException:
            return False
        return True

    def may(self, action: str, resource: str, context: Context) -> bool:
        """Whether its policies and its boundary allow a request. (IAM user guide, "Policy evaluation logic")"""
        return allowed(action, resource, context, self._policies(), self._boundary())

    def _boundary(self) -> Mapping[str, Any] | None:
        """None where there is none, or one of AWS's own, which moto does not have."""
        bound = self.iam.get_role(RoleName=self.name)["Role"].get("PermissionsBoundary", {})
        arn = bound.get("PermissionsBoundaryArn", "")
        return self._document(arn) if arn and ":iam::aws:policy/" not in arn else None

    def _policies(self) -> Iterator[Mapping[str, Any]]:
        for name in self.iam.list_role_policies(RoleName=self.name)["PolicyNames"]:
            yield self.iam.get_role_policy(RoleName=self.name, PolicyName=name)["PolicyDocument"]
        for each in self.iam.list_attached_role_policies(RoleName=self.name)["AttachedPolicies"]:
            yield self._document(each["PolicyArn"])

    def _document(self, policy: str) -> Mapping[str, Any]:
        version = self.iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
        found = self.iam.get_policy_version(PolicyArn=policy, VersionId=version)["PolicyVersion"]
        document: Mapping[str, Any] = found["Document"]
        return document
