"""The shapes that CloudFormation's properties share, whatever the service: tags, documents, lists of keyed values."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from oaktree_cfn.local.handler import Properties

Values = dict[str, Any]
Tag = dict[str, str]


def given(properties: Properties, *names: str) -> Values:
    """The named properties that are there."""
    return {name: properties[name] for name in names if properties.get(name) is not None}


def known(values: Mapping[str, Any]) -> Values:
    """Without what is not there: a service's silence (None, an empty list or map) is not a value."""
    return {name: value for name, value in values.items() if value is not None and value != [] and value != {}}


def only(found: Sequence[Any]) -> Any:
    """The one thing that was asked for by its id.

    Raises:
        LookupError: it is gone.
    """
    if not found:
        raise LookupError("the resource is gone")
    return found[0]


def is_true(value: Any) -> bool:
    """A boolean property, which a template may write as text."""
    return str(value).lower() == "true"


def differ(before: Properties, after: Properties, *names: str) -> bool:
    """Whether any of the named properties changed."""
    return any(before.get(name) != after.get(name) for name in names)


def tag_map(tags: Iterable[Mapping[str, Any]] | None) -> dict[str, str]:
    """``[{Key, Value}]`` as ``{key: value}``."""
    return {str(tag["Key"]): str(tag["Value"]) for tag in tags or ()}


def tag_list(tags: Mapping[str, str] | None) -> list[Tag]:
    """``{key: value}`` as ``[{Key, Value}]``, without the tags that AWS keeps for itself."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items() if not key.startswith("aws:")]


def tag_change(before: Properties, after: Properties) -> tuple[list[Tag], list[str]]:
    """The tags to set and the keys to take away, between two versions of a resource's ``Tags``."""
    old, new = tag_map(before.get("Tags")), tag_map(after.get("Tags"))
    changed = {key: value for key, value in new.items() if old.get(key) != value}
    return tag_list(changed), [key for key in old if key not in new]


def document(text: str | Mapping[str, Any] | None) -> Any:
    """A policy or any other JSON document as the service returns it, as data."""
    return json.loads(text) if isinstance(text, str) and text else text or None


def as_sent(found: Iterable[Any], sent: Iterable[Any] | None) -> list[Any]:
    """What was found, in the order in which it was sent; what was not sent comes last. For sets that AWS keeps as lists."""
    found = list(found)
    first = [item for item in sent or () if item in found]
    return first + [item for item in found if item not in first]


def split(found: Collection[Any], wanted: Collection[Any]) -> tuple[list[Any], list[Any]]:
    """What has to be added to and removed from ``found`` to become ``wanted``."""
    return [item for item in wanted if item not in found], [item for item in found if item not in wanted]


def attributes(sent: Iterable[Mapping[str, Any]] | None, found: Iterable[Mapping[str, Any]]) -> list[Tag]:
    """Of a service's long list of ``{Key, Value}`` attributes, the ones a template speaks of, as the service has them."""
    kept = {str(item["Key"]): str(item["Value"]) for item in found}
    return [{"Key": item["Key"], "Value": kept[item["Key"]]} for item in sent or () if item["Key"] in kept]
