"""A file is written whole, or what was there stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from oaktree_cfn.files import write_whole


def test_a_text_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("before")
    write_whole(path, "gründlich")
    assert path.read_bytes() == "gründlich".encode()
    assert path.stat().st_mode & 0o077 == 0


def test_what_cannot_be_written_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("before")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "half \ud800")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("plan.json", "before")]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "none" / "plan.json", "text")
