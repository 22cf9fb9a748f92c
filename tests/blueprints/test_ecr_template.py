"""The image repository, value by value."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Draw = Callable[..., Any]


def test_the_repository_is_named_by_the_prefix_and_scans_what_is_pushed(picture: Draw) -> None:
    repository = picture("ecr", ImageTagMutability="MUTABLE", EmptyRepositoryOnDelete="true").properties("Repository")
    assert repository["RepositoryName"] == "oaktree-dev"
    assert repository["ImageTagMutability"] == "MUTABLE"
    assert repository["ImageScanningConfiguration"] == {"ScanOnPush": "true"}
    assert repository["EmptyOnDelete"] == "true"


def test_the_repository_is_careful_unless_told_otherwise(picture: Draw) -> None:
    repository = picture("ecr").properties("Repository")
    assert (repository["ImageTagMutability"], repository["EmptyOnDelete"]) == ("IMMUTABLE", "false")


def test_only_images_without_a_tag_expire(picture: Draw) -> None:
    text = picture("ecr").properties("Repository")["LifecyclePolicy"]["LifecyclePolicyText"]
    (rule,) = json.loads(text)["rules"]
    assert rule["selection"] == {
        "tagStatus": "untagged",
        "countType": "sinceImagePushed",
        "countUnit": "days",
        "countNumber": 14,
    }
