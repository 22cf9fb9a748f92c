"""ECR: the images of a repository, and what they were built for, in our models."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Any

from oaktree_cfn.aws.connection import Connection
from oaktree_cfn.errors import AwsError, InvalidInput

_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_MANIFESTS = (
    *_INDEXES,
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
"""What a registry may answer with: several images for several platforms, or one. All as they are, none converted."""

_LARGEST_CONFIG, _PATIENCE = 4_000_000, 20
"""Bytes of an image's configuration that are read, and seconds to wait for it."""

_LAYERS_AT_ONCE = 100
"""Layers that one request may ask about."""

_URI = re.compile(r"(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.[a-z.]+/([a-z0-9._/-]+)")
_DIGEST = re.compile("sha256:[0-9a-f]{64}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository; ``uri`` is what images are pushed to."""

    account: str
    region: str
    name: str
    uri: str

    @classmethod
    def of(cls, uri: str) -> Repository | None:
        """The private repository that an address names, without tag or digest; None for any other registry."""
        found = _URI.fullmatch(uri)
        return cls(found[1], found[2], found[3], uri) if found else None


@dataclass(frozen=True, slots=True)
class Image:
    """An image: where it is, its digest, its manifest."""

    repository: Repository
    digest: str
    manifest: Mapping[str, Any]


class NoRepository(InvalidInput):
    """There is no such repository."""

    def __init__(self, repository: Repository) -> None:
        super().__init__(f"There is no repository {repository.name} in {repository.region}.", "Deploy first.")


def is_digest(version: str) -> bool:
    """Whether a version is a digest, not a tag."""
    return _DIGEST.fullmatch(version) is not None


def is_tag(version: str) -> bool:
    """Whether an image can have this tag: letters, digits, dots, hyphens and underscores, up to 128."""
    return _TAG.fullmatch(version) is not None


def parted(reference: str) -> tuple[str, str]:
    """Address and version of an image's full name: ``repository:tag`` or ``repository@digest``."""
    address, at, digest = reference.partition("@")
    if at:
        return address, digest
    home, slash, name = reference.rpartition("/")
    name, _, tag = name.partition(":")
    return f"{home}{slash}{name}", tag


class Ecr:
    """Every call of ECR that OakTree makes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def image(self, repository: Repository, version: str) -> Image | None:
        """The image of that tag or digest; None when the repository has none. Raises NoRepository and AwsError."""
        wanted = {"imageDigest" if is_digest(version) else "imageTag": version}
        try:
            reply = self._ask("batch_get_image", repository, imageIds=[wanted], acceptedMediaTypes=list(_MANIFESTS))
        except AwsError as error:
            if error.code != "RepositoryNotFoundException":
                raise
            raise NoRepository(repository) from error
        found = reply["images"]
        if not found:
            return None
        return Image(repository, found[0]["imageId"]["imageDigest"], json.loads(found[0]["imageManifest"]))

    def missing(self, repository: Repository, digests: Iterable[str]) -> frozenset[str]:
        """Which of these layers the repository does not have."""
        wanted, there = list(dict.fromkeys(digests)), set[str]()
        for start in range(0, len(wanted), _LAYERS_AT_ONCE):
            part = wanted[start : start + _LAYERS_AT_ONCE]
            reply = self._ask("batch_check_layer_availability", repository, layerDigests=part)
            there |= {each["layerDigest"] for each in reply["layers"] if each["layerAvailability"] == "AVAILABLE"}
        return frozenset(wanted) - there

    def upload(self, repository: Repository, digest: str, file: IO[bytes]) -> None:
        """Bring a layer into the repository, in parts as large as ECR wants them. Raises AwsError."""
        begun = self._ask("initiate_layer_upload", repository)
        upload, first = begun["uploadId"], 0
        while part := file.read(begun["partSize"]):
            last = first + len(part) - 1
            where = {"uploadId": upload, "partFirstByte": first, "partLastByte": last}
            self._ask("upload_layer_part", repository, layerPartBlob=part, **where)
            first = last + 1
        try:
            self._ask("complete_layer_upload", repository, uploadId=upload, layerDigests=[digest])
        except AwsError as error:
            if error.code != "LayerAlreadyExistsException":  # somebody else was faster
                raise

    def put(self, repository: Repository, tag: str, manifest: bytes, media_type: str, digest: str) -> None:
        """Make an image of layers that are there. Raises AwsError, also for a tag that may not be moved."""
        what = {"imageManifest": manifest.decode(), "imageManifestMediaType": media_type, "imageDigest": digest}
        try:
            self._ask("put_image", repository, imageTag=tag, **what)
        except AwsError as error:
            if error.code != "ImageAlreadyExistsException":  # this image, under this tag
                raise

    def _ask(self, operation: str, repository: Repository, **arguments: Any) -> dict[str, Any]:
        where = {"registryId": repository.account, "repositoryName": repository.name}
        return self._connection.call("ecr", operation, **where, **arguments)

    def platforms(self, image: Image) -> frozenset[str]:
        """What an image was built for: ``linux/amd64``, ``linux/arm64/v8``, … Raises AwsError where it cannot be read.

        An index names them. The configuration of a single image does: a blob of its own, from where ECR keeps layers.
        """
        listed = image.manifest.get("manifests")
        if isinstance(listed, list):
            return frozenset(_platform(each.get("platform") or {}) for each in listed) - {"unknown/unknown"}
        return frozenset({_platform(self._configuration(image))})

    def _configuration(self, image: Image) -> Mapping[str, Any]:
        digest = (image.manifest.get("config") or {}).get("digest", "")
        url = self._connection.call(
            "ecr",
            "get_download_url_for_layer",
            registryId=image.repository.account,
            repositoryName=image.repository.name,
            layerDigest=digest,
        )["downloadUrl"]
        try:
            with urllib.request.urlopen(url, timeout=_PATIENCE) as reply:  # noqa: S310  # an address that ECR gave
                found = json.loads(reply.read(_LARGEST_CONFIG))
        except (OSError, ValueError) as error:
            raise AwsError("Reading the image's configuration", "Unreadable", str(error)) from error
        return found if isinstance(found, dict) else {}


def _platform(told: Mapping[str, Any]) -> str:
    return "/".join(filter(None, (told.get("os"), told.get("architecture"), told.get("variant"))))
