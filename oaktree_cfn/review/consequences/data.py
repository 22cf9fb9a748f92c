"""Data at stake: what holds something, or is an address others know, and goes, is made anew or forgets sooner.

Three ways to lose data: the resource is removed, it is replaced by an empty one, or it stays and one of its settings
deletes (a time to live, a retention, a lifecycle rule). A fourth loses nothing today: a safety net taken down.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.review.action import REPLACING, Action
from oaktree_cfn.review.changed import Changed, Changes
from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.template.plain import at, listed, number, parsed, truth

_ADDRESS = "the address others know"
_NAME = "the name others resolve"

HOLDS: Mapping[str, str] = {
    STACK_TYPE: "everything in it",
    "AWS::ApiGateway::RestApi": _ADDRESS,
    "AWS::ApiGatewayV2::Api": _ADDRESS,
    "AWS::Backup::BackupVault": "its recovery points",
    "AWS::CertificateManager::Certificate": "the certificate, and what it was validated for",
    "AWS::CloudFront::Distribution": _NAME,
    "AWS::Cognito::IdentityPool": "its identities",
    "AWS::Cognito::UserPool": "its users",
    "AWS::DocDB::DBCluster": "its documents",
    "AWS::DynamoDB::GlobalTable": "its items, in every region",
    "AWS::DynamoDB::Table": "its items",
    "AWS::EC2::EIP": "the IP address others know",
    "AWS::EC2::Instance": "what its disks and memory hold",
    "AWS::EC2::NatGateway": "the IP address others see",
    "AWS::EC2::VPC": "the network and all that is in it",
    "AWS::EC2::Volume": "its blocks",
    "AWS::ECR::Repository": "its images",
    "AWS::EFS::FileSystem": "its files",
    "AWS::ElastiCache::CacheCluster": "what is cached",
    "AWS::ElastiCache::ReplicationGroup": "what is cached",
    "AWS::ElasticLoadBalancing::LoadBalancer": "its DNS name",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "its DNS name",
    "AWS::FSx::FileSystem": "its files",
    "AWS::KMS::Key": "the key: what it encrypted stays unreadable",
    "AWS::Kinesis::Stream": "its records",
    "AWS::KinesisFirehose::DeliveryStream": "records not yet delivered",
    "AWS::Lambda::Url": _ADDRESS,
    "AWS::Logs::LogGroup": "its log events",
    "AWS::Neptune::DBCluster": "its graph",
    "AWS::OpenSearchService::Domain": "its indices",
    "AWS::RDS::DBCluster": "its databases",
    "AWS::RDS::DBInstance": "its databases",
    "AWS::Redshift::Cluster": "its databases",
    "AWS::Route53::HostedZone": "its records, and the name servers others were told",
    "AWS::S3::Bucket": "its objects",
    "AWS::SNS::Topic": "its subscriptions made by others",
    "AWS::SQS::Queue": "its messages",
    "AWS::SSM::Parameter": "its value",
    "AWS::SecretsManager::Secret": "the secret",
    "AWS::Timestream::Table": "its records",
}
"""Types that hold data or an address others know, and what is lost with one: no template brings it back."""

GENTLE = {"AWS::SNS::Topic"}
"""What a template does bring back, but for what others attached to it: somebody should know, nobody need refuse."""

_PROTECTIONS = ("DeletionProtectionEnabled", "DeletionProtection")
_LB_PROTECTION = "deletion_protection.enabled"


def find(changes: Changes) -> Iterator[Consequence]:
    """What may be lost, and which safety nets go."""
    for changed in changes:
        if changed.type in HOLDS and changed.gone:
            yield _removed(changed, changes.known)
        elif changed.type in HOLDS and changed.action in REPLACING:
            yield _replaced(changed, changes.known)
        if not changed.new and not changed.gone:
            yield from _settings(changed, changes.known)


def at_stake(changes: Changes) -> dict[str, tuple[str, str]]:
    """Place -> type and physical id of everything whose stock is worth counting before the changes are shown."""
    found = {each.place for each in find(changes)}
    return {
        changed.place: (changed.type, changed.change.physical_id)
        for changed in changes
        if changed.place in found and changed.change.physical_id
    }


# Removed or made anew


def _removed(changed: Changed, known: Mapping[str, str]) -> Consequence:
    lost = _lost(changed, known)
    match _policy(changed, "DeletionPolicy"):
        case "Retain" | "RetainExceptOnCreate":
            return _tell(changed, Severity.NOTE, "leaves the stack, but stays in the account with all it holds")
        case "Snapshot":
            return _tell(changed, _worst(changed), f"would be removed; a snapshot is kept of {lost}")
    return _tell(changed, _worst(changed), f"would be removed, and with it {lost}", _protected(changed))


def _replaced(changed: Changed, known: Mapping[str, str]) -> Consequence:
    verb = "would be" if changed.action is Action.REPLACE else "may be"
    lost = _lost(changed, known)
    policy = _policy(changed, "UpdateReplacePolicy")
    fate = {
        "Retain": f"the old one stays in the account, outside of the stack, with {lost}",
        "Snapshot": f"the old one goes, and a snapshot is kept of {lost}",
    }.get(policy, f"this loses {lost}")
    text = f"{verb} replaced by a new, empty one: {fate}"
    return _tell(changed, _worst(changed), text, *_named_twice(changed), _protected(changed))


def _worst(changed: Changed) -> Severity:
    return Severity.ASK if changed.type in GENTLE else Severity.REFUSE


def _policy(changed: Changed, name: str) -> str:
    """What AWS says it will do; where it says nothing, what the resource itself declares."""
    told = changed.change.policy_action
    if not told:
        return str(at(changed.before if name == "DeletionPolicy" else changed.after, name) or "")
    prefix = "" if name == "DeletionPolicy" else "ReplaceAnd"
    return told.removeprefix(prefix) if told.startswith(prefix) else "Delete"


def _lost(changed: Changed, known: Mapping[str, str]) -> str:
    stock = known.get(changed.place, "")
    return HOLDS[changed.type] + (f" ({stock})" if stock else "")


def _protected(changed: Changed) -> str:
    """What a protection that is on today makes of it."""
    if not _protection(changed.before):
        return ""
    if changed.gone:
        return "deletion protection is on: AWS will refuse, and the update fails"
    return "deletion protection is on: AWS will refuse to delete the old one, which then stays behind"


def _protection(side: Mapping[str, Any]) -> bool:
    attributes = {
        str(at(each, "Key")): at(each, "Value") for each in listed(at(side, "Properties", "LoadBalancerAttributes"))
    }
    return truth(attributes.get(_LB_PROTECTION)) or any(truth(at(side, "Properties", name)) for name in _PROTECTIONS)


_NAMES = ("TableName", "RepositoryName", "BucketName", "LogGroupName", "QueueName", "DBInstanceIdentifier", "Name")


def _named_twice(changed: Changed) -> Iterator[str]:
    """A resource with a name of its own cannot be replaced while the old one holds the name."""
    for key in _NAMES:
        if isinstance(changed.was(key), str) and changed.was(key) == changed.will(key):
            yield f"{key} stays {changed.was(key)}: AWS cannot make a second one of that name, and the update fails"


def _tell(changed: Changed, severity: Severity, text: str, *details: str) -> Consequence:
    return Consequence("data", changed.place, severity, f"{changed.name} {text}", tuple(filter(None, details)))


# Settings that delete, or no longer protect


def _settings(changed: Changed, known: Mapping[str, str]) -> Iterator[Consequence]:
    stock = f" ({known[changed.place]})" if known.get(changed.place) else ""
    for text in (*_shortened(changed), *_expiring(changed), *_time_to_live(changed)):
        yield _tell(changed, Severity.REFUSE, text + stock)
    for text in (*_switched(changed), *_weakened(changed)):
        yield _tell(changed, Severity.ASK, text)
    yield from _untold(changed)


_FOREVER = float("inf")
_RETENTIONS: Mapping[tuple[str, str], tuple[str, str, float]] = {
    ("AWS::Logs::LogGroup", "RetentionInDays"): ("log events", "days", _FOREVER),
    ("AWS::SQS::Queue", "MessageRetentionPeriod"): ("messages", "seconds", 345_600),
    ("AWS::Kinesis::Stream", "RetentionPeriodHours"): ("records", "hours", 24),
    ("AWS::RDS::DBInstance", "BackupRetentionPeriod"): ("backups", "days", 1),
    ("AWS::RDS::DBCluster", "BackupRetentionPeriod"): ("backups", "days", 1),
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification.RecoveryPeriodInDays"): ("backups", "days", 35),
}
"""(type, property) -> what is kept, the unit, and for how long when nothing is said."""


def _shortened(changed: Changed) -> Iterator[str]:
    for (type_, name), (kept, unit, default) in _RETENTIONS.items():
        keys = name.split(".")
        if type_ != changed.type or not changed.differs(*keys):
            continue
        before, after = (_span(value, default) for value in (changed.was(*keys), changed.will(*keys)))
        if after is None or before is None:
            yield f"keeps {kept} for another time, which is known only after apply"
        elif after < before:
            was = "forever" if before == _FOREVER else f"{before:g} {unit}"
            yield f"keeps {kept} for {after:g} {unit}, no longer {was}: older ones are deleted"


def _span(value: Any, default: float) -> float | None:
    return default if value is None else number(value)


def _time_to_live(changed: Changed) -> Iterator[str]:
    if not changed.differs("TimeToLiveSpecification") or not truth(changed.will("TimeToLiveSpecification", "Enabled")):
        return
    attribute = changed.will("TimeToLiveSpecification", "AttributeName")
    before = changed.was("TimeToLiveSpecification", "AttributeName")
    if not truth(changed.was("TimeToLiveSpecification", "Enabled")) or attribute != before:
        yield f"begins to delete items by their attribute {attribute}: whose time has passed is gone within days"


def _expiring(changed: Changed) -> Iterator[str]:
    if changed.type == "AWS::S3::Bucket" and changed.differs("LifecycleConfiguration"):
        before, after = (_bucket_rules(side("LifecycleConfiguration")) for side in (changed.was, changed.will))
        yield from (f"begins to delete objects: {rule}" for rule in after if rule not in before)
    if changed.type == "AWS::ECR::Repository" and changed.differs("LifecyclePolicy"):
        before, after = (
            _image_rules(side("LifecyclePolicy", "LifecyclePolicyText")) for side in (changed.was, changed.will)
        )
        yield from (f"begins to delete images: {rule}" for rule in after if rule not in before)


def _bucket_rules(configuration: Any) -> list[str]:
    rules = (rule for rule in listed(at(configuration, "Rules")) if at(rule, "Status") != "Disabled")
    return [_compact({key: value for key, value in rule.items() if key != "Id"}) for rule in rules if _expires(rule)]


def _expires(rule: Any) -> bool:
    return isinstance(rule, Mapping) and any("Expiration" in key for key in rule)


def _image_rules(text: Any) -> list[str]:
    policy = parsed(text)
    rules = listed(at(policy, "rules")) if isinstance(policy, Mapping) else listed(policy)
    return [_compact(at(rule, "selection") or rule) for rule in rules]


def _compact(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


_SWITCHES: Mapping[tuple[str, str], tuple[bool, str]] = {
    ("", "DeletionProtectionEnabled"): (False, "may be deleted from now on: its deletion protection is switched off"),
    ("", "DeletionProtection"): (False, "may be deleted from now on: its deletion protection is switched off"),
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"): (
        False,
        "loses its point-in-time recovery, and the backups made so far",
    ),
    ("AWS::ECR::Repository", "EmptyOnDelete"): (True, "will be deleted together with its images when it goes"),
    ("AWS::KMS::Key", "Enabled"): (False, "is disabled: what it encrypted cannot be read"),
}
"""(type or any, property) -> the position that endangers, and what it means."""


def _switched(changed: Changed) -> Iterator[str]:
    for (type_, name), (danger, text) in _SWITCHES.items():
        keys = name.split(".")
        if type_ in {"", changed.type} and changed.differs(*keys):
            on_by_default = name == "Enabled"
            before, after = (_position(side(*keys), on_by_default) for side in (changed.was, changed.will))
            if before != after and after is danger:
                yield text
    yield from _particular(changed)


def _particular(changed: Changed) -> Iterator[str]:
    versions = [side("VersioningConfiguration", "Status") == "Enabled" for side in (changed.was, changed.will)]
    if changed.type == "AWS::S3::Bucket" and versions == [True, False]:
        yield "no longer keeps old versions: what is overwritten or deleted from now on is lost"
    if _protection(changed.before) and not _protection(changed.after) and changed.differs("LoadBalancerAttributes"):
        yield "may be deleted from now on: its deletion protection is switched off"
    if changed.type == "AWS::SecretsManager::Secret" and changed.differs("GenerateSecretString"):
        yield "gets a newly generated value: whoever uses the old one must fetch it again"


def _position(value: Any, default: bool) -> bool:
    return default if value is None else truth(value)


_KEEPING = ("Retain", "RetainExceptOnCreate", "Snapshot")


def _weakened(changed: Changed) -> Iterator[str]:
    if changed.type not in HOLDS:
        return
    for name, when in (("DeletionPolicy", "its stack goes"), ("UpdateReplacePolicy", "it is replaced")):
        before, after = at(changed.before, name), at(changed.after, name)
        touched = any(detail.attribute == name for detail in changed.change.details)
        if before in _KEEPING and after not in _KEEPING and (touched or before != after):
            yield f"will be deleted when {when}: {name} was {before}, becomes {after or 'Delete'}"


_TELLTALE = {
    "AWS::DynamoDB::Table": {
        "TimeToLiveSpecification",
        "PointInTimeRecoverySpecification",
        "DeletionProtectionEnabled",
    },
    "AWS::Logs::LogGroup": {"RetentionInDays"},
    "AWS::S3::Bucket": {"LifecycleConfiguration", "VersioningConfiguration"},
    "AWS::ECR::Repository": {"LifecyclePolicy", "EmptyOnDelete"},
    "AWS::SQS::Queue": {"MessageRetentionPeriod"},
}


def _untold(changed: Changed) -> Iterator[Consequence]:
    names = changed.untold & (_TELLTALE.get(changed.type, set()) | {"DeletionPolicy", "UpdateReplacePolicy"})
    for name in sorted(names):
        yield _tell(changed, Severity.ASK, f"changes its {name}, and the change set does not tell how")
