"""A DynamoDB table: its keys and indexes, how it is paid for, and what protects what is in it.

The defaults are the careful ones: recoverable, protected against deletion, kept when its stack goes.

What DynamoDB and CloudFormation do not forgive (CloudFormation template reference, AWS::DynamoDB::Table):

- Keys and local indexes are for ever: other ones replace the table, and a table with a name cannot be replaced.
- An update may add or remove one global index. Two, or one of each, and it fails; an index is changed by removing it in
  one update and adding it in the next.
- The attribute that ``expires`` names cannot change in one update: leave it out first, then name the other.
- A table that is ``protected`` cannot be deleted by CloudFormation either. When the first deploy of its stack fails, the
  rollback stops there, until the protection is taken off by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from troposphere import AWSObject, Sub
from troposphere.dynamodb import (
    AttributeDefinition,
    PointInTimeRecoverySpecification,
    SSESpecification,
    StreamSpecification,
    TimeToLiveSpecification,
)
from troposphere.dynamodb import Table as DynamoDbTable

from oaktree_cfn.services import fields
from oaktree_cfn.services.capacity import BILLING, OnDemand, Provisioned
from oaktree_cfn.services.exempt import exempt
from oaktree_cfn.services.fields import Problem, Value
from oaktree_cfn.services.index import ATTRIBUTE, NAME, GlobalIndex, Key, LocalIndex, schema, twice
from oaktree_cfn.services.when import When, either, resources, the_part

_KEY = r"alias/[A-Za-z0-9/_-]+|arn:aws[a-z-]*:kms:.+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}"

_VIEWS = ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")

_AWS_OWNED = "DynamoDB encrypts it anyway, with a key of AWS's own; encryption= names another"

_MOST_INCLUDED = 100
"""Attributes that all indexes of a table together may include (DynamoDB developer guide, "Service quotas")."""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table and what scales it. ``billing`` may stand under a condition; where it does not hold, each request is paid.

    Attributes that are in no key are not declared: DynamoDB wants to know of keys only.
    """

    name: Value = fields.text(None, *NAME, "Name of the table; CloudFormation makes one when it is not given.")
    partition: Key = fields.known(fields.part(fields.REQUIRED, Key, "The attribute that items are found by."))
    sort: Key | None = fields.known(fields.part(None, Key, "The attribute that orders items of one partition."))
    billing: OnDemand | Provisioned | When = fields.conditional(
        fields.part(OnDemand(), BILLING, "How reads and writes are paid for.")
    )
    global_indexes: tuple[GlobalIndex, ...] = fields.known(
        fields.several(GlobalIndex, "Ways to find items by other keys.", most=20)
    )
    local_indexes: tuple[LocalIndex, ...] = fields.known(
        fields.several(LocalIndex, "Other orders of the items of a partition.", most=5)
    )
    expires: Value = fields.conditional(
        fields.of(ATTRIBUTE, None, "The attribute with the second (Unix time) after which an item goes.")
    )
    stream: Value = fields.conditional(fields.choice(None, _VIEWS, "What the stream tells of an item that changes."))
    table_class: Value = fields.conditional(
        fields.choice(
            None, ("STANDARD", "STANDARD_INFREQUENT_ACCESS"), "The second stores for less and asks more for a request."
        )
    )
    encryption: Value = fields.text(
        "aws-owned",
        f"aws-owned|aws-managed|{_KEY}",
        "aws-owned, aws-managed, or the ARN, id or alias of a KMS key",
        "Whose key the table is encrypted with; any but aws-owned is paid for.",
        2048,
    )
    recovery: Value = fields.switch(
        True, "Whether the table can be restored to any second of its recovery period, usually the last 35 days."
    )
    recovery_days: Value = fields.number(None, 1, 35, "Length of the recovery period in days; DynamoDB's is 35.")
    protected: Value = fields.switch(True, "Whether DynamoDB refuses to delete the table until this is false.")
    keep: bool = fields.known(
        fields.switch(True, "Whether the table stays when its stack is deleted or another one takes its place.")
    )

    def render(self, title: str) -> list[AWSObject]:
        """The table under this logical id, and what scales it under logical ids that begin with it."""
        return [self._table(title), *self._scaling(title)]

    def contradictions(self) -> Iterator[Problem]:
        """What DynamoDB would refuse, some of it only after minutes."""
        yield from twice(self.partition, self.sort)
        yield from self._types()
        yield from self._indexes()
        yield from self._billings()
        if _is(self.recovery, "false") and self.recovery_days is not None:
            yield Problem("recovery_days", "there is no recovery to set a period for", "Leave it out, or take recovery")

    # --- composing --------------------------------------------------------------------------------------------------

    def _table(self, title: str) -> DynamoDbTable:
        on_deletion, on_replacement = ("RetainExceptOnCreate", "Retain") if _is(self.keep, "true") else ("Delete",) * 2
        table = DynamoDbTable(
            title,
            DeletionPolicy=on_deletion,
            UpdateReplacePolicy=on_replacement,
            **_said({"TableName": self.name}),
            BillingMode=either(self.billing, lambda part: part.mode, OnDemand.mode),
            **_throughput(self.billing),
            AttributeDefinitions=[AttributeDefinition(AttributeName=n, AttributeType=t) for n, t in self._attributes()],
            KeySchema=schema(self.partition, self.sort),
            **self._index_lists(),
            DeletionProtectionEnabled=self.protected,
            PointInTimeRecoverySpecification=PointInTimeRecoverySpecification(
                PointInTimeRecoveryEnabled=self.recovery, **_said({"RecoveryPeriodInDays": self.recovery_days})
            ),
            **self._more(),
        )
        return exempt(table, _AWS_OWNED, "CKV_AWS_119") if self.encryption == "aws-owned" else table

    def _index_lists(self) -> dict[str, Any]:
        lists = {
            "GlobalSecondaryIndexes": [
                index.render(_throughput(self._billing_of(index))) for index in self.global_indexes
            ],
            "LocalSecondaryIndexes": [index.render(self.partition) for index in self.local_indexes],
        }
        return {name: indexes for name, indexes in lists.items() if indexes}

    def _billing_of(self, index: GlobalIndex) -> Any:
        """An index is paid for as its table is, where its table is; but the most of a table is not that of its index."""
        billed = the_part(self.billing)
        own = index.billing or (OnDemand() if isinstance(billed, OnDemand) else billed)
        return When(self.billing.condition, own) if isinstance(self.billing, When) else own

    def _more(self) -> dict[str, Any]:
        given: dict[str, tuple[Value, Callable[[Any], Any]]] = {
            "SSESpecification": (None if self.encryption == "aws-owned" else self.encryption, _encrypted),
            "StreamSpecification": (self.stream, lambda view: StreamSpecification(StreamViewType=view)),
            "TableClass": (self.table_class, lambda name: name),
            "TimeToLiveSpecification": (
                self.expires,
                lambda name: TimeToLiveSpecification(AttributeName=name, Enabled=True),
            ),
        }
        return {name: either(value, render) for name, (value, render) in given.items() if value is not None}

    def _scaling(self, title: str) -> Iterator[AWSObject]:
        yield from _scaled(self.billing, title, f"table/${{{title}}}", "table")
        for index in self.global_indexes:
            place = f"table/${{{title}}}/index/{index.name}"
            yield from _scaled(self._billing_of(index), f"{title}{index.stem}", place, "index")

    # --- checking ---------------------------------------------------------------------------------------------------

    def _keys(self) -> Iterator[tuple[str, Key]]:
        """Every key with its place."""
        for place, owner in [("", self), *_placed("global_indexes", self), *_placed("local_indexes", self)]:
            for name in ("partition", "sort"):
                key = getattr(owner, name, None)
                if key is not None:
                    yield f"{place}{name}", key

    def _attributes(self) -> list[tuple[str, str]]:
        """Name and type of each attribute that is in a key."""
        return list({key.name: key.type for _, key in self._keys()}.items())

    def _types(self) -> Iterator[Problem]:
        first: dict[str, tuple[str, str]] = {}
        for place, key in self._keys():
            where, known = first.setdefault(key.name, (place, key.type))
            if known != key.type:
                yield Problem(f"{place}.type", f"{key.name} is {key.type} here and {known} in {where}", "Take one type")

    def _indexes(self) -> Iterator[Problem]:
        globals_, locals_ = _placed("global_indexes", self), _placed("local_indexes", self)
        if locals_ and self.sort is None:
            told = "the table has no sort key that they could be another order to"
            yield Problem("local_indexes", told, "Give the table a sort key, or make them global")
        for place, index in _repeated(globals_ + locals_, lambda index: index.name):
            yield Problem(f"{place}name", f"another index is called {index.name} too", "Rename one")
        named = {index.name: (place, index) for place, index in globals_}
        for place, index in _repeated(named.values(), lambda index: index.stem.lower()):
            yield Problem(f"{place}name", f"{index.name} differs from another index by punctuation only", "Rename one")
        for place, index in locals_:
            yield from (problem.below(place.rstrip(".")) for problem in twice(self.partition, index.sort))
        if sum(len(index.attributes) for _, index in globals_ + locals_) > _MOST_INCLUDED:
            told = f"the indexes together include more than {_MOST_INCLUDED} attributes"
            yield Problem("global_indexes", told, "Include fewer, or take ALL")

    def _billings(self) -> Iterator[Problem]:
        table = type(the_part(self.billing))
        for place, index in _placed("global_indexes", self):
            if index.billing is not None and not isinstance(index.billing, table):
                told = f"it is {type(index.billing).__name__} and its table is {table.__name__}"
                yield Problem(f"{place}billing", told, "Leave it out, or bill both alike")


def _said(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}


def _is(value: Value, text: str) -> bool:
    """Whether a switch is known to stand so."""
    return str(value).lower() == text


def _throughput(billing: Any) -> dict[str, Any]:
    """The throughput's property, under the billing's condition if it has one."""
    found: dict[str, Any] = the_part(billing).throughput()
    if not isinstance(billing, When):
        return found
    return {name: either(When(billing.condition, value), lambda part: part) for name, value in found.items()}


def _scaled(billing: Any, stem: str, place: str, level: str) -> list[AWSObject]:
    return resources(billing, lambda part: part.scaling(stem, Sub(place), level))


def _encrypted(key: Any) -> SSESpecification:
    more = {} if key == "aws-managed" else {"KMSMasterKeyId": key}
    return SSESpecification(SSEEnabled=True, SSEType="KMS", **more)


def _placed(name: str, table: Table) -> list[tuple[str, Any]]:
    """Each index of one of the lists, with the beginning of its fields' names."""
    return [(f"{name}.{number}.", index) for number, index in enumerate(getattr(table, name))]


def _repeated(placed: Iterable[tuple[str, Any]], name: Callable[[Any], str]) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for place, index in placed:
        if name(index) in seen:
            yield place, index
        seen.add(name(index))
