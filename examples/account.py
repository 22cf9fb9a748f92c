"""The account that an example is deployed to, as its proof sees it: through boto3, nothing of this library's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

REGION = "ap-southeast-1"
Answer = dict[str, Any]
Facts = Mapping[str, Any]
"""What is looked at -> what it is."""


@dataclass(frozen=True)
class Change:
    """The one edit of an example: in ``file``, ``before`` becomes ``after``. ``title`` says what for."""

    title: str
    file: str
    before: str
    after: str


@dataclass(frozen=True)
class Account:
    """Clients of the stage, and the example's root stack."""

    endpoint: str
    stack: str

    def client(self, service: str) -> Any:
        """A boto3 client."""
        return _client(service, self.endpoint)

    @property
    def outputs(self) -> dict[str, str]:
        """Of the root stack."""
        (found,) = self.client("cloudformation").describe_stacks(StackName=self.stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}

    def resources(self, stack: str = "") -> dict[str, tuple[str, str]]:
        """Path below the root stack -> type and physical id, nested stacks included."""
        rows = self.client("cloudformation").describe_stack_resources(StackName=stack or self.stack)["StackResources"]
        found: dict[str, tuple[str, str]] = {}
        for row in rows:
            title, kind, identity = row["LogicalResourceId"], row["ResourceType"], row["PhysicalResourceId"]
            found[title] = kind, identity
            if kind == "AWS::CloudFormation::Stack":
                found |= {f"{title}/{path}": what for path, what in self.resources(identity).items()}
        return found

    def id(self, path: str) -> str:
        """The physical id of the resource at a path such as ``Jobs/Queue``."""
        return self.resources()[path][1]

    def push(self, repository: str, *tags: str) -> None:
        """An image under each tag. Nothing is in it: the stage runs none."""
        for tag in tags:
            platform = {"os": "linux", "architecture": "amd64"}
            layer = {"digest": _digest(tag), "size": 1, "mediaType": f"{_OCI}.manifest.v1+json", "platform": platform}
            manifest = json.dumps({"schemaVersion": 2, "mediaType": f"{_OCI}.index.v1+json", "manifests": [layer]})
            self.client("ecr").put_image(
                repositoryName=repository, imageTag=tag, imageManifest=manifest, imageDigest=_digest(manifest)
            )

    # What several examples look at

    def service(self, name: str) -> Answer:
        """An ECS service by the end of its name: ``api`` is ``<prefix>-api-service``."""
        found = self.client("ecs").describe_services(
            cluster=f"{self.stack}-cluster", services=[f"{self.stack}-{name}-service"]
        )
        return dict(found["services"][0])

    def container(self, name: str) -> Answer:
        """The container that a service runs now."""
        arn = self.service(name)["taskDefinition"]
        task = self.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"]
        return dict(task["containerDefinitions"][0])

    def variables(self, name: str) -> dict[str, str]:
        """What a service's container is told."""
        return {each["name"]: each["value"] for each in self.container(name)["environment"]}

    def allowed(self, name: str) -> list[str]:
        """The actions that a service's application may take, sorted."""
        iam, role = self.client("iam"), f"{self.stack}-{name}-task-role"
        found: set[str] = set()
        for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
            version = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]["DefaultVersionId"]
            policy = iam.get_policy_version(PolicyArn=attached["PolicyArn"], VersionId=version)["PolicyVersion"]
            found |= {action for statement in policy["Document"]["Statement"] for action in statement["Action"]}
        return sorted(found)

    def rule(self, path: str) -> Answer:
        """A rule of a listener."""
        (found,) = self.client("elbv2").describe_rules(RuleArns=[self.id(path)])["Rules"]
        return dict(found)


_OCI = "application/vnd.oci.image"


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


@cache
def _client(service: str, endpoint: str) -> Any:
    """Making one takes longer than most calls."""
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    return boto3.client(service, region_name=REGION, endpoint_url=endpoint, **keys)
