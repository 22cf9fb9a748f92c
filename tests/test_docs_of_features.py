"""docs/features.md promises nothing that no example shows and no test proves."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "features.md").read_text(encoding="utf-8")
TABLES, _, _ = PAGE.partition("\n[copilot-end]:")

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TABLES.splitlines()
    if line.startswith("| ") and not line.startswith("| |")
]
LINKS: dict[str, tuple[str, str]] = {
    name: (target, test) for name, target, test in re.findall(r'^\[([\w-]+)\]: (\S+)(?: "(\w+)")?$', PAGE, re.MULTILINE)
}
OURS = {name: link for name, link in LINKS.items() if not link[0].startswith("https://")}


def test_no_link_is_named_twice() -> None:
    """Of two, pages take the first and this test the last."""
    named = re.findall(r"^\[([\w-]+)\]: ", PAGE, re.MULTILINE)
    assert len(named) == len(set(named)) == len(LINKS)


def test_there_are_rows_of_four_columns() -> None:
    assert len(ROWS) > 60
    assert {len(row) for row in ROWS} == {5}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_our_yes_leads_to_its_proof_and_our_no_to_nothing(row: list[str]) -> None:
    ours = row[1]
    if ours in ("no", "Python, YAML with macros", "commands to paste"):
        return
    promised = re.fullmatch(r"\[(yes|beside|template)[^\]]*\]\[([\w-]+)\]", ours)
    assert promised is not None, ours
    assert promised[2] in OURS


@pytest.mark.parametrize("name", OURS)
def test_what_a_link_names_is_there(name: str) -> None:
    target, test = OURS[name]
    file, _, heading = target.partition("#")
    path = (DOCS / file).resolve()
    if path.is_dir():
        assert (path / "proof.py").is_file()
    elif path.suffix == ".py":
        assert f"\ndef {test}(" in path.read_text(encoding="utf-8")
    else:
        assert not heading or f"\n## {heading}\n" in path.read_text(encoding="utf-8")
        assert path.is_file()


def test_every_link_is_used_and_every_use_is_one() -> None:
    used = set(re.findall(r"\]\[([\w-]+)\]", TABLES))
    assert used == LINKS.keys()
