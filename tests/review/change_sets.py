"""Random change-set trees: every value CloudFormation's model allows, and some that it may yet invent."""

from __future__ import annotations

from typing import Any

import botocore.session
from hypothesis import strategies as st

from oaktree_cfn.models import STACK_TYPE, Change, ChangeSet, Detail

MODEL = botocore.session.get_session().get_service_model("cloudformation")


def enum(shape: str) -> st.SearchStrategy[str]:
    """A value of an enum of the model, none, or one nobody knows yet."""
    return st.sampled_from(["", *MODEL.shape_for(shape).enum, "Brandnew"])


TYPES = st.sampled_from(
    ["AWS::DynamoDB::Table", "AWS::ECS::TaskDefinition", "AWS::SNS::Topic", "AWS::EC2::VPC", STACK_TYPE]
)
NAMES = st.text("ABCxyz019", min_size=1, max_size=6)
VALUES = (
    st.none() | st.text(max_size=8) | st.sampled_from(['{"a":1}', "[1,2]", '{"a":', "{{changeSet:KNOWN_AFTER_APPLY}}"])
)
CONTEXTS = st.none() | st.just({"Properties": {}})
DETAILS = st.builds(
    Detail,
    attribute=enum("ResourceAttribute"),
    name=NAMES,
    path=st.sampled_from(["", "/Properties/Tags/0/Value", "/Properties/Name"]),
    before=VALUES,
    after=VALUES,
    requires_recreation=enum("RequiresRecreation"),
    evaluation=enum("EvaluationType"),
    source=enum("ChangeSource"),
)


def _changes(nested: st.SearchStrategy[ChangeSet | None]) -> st.SearchStrategy[tuple[Change, ...]]:
    change = st.builds(
        Change,
        action=enum("ChangeAction"),
        logical_id=NAMES,
        type=TYPES,
        replacement=enum("Replacement"),
        policy_action=enum("PolicyAction"),
        details=st.lists(DETAILS, max_size=3).map(tuple),
        before=CONTEXTS,
        after=CONTEXTS,
        nested=nested,
    )
    return st.lists(change, max_size=4, unique_by=lambda each: each.logical_id).map(tuple)


def _set(changes: st.SearchStrategy[tuple[Change, ...]]) -> st.SearchStrategy[ChangeSet]:
    reasons = st.sampled_from(["", "The submitted information didn't contain changes.", "Boom"])
    status = st.sampled_from(["CREATE_COMPLETE", "FAILED"])
    return st.builds(
        ChangeSet,
        id=st.just("arn:set"),
        name=st.just("n"),
        stack_id=st.just("arn:stack"),
        stack_name=st.just("oaktree-dev"),
        status=status,
        reason=reasons,
        changes=changes,
    )


TREES: st.SearchStrategy[ChangeSet] = _set(_changes(st.none() | _set(_changes(st.none() | _set(_changes(st.none()))))))


def plain(*changes: Change, **more: Any) -> ChangeSet:
    """A change set of these changes."""
    return ChangeSet("arn:set", "n", "arn:stack", "oaktree-dev", "CREATE_COMPLETE", changes=changes, **more)
