"""What a resource is before and after, however much the answer tells."""

from __future__ import annotations

import pytest
from hypothesis import given

from oaktree_cfn.models import Change, ChangeSet, Detail
from oaktree_cfn.review.changed import Changes

from .change_sets import TREES, plain

OLD, NEW = {"Properties": {"A": "1", "B": ["x", "y"]}}, {"Properties": {"A": "2", "B": ["x", "z"]}}
DETAILS = (
    Detail("Properties", "A", "/Properties/A", "1", "2"),
    Detail("Properties", "B", "/Properties/B/1", "y", "z"),
)


@pytest.mark.parametrize(("before", "after"), [(OLD, NEW), (None, NEW), (OLD, None)])
def test_one_context_and_the_details_tell_as_much_as_both_contexts(before: dict | None, after: dict | None) -> None:  # type: ignore[type-arg]
    (found,) = Changes.of(plain(Change("Modify", "T", "X", details=DETAILS, before=before, after=after)))
    assert (found.before, found.after) == (OLD, NEW)


def test_details_alone_tell_what_changes() -> None:
    (found,) = Changes.of(plain(Change("Modify", "T", "X", details=DETAILS)))
    assert (found.was("A"), found.will("A")) == ("1", "2")
    assert (found.was("B", "1"), found.will("B", "1")) == ("y", "z")


def test_what_changes_without_being_told_is_remembered() -> None:
    (found,) = Changes.of(plain(Change("Modify", "T", "X", details=(Detail("Properties", "A"), Detail("Tags")))))
    assert found.untold == {"A", "Tags"}


SILENT = Change("Modify", "Silent", "X", details=(Detail("Properties", "A"),))
TOLD = Change("Modify", "Told", "X", before=OLD, after=NEW)


def test_in_an_answer_with_values_what_has_none_keeps_todays() -> None:
    assert [each.name for each in Changes.of(plain(TOLD, SILENT))] == ["Told"]


def test_unless_cloudformation_says_that_it_left_something_out() -> None:
    reason = "[WARN] --include-property-values option can return incomplete ChangeSet data because: ..."
    assert len(Changes.of(plain(TOLD, SILENT, reason=reason)).resources) == 2


def test_a_position_from_outside_makes_no_endless_list() -> None:
    detail = Detail("Properties", "B", "/Properties/B/999999999999", None, "z")
    (found,) = Changes.of(plain(Change("Modify", "T", "X", details=(detail,))))
    assert len(found.after["Properties"]["B"]) < 100_000


@given(TREES)
def test_nothing_that_goes_or_is_made_anew_is_missing(tree: ChangeSet) -> None:
    found = {each.path for each in Changes.of(tree)}
    for path, change in tree.walk():
        assert path in found or (change.action == "Modify" and change.replacement in {"", "False"})
