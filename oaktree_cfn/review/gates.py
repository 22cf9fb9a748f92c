"""The gates: changes to what exists that somebody must allow by name. Pure.

They judge updates only; a first create has nothing to lose and just asks. A gate is opened for one path at a time.
"""

from __future__ import annotations

from collections.abc import Collection

from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.review.review import NEW_REVISION, Action, Entry, Part, Review
from oaktree_cfn.review.verdict import Refusal, Verdict

STATEFUL = frozenset(
    {
        STACK_TYPE,
        "AWS::CertificateManager::Certificate",
        "AWS::DynamoDB::GlobalTable",
        "AWS::DynamoDB::Table",
        "AWS::EC2::EIP",
        "AWS::EC2::NatGateway",
        "AWS::EC2::VPC",
        "AWS::EC2::Volume",
        "AWS::ECR::Repository",
        "AWS::EFS::FileSystem",
        "AWS::ElastiCache::CacheCluster",
        "AWS::ElastiCache::ReplicationGroup",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::KMS::Key",
        "AWS::Kinesis::Stream",
        "AWS::Logs::LogGroup",
        "AWS::OpenSearchService::Domain",
        "AWS::RDS::DBCluster",
        "AWS::RDS::DBInstance",
        "AWS::Route53::HostedZone",
        "AWS::S3::Bucket",
        "AWS::SQS::Queue",
        "AWS::SSM::Parameter",
        "AWS::SecretsManager::Secret",
        "AWS::Cognito::UserPool",
    }
)
"""Types that hold data or an address others know: gone or made anew, something is lost that no template brings back."""

_LOSING = {
    Action.REMOVE: "would be removed, and its data or address with it",
    Action.REPLACE: "would be replaced by a new one, without its data or address",
    Action.MAY_REPLACE: "may be replaced by a new one, without its data or address",
}


def judge(review: Review, allowed: Collection[str] = ()) -> Verdict:
    """What the gates say. ``allowed`` holds paths below the root stack, as ``--allow`` takes them."""
    found = [(part.place or review.stack_name, _failure(part)) for part in review.parts if not part.sound]
    if not review.creates:
        found += [(entry.place, reason) for entry in review.entries if (reason := _reason(entry))]
    places = {place for place, _ in found}
    return Verdict(
        refusals=tuple(Refusal(place, reason) for place, reason in found if place not in allowed),
        unused=tuple(path for path in allowed if path not in places),
    )


def _failure(part: Part) -> str:
    return f"its change set is {part.status or 'in no status'}, so what is shown may not be all: {part.reason or 'no reason is given'}"


def _reason(entry: Entry) -> str:
    if entry.action is Action.UNKNOWN or (entry.note and entry.note != NEW_REVISION):
        return entry.note
    if entry.type not in STATEFUL or entry.action not in _LOSING:
        return ""
    if entry.action is Action.REMOVE and entry.policy == "Retain":
        return ""  # it leaves the stack, not the account
    return f"{entry.type} {_LOSING[entry.action]}"
