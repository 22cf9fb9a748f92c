"""The tour of the catalog in ``examples/``, taken for real."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.end_to_end.place import ROOT


def test_a_products_life_is_as_the_example_tells_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "examples.catalog_tour", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=300, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    assert "11 of 11 answers as expected" in done.stdout
