"""A table is described by its keys, indexes, capacity and protection; what DynamoDB would refuse is refused at once."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from troposphere import Equals, Ref, Template

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.services import fields
from oaktree_cfn.services.capacity import Capacity, OnDemand, Provisioned
from oaktree_cfn.services.index import GlobalIndex, Key, LocalIndex
from oaktree_cfn.services.table import Table
from oaktree_cfn.services.when import When, resources
from tests.services.tables import tables

STEADY = Provisioned(reads=Capacity(minimum=5), writes=Capacity(minimum=2))
BUSY = Provisioned(reads=Capacity(minimum=5, maximum=50, target=60), writes=Capacity(minimum=2, maximum=20))
BY_EMAIL = GlobalIndex(name="by-email", partition=Key(name="email"))
BY_TEAM = GlobalIndex(name="by-team", partition=Key(name="team"), sort=Key(name="at", type="N"))
USERS = Table(name="users", partition=Key(name="id"))
EVENTS = Table(partition=Key(name="id"), sort=Key(name="at", type="N"))


def rendered(table: Table, title: str = "Users") -> dict[str, Any]:
    fields.verify(table)
    return {each.title: each.to_dict() for each in table.render(title)}


def properties(table: Table, title: str = "Users") -> dict[str, Any]:
    found: dict[str, Any] = rendered(table)[title]["Properties"]
    return found


def complaints(table: Table) -> list[str]:
    return [str(problem) for problem in fields.problems(table)]


# What a description becomes


def test_the_least_that_can_be_said_is_a_careful_table() -> None:
    table = rendered(Table(partition=Key(name="id")))["Users"]
    assert table["Properties"] == {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "DeletionProtectionEnabled": True,
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    }
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


def test_a_table_that_need_not_stay_goes_with_its_stack() -> None:
    table = rendered(replace(USERS, keep=False))["Users"]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Delete", "Delete")


def test_a_partition_may_be_ordered() -> None:
    assert properties(EVENTS)["KeySchema"] == [
        {"AttributeName": "id", "KeyType": "HASH"},
        {"AttributeName": "at", "KeyType": "RANGE"},
    ]


def test_every_attribute_of_a_key_is_declared_once() -> None:
    table = replace(
        EVENTS, global_indexes=(BY_EMAIL, BY_TEAM), local_indexes=(LocalIndex(name="mail", sort=Key(name="email")),)
    )
    declared = {each["AttributeName"]: each["AttributeType"] for each in properties(table)["AttributeDefinitions"]}
    assert len(properties(table)["AttributeDefinitions"]) == 4
    assert declared == {"id": "S", "at": "N", "email": "S", "team": "S"}


def test_a_local_index_orders_the_tables_partitions_anew() -> None:
    index = LocalIndex(name="by-rank", sort=Key(name="rank", type="N"), projection="INCLUDE", attributes=("name",))
    assert properties(replace(EVENTS, local_indexes=(index,)))["LocalSecondaryIndexes"] == [
        {
            "IndexName": "by-rank",
            "KeySchema": [
                {"AttributeName": "id", "KeyType": "HASH"},
                {"AttributeName": "rank", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["name"]},
        }
    ]


def test_a_most_of_requests_is_the_tables_own_and_not_its_indexes() -> None:
    bounded = replace(BY_TEAM, billing=OnDemand(most_writes=7))
    table = replace(USERS, billing=OnDemand(most_reads=100), global_indexes=(BY_EMAIL, bounded))
    found = properties(table)
    assert found["OnDemandThroughput"] == {"MaxReadRequestUnits": 100}
    throughputs = [index.get("OnDemandThroughput") for index in found["GlobalSecondaryIndexes"]]
    assert throughputs == [None, {"MaxWriteRequestUnits": 7}]


def test_units_that_never_change_need_no_scaling() -> None:
    found = rendered(replace(USERS, billing=STEADY))
    assert list(found) == ["Users"]
    assert found["Users"]["Properties"]["BillingMode"] == "PROVISIONED"
    assert found["Users"]["Properties"]["ProvisionedThroughput"] == {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}


def test_units_that_follow_the_load_have_a_target_and_a_policy_each() -> None:
    found = rendered(replace(USERS, billing=BUSY))
    assert list(found)[1:] == [
        "UsersReadScaling",
        "UsersReadScalingPolicy",
        "UsersWriteScaling",
        "UsersWriteScalingPolicy",
    ]
    assert found["UsersReadScaling"]["Properties"] == {
        "ServiceNamespace": "dynamodb",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
        "ResourceId": {"Fn::Sub": "table/${Users}"},
        "MinCapacity": 5,
        "MaxCapacity": 50,
    }
    assert found["UsersReadScalingPolicy"]["Properties"] == {
        "PolicyName": "read-utilization",
        "PolicyType": "TargetTrackingScaling",
        "ScalingTargetId": {"Ref": "UsersReadScaling"},
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
        },
    }


def test_an_index_is_held_ready_and_scaled_as_its_table_unless_it_says_otherwise() -> None:
    found = rendered(replace(USERS, billing=BUSY, global_indexes=(BY_EMAIL, replace(BY_TEAM, billing=STEADY))))
    by_email, by_team = found["Users"]["Properties"]["GlobalSecondaryIndexes"]
    assert by_email["ProvisionedThroughput"] == by_team["ProvisionedThroughput"]
    scaling = found["UsersIndexByEmailWriteScaling"]["Properties"]
    assert scaling["ResourceId"] == {"Fn::Sub": "table/${Users}/index/by-email"}
    assert scaling["ScalableDimension"] == "dynamodb:index:WriteCapacityUnits"
    assert not [title for title in found if "ByTeam" in title]


def test_capacity_may_hang_on_a_condition_with_the_requests_paid_elsewhere() -> None:
    table = replace(USERS, billing=When("IsBusy", BUSY), global_indexes=(BY_EMAIL,))
    found = rendered(table)
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 2}
    either = {"Fn::If": ["IsBusy", units, {"Ref": "AWS::NoValue"}]}
    assert found["Users"]["Properties"]["BillingMode"] == {"Fn::If": ["IsBusy", "PROVISIONED", "PAY_PER_REQUEST"]}
    assert found["Users"]["Properties"]["ProvisionedThroughput"] == either
    assert found["Users"]["Properties"]["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"] == either
    assert {body.get("Condition") for title, body in found.items() if "Scaling" in title} == {"IsBusy"}
    assert "Condition" not in found["Users"]


def test_a_resource_cannot_stand_under_two_conditions() -> None:
    table = replace(USERS, billing=When("IsBusy", BUSY))
    with pytest.raises(ValueError, match="UsersReadScaling cannot stand under two conditions, IsBusy and KeepsTable"):
        resources(When("KeepsTable", table), lambda part: part.render("Users"))


@pytest.mark.parametrize(
    ("said", "name", "expected"),
    [
        ({"encryption": "aws-managed"}, "SSESpecification", {"SSEEnabled": True, "SSEType": "KMS"}),
        (
            {"encryption": Ref("Key")},
            "SSESpecification",
            {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": {"Ref": "Key"}},
        ),
        ({"stream": "NEW_IMAGE"}, "StreamSpecification", {"StreamViewType": "NEW_IMAGE"}),
        ({"expires": "until"}, "TimeToLiveSpecification", {"AttributeName": "until", "Enabled": True}),
        ({"table_class": "STANDARD_INFREQUENT_ACCESS"}, "TableClass", "STANDARD_INFREQUENT_ACCESS"),
        (
            {"recovery_days": 7},
            "PointInTimeRecoverySpecification",
            {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
        ),
        ({"protected": Ref("Protected")}, "DeletionProtectionEnabled", {"Ref": "Protected"}),
        (
            {"stream": When("HasStream", "KEYS_ONLY")},
            "StreamSpecification",
            {"Fn::If": ["HasStream", {"StreamViewType": "KEYS_ONLY"}, {"Ref": "AWS::NoValue"}]},
        ),
    ],
)
def test_each_choice_is_one_property(said: dict[str, Any], name: str, expected: Any) -> None:
    assert name not in properties(USERS) or name in ("PointInTimeRecoverySpecification", "DeletionProtectionEnabled")
    assert properties(replace(USERS, **said))[name] == expected


def test_encryption_with_a_key_of_dynamodb_itself_says_nothing() -> None:
    assert "SSESpecification" not in properties(replace(USERS, encryption="aws-owned"))


# What is refused


LOCAL = LocalIndex(name="by-rank", sort=Key(name="rank", type="N"))
MANY = tuple(f"a{number}" for number in range(20))


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (replace(USERS, sort=Key(name="id")), "Table.sort: id is the partition key already. Take another attribute"),
        (
            replace(USERS, local_indexes=(LOCAL,)),
            "Table.local_indexes: the table has no sort key that they could be another order to. "
            "Give the table a sort key, or make them global",
        ),
        (
            replace(EVENTS, local_indexes=(replace(LOCAL, sort=Key(name="id")),)),
            "Table.local_indexes.0.sort: id is the partition key already. Take another attribute",
        ),
        (
            replace(USERS, global_indexes=(replace(BY_EMAIL, partition=Key(name="id", type="N")),)),
            "Table.global_indexes.0.partition.type: id is N here and S in partition. Take one type",
        ),
        (
            replace(USERS, global_indexes=(BY_EMAIL, replace(BY_TEAM, name="by-email"))),
            "Table.global_indexes.1.name: another index is called by-email too. Rename one",
        ),
        (
            replace(USERS, global_indexes=(BY_EMAIL, replace(BY_TEAM, name="by.email"))),
            "Table.global_indexes.1.name: by.email differs from another index by punctuation only. Rename one",
        ),
        (
            replace(USERS, global_indexes=(replace(BY_EMAIL, billing=STEADY),)),
            "Table.global_indexes.0.billing: it is Provisioned and its table is OnDemand. Leave it out, or bill both alike",
        ),
        (
            replace(USERS, billing=STEADY, global_indexes=(replace(BY_EMAIL, billing=OnDemand()),)),
            "Table.global_indexes.0.billing: it is OnDemand and its table is Provisioned. Leave it out, or bill both alike",
        ),
        (
            replace(USERS, billing=Provisioned(reads=Capacity(minimum=9, maximum=3), writes=Capacity(minimum=1))),
            "Table.billing.reads.minimum: 9 is more than the maximum 3. Swap them",
        ),
        (
            replace(USERS, billing=Provisioned(reads=Capacity(minimum=1, target=95), writes=Capacity(minimum=1))),
            "Table.billing.reads.target: 95 is not a whole number from 20 to 90",
        ),
        (
            replace(USERS, global_indexes=(replace(BY_EMAIL, projection="INCLUDE"),)),
            "Table.global_indexes.0.attributes: there is nothing to include. Name attributes, or take KEYS_ONLY",
        ),
        (
            replace(EVENTS, local_indexes=(replace(LOCAL, attributes=("name",)),)),
            "Table.local_indexes.0.attributes: with projection ALL none are named. Take INCLUDE, or leave them out",
        ),
        (
            replace(USERS, recovery=False, recovery_days=7),
            "Table.recovery_days: there is no recovery to set a period for. Leave it out, or take recovery",
        ),
        (replace(USERS, recovery_days=36), "Table.recovery_days: 36 is not a whole number from 1 to 35"),
        (replace(USERS, name="no"), "Table.name: 'no' is not 3 to 255 letters, digits, underscores, dots and hyphens"),
        (replace(USERS, encryption="mine"), "Table.encryption: 'mine' is not aws-owned, aws-managed, or the ARN, id or alias of a KMS key"),
        (
            replace(USERS, global_indexes=tuple(replace(BY_EMAIL, name=f"by-{n:03}") for n in range(21))),
            "Table.global_indexes: it is not a list of at most 20, each a GlobalIndex",
        ),
        (
            replace(EVENTS, local_indexes=tuple(replace(LOCAL, name=f"by-{n:03}") for n in range(6))),
            "Table.local_indexes: it is not a list of at most 5, each a LocalIndex",
        ),
        (
            replace(
                USERS,
                global_indexes=tuple(
                    replace(BY_EMAIL, name=f"by-{n:03}", projection="INCLUDE", attributes=MANY) for n in range(6)
                ),
            ),
            "Table.global_indexes: the indexes together include more than 100 attributes. Include fewer, or take ALL",
        ),
    ],
)  # fmt: skip
def test_what_dynamodb_would_refuse_is_refused_with_the_field_and_what_to_do(table: Table, expected: str) -> None:
    assert complaints(table) == [expected]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"keep": Ref("Keep")}, "keep"),
        ({"keep": When("Keeps", True)}, "keep"),
        ({"billing": Ref("Billing")}, "billing"),
        ({"partition": When("X", Key(name="id"))}, "partition"),
        ({"sort": Ref("Sort")}, "sort"),
        ({"partition": Key(name=Ref("Name"))}, "partition.name"),
        ({"global_indexes": (BY_EMAIL, When("HasTeams", BY_TEAM))}, "global_indexes.1"),
        ({"global_indexes": (replace(BY_EMAIL, name=Ref("Name")),)}, "global_indexes.0.name"),
        ({"local_indexes": Ref("Indexes")}, "local_indexes"),
    ],
)
def test_what_decides_the_shape_of_a_table_must_be_known(said: dict[str, Any], place: str) -> None:
    told = "it must be known here: no reference, and nothing under a condition"
    assert complaints(replace(EVENTS, **said)) == [f"Table.{place}: {told}"]


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as caught:
        fields.verify(replace(USERS, sort=Key(name="id"), local_indexes=(LOCAL,), recovery=False, recovery_days=3))
    assert re.findall(r"^Table\.(\w+)", caught.value.message, flags=re.M) == ["sort", "recovery_days"]


# Any table


@given(tables())
def test_any_good_description_has_no_problems_and_logical_ids_that_begin_with_its_title(table: Table) -> None:
    assert complaints(table) == []
    titles = [each.title for each in table.render("Users")]
    assert len(set(titles)) == len(titles)
    assert all(title.startswith("Users") for title in titles)


@given(tables())
def test_any_table_renders_into_one_template_of_references_that_resolve(table: Table) -> None:
    template = Template()
    template.add_condition("IsBusy", Equals("a", "b"))
    template.add_resource(table.render("Users"))
    body = template.to_dict()["Resources"]
    named = set(re.findall(r"\$\{(\w+)\}", repr(body))) | set(re.findall(r"'Ref': '(\w+)'", repr(body)))
    assert named <= set(body)


BREAKS: dict[str, dict[str, Any]] = {
    "sort": {"sort": Key(name="id")},
    "partition.name": {"partition": Key(name="")},
    "partition.type": {"partition": Key(name="id", type="X")},
    "billing": {"billing": "by the hour"},
    "stream": {"stream": "EVERYTHING"},
    "recovery_days": {"recovery_days": 0},
    "keep": {"keep": Ref("Keep")},
    "encryption": {"encryption": "aws"},
    "expires": {"expires": ""},
    "table_class": {"table_class": "GLACIER"},
    "local_indexes": {"sort": None, "local_indexes": (LOCAL,), "global_indexes": ()},
}


@given(tables(), st.sampled_from(sorted(BREAKS)))
def test_one_thing_wrong_in_any_table_is_found_under_its_name(table: Table, place: str) -> None:
    broken = replace(replace(table, partition=Key(name="id")), **BREAKS[place])
    assert any(problem.field == f"Table.{place}" for problem in fields.problems(broken))
