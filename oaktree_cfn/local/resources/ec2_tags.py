"""EC2's way with tags: a specification at creation, two calls for any resource afterwards."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Properties, Request
from oaktree_cfn.local.resources.service import call
from oaktree_cfn.local.resources.shapes import Tag, tag_change
from oaktree_cfn.local.resources.tagging import in_order


def specified(kind: str, properties: Properties) -> list[dict[str, Any]] | None:
    """The ``TagSpecifications`` of a creation, or None where there are no tags."""
    tags = properties.get("Tags")
    return [{"ResourceType": kind, "Tags": list(tags)}] if tags else None


def retag(identity: str, before: Properties, after: Properties, request: Request) -> None:
    """Bring the tags of any EC2 resource from one version to the next."""
    changed, removed = tag_change(before, after)
    if changed:
        call(request.client("ec2"), "create_tags", Resources=[identity], Tags=changed)
    if removed:
        call(request.client("ec2"), "delete_tags", Resources=[identity], Tags=[{"Key": key} for key in removed])


def tags_of(described: dict[str, Any], properties: Properties) -> list[Tag]:
    """The tags of a described resource, in the order of the template."""
    return in_order(described.get("Tags"), properties)
