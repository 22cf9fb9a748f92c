"""The macro ``OakTreeDefaults``: house rules for any template, where its author said nothing.

What an author wrote always stands. What was added is listed in the template's Metadata, resource by resource, so that a
reader of the deployed template sees what came from where.

Sources: the AWS Foundational Security Best Practices controls named beside each rule, and the resource types' own
defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from oaktree_cfn.macros.fragment import Fragment, bound, mapping, meant, refuse, resources
from oaktree_cfn.macros.properties import is_intrinsic

Addition = tuple[tuple[str, ...], Any]
"""Where in the resource, and what. A path of one step is a resource attribute such as DeletionPolicy."""

_ENCRYPTED_BUCKET = {
    "ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
}
_NOT_PUBLIC = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"), True)
_KEPT: tuple[Addition, ...] = ((("DeletionPolicy",), "RetainExceptOnCreate"), (("UpdateReplacePolicy",), "Retain"))

RULES: Mapping[str, tuple[Addition, ...]] = {
    "AWS::Logs::LogGroup": ((("Properties", "RetentionInDays"), 30),),
    "AWS::SQS::Queue": ((("Properties", "SqsManagedSseEnabled"), True),),  # SQS.1
    "AWS::S3::Bucket": (
        *_KEPT,
        (("Properties", "BucketEncryption"), _ENCRYPTED_BUCKET),
        (("Properties", "PublicAccessBlockConfiguration"), _NOT_PUBLIC),  # S3.8
    ),
    "AWS::DynamoDB::Table": (
        *_KEPT,
        (("Properties", "DeletionProtectionEnabled"), True),  # DynamoDB.6
        (("Properties", "PointInTimeRecoverySpecification"), {"PointInTimeRecoveryEnabled": True}),  # DynamoDB.2
    ),
    "AWS::ECR::Repository": (
        (("Properties", "ImageTagMutability"), "IMMUTABLE"),  # ECR.2
        (("Properties", "ImageScanningConfiguration"), {"ScanOnPush": True}),  # ECR.1
    ),
    "AWS::KMS::Key": ((("Properties", "EnableKeyRotation"), True),),  # KMS.4
    "AWS::EFS::FileSystem": (*_KEPT, (("Properties", "Encrypted"), True)),  # EFS.1
    "AWS::RDS::DBInstance": (
        (("Properties", "StorageEncrypted"), True),  # RDS.3
        (("Properties", "DeletionProtection"), True),  # RDS.8
    ),
}
"""Resource type -> what is added where nothing is said.

Topics get no key: they are encrypted anyway, and under AWS's own key (alias/aws/sns) alarms, S3 and EventBridge cannot publish.
"""

PARAMETERS = ("Tags", "Except")
"""What a call may say."""

_INHERITED = (
    *("DBClusterIdentifier", "DBClusterSnapshotIdentifier", "DBSnapshotIdentifier", "SourceDBInstanceIdentifier"),
    *("SourceDBInstanceAutomatedBackupsArn", "SourceDbiResourceId"),
)

UNLESS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "SqsManagedSseEnabled": {"KmsMasterKeyId": ()},
    "EnableKeyRotation": {"KeySpec": ("SYMMETRIC_DEFAULT",), "Origin": ("AWS_KMS",)},
    "RetentionInDays": {"LogGroupClass": ("STANDARD", "INFREQUENT_ACCESS")},
    "StorageEncrypted": dict.fromkeys(_INHERITED, ()),
    "DeletionProtection": {"DBClusterIdentifier": ()},
}
"""A property -> others beside which it is not added, unless they have one of these values: they say the same in another way, or
AWS takes it for other resources only (the types' references: asymmetric keys, databases that inherit their encryption).
"""


def expand(template: Fragment, parameters: Mapping[str, Any], taggable: Callable[[str], bool]) -> dict[str, Any]:
    """The template with the house rules.

    ``parameters`` may hold ``Tags`` (for every resource that takes tags as a list, written ``Key=Value``; CloudFormation
    passes no maps, which are taken too) and ``Except`` (logical ids that are left alone). ``taggable`` tells whether a
    resource type has such tags. Raises BadFragment.
    """
    bound([dict(template), dict(parameters)])
    mapping(template, "template")
    tags, left = _asked(parameters)
    added: dict[str, list[str]] = {}
    out: dict[str, Any] = {}
    for title, body in resources(template):
        new = dict(body)
        if title not in left:
            added[title] = [*_apply(new), *(_tag(new, tags) if taggable(str(body.get("Type"))) else ())]
        out[title] = new
    return _told({**template, "Resources": out}, {title: names for title, names in added.items() if names})


def _asked(parameters: Mapping[str, Any]) -> tuple[Mapping[str, Any], frozenset[str]]:
    for name in parameters:
        if name not in PARAMETERS:
            raise refuse(f"Parameters/{name}", f"OakTreeDefaults takes no such parameter{meant(name, PARAMETERS)}")
    left = parameters.get("Except", [])
    names = [left] if isinstance(left, str) else left
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise refuse("Parameters/Except", "it is not a list of logical ids")
    return _tags(parameters.get("Tags", {})), frozenset(names)


def _tags(said: Any) -> Mapping[str, Any]:
    if isinstance(said, dict):
        return mapping(said, "Parameters/Tags")
    pairs = [said] if isinstance(said, str) else said
    if not isinstance(pairs, list) or not all(isinstance(pair, str) and pair.find("=") > 0 for pair in pairs):
        raise refuse("Parameters/Tags", "it is no list of tags", "Write a list: [team=oak, project=web]")
    return {key: value for key, _, value in (pair.partition("=") for pair in pairs)}


def _apply(body: dict[str, Any]) -> Iterator[str]:
    """Add to the resource what its type's rules say and its author did not; yields what was added."""
    for path, value in RULES.get(str(body.get("Type")), ()):
        *above, name = path
        place: Any = body
        for step in above:
            inner = place.get(step, {})
            if not isinstance(inner, dict) or is_intrinsic(inner):
                break
            place[step] = dict(inner)
            place = place[step]
        else:
            if name not in place and not _against(name, place):
                place[name] = value
                yield name


def _against(name: str, beside: Mapping[str, Any]) -> bool:
    """Whether something beside a property speaks against adding it."""
    return any(other in beside and beside[other] not in fine for other, fine in UNLESS.get(name, {}).items())


def _tag(body: dict[str, Any], tags: Mapping[str, Any]) -> Iterator[str]:
    properties = body.get("Properties", {})
    given = properties.get("Tags", []) if isinstance(properties, dict) else None
    if not tags or not isinstance(given, list):
        return
    keys = {tag.get("Key") for tag in given if isinstance(tag, dict)}
    missing = {key: value for key, value in tags.items() if key not in keys}
    if missing:
        more = [{"Key": key, "Value": value} for key, value in missing.items()]
        body["Properties"] = {**properties, "Tags": [*given, *more]}
        yield from (f"Tags.{key}" for key in missing)


def _told(template: dict[str, Any], added: Mapping[str, list[str]]) -> dict[str, Any]:
    """The template with what was added in its Metadata; unchanged where nothing was, so that a second time adds nothing."""
    if not added:
        return template
    metadata = mapping(template.get("Metadata", {}), "Metadata")
    return {**template, "Metadata": {**metadata, "OakTreeDefaults": added}}
