"""In production a name of an image means one image."""

from __future__ import annotations

import pytest

from .ground import found

TASK = """
Repository: {{Type: AWS::ECR::Repository}}
Task: {{Type: AWS::ECS::TaskDefinition, Properties: {{ContainerDefinitions: [{{Name: app, Image: {image}}}]}}}}
"""
IN_ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/oaktree"
AT = "Task.ContainerDefinitions.0.Image"


def task(image: str, *, production: bool = True) -> list[str]:
    return found("mutable-tag", TASK.format(image=image), production=production)


@pytest.mark.parametrize("image", ["nginx:latest", f"{IN_ECR}:latest", "!Sub '${Repository.RepositoryUri}:latest'"])
def test_latest_is_found(image: str) -> None:
    assert task(image) == [f"{AT} has the tag latest"]


@pytest.mark.parametrize("image", ["nginx", IN_ECR, "localhost:5000/nginx", "!GetAtt Repository.RepositoryUri"])
def test_no_tag_means_latest(image: str) -> None:
    assert task(image) == [f"{AT} has no tag, which means latest"]


@pytest.mark.parametrize("image", ["nginx:1.27", f"{IN_ECR}:1a2b3c4", f"{IN_ECR}@sha256:{'0' * 64}", "nginx:latest-1"])
def test_a_tag_of_its_own_or_a_digest_is_fine(image: str) -> None:
    assert task(image) == []


@pytest.mark.parametrize("image", ["!ImportValue Image", "!Sub ['nginx:${T}', {T: !ImportValue Tag}]", "[]"])
def test_a_tag_that_is_not_known_is_not_latest(image: str) -> None:
    assert task(image) == []


def test_outside_production_latest_is_fine() -> None:
    assert task("nginx:latest", production=False) == []
