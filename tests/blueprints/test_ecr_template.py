"""The image repository, value by value."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Draw = Callable[..., Any]
KEY = "arn:aws:kms:ap-southeast-1:123456789012:key/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
UNTAGGED = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14}


def lifecycle(drawn: Any) -> list[dict[str, Any]]:
    text = drawn.properties("Repository")["LifecyclePolicy"]["LifecyclePolicyText"]
    rules: list[dict[str, Any]] = json.loads(text)["rules"]
    return rules


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
    (rule,) = lifecycle(picture("ecr"))
    assert (rule["selection"], rule["action"]) == (UNTAGGED, {"type": "expire"})


def test_of_tagged_images_the_newest_are_kept_where_that_is_said(picture: Draw) -> None:
    untagged, older = lifecycle(picture("ecr", KeptImages="50"))
    assert (untagged["selection"], untagged["rulePriority"], older["rulePriority"]) == (UNTAGGED, 1, 2)
    assert older["selection"] == {
        "tagStatus": "tagged",
        "tagPatternList": ["*"],
        "countType": "imageCountMoreThan",
        "countNumber": 50,
    }


def test_nothing_is_said_of_encryption_unless_a_key_is_given(picture: Draw) -> None:
    assert "EncryptionConfiguration" not in picture("ecr").properties("Repository")
    repository = picture("ecr", RepositoryKeyArn=KEY).properties("Repository")
    assert repository["EncryptionConfiguration"] == {"EncryptionType": "KMS", "KmsKey": KEY}


@pytest.mark.parametrize(("name", "value"), [("RepositoryKeyArn", "alias/oaktree"), ("KeptImages", "-1")])
def test_values_that_ecr_would_refuse_late_are_refused_first(name: str, value: str, picture: Draw) -> None:
    (complaint,) = picture("ecr", **{name: value}).refused()
    assert complaint.startswith(f"Parameter {name} failed to satisfy constraint: must be ")
