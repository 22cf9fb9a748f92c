"""The keys of a table and the indexes that find its items by others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from troposphere.dynamodb import GlobalSecondaryIndex, KeySchema, LocalSecondaryIndex, Projection

from oaktree_cfn.services import fields
from oaktree_cfn.services.capacity import BILLING, OnDemand, Provisioned
from oaktree_cfn.services.fields import Problem, Value

NAME = r"[A-Za-z0-9_.-]{3,255}", "3 to 255 letters, digits, underscores, dots and hyphens"
"""What tables and indexes may be called: a pattern, and the same in words."""

ATTRIBUTE = fields.Text(r"(?s).{1,255}", "a name of 1 to 255 characters", 255)

_PROJECTIONS = ("ALL", "KEYS_ONLY", "INCLUDE")


@dataclass(frozen=True, kw_only=True)
class Key:
    """An attribute that items are found by."""

    name: str = fields.known(fields.of(ATTRIBUTE, fields.REQUIRED, "Name of the attribute."))
    type: str = fields.known(fields.choice("S", ("S", "N", "B"), "Its type: string, number or binary."))


@dataclass(frozen=True, kw_only=True)
class LocalIndex:
    """The items of a partition in another order. It is made with the table, for ever, and shares its capacity."""

    name: str = fields.known(fields.text(fields.REQUIRED, *NAME, "Name of the index."))
    sort: Key = fields.known(fields.part(fields.REQUIRED, Key, "The attribute that orders items."))
    projection: Value = fields.choice("ALL", _PROJECTIONS, "What of an item stands in the index.")
    attributes: tuple[str, ...] = fields.known(fields.several(ATTRIBUTE, "What to INCLUDE beside the keys.", most=20))

    def contradictions(self) -> Iterator[Problem]:
        """Attributes and INCLUDE belong together."""
        yield from _projection(self.projection, self.attributes)

    def render(self, partition: Key) -> LocalSecondaryIndex:
        """The index of a table with this partition key."""
        return LocalSecondaryIndex(
            IndexName=self.name,
            KeySchema=schema(partition, self.sort),
            Projection=_projected(self.projection, self.attributes),
        )


@dataclass(frozen=True, kw_only=True)
class GlobalIndex:
    """Items by another key. It has a capacity of its own, as much as the table's unless ``billing`` says otherwise."""

    name: str = fields.known(fields.text(fields.REQUIRED, *NAME, "Name of the index."))
    partition: Key = fields.known(fields.part(fields.REQUIRED, Key, "The attribute that items are found by."))
    sort: Key | None = fields.known(fields.part(None, Key, "The attribute that orders items of one partition."))
    projection: Value = fields.choice("ALL", _PROJECTIONS, "What of an item stands in the index.")
    attributes: tuple[str, ...] = fields.known(fields.several(ATTRIBUTE, "What to INCLUDE beside the keys.", most=20))
    billing: OnDemand | Provisioned | None = fields.known(fields.part(None, BILLING, "How it is paid for."))

    def contradictions(self) -> Iterator[Problem]:
        """Attributes and INCLUDE belong together; a key is no key twice."""
        yield from _projection(self.projection, self.attributes)
        yield from twice(self.partition, self.sort)

    @property
    def stem(self) -> str:
        """How its logical ids go on behind the table's: ``by-email`` makes ``IndexByEmail``."""
        words = re.findall("[A-Za-z0-9]+", self.name)
        return "Index" + "".join(word[:1].upper() + word[1:] for word in words)

    def render(self, throughput: Mapping[str, Any]) -> GlobalSecondaryIndex:
        """The index, with the properties that say its throughput."""
        return GlobalSecondaryIndex(
            IndexName=self.name,
            KeySchema=schema(self.partition, self.sort),
            Projection=_projected(self.projection, self.attributes),
            **throughput,
        )


def schema(partition: Key, sort: Key | None) -> list[KeySchema]:
    """A key of one attribute or two."""
    first = KeySchema(AttributeName=partition.name, KeyType="HASH")
    return [first] if sort is None else [first, KeySchema(AttributeName=sort.name, KeyType="RANGE")]


def twice(partition: Key, sort: Key | None) -> Iterator[Problem]:
    """An attribute can be in a key once."""
    if sort is not None and partition.name == sort.name:
        yield Problem("sort", f"{sort.name} is the partition key already", "Take another attribute")


def _projected(projection: Value, attributes: tuple[str, ...]) -> Projection:
    more = {"NonKeyAttributes": list(attributes)} if attributes else {}
    return Projection(ProjectionType=projection, **more)


def _projection(projection: Value, attributes: tuple[str, ...]) -> Iterator[Problem]:
    if projection == "INCLUDE" and not attributes:
        yield Problem("attributes", "there is nothing to include", "Name attributes, or take KEYS_ONLY")
    if attributes and fields.is_literal(projection) and projection != "INCLUDE":
        yield Problem("attributes", f"with projection {projection} none are named", "Take INCLUDE, or leave them out")
