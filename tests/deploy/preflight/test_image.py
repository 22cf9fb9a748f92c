"""``image``: what tasks will run is there, for their processor."""

from __future__ import annotations

import pytest

from tests.registry import push

from .conftest import ID, REGION, Ground, service

URI = f"{ID}.dkr.ecr.{REGION}.amazonaws.com/app"
PLACE = "Task.ContainerDefinitions.0.Image"


@pytest.fixture
def digest(ground: Ground) -> str:
    """An image for ARM64, tag 1, and one for Intel's processors, tag 2."""
    ground.client("ecr").create_repository(repositoryName="app")
    push(ground.client("ecr"), "app", "2", "amd64")
    return push(ground.client("ecr"), "app", "1", "arm64")


def test_an_image_that_is_there_is_good_by_tag_and_by_digest(ground: Ground, digest: str) -> None:
    assert ground.said("image", service(f"{URI}:1")) == []
    assert ground.said("image", service(f"{URI}@{digest}")) == []


def test_an_image_that_is_not_there_is_named(ground: Ground, digest: str) -> None:
    assert ground.said("image", service(f"{URI}:3")) == [f"{PLACE} is 3, which {URI} does not have"]


def test_an_image_for_another_processor_is_named_with_both(ground: Ground, digest: str) -> None:
    (found,) = ground.said("image", service(f"{URI}:2"))
    assert found.endswith("built for linux/amd64; the tasks run on linux/arm64")


def test_a_repository_that_is_not_there_yet_has_no_image(ground: Ground) -> None:
    made = "\n  Images: {Type: AWS::ECR::Repository, Properties: {RepositoryName: app}}"
    resources = made + service().replace('"public.ecr.aws/nginx/nginx:1"', '!Sub "${Images.RepositoryUri}:1"')
    assert ground.said("image", resources) == [f"{PLACE} is 1, which {URI} does not have"]


def test_a_repository_without_a_name_of_its_own_is_found_by_its_stack(ground: Ground) -> None:
    made = "\n  Images: {Type: AWS::ECR::Repository}"
    stack = ground.deploy("shop", f"Resources:{made}")
    resources = made + service().replace('"public.ecr.aws/nginx/nginx:1"', '!Sub "${Images.RepositoryUri}:1"')
    (found,) = ground.said("image", resources, stack=stack)
    (repository,) = ground.client("ecr").describe_repositories()["repositories"]
    push(ground.client("ecr"), repository["repositoryName"], "1", "arm64")
    assert repository["repositoryUri"] in found
    assert ground.said("image", resources, stack=stack) == []


@pytest.mark.parametrize(
    "resources",
    [
        service(),
        service(f"{URI}:9").replace("DesiredCount: 2", "DesiredCount: 0"),
        service(f"{URI}:9").replace("TaskDefinition: !Ref Task", "TaskDefinition: other"),
    ],
    ids=["another registry", "no task is wanted", "nothing runs it"],
)
def test_what_cannot_be_known_or_will_not_run_is_not_looked_for(ground: Ground, resources: str) -> None:
    assert ground.said("image", resources) == []
