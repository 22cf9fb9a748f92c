"""Images for a test's registry: moto keeps what is put there, and runs none of it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def push(ecr: Any, repository: str, tag: str, *architectures: str, content: str = "") -> str:
    """Put an image for these architectures (``amd64`` where none is named) under a tag; its digest."""
    platforms = [{"os": "linux", "architecture": each} for each in architectures or ("amd64",)]
    size = len(content or tag)
    layers = [
        {"mediaType": MANIFEST, "digest": _digest(f"{content or tag} {each}"), "size": size, "platform": each}
        for each in platforms
    ]
    attestation = {
        "mediaType": MANIFEST,
        "digest": _digest("by whom"),
        "size": 1,
        "platform": {"os": "unknown", "architecture": "unknown"},
    }
    manifest = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [*layers, attestation]})
    digest = _digest(manifest)
    ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=manifest, imageDigest=digest)
    return digest


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
