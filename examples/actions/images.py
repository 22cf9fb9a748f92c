"""Small images: archives in the OCI layout, as buildx writes them. Their layers hold a text, and nothing runs."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

_KIND = "application/vnd.oci.image."


def archive(path: Path, platform: str, *contents: str) -> str:
    """Write an image for a platform (``linux/amd64``), one layer for each content; its digest."""
    system, architecture = platform.split("/")
    layers = [gzip.compress(content.encode(), mtime=0) for content in contents]
    history = {"type": "layers", "diff_ids": [_digest(content.encode()) for content in contents]}
    config = _json({"os": system, "architecture": architecture, "rootfs": history})
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": f"{_KIND}manifest.v1+json",
            "config": _described("config.v1+json", config),
            "layers": [_described("layer.v1.tar+gzip", layer) for layer in layers],
        }
    )
    index = _json({"schemaVersion": 2, "manifests": [_described("manifest.v1+json", manifest)]})
    blobs = {f"blobs/sha256/{_digest(each)[7:]}": each for each in (*layers, config, manifest)}
    write(path, {"oci-layout": _json({"imageLayoutVersion": "1.0.0"}), "index.json": index, **blobs})
    return _digest(manifest)


def write(path: Path, members: dict[str, bytes]) -> None:
    """Write an archive of these files."""
    with tarfile.open(path, "w") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _described(kind: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": _KIND + kind, "digest": _digest(content), "size": len(content)}


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
