"""Which image of a repository a container runs: one value says it, a tag or a digest."""

from __future__ import annotations

from typing import Any

from troposphere import Join, Split

from oaktree_cfn.services.fields import Value

VERSION = "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}|sha256:[0-9a-f]{64}"
"""A tag, or a digest, as ECR writes them."""


def image_of(repository: Value, version: Value) -> Any:
    """``repository:tag``, or ``repository@sha256:…`` where the version is a digest. Needs no condition: no tag holds a
    colon, so ``:sha256:`` stands only where a digest begins.
    """
    return Join("@sha256:", Split(":sha256:", Join(":", [repository, version])))
