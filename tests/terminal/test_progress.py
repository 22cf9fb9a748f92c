"""Progress: a tree of stacks with what is at work, or plain lines."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

from rich.console import Console

from oaktree_cfn.deploy.news import Progress, Said, Told
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.terminal.progress import Board, lines
from oaktree_cfn.terminal.words import count, duration, printable
from tests.deploy.fake_cloudformation import BEGAN, ROOT, event, nested, stack

DATA = Told(("Data",), event(ROOT, "Data", "UPDATE_IN_PROGRESS", 1, type_=STACK_TYPE))
DONE = Told(("Data", "Table"), event(nested("Data"), "Table", "UPDATE_COMPLETE", 3))
WORKING = Told(("Data", "Index"), event(nested("Data"), "Index", "UPDATE_IN_PROGRESS", 3))
FAILED = Told(("Data", "Topic"), event(nested("Data"), "Topic", "UPDATE_FAILED", 4, reason="no \x1b[31mway"))
ITSELF = Told(("Data",), event(nested("Data"), "", "UPDATE_COMPLETE", 5))
PROGRESS = Progress(stack("UPDATE_IN_PROGRESS"), (DATA, DONE, WORKING, FAILED, ITSELF), 6.0, began=BEGAN)


def shown(board: Board) -> str:
    console = Console(file=io.StringIO(), width=80, color_system=None)
    console.print(board.render(75))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_the_tree_shows_stacks_what_works_and_what_failed_and_sums_up_the_rest() -> None:
    board = Board("oaktree-dev")
    board.apply(Progress(stack("UPDATE_IN_PROGRESS"), (DATA, DONE, WORKING, FAILED), 6.0, "events cannot be read"))
    text = shown(board)
    assert "oaktree-dev  update in progress  0 of 1 resource  1 min 15 s" in text
    assert "Data  update in progress  2 of 3 resources" in text
    assert "Index  update in progress" in text
    assert "Topic  update failed" in text
    assert "no \\x1b[31mway" in text
    assert "Table" not in text
    assert "events cannot be read" in text


def test_lines_tell_once_what_came_to_rest_and_why_it_failed() -> None:
    assert lines(PROGRESS) == [
        "     3.0 s  Data/Table  update complete",
        "     4.0 s  Data/Topic  update failed: no \\x1b[31mway",
    ]


SAID = Said(("Data", "Index"), BEGAN + timedelta(seconds=3.5), "has started 1 tasks \x1b[2J")


def test_lines_tell_what_a_service_says_in_the_order_in_which_it_happened() -> None:
    assert lines(replace(PROGRESS, said=(SAID,))) == [
        "     3.0 s  Data/Table  update complete",
        "     3.5 s  Data/Index  has started 1 tasks \\x1b[2J",
        "     4.0 s  Data/Topic  update failed: no \\x1b[31mway",
    ]


def test_the_tree_shows_the_latest_word_of_a_service_while_it_works() -> None:
    board = Board("oaktree-dev")
    late = Said(SAID.path, BEGAN + timedelta(seconds=4), "is unable to start tasks")
    board.apply(replace(PROGRESS, news=(DATA, WORKING), said=(SAID, late)))
    assert "is unable to start tasks" in shown(board)
    assert "has started" not in shown(board)


def test_lines_tell_what_hinders() -> None:
    assert lines(Progress(stack("UPDATE_IN_PROGRESS"), (), 2.0, "throttled")) == ["     2.0 s  throttled"]


def test_words() -> None:
    assert [duration(each) for each in (0.04, 9.96, 12.3, 185)] == ["0.0 s", "10.0 s", "12 s", "3 min 05 s"]
    assert [count(each, "template") for each in (0, 1, 2)] == ["0 templates", "1 template", "2 templates"]
    assert printable("a\tb\u202ec") == "a\\tb\\u202ec"
