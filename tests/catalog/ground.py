"""A folder as a new user has it, a stage in this very process behind it, and ``oaktree`` typed there."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from oaktree_cfn.cli.main import run
from oaktree_cfn.local import process
from oaktree_cfn.local.server import serve

ROOT = Path(__file__).parents[2]
REGION = "ap-southeast-1"
ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Said:
    """What a command ended with and printed."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Ground:
    """A working folder and the stage's address."""

    folder: Path
    endpoint: str

    def oaktree(self, *arguments: str) -> Said:
        """A command in the folder, in this process."""
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(["--project", str(self.folder), *arguments])
        out.flush()
        return Said(code, out.buffer.getvalue().decode(), err.getvalue())  # type: ignore[attr-defined]

    def good(self, *arguments: str) -> Said:
        """The same for a command that must end well."""
        said = self.oaktree(*arguments)
        assert said.code == 0, said.err + said.out
        return said

    def door(self, name: str, body: dict[str, Any]) -> None:
        """The stage's own door: ``reset``, ``faults``."""
        stage = process.running(self.folder)
        assert stage is not None
        stage.ask("POST", name, body)

    def client(self, service: str) -> Any:
        """A boto3 client of the stage."""
        return self._session.client(
            service,
            endpoint_url=self.endpoint,
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    @cached_property
    def _session(self) -> Any:
        return boto3.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name=REGION)

    def stacks(self, begin: str) -> list[str]:
        """Names of the stacks that are there and begin so."""
        pages = self.client("cloudformation").get_paginator("describe_stacks").paginate()
        return [
            stack["StackName"] for page in pages for stack in page["Stacks"] if stack["StackName"].startswith(begin)
        ]


@contextlib.contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """A fresh one, whose stage ends with it."""
    for name in ("templates", "environments"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "CHANGELOG.md", folder / "CHANGELOG.md")
    server = serve(0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    papers = folder / ".oaktree"
    papers.mkdir()
    (papers / "stage.json").write_text(json.dumps({"pid": os.getpid(), "endpoint": endpoint}))
    made = Ground(folder, endpoint)
    made.door("reset", {})  # moto's state is the process's, and other tests were here before
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
