"""Any table of ``services/table.py`` is one that cfn-lint has nothing against, that the stage makes, and that DynamoDB then has.

What is read back is compared with the description, not with the template.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from troposphere import Template

from oaktree_cfn.services.capacity import OnDemand, Provisioned
from oaktree_cfn.services.index import Key
from oaktree_cfn.services.table import Table
from oaktree_cfn.template.lint import lint
from oaktree_cfn.template.write import to_yaml
from tests.services.tables import tables

from .player import Player

TITLES = ("Users", "Orders", "Events")
IDLE = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}


def template_of(described: dict[str, Table]) -> dict[str, Any]:
    template = Template()
    for title, table in described.items():
        template.add_resource(table.render(title))
    found: dict[str, Any] = template.to_dict()
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


@settings(max_examples=max(5, settings.default.max_examples // 10))  # three tables each, and linting is slow
@given(described=st.tuples(*[tables()] * len(TITLES)))
def test_cfn_lint_has_nothing_against_it(described: tuple[Table, ...], folder: Path) -> None:
    (folder / "tables.yaml").write_text(to_yaml(template_of(dict(zip(TITLES, described, strict=True)))))
    assert lint(folder, ["ap-southeast-1"]) == ()


@dataclass
class Seen:
    """A table as DynamoDB and the autoscaler have it."""

    player: Player
    name: str

    def dynamodb(self, operation: str, key: str) -> Any:
        return getattr(self.player.client("dynamodb"), operation)(TableName=self.name)[key]

    @cached_property
    def table(self) -> dict[str, Any]:
        found: dict[str, Any] = self.dynamodb("describe_table", "Table")
        return found

    @property
    def indexes(self) -> dict[str, Any]:
        lists = (self.table.get(f"{kind}SecondaryIndexes", []) for kind in ("Global", "Local"))
        return {index["IndexName"]: index for each in lists for index in each}

    def _all(self, operation: str, key: str) -> list[dict[str, Any]]:
        pages = (
            self.player.client("application-autoscaling").get_paginator(operation).paginate(ServiceNamespace="dynamodb")
        )
        return [each for page in pages for each in page[key]]

    @property
    def scaled(self) -> dict[tuple[str, str], tuple[int, int, float]]:
        """(place below the table, dimension) -> fewest units, most units, percent to keep in use."""
        targets = self._all("describe_scalable_targets", "ScalableTargets")
        policies = self._all("describe_scaling_policies", "ScalingPolicies")
        percent = {
            (each["ResourceId"], each["ScalableDimension"]): each["TargetTrackingScalingPolicyConfiguration"][
                "TargetValue"
            ]
            for each in policies
        }
        return {
            (rest, each["ScalableDimension"]): (
                each["MinCapacity"],
                each["MaxCapacity"],
                percent[each["ResourceId"], each["ScalableDimension"]],
            )
            for each in targets
            for start, _, rest in [each["ResourceId"].partition(self.name)]
            if start == "table/"
        }


def keyed(partition: Key, sort: Key | None) -> list[tuple[str, str]]:
    return [(partition.name, "HASH"), *([(sort.name, "RANGE")] if sort else [])]


def keys_of(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["AttributeName"], each["KeyType"]) for each in found["KeySchema"]]


def check_keys(table: Table, seen: Seen) -> None:
    assert keys_of(seen.table) == keyed(table.partition, table.sort)
    wanted = {index.name: keyed(index.partition, index.sort) for index in table.global_indexes}
    wanted |= {index.name: keyed(table.partition, index.sort) for index in table.local_indexes}
    assert {name: keys_of(index) for name, index in seen.indexes.items()} == wanted
    for index in (*table.global_indexes, *table.local_indexes):
        projection = seen.indexes[index.name]["Projection"]
        assert projection["ProjectionType"] == index.projection
        assert tuple(projection.get("NonKeyAttributes", ())) == index.attributes


def check_capacity(table: Table, seen: Seen) -> None:
    billed = [
        ("", table.billing),
        *((f"/index/{index.name}", index.billing or table.billing) for index in table.global_indexes),
    ]
    assert seen.table["BillingModeSummary"]["BillingMode"] == (
        "PAY_PER_REQUEST" if isinstance(table.billing, OnDemand) else "PROVISIONED"
    )
    scaled = {}
    for place, billing in billed:
        found = seen.indexes[place.removeprefix("/index/")] if place else seen.table
        assert {name: found["ProvisionedThroughput"][name] for name in IDLE} == units(billing)
        scaled |= scaling_of(place, billing)
    assert seen.scaled == scaled


def units(billing: Any) -> dict[str, int]:
    if not isinstance(billing, Provisioned):
        return IDLE
    return {"ReadCapacityUnits": billing.reads.minimum, "WriteCapacityUnits": billing.writes.minimum}


def scaling_of(place: str, billing: Any) -> dict[tuple[str, str], tuple[int, int, float]]:
    both = {"Read": billing.reads, "Write": billing.writes} if isinstance(billing, Provisioned) else {}
    level = "index" if place else "table"
    return {
        (place, f"dynamodb:{level}:{verb}CapacityUnits"): (capacity.minimum, capacity.maximum, capacity.target)
        for verb, capacity in both.items()
        if capacity.maximum is not None
    }


def check_protection(table: Table, seen: Seen) -> None:
    assert seen.table["DeletionProtectionEnabled"] == table.protected
    backups = seen.dynamodb("describe_continuous_backups", "ContinuousBackupsDescription")
    recovery = backups["PointInTimeRecoveryDescription"]
    assert (recovery["PointInTimeRecoveryStatus"] == "ENABLED") == table.recovery
    if table.recovery:
        assert recovery["RecoveryPeriodInDays"] == (table.recovery_days or 35)
    assert ("SSEDescription" in seen.table) == (table.encryption != "aws-owned")
    if table.encryption == "alias/users":
        assert seen.table["SSEDescription"]["KMSMasterKeyArn"] == "alias/users"


def check_rest(table: Table, seen: Seen) -> None:
    assert seen.dynamodb("describe_time_to_live", "TimeToLiveDescription").get("AttributeName") == table.expires
    assert seen.table.get("StreamSpecification", {}).get("StreamViewType") == table.stream


@settings(max_examples=max(5, settings.default.max_examples // 10))  # each is a stack, over HTTP
@given(table=tables())
def test_the_stage_makes_it_and_dynamodb_has_what_was_described(table: Table, player: Player) -> None:
    stack = player.create(template_of({"Users": table}))
    assert player.stack(stack)["StackStatus"] == "CREATE_COMPLETE", player.story(stack)
    seen = Seen(player, player.ids(stack)["Users"])
    check_keys(table, seen)
    check_capacity(table, seen)
    check_protection(table, seen)
    check_rest(table, seen)
    if not table.protected:
        player.delete(stack)
        assert (seen.name in player.client("dynamodb").list_tables()["TableNames"]) == table.keep
