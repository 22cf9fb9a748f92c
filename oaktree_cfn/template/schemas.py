"""What AWS's resource schemas say of a type: which properties replace, which cannot be read, which attributes exist.

The schemas are CloudFormation's own (registry), as shipped by cfn-lint, read as JSON without importing cfnlint (half a
second). They say nothing of the order in which services do things; where a type is unknown, ``of`` returns None and
the caller takes the worst case.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

Pointer = tuple[str, ...]
"""A property path without list indices: ``("Tags", "Value")``."""

NEVER, CONDITIONALLY, ALWAYS = "Never", "Conditionally", "Always"


@dataclass(frozen=True, slots=True)
class Schema:
    """The parts of a resource schema that decide how a change is carried out."""

    type: str
    properties: frozenset[str]
    required: frozenset[str]
    create_only: tuple[Pointer, ...]
    conditional_create_only: tuple[Pointer, ...]
    read_only: tuple[Pointer, ...]
    write_only: tuple[Pointer, ...]
    primary_identifier: tuple[Pointer, ...]
    tag_property: str
    tags_are_map: bool

    def recreation(self, path: Iterable[str]) -> str:
        """What changing the property at ``path`` requires: Never, Conditionally or Always a new resource."""
        pointer = tuple(path)
        if any(_overlap(pointer, fixed) for fixed in self.create_only):
            return ALWAYS
        if any(_overlap(pointer, fixed) for fixed in self.conditional_create_only):
            return CONDITIONALLY
        return NEVER

    def attributes(self) -> frozenset[str]:
        """The read-only attributes, dotted as ``Fn::GetAtt`` names them."""
        return frozenset(".".join(pointer) for pointer in self.read_only)


def _overlap(one: Pointer, other: Pointer) -> bool:
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _pointers(values: Iterable[str]) -> tuple[Pointer, ...]:
    return tuple(tuple(part for part in value.split("/")[2:] if part != "*") for value in values)


@cache
def _folder() -> Path:
    found = importlib.util.find_spec("cfnlint")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("cfn-lint is not installed: pip install -r requirements.txt")
    return Path(found.origin).parent / "data" / "schemas"


@cache
def _index(region: str) -> Mapping[str, str]:
    path = _folder() / "providers" / f"{region}.json"
    index: Mapping[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
    return index


@lru_cache(maxsize=128)  # about a template's types; all there are would be hundreds of megabytes
def raw(type_: str, region: str = "us-east-1") -> Mapping[str, Any] | None:
    """The schema as AWS publishes it, or None where the region does not have the type."""
    key = _index(region).get(type_) or _index("us-east-1").get(type_)
    if key is None:
        return None
    schema: Mapping[str, Any] = json.loads((_folder() / "resources" / f"{key}.json").read_bytes())
    return schema


@cache
def of(type_: str, region: str = "us-east-1") -> Schema | None:
    """The schema of a type, or None when it is unknown (a custom resource, a module, a type newer than our data)."""
    schema = raw(type_, region)
    if schema is None:
        return None
    tag_property = _tag_property(schema)
    return Schema(
        type=type_,
        properties=frozenset(schema.get("properties", ())),
        required=frozenset(schema.get("required", ())),
        create_only=_pointers(schema.get("createOnlyProperties", ())),
        conditional_create_only=_pointers(schema.get("conditionalCreateOnlyProperties", ())),
        read_only=_pointers(schema.get("readOnlyProperties", ())),
        write_only=_pointers(schema.get("writeOnlyProperties", ())),
        primary_identifier=_pointers(schema.get("primaryIdentifier", ())),
        tag_property=tag_property,
        tags_are_map=_is_map(schema, tag_property),
    )


def _tag_property(schema: Mapping[str, Any]) -> str:
    """Name of the property that takes tags, empty where the type has none."""
    tagging = schema.get("tagging", {})
    properties = schema.get("properties", {})
    if not tagging.get("taggable", "Tags" in properties):
        return ""
    named = str(tagging.get("tagProperty", "/properties/Tags")).rsplit("/", 1)[-1]
    return named if named in properties else ""


def _is_map(schema: Mapping[str, Any], name: str) -> bool:
    kind = schema.get("properties", {}).get(name, {}).get("type")
    return bool(kind == "object" or (isinstance(kind, list) and "object" in kind and "array" not in kind))


def with_tag_list(region: str = "us-east-1") -> frozenset[str]:
    """Every type with a property ``Tags`` that is a list of ``{Key, Value}``."""
    return frozenset(type_ for type_ in _index(region) if _has_tag_list(raw(type_, region) or {}))


def _has_tag_list(schema: Mapping[str, Any]) -> bool:
    tags = _followed(schema.get("properties", {}).get("Tags", {}), schema)
    item = _followed(tags.get("items", {}), schema)
    return "array" in tags.get("type", ()) and {"Key", "Value"} <= set(item.get("properties", ()))


def _followed(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A node of a schema, or the definition it points to."""
    while "$ref" in node:
        target: Any = schema
        for step in str(node["$ref"]).removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node
