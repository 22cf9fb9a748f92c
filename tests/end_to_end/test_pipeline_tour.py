"""The tour of the pipeline in ``examples/``: this repository's own workflows, step by step, against the local stage."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.end_to_end.place import ROOT


def test_from_a_push_to_a_verified_rollout_as_the_workflows_say_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "examples.pipeline_tour", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, timeout=300, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    assert "51 of 51 sentences are true" in done.stdout
