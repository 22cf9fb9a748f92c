"""The image repository."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from troposphere import Equals, GetAtt, If, Not, NoValue, Ref, Sub, Template
from troposphere.ecr import EncryptionConfiguration, ImageScanningConfiguration, LifecyclePolicy, Repository

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.services.exempt import exempt


@dataclass(frozen=True)
class Ecr:
    """Image repository: one private repository, scanned on push, untagged images removed after two weeks."""

    untagged_days: int = 14

    def compose(self) -> Template:
        """The template."""
        template = form.begin(self)
        _questions(template)
        template.add_condition("ForgetsImages", Not(Equals(Ref("KeptImages"), "0")))
        template.add_condition("HasRepositoryKey", Not(Equals(Ref("RepositoryKeyArn"), "")))
        template.add_resource(_repository(self.untagged_days))
        form.tell(
            template, "RepositoryUrl", "Where to push images, without a tag.", GetAtt("Repository", "RepositoryUri")
        )
        form.tell(template, "RepositoryArn", "The repository, for policies.", GetAtt("Repository", "Arn"))
        return template


def _questions(template: Template) -> None:
    form.ask(template, form.NAMES, {"Prefix": form.prefix()})
    mutability = form.choice(
        "ImageTagMutability",
        "Whether a tag may be pushed again. IMMUTABLE means that a tag, once reviewed, stays the image it was.",
        ("IMMUTABLE", "MUTABLE"),
        "IMMUTABLE",
    )
    kept = form.number(
        "KeptImages",
        "Tagged images to keep, the newest ones; 0 for all. An image that is forgotten can be neither started nor rolled "
        "back to, so keep more than there are between two deploys.",
        0,
        0,
        10000,
    )
    empty = form.switch(
        "EmptyRepositoryOnDelete",
        "Whether deleting the repository deletes the images in it. When false, a repository with images stays.",
        default=False,
    )
    questions = {"Tags are": mutability, "Keep": kept, "Encryption key": _key(), "Delete with images": empty}
    form.ask(template, "Image repository", questions)


def _key() -> Any:
    return form.text(
        "RepositoryKeyArn",
        "ARN of a key of AWS KMS that images are encrypted with; empty for S3's own keys. Decide before the first deploy: "
        "it cannot be changed later.",
        pattern="(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-z0-9-]+)?",
        constraint="empty or the ARN of a key of AWS KMS",
        Default="",
    )


def _repository(untagged_days: int) -> Repository:
    """Without a key nothing is said of encryption: saying what is so anyway would replace repositories that exist."""
    key = EncryptionConfiguration(EncryptionType="KMS", KmsKey=Ref("RepositoryKeyArn"))
    repository = Repository(
        "Repository",
        RepositoryName=Ref("Prefix"),
        ImageTagMutability=Ref("ImageTagMutability"),
        ImageScanningConfiguration=ImageScanningConfiguration(ScanOnPush=True),
        EncryptionConfiguration=If("HasRepositoryKey", key, NoValue),
        EmptyOnDelete=Ref("EmptyRepositoryOnDelete"),
        LifecyclePolicy=LifecyclePolicy(LifecyclePolicyText=_lifecycle(untagged_days)),
    )
    return exempt(repository, "which key images are encrypted with is the environment's to say", "CKV_AWS_136")


def _lifecycle(untagged_days: int) -> If:
    untagged = _expire(
        1,
        "Forget images that lost their tag",
        {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": untagged_days,
        },
    )
    older = _expire(
        2,
        "Keep the newest images",
        {
            "tagStatus": "tagged",
            "tagPatternList": ["*"],
            "countType": "imageCountMoreThan",
            "countNumber": "${KeptImages}",
        },
    )
    both = _policy(untagged, older).replace('"${KeptImages}"', "${KeptImages}")  # a number, once it is filled in
    return If("ForgetsImages", Sub(both), _policy(untagged))


def _expire(priority: int, description: str, selection: Mapping[str, Any]) -> dict[str, Any]:
    rule = {"rulePriority": priority, "description": description, "selection": selection}
    return {**rule, "action": {"type": "expire"}}


def _policy(*rules: Mapping[str, Any]) -> str:
    return json.dumps({"rules": rules}, indent=2) + "\n"
