"""Every example is small, says what it shows, and renders templates without findings."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from examples.cycle import HERE, NAMES, copy

LINES = 60


def test_there_are_examples() -> None:
    assert len(NAMES) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_it_renders_and_neither_engine_nor_invariant_complains(name: str, tmp_path: Path) -> None:
    example = copy(name, tmp_path)
    assert "root.yaml" in example.oaktree("build")
    assert "clean for ap-southeast-1, with the values of local" in example.oaktree("lint")


@pytest.mark.parametrize("name", NAMES)
def test_it_is_short_and_begins_with_what_it_shows(name: str) -> None:
    for path in (HERE / name).glob("blueprints/*.py"):
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= LINES
        assert "oaktree deploy --env local" in (ast.get_docstring(ast.parse(text)) or "")


@pytest.mark.parametrize("name", NAMES)
def test_its_names_are_its_own(name: str) -> None:
    """All of them can be deployed into one account."""
    prefixes = {
        other: re.search(r'prefix = "(.+)"', (HERE / other / "environments" / "local.toml").read_text())
        for other in NAMES
    }
    mine = prefixes.pop(name)
    assert mine is not None
    assert mine[1] not in {other[1] for other in prefixes.values() if other}


def test_the_page_of_examples_names_them_all() -> None:
    page = (HERE / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| \[(\w+)\]\(\1/\) \|", page, re.MULTILINE) == [*NAMES]
