"""The local stage that a worker's tests share, how a folder comes by it, and how it is asked."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import boto3

from oaktree_cfn.local.process import Stage

REGION = "ap-southeast-1"


def lend(stage: Stage, folder: Path) -> None:
    """Empty a stage that runs, and make it the one that commands find in a folder."""
    stage.ask("POST", "reset", {})
    (folder / ".oaktree").mkdir()
    paper = json.dumps({"pid": stage.pid, "endpoint": stage.endpoint})
    (folder / ".oaktree" / "stage.json").write_text(paper, encoding="utf-8")


@cache
def client(stage: Stage, service: str) -> Any:
    """A boto3 client of a stage. Making one takes longer than most calls."""
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    return boto3.client(service, region_name=REGION, endpoint_url=stage.endpoint, **keys)
