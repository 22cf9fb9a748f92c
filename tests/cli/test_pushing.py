"""``oaktree push``: an image that was built elsewhere, in the environment's repository."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from examples.actions.images import archive, write
from oaktree_cfn.aws.ecr import Ecr

from .conftest import Done, Project

URL = "123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/shop"
TAG = "1a2b3c4"


@pytest.fixture
def ecr(project: Project) -> Any:
    client = project.client("ecr")
    client.create_repository(repositoryName="shop", imageTagMutability="IMMUTABLE")
    return client


def push(project: Project, *arguments: str, url: str = URL) -> Done:
    return project.run("push", "image.tar", "--env", "local", "--tag", TAG, "--repository", url, *arguments)


def test_the_image_is_there_under_its_tag_and_its_digest_is_printed(project: Project, ecr: Any) -> None:
    digest = archive(project.folder / "image.tar", "linux/arm64", "base", "application")
    done = push(project, "--format", "github")
    assert done.code == 0, done.err
    assert done.out == f"digest={digest}\nimage={URL}@{digest}\n"
    assert "3 new layers" in done.err
    (image,) = ecr.describe_images(repositoryName="shop")["imageDetails"]
    assert (image["imageDigest"], image["imageTags"]) == (digest, [TAG])
    (found,) = ecr.batch_get_image(repositoryName="shop", imageIds=[{"imageTag": TAG}])["images"]
    named = [each["digest"] for each in json.loads(found["imageManifest"])["layers"]]
    there = ecr.batch_check_layer_availability(repositoryName="shop", layerDigests=named)
    assert {each["layerDigest"] for each in there["layers"]} == set(named)


def test_a_tag_that_can_be_none_is_told_before_anything_is_pushed(project: Project, ecr: Any) -> None:
    archive(project.folder / "image.tar", "linux/arm64", "base")
    done = project.run("push", "image.tar", "--env", "local", "--tag", "feature/x", "--repository", URL)
    assert done.code == 2
    assert "--tag feature/x is no tag" in done.err
    assert ecr.list_images(repositoryName="shop")["imageIds"] == []


def test_layers_that_are_there_are_not_pushed_again(project: Project, ecr: Any) -> None:
    archive(project.folder / "image.tar", "linux/amd64", "base", "application")
    push(project)
    archive(project.folder / "image.tar", "linux/amd64", "base", "application 2")
    done = project.run("push", "image.tar", "--env", "local", "--tag", "next", "--repository", URL)
    assert "2 new layers" in done.err  # the application, and the configuration that names it


def test_a_layer_travels_in_parts(project: Project, ecr: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import random

    content = "".join(random.Random(1).choices("abcdefghijklmnop0123456789", k=9_000))  # noqa: S311
    archive(project.folder / "image.tar", "linux/amd64", content)
    parts: list[tuple[int, int]] = []
    ask = Ecr._ask

    def in_small_parts(self: Ecr, operation: str, repository: Any, **arguments: Any) -> dict[str, Any]:
        if operation == "upload_layer_part":
            parts.append((arguments["partFirstByte"], arguments["partLastByte"]))
        reply = ask(self, operation, repository, **arguments)
        return {**reply, "partSize": 1_000} if operation == "initiate_layer_upload" else reply

    monkeypatch.setattr(Ecr, "_ask", in_small_parts)
    assert push(project).code == 0
    assert len(parts) > 4
    names = [name for name in _members(project.folder / "image.tar") if "sha256" in name]
    digests = [f"sha256:{name.rpartition('/')[2]}" for name in names]
    there = ecr.batch_check_layer_availability(repositoryName="shop", layerDigests=digests)
    assert len(there["layers"]) == len(digests) - 1  # all but the manifest, which is an image


def test_a_tag_that_is_there_stays_and_its_digest_is_printed(project: Project, ecr: Any) -> None:
    first = archive(project.folder / "image.tar", "linux/amd64", "first")
    push(project)
    archive(project.folder / "image.tar", "linux/amd64", "second")
    done = push(project, "--format", "github")
    assert done.code == 0, done.err
    assert done.out.startswith(f"digest={first}\n")
    assert "is there already, and stays" in done.err


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (URL.replace("1234", "9999"), "is no repository of account 123456789012 in ap-southeast-1"),
        (URL.replace("southeast-1", "east-1"), "is no repository of account 123456789012 in ap-southeast-1"),
        ("docker.io/library/nginx", "is no repository of account"),
        (URL + "s", "There is no repository shops"),
        ("", "oaktree-local is not deployed"),
    ],
)
def test_another_repository_gets_nothing(project: Project, ecr: Any, url: str, says: str) -> None:
    archive(project.folder / "image.tar", "linux/amd64", "mine")
    done = push(project, url=url)
    assert done.code == 2
    assert says in done.err
    assert not ecr.describe_images(repositoryName="shop")["imageDetails"]


def _members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {each.name: tar.extractfile(each).read() for each in tar}  # type: ignore[union-attr]


def _two(members: dict[str, bytes]) -> dict[str, bytes]:
    index = json.loads(members["index.json"])
    return {**members, "index.json": json.dumps({"manifests": index["manifests"] * 2}).encode()}


def _damaged(members: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content[:-1] + b"?" if "sha256" in name else content for name, content in members.items()}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_two, "not one image for one platform"),
        (_damaged, "is damaged"),
        (lambda members: {"index.json": members["index.json"]}, "is no archive of an image"),
        (lambda members: {}, "is no archive of an image"),
        (lambda members: {**members, "index.json": b"[]"}, "is no archive of an image"),
        (lambda members: {**members, "index.json": b"{"}, "is no archive of an image"),
        (lambda members: {**members, "index.json": b'{"manifests": []}'}, "holds no image"),
    ],
)
def test_a_file_that_is_no_image_is_told_how_to_build_one(project: Project, ecr: Any, change: Any, says: str) -> None:
    path = project.folder / "image.tar"
    archive(path, "linux/amd64", "mine")
    write(path, change(_members(path)))
    done = push(project)
    assert done.code == 2
    assert says in done.err
    assert "type=oci" in done.err


def test_a_file_that_is_not_there_is_told(project: Project, ecr: Any) -> None:
    assert "No such file" in push(project).err
