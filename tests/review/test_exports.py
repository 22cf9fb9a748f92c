"""The export guard."""

from __future__ import annotations

from oaktree_cfn.review.consequence import Severity
from oaktree_cfn.review.exports import Fate, consequences, export_changes, readers, weak_consequences
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.values import UNKNOWN


def test_exports_that_stay_are_not_mentioned() -> None:
    assert export_changes({"a": "⟨Vpc⟩"}, {"a": "⟨Vpc⟩", "new": "x"}, {"a": "vpc-1"}) == ()


def test_an_export_goes_changes_or_cannot_be_told() -> None:
    before, after = {"gone": "1", "other": "2", "moved": "⟨Vpc⟩"}, {"other": "3", "moved": UNKNOWN}
    found = {
        change.name: (change.fate, change.before, change.after)
        for change in export_changes(before, after, {"moved": "vpc-1"})
    }
    assert found == {
        "gone": (Fate.REMOVED, "1", None),
        "other": (Fate.CHANGED, "2", "3"),
        "moved": (Fate.MAY_CHANGE, "vpc-1", None),
    }


def test_an_export_frozen_at_its_value_of_today_stays() -> None:
    assert export_changes({"a": "⟨Vpc⟩"}, {"a": "vpc-1"}, {"a": "vpc-1"}) == ()


def test_one_that_is_imported_refuses_names_the_consumers_and_the_way_out() -> None:
    (change,) = export_changes({"oaktree-dev-VpcId": "vpc-1"}, {})
    (found,) = consequences((change,), {"oaktree-dev-VpcId": ("billing", "search")})
    assert found.severity is Severity.REFUSE
    assert found.place == "exports/oaktree-dev-VpcId"
    assert "billing, search import it" in found.text
    assert found.details[0].startswith('1. freeze it: put "oaktree-dev-VpcId" = "vpc-1" under [frozen_exports]')
    assert "move billing, search" in found.details[1]


def test_one_that_nobody_imports_is_a_note() -> None:
    (found,) = consequences(export_changes({"a": "1"}, {}), {})
    assert found.severity is Severity.NOTE


def test_templates_that_read_an_output_weakly_are_found() -> None:
    reads = {"Fn::GetStackOutput": {"StackName": "oaktree-dev", "OutputName": "VpcId"}}
    tree = Tree("consumer.yaml", {"Resources": {"X": {"Properties": {"List": [reads]}}}})
    assert readers({"consumer.yaml": tree}, "oaktree-dev") == {"VpcId": ("consumer.yaml",)}
    assert readers({"consumer.yaml": tree}, "oaktree-prod") == {}


def test_a_weak_read_of_an_output_that_goes_is_refused_and_named() -> None:
    changes = export_changes({"VpcId": "vpc-1", "Other": "x"}, {})
    (found,) = weak_consequences(changes, {"VpcId": ("consumer.yaml",)})
    assert found.severity is Severity.REFUSE
    assert found.place == "outputs/VpcId"
    assert "consumer.yaml reads it with Fn::GetStackOutput" in found.text
