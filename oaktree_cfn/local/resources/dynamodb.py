"""Tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from oaktree_cfn.local.handler import Handler, Made, NotPlayed, Properties, Request
from oaktree_cfn.local.resources import tagging
from oaktree_cfn.local.resources.service import already_gone, call, refusal, undone_on_failure
from oaktree_cfn.local.resources.shapes import differ, document, given, is_true, known

_AT_CREATION = (
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "ProvisionedThroughput",
    "Tags",
)


class Table(Handler):
    """A table; ``StreamArn`` is an attribute only while a stream is on."""

    type = "AWS::DynamoDB::Table"
    supported = frozenset(
        {
            *_AT_CREATION,
            "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
            "PointInTimeRecoverySpecification.RecoveryPeriodInDays",
            "ResourcePolicy.PolicyDocument",
            "SSESpecification.KMSMasterKeyId",
            "SSESpecification.SSEEnabled",
            "SSESpecification.SSEType",
            "StreamSpecification.StreamViewType",
            "TableName",
            "TimeToLiveSpecification.AttributeName",
            "TimeToLiveSpecification.Enabled",
        }
    )

    not_kept: ClassVar[Mapping[str, str]] = {
        "GlobalSecondaryIndexes.OnDemandThroughput": "moto's indexes take every request",
        "OnDemandThroughput": "moto's tables take every request",
        "TableClass": "moto's tables have no class",
    }

    def create(self, properties: Properties, request: Request) -> Made:
        name = properties.get("TableName") or request.name(255)
        table = call(
            request.client("dynamodb"),
            "create_table",
            TableName=name,
            **given(properties, *_AT_CREATION, "OnDemandThroughput", "TableClass"),
            SSESpecification=_encryption(properties),
            StreamSpecification=_stream(properties),
        )["TableDescription"]
        unprotected = {**properties, "DeletionProtectionEnabled": False}
        with undone_on_failure(lambda: self.delete(self._made(table), unprotected, request)):
            self._settings(name, {}, properties, request)
        return self._made(table)

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        dynamodb, name = request.client("dynamodb"), made.physical_id
        _refuse_unplayable(before, after)
        _refuse_two_indexes(before, after)
        for change in _changes(before, after):
            call(dynamodb, "update_table", TableName=name, **change)
        self._settings(name, before, after, request)
        tagging.retag(dynamodb, made.attributes["Arn"], before, after)
        return self._made(call(dynamodb, "describe_table", TableName=name)["Table"])

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        dynamodb, name = request.client("dynamodb"), made.physical_id
        with already_gone("ResourceNotFoundException"):
            if call(dynamodb, "describe_table", TableName=name)["Table"].get("DeletionProtectionEnabled"):
                message = f"Resource cannot be deleted as it is currently protected against deletion. Table: {name}"
                raise refusal("ValidationException", message, "DeleteTable")
            call(dynamodb, "delete_table", TableName=name)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        dynamodb, name = request.client("dynamodb"), made.physical_id
        table = call(dynamodb, "describe_table", TableName=name)["Table"]
        return known(
            {
                **given(table, "TableName", "AttributeDefinitions", "KeySchema", "DeletionProtectionEnabled"),
                **_read_capacity(table),
                **_read_settings(dynamodb, name, table),
                "Tags": tagging.in_order(
                    call(dynamodb, "list_tags_of_resource", ResourceArn=table["TableArn"]).get("Tags"), properties
                ),
            }
        )

    def _made(self, table: dict[str, Any]) -> Made:
        stream = {"StreamArn": table["LatestStreamArn"]} if table.get("StreamSpecification") else {}
        return Made(table["TableName"], {"Arn": table["TableArn"], **stream})

    def _settings(self, name: str, before: Properties, after: Properties, request: Request) -> None:
        """What DynamoDB keeps beside the table: recovery, expiry and the resource policy."""
        dynamodb = request.client("dynamodb")
        if differ(before, after, "PointInTimeRecoverySpecification"):
            recovery = after.get("PointInTimeRecoverySpecification") or {"PointInTimeRecoveryEnabled": False}
            call(dynamodb, "update_continuous_backups", TableName=name, PointInTimeRecoverySpecification=recovery)
        if differ(before, after, "TimeToLiveSpecification"):
            _expire(dynamodb, name, before, after)
        if differ(before, after, "ResourcePolicy"):
            arn = call(dynamodb, "describe_table", TableName=name)["Table"]["TableArn"]
            policy = (after.get("ResourcePolicy") or {}).get("PolicyDocument")
            if policy:
                call(dynamodb, "put_resource_policy", ResourceArn=arn, Policy=policy)
            else:
                call(dynamodb, "delete_resource_policy", ResourceArn=arn)


def _refuse_unplayable(before: Properties, after: Properties) -> None:
    for fixed in ("KeySchema", "LocalSecondaryIndexes"):
        if differ(before, after, fixed):
            raise NotPlayed(Table.type, fixed, "it is fixed when the table is created; AWS replaces the table")
    if differ(before, after, "SSESpecification"):
        raise NotPlayed(Table.type, "SSESpecification", "moto's UpdateTable overlooks it")
    both = before.get("StreamSpecification") and after.get("StreamSpecification")
    if both and differ(before, after, "StreamSpecification"):
        raise NotPlayed(Table.type, "StreamSpecification", "moto starts no second stream on a table")


def _refuse_two_indexes(before: Properties, after: Properties) -> None:
    """DynamoDB makes or removes one global index at a time, and CloudFormation asks for all at once; moto takes them.

    An index whose key or projection changes counts twice: it is removed and made anew.
    """
    old, new = _global_indexes(before), _global_indexes(after)
    gone = [name for name in old if name not in new or _is_another(old[name], new[name])]
    made = [name for name in new if name not in old or _is_another(old[name], new[name])]
    if len(gone) + len(made) > 1:
        message = "Cannot perform more than one GSI creation or deletion in a single update"
        raise refusal("ValidationException", message, "UpdateTable")


def _global_indexes(properties: Properties) -> dict[str, Properties]:
    return {index["IndexName"]: index for index in properties.get("GlobalSecondaryIndexes") or ()}


def _is_another(old: Properties, new: Properties) -> bool:
    return differ(old, new, "KeySchema", "Projection")


def _encryption(properties: Properties) -> dict[str, Any] | None:
    """CloudFormation's ``SSEEnabled`` is the service's ``Enabled``."""
    wanted = properties.get("SSESpecification")
    if not wanted:
        return None
    return {"Enabled": wanted.get("SSEEnabled"), **given(wanted, "SSEType", "KMSMasterKeyId")}


def _stream(properties: Properties) -> dict[str, Any] | None:
    wanted = properties.get("StreamSpecification")
    return {"StreamEnabled": True, **given(wanted, "StreamViewType")} if wanted else None


def _expire(dynamodb: Any, name: str, before: Properties, after: Properties) -> None:
    """The attribute changes by switching off in one update and on in another; moto would take both at once."""
    old, new = before.get("TimeToLiveSpecification") or {}, after.get("TimeToLiveSpecification") or {}
    was, wanted = (is_true(version.get("Enabled")) for version in (old, new))
    if was and wanted and differ(old, new, "AttributeName"):
        message = "TimeToLive is active on a different AttributeName: current AttributeName is " + old["AttributeName"]
        raise refusal("ValidationException", message, "UpdateTimeToLive")
    if was != wanted:
        setting = {"Enabled": wanted, "AttributeName": (new if wanted else old)["AttributeName"]}
        call(dynamodb, "update_time_to_live", TableName=name, TimeToLiveSpecification=setting)


def _changes(before: Properties, after: Properties) -> list[dict[str, Any]]:
    """The calls that bring a table to its next version: DynamoDB takes one kind of change at a time."""
    changes: list[dict[str, Any]] = []
    if differ(before, after, "BillingMode", "ProvisionedThroughput"):
        billing = after.get("BillingMode", "PROVISIONED")
        changes.append({"BillingMode": billing, **given(after, "ProvisionedThroughput")})
    if differ(before, after, "DeletionProtectionEnabled"):
        changes.append({"DeletionProtectionEnabled": after.get("DeletionProtectionEnabled", False)})
    if differ(before, after, "OnDemandThroughput"):
        no_more = {"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1}
        changes.append({"OnDemandThroughput": {**no_more, **(after.get("OnDemandThroughput") or {})}})
    if differ(before, after, "TableClass"):
        changes.append({"TableClass": after.get("TableClass", "STANDARD")})
    if differ(before, after, "StreamSpecification"):
        changes.append({"StreamSpecification": _stream(after) or {"StreamEnabled": False}})
    return changes + _index_changes(before, after)


def _index_changes(before: Properties, after: Properties) -> list[dict[str, Any]]:
    old, new = _global_indexes(before), _global_indexes(after)
    definitions = given(after, "AttributeDefinitions")
    updates: list[dict[str, Any]] = [{"Delete": {"IndexName": name}} for name in old if name not in new]
    for name, index in new.items():
        if name not in old:
            updates.append({"Create": index})
        elif old[name] != index:
            updates.append({"Update": given(index, "IndexName", "ProvisionedThroughput", "OnDemandThroughput")})
    return [{**definitions, "GlobalSecondaryIndexUpdates": [update]} for update in updates]


def _read_capacity(table: dict[str, Any]) -> dict[str, Any]:
    on_demand = table.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST"
    throughput = ("ReadCapacityUnits", "WriteCapacityUnits")

    def index(found: dict[str, Any]) -> dict[str, Any]:
        provisioned = {} if on_demand else {"ProvisionedThroughput": given(found["ProvisionedThroughput"], *throughput)}
        return {**given(found, "IndexName", "KeySchema", "Projection"), **provisioned}

    local = [given(found, "IndexName", "KeySchema", "Projection") for found in table.get("LocalSecondaryIndexes", [])]
    return {
        "BillingMode": "PAY_PER_REQUEST" if on_demand else "PROVISIONED",
        "ProvisionedThroughput": None if on_demand else given(table["ProvisionedThroughput"], *throughput),
        "GlobalSecondaryIndexes": [index(found) for found in table.get("GlobalSecondaryIndexes", [])],
        "LocalSecondaryIndexes": local,
    }


def _read_settings(dynamodb: Any, name: str, table: dict[str, Any]) -> dict[str, Any]:
    encryption = table.get("SSEDescription")
    backups = call(dynamodb, "describe_continuous_backups", TableName=name)["ContinuousBackupsDescription"]
    recovery = backups.get("PointInTimeRecoveryDescription", {})
    expiry = call(dynamodb, "describe_time_to_live", TableName=name)["TimeToLiveDescription"]
    with already_gone("PolicyNotFoundException"):
        policy = call(dynamodb, "get_resource_policy", ResourceArn=table["TableArn"]).get("Policy")
        return {
            "ResourcePolicy": {"PolicyDocument": document(policy)} if policy else None,
            **_plain_settings(encryption, recovery, expiry, table),
        }
    return _plain_settings(encryption, recovery, expiry, table)


def _plain_settings(
    encryption: dict[str, Any] | None, recovery: dict[str, Any], expiry: dict[str, Any], table: dict[str, Any]
) -> dict[str, Any]:
    on = recovery.get("PointInTimeRecoveryStatus") == "ENABLED"
    expires = expiry.get("TimeToLiveStatus") == "ENABLED"
    return {
        "SSESpecification": known(
            {
                "SSEEnabled": encryption.get("Status") in ("ENABLED", "UPDATING"),
                "SSEType": encryption.get("SSEType"),
                "KMSMasterKeyId": encryption.get("KMSMasterKeyArn"),
            }
        )
        if encryption
        else None,
        "PointInTimeRecoverySpecification": {
            "PointInTimeRecoveryEnabled": on,
            **given(recovery, "RecoveryPeriodInDays"),
        },
        "TimeToLiveSpecification": {"Enabled": expires, "AttributeName": expiry["AttributeName"]} if expires else None,
        "StreamSpecification": given(table.get("StreamSpecification", {}), "StreamViewType"),
    }
