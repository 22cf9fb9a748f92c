"""Images: names taken apart, and what an image was built for, from an index or from its configuration."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from oaktree_cfn.aws.ecr import Ecr, Image, Repository, is_digest, parted
from oaktree_cfn.errors import AwsError

DIGEST = f"sha256:{'a' * 64}"
REPOSITORY = Repository(
    "123456789012", "eu-west-1", "team/app", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app"
)


@pytest.mark.parametrize(
    ("reference", "address", "version"),
    [
        ("team/app:1", "team/app", "1"),
        ("host:5000/team/app", "host:5000/team/app", ""),
        ("host:5000/team/app:1.2", "host:5000/team/app", "1.2"),
        (f"host/app@{DIGEST}", "host/app", DIGEST),
        ("⟨Ecr/Repository/RepositoryUri⟩:1", "⟨Ecr/Repository/RepositoryUri⟩", "1"),
        ("", "", ""),
    ],
)
def test_an_images_name_is_an_address_and_a_version(reference: str, address: str, version: str) -> None:
    assert parted(reference) == (address, version)


@pytest.mark.parametrize(
    ("uri", "found"),
    [
        (REPOSITORY.uri, REPOSITORY),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/app", ("123456789012", "cn-north-1", "app")),
        ("public.ecr.aws/nginx/nginx", None),
        ("nginx", None),
    ],
)
def test_a_repository_of_ecr_is_told_by_its_address(uri: str, found: Any) -> None:
    told = Repository.of(uri)
    assert told == found or (told is not None and (told.account, told.region, told.name) == found)


def test_a_digest_is_not_a_tag() -> None:
    assert is_digest(DIGEST)
    assert not is_digest("sha256")
    assert not is_digest(DIGEST.upper())


class Answers:
    """A connection that gives what it was told to give."""

    def __init__(self, **answers: Any) -> None:
        self._answers = answers
        self.asked: dict[str, Any] = {}

    def call(self, service: str, operation: str, **arguments: Any) -> Any:
        self.asked = arguments
        return self._answers[operation]


def image(manifest: dict[str, Any]) -> Image:
    return Image(REPOSITORY, DIGEST, manifest)


def test_an_index_names_its_platforms_and_attestations_are_none() -> None:
    listed = [{"os": "linux", "architecture": "arm64", "variant": "v8"}, {"os": "unknown", "architecture": "unknown"}]
    found = Ecr(Answers()).platforms(image({"manifests": [{"platform": each} for each in listed]}))  # type: ignore[arg-type]
    assert found == {"linux/arm64/v8"}


@pytest.fixture
def blob() -> Iterator[str]:
    """Where ECR keeps a configuration, on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            good = self.path == "/config"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"os": "linux", "architecture": "amd64"}).encode() if good else b"<html>")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_single_image_says_it_in_its_configuration(blob: str) -> None:
    answers = Answers(get_download_url_for_layer={"downloadUrl": f"{blob}/config"})
    assert Ecr(answers).platforms(image({"config": {"digest": DIGEST}, "layers": []})) == {"linux/amd64"}  # type: ignore[arg-type]
    assert answers.asked == {"registryId": "123456789012", "repositoryName": "team/app", "layerDigest": DIGEST}


def test_a_configuration_that_is_none_is_an_error_of_ours(blob: str) -> None:
    answers = Answers(get_download_url_for_layer={"downloadUrl": f"{blob}/page"})
    with pytest.raises(AwsError, match="Reading the image's configuration"):
        Ecr(answers).platforms(image({"config": {"digest": DIGEST}, "layers": []}))  # type: ignore[arg-type]
