"""The review on a terminal: everything is there, in words, at any width, and nothing steers the terminal."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from oaktree_cfn.models import KNOWN_AFTER_APPLY, Change, ChangeSet, Detail
from oaktree_cfn.review.review import Action, review
from oaktree_cfn.terminal.review_text import render
from tests.review.change_sets import TREES, plain

CONTEXT = {"Properties": {}}


def text(change_set: ChangeSet, width: int = 100, **options: bool) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None, **options)  # type: ignore[arg-type]
    console.print(render(review(change_set)))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def modify(*details: Detail, **more: object) -> Change:
    return Change("Modify", "Group", "AWS::X::Y", details=details, before=CONTEXT, after=CONTEXT, **more)  # type: ignore[arg-type]


def test_a_property_reads_before_and_after() -> None:
    shown = text(plain(modify(Detail("Properties", "Interval", "/Properties/Interval", "30", "20"))))
    assert "oaktree-dev: 1 to modify" in shown
    assert "~ modify Group AWS::X::Y" in shown
    assert "Interval: 30 → 20" in shown


def test_what_forces_a_new_one_says_so() -> None:
    detail = Detail("Properties", "Key", "/Properties/Key", "a", "b", "Always")
    shown = text(plain(modify(detail, replacement="True")))
    assert "! replace Group" in shown
    assert "Key: a → b  forces a new one" in shown


def test_absent_values_and_those_known_later_are_told_apart() -> None:
    shown = text(
        plain(
            modify(
                Detail("Properties", "New", "/Properties/New", None, "1"),
                Detail("Properties", "Old", "/Properties/Old", "1", None),
                Detail("Properties", "Later", "/Properties/Later", "arn", KNOWN_AFTER_APPLY),
                Detail("Properties", "Vague"),
            )
        )
    )
    assert "New: (none) → 1" in shown
    assert "Old: 1 → (none)" in shown
    assert "known only after apply: Later" in shown
    assert "also named, without values: Vague" in shown


def test_a_value_known_later_that_forces_a_new_one_stands_in_full() -> None:
    shown = text(plain(modify(Detail("Properties", "Vpc", "/Properties/Vpc", "vpc-1", KNOWN_AFTER_APPLY, "Always"))))
    assert "Vpc: vpc-1 → (known after apply)  forces a new one" in shown


def test_long_values_lose_their_middle() -> None:
    shown = text(plain(modify(Detail("Properties", "Text", "/Properties/Text", "a" * 500, "b"))), width=300)
    assert f"{'a' * 60} … {'a' * 60} → b" in shown


@pytest.mark.parametrize("value", ["\x1b[31mred", "a\rb", "\u202eevil", "a\nb"])
def test_control_characters_are_shown_not_obeyed(value: str) -> None:
    shown = text(plain(modify(Detail("Properties", "Name", "/Properties/Name", "a", value))))
    assert value not in shown


def test_markup_in_values_is_text() -> None:
    assert "[bold]x[/bold]" in text(
        plain(modify(Detail("Properties", "Name", "/Properties/Name", "a", "[bold]x[/bold]")))
    )


@given(TREES, st.sampled_from([60, 80, 200]))
def test_every_entry_of_any_tree_is_shown_at_any_width(tree: ChangeSet, width: int) -> None:
    shown = text(tree, width)
    flat = "".join(shown.split())
    for entry in review(tree).entries:
        assert entry.path[-1] in flat
        if entry.certain and entry.action is not Action.ADD:
            word = entry.note if entry.note == "new revision" else str(entry.action)
            assert f"{word}{entry.path[-1]}".replace(" ", "") in flat
    assert max(cell_len(line) for line in shown.splitlines()) <= width
