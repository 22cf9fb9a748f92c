"""Image repositories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import tagging
from oaktree_cfn.local.resources.service import already_gone, call, undone_on_failure
from oaktree_cfn.local.resources.shapes import differ, document, given, known, only

_MUTABILITY = ("ImageTagMutability", "ImageTagMutabilityExclusionFilters")
_FILTER = "ImageTagMutabilityExclusionFilter"  # CloudFormation puts this before the service's Type and Value


class Repository(Handler):
    """An image repository. Deletion fails while it holds images, unless the template says ``EmptyOnDelete``."""

    type = "AWS::ECR::Repository"
    supported = frozenset(
        {
            "EncryptionConfiguration.EncryptionType",
            "EncryptionConfiguration.KmsKey",
            "ImageScanningConfiguration.ScanOnPush",
            "ImageTagMutability",
            "ImageTagMutabilityExclusionFilters",
            "LifecyclePolicy.LifecyclePolicyText",
            "RepositoryName",
            "RepositoryPolicyText",
            "Tags",
        }
    )
    not_kept: ClassVar[Mapping[str, str]] = {
        "EmptyOnDelete": "write-only: honoured at deletion",
        "LifecyclePolicy.RegistryId": "the local stage has one registry",
    }

    def create(self, properties: Properties, request: Request) -> Made:
        name = properties.get("RepositoryName") or request.name(256, lower=True)
        repository = call(
            request.client("ecr"),
            "create_repository",
            RepositoryName=name,
            **given(properties, "EncryptionConfiguration", "ImageScanningConfiguration", "Tags"),
            **_mutability(properties),
        )["Repository"]
        made = Made(name, {"Arn": repository["RepositoryArn"], "RepositoryUri": repository["RepositoryUri"]})
        with undone_on_failure(lambda: self.delete(made, {**properties, "EmptyOnDelete": True}, request)):
            self._policies(made, {}, properties, request)
        return made

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        ecr, name = request.client("ecr"), made.physical_id
        if differ(before, after, *_MUTABILITY):
            call(ecr, "put_image_tag_mutability", RepositoryName=name, **_mutability(after))
        if differ(before, after, "ImageScanningConfiguration"):
            scanning = after.get("ImageScanningConfiguration") or {"ScanOnPush": False}
            call(ecr, "put_image_scanning_configuration", RepositoryName=name, ImageScanningConfiguration=scanning)
        self._policies(made, before, after, request)
        tagging.retag(ecr, made.attributes["Arn"], before, after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        force = properties.get("EmptyOnDelete", False)
        with already_gone("RepositoryNotFoundException"):
            call(request.client("ecr"), "delete_repository", RepositoryName=made.physical_id, Force=force)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        ecr, name = request.client("ecr"), made.physical_id
        repository = only(call(ecr, "describe_repositories", RepositoryNames=[name])["Repositories"])
        lifecycle = _text_of(ecr, "get_lifecycle_policy", name, "LifecyclePolicyText")
        return known(
            {
                **given(repository, "EncryptionConfiguration", "ImageScanningConfiguration", "RepositoryName"),
                "ImageTagMutability": repository["ImageTagMutability"],
                "ImageTagMutabilityExclusionFilters": [
                    {f"{_FILTER}Type": item["FilterType"], f"{_FILTER}Value": item["Filter"]}
                    for item in repository.get("ImageTagMutabilityExclusionFilters", [])
                ],
                "LifecyclePolicy": {"LifecyclePolicyText": lifecycle} if lifecycle else None,
                "RepositoryPolicyText": document(_text_of(ecr, "get_repository_policy", name, "PolicyText")),
                "Tags": tagging.tags_of(ecr, made.attributes["Arn"], properties),
            }
        )

    def _policies(self, made: Made, before: Properties, after: Properties, request: Request) -> None:
        ecr, name = request.client("ecr"), made.physical_id
        lifecycle, policy = after.get("LifecyclePolicy"), after.get("RepositoryPolicyText")
        if lifecycle != before.get("LifecyclePolicy"):
            text = (lifecycle or {}).get("LifecyclePolicyText")
            if text:
                call(ecr, "put_lifecycle_policy", RepositoryName=name, LifecyclePolicyText=text)
            else:
                with already_gone("LifecyclePolicyNotFoundException"):
                    call(ecr, "delete_lifecycle_policy", RepositoryName=name)
        if policy != before.get("RepositoryPolicyText"):
            if policy:
                call(ecr, "set_repository_policy", RepositoryName=name, PolicyText=policy)
            else:
                with already_gone("RepositoryPolicyNotFoundException"):
                    call(ecr, "delete_repository_policy", RepositoryName=name)


def _mutability(properties: Properties) -> dict[str, Any]:
    filters = [
        {"FilterType": item[f"{_FILTER}Type"], "Filter": item[f"{_FILTER}Value"]}
        for item in properties.get("ImageTagMutabilityExclusionFilters") or ()
    ]
    mutability = {"ImageTagMutability": properties.get("ImageTagMutability", "MUTABLE")}
    return {**mutability, **known({"ImageTagMutabilityExclusionFilters": filters})}


def _text_of(ecr: Any, operation: str, name: str, field: str) -> str | None:
    with already_gone("LifecyclePolicyNotFoundException", "RepositoryPolicyNotFoundException"):
        return str(call(ecr, operation, RepositoryName=name)[field])
    return None
