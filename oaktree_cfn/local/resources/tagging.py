"""Tags of the services that have ``TagResource``, ``UntagResource`` and ``ListTagsForResource``: most of them."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Properties
from oaktree_cfn.local.resources.service import call
from oaktree_cfn.local.resources.shapes import Tag, as_sent, tag_change, tag_list, tag_map


def retag(client: Any, arn: str, before: Properties, after: Properties) -> None:
    """Bring the tags of a resource from one version to the next."""
    changed, removed = tag_change(before, after)
    if changed:
        call(client, "tag_resource", ResourceArn=arn, Tags=changed)
    if removed:
        call(client, "untag_resource", ResourceArn=arn, TagKeys=removed)


def tags_of(client: Any, arn: str, properties: Properties) -> list[Tag]:
    """The tags that the service keeps for a resource, in the order of the template."""
    return in_order(call(client, "list_tags_for_resource", ResourceArn=arn).get("Tags"), properties)


def in_order(tags: Any, properties: Properties) -> list[Tag]:
    """Tags as any service returns them (a list or a map), as CloudFormation's list in the order of the template."""
    return as_sent(tag_list(tags if isinstance(tags, dict) else tag_map(tags)), properties.get("Tags"))
