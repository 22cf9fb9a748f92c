"""Two descriptions of one change set become one that loses nothing."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.aws import replies
from oaktree_cfn.models import Change, ChangeSet, Detail

NAMES = st.sampled_from(["Vpc", "Table", "Service", "Alb"])
DETAILS = st.builds(
    Detail,
    attribute=st.sampled_from(["Properties", "Tags", "Metadata"]),
    name=st.sampled_from(["", "Name", "Cpu"]),
    before=st.none() | st.text(max_size=3),
)
CHANGES = st.builds(
    Change,
    action=st.sampled_from(["Add", "Modify", "Remove", "Dynamic", "Brandnew"]),
    logical_id=NAMES,
    type=st.just("AWS::X::Y"),
    replacement=st.sampled_from(["", "False", "Conditional", "True", "Perhaps"]),
    details=st.lists(DETAILS, max_size=3).map(tuple),
)
SETS = st.lists(CHANGES, max_size=5).map(
    lambda changes: ChangeSet("arn", "n", "s", "s", "CREATE_COMPLETE", changes=tuple(changes))
)
WEIGHT = ["", "False", "Conditional", "True"]


def test_a_change_that_values_dropped_is_kept() -> None:
    dropped = Change("Remove", "Table", "AWS::DynamoDB::Table")
    plain = ChangeSet("arn", "n", "s", "s", "CREATE_COMPLETE", changes=(dropped,))
    assert replies.merge(plain, replace(plain, changes=())).changes == (dropped,)


def test_values_stand_where_there_are_any_and_details_without_stay() -> None:
    told, untold = Detail("Properties", "Cpu", before="256", after="512"), Detail("Properties", "Memory")
    plain = ChangeSet(
        "arn", "n", "s", "s", "CREATE_COMPLETE",
        changes=(Change("Modify", "T", "X", details=(Detail("Properties", "Cpu"), untold)),),
    )  # fmt: skip
    valued = replace(plain, changes=(Change("Modify", "T", "X", details=(told,), after={"Cpu": "512"}),))
    assert replies.merge(plain, valued).changes[0].details == (told, untold)


def test_where_the_answers_disagree_the_worse_one_counts() -> None:
    plain = ChangeSet("a", "n", "s", "s", "CREATE_COMPLETE", changes=(Change("Modify", "T", "X", replacement="False"),))
    valued = replace(plain, changes=(Change("Modify", "T", "X", replacement="True"),))
    assert replies.merge(plain, valued).changes[0].replacement == "True"
    assert replies.merge(valued, plain).changes[0].replacement == "True"


@given(SETS, SETS)
def test_merging_never_loses_a_change_a_detail_or_a_replacement(plain: ChangeSet, valued: ChangeSet) -> None:
    merged = replies.merge(plain, valued)
    for source in (plain, valued):
        for name in {change.logical_id for change in source.changes}:
            before = [change for change in source.changes if change.logical_id == name]
            after = [change for change in merged.changes if change.logical_id == name]
            assert len(after) >= len(before)
            worst = max((WEIGHT.index(c.replacement) if c.replacement in WEIGHT else 9 for c in before), default=0)
            assert max(WEIGHT.index(c.replacement) if c.replacement in WEIGHT else 9 for c in after) >= worst
            names = {(detail.attribute, detail.name) for change in before for detail in change.details}
            assert names <= {(detail.attribute, detail.name) for change in after for detail in change.details}


def test_a_change_of_an_unheard_of_kind_is_kept_under_its_name() -> None:
    assert replies.change({"Type": "Hologram"}).action == "Hologram"


def test_a_truncated_context_is_no_context() -> None:
    cut = {"Type": "Resource", "ResourceChange": {"Action": "Add", "LogicalResourceId": "T", "AfterContext": '{"Pro'}}
    assert replies.change(cut).after is None
