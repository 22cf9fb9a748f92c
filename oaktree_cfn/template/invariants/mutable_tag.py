"""In production an image is named by what cannot become another image: a tag of its own, or a digest; never ``latest``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from oaktree_cfn.template.invariants._system import Finding, System

WHY = (
    "What was reviewed is not what runs: each new task may be another version, a push reaches production unseen, and going "
    "back to the last task definition goes back to nothing."
)
FIX = "Name the tag that was pushed for this version, such as the commit's, or the digest."

_REPOSITORY_URI = re.compile("⟨[^⟩]*/RepositoryUri⟩")
_SYMBOL = re.compile("⟨[^⟩]*⟩")


def find(system: System) -> Iterator[Finding]:
    """Images in production that may change under their name."""
    for container in system.containers() if system.production else ():
        image = container.at("Image")
        tag = _tag(image.value) if isinstance(image.value, str) else None
        if tag == "":
            yield image.finding("has no tag, which means latest")
        elif tag == "latest":
            yield image.finding("has the tag latest")


def _tag(image: str) -> str | None:
    """The tag, empty when there is none; None for a digest, and for what is not known."""
    plain = _SYMBOL.sub("⟨⟩", _REPOSITORY_URI.sub("repository", image))
    tail = plain.rpartition("/")[2]
    if not tail or "@" in tail or tail.endswith("⟩"):
        return None
    return tail.partition(":")[2]
