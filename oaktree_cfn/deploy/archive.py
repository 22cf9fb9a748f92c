"""An image as a file: an archive in the OCI layout, as ``docker buildx build --output type=oci,dest=image.tar`` writes it.

Source: the OCI image layout (``index.json``, ``blobs/sha256/...``). Every blob is held to its digest before it goes anywhere.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from oaktree_cfn.errors import InvalidInput

_MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
_ALGORITHM = "sha256:"
_AT_ONCE = 1 << 20


@dataclass(frozen=True, slots=True)
class Blob:
    """A layer, or the image's configuration. ``size`` counts bytes."""

    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Archive:
    """One image for one platform. ``manifest`` is byte for byte what the digest is of; ``blobs`` are what it names."""

    path: Path
    digest: str
    media_type: str
    manifest: bytes
    blobs: tuple[Blob, ...]

    @contextmanager
    def open(self, blob: Blob) -> Iterator[IO[bytes]]:
        """A blob's bytes."""
        with tarfile.open(self.path) as tar, _member(tar, blob.digest) as file:
            yield file


def read(path: Path) -> Archive:
    """The image in an archive. Raises InvalidInput for a file that holds none, several, or a damaged one."""
    try:
        with tarfile.open(path) as tar:
            return _read(path, tar)
    except (OSError, tarfile.TarError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{path}: is no archive of an image: {error}", _BUILD) from error


_BUILD = "Build one with `docker buildx build --provenance=false --output type=oci,dest=image.tar`, for one platform."


def _read(path: Path, tar: tarfile.TarFile) -> Archive:
    index = json.loads(_file(tar, "index.json").read())["manifests"]
    if len(index) != 1 or index[0]["mediaType"] not in _MANIFESTS:
        raise InvalidInput(f"{path}: holds {_told(index)}, not one image for one platform.", _BUILD)
    itself = _blob(path, tar, index[0])
    manifest = _member(tar, itself.digest).read()
    told = json.loads(manifest)
    blobs = tuple(_blob(path, tar, each) for each in (told["config"], *told["layers"]))
    return Archive(path, itself.digest, str(index[0]["mediaType"]), manifest, tuple(dict.fromkeys(blobs)))


def _told(index: list[Any]) -> str:
    return ", ".join(str(each["mediaType"]) for each in index) or "no image"


def _file(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    found = tar.extractfile(name)
    if found is None:
        raise ValueError(f"{name} is no file")
    return found


def _member(tar: tarfile.TarFile, digest: str) -> IO[bytes]:
    if not digest.startswith(_ALGORITHM):
        raise ValueError(f"{digest} is not a digest of {_ALGORITHM[:-1]}")
    return _file(tar, f"blobs/sha256/{digest.removeprefix(_ALGORITHM)}")


def _blob(path: Path, tar: tarfile.TarFile, told: Mapping[str, Any]) -> Blob:
    """A blob that is what its digest says."""
    blob = Blob(str(told["digest"]), int(told["size"]))
    found, size = hashlib.sha256(), 0
    with _member(tar, blob.digest) as file:
        while part := file.read(_AT_ONCE):
            found.update(part)
            size += len(part)
    if (f"{_ALGORITHM}{found.hexdigest()}", size) != (blob.digest, blob.size):
        raise InvalidInput(f"{path}: is damaged: what it calls {blob.digest} is something else.", _BUILD)
    return blob
