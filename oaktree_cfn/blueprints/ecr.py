"""The image repository."""

from __future__ import annotations

import json
from dataclasses import dataclass

from troposphere import GetAtt, Ref, Template
from troposphere.ecr import ImageScanningConfiguration, LifecyclePolicy, Repository

from oaktree_cfn.blueprints import _form as form


@dataclass(frozen=True)
class Ecr:
    """Image repository: one private repository, scanned on push, untagged images removed after two weeks."""

    untagged_days: int = 14

    def compose(self) -> Template:
        """The template."""
        template = form.begin(self)
        _questions(template)
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
    empty = form.switch(
        "EmptyRepositoryOnDelete",
        "Whether deleting the repository deletes the images in it. When false, a repository with images stays.",
        default=False,
    )
    form.ask(template, "Image repository", {"Tags are": mutability, "Delete with images": empty})


def _repository(untagged_days: int) -> Repository:
    return Repository(
        "Repository",
        RepositoryName=Ref("Prefix"),
        ImageTagMutability=Ref("ImageTagMutability"),
        ImageScanningConfiguration=ImageScanningConfiguration(ScanOnPush=True),
        EmptyOnDelete=Ref("EmptyRepositoryOnDelete"),
        LifecyclePolicy=LifecyclePolicy(LifecyclePolicyText=_forget_untagged(untagged_days)),
    )


def _forget_untagged(days: int) -> str:
    rule = {
        "rulePriority": 1,
        "description": "Forget images that lost their tag",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": days,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]}, indent=2) + "\n"
