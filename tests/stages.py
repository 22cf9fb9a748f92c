"""The local stage that a worker's tests share, and how a folder comes by it."""

from __future__ import annotations

import json
from pathlib import Path

from oaktree_cfn.local.process import Stage


def lend(stage: Stage, folder: Path) -> None:
    """Empty a stage that runs, and make it the one that commands find in a folder."""
    stage.ask("POST", "reset", {})
    (folder / ".oaktree").mkdir()
    paper = json.dumps({"pid": stage.pid, "endpoint": stage.endpoint})
    (folder / ".oaktree" / "stage.json").write_text(paper, encoding="utf-8")
