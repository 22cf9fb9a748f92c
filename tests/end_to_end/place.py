"""A folder as a new user has it, the ``oaktree`` command in it, and the local stage behind it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3

from examples.command import oaktree
from oaktree_cfn.local import process
from tests.registry import push
from tests.stages import lend

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Place:
    """A working folder with templates and environments of its own, and a stage of its own."""

    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``oaktree ...`` as a user types it here, without a terminal."""
        return oaktree(self.folder, *arguments, columns=200)

    def deploy(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """``oaktree deploy --env local``, linted elsewhere."""
        return self.run("deploy", "--env", "local", "--no-lint", *arguments)

    def push(self, tag: str) -> str:
        """Push an image to the environment's repository; its digest."""
        return push(self.client("ecr"), "oaktree-local", tag)

    def aws(self, *arguments: str) -> str:
        """``aws ...`` pointed at the stage, as ``eval "$(oaktree local env)"`` does."""
        command = [str(BIN / "aws"), "--output", "text", *arguments]
        environment = {**os.environ, **self.exports}
        done = subprocess.run(command, env=environment, text=True, capture_output=True, timeout=120, check=False)  # noqa: S603
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @cached_property
    def exports(self) -> dict[str, str]:
        """What ``oaktree local env`` exports."""
        return dict(re.findall(r"export (\w+)='?([^'\n]*)'?", self.run("local", "env").stdout))

    def client(self, service: str) -> Any:
        """A boto3 client of the stage."""
        found = self.exports
        return boto3.client(
            service,
            endpoint_url=found["AWS_ENDPOINT_URL"],
            region_name=found["AWS_REGION"],
            aws_access_key_id=found["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=found["AWS_SECRET_ACCESS_KEY"],
        )

    def fault(self, **rule: Any) -> None:
        """Tell the stage to fail a resource."""
        process.start(self.folder).ask("POST", "faults", rule)

    def edit(self, change: Callable[[str], str]) -> None:
        """Edit environments/local.toml."""
        path = self.folder / "environments" / "local.toml"
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before
        path.write_text(after, encoding="utf-8")


def make_place(folder: Path, stage: process.Stage | None = None) -> Place:
    """A fresh folder; on a stage that is there, emptied, or one of its own, started when it is needed."""
    for name in ("templates", "environments"):
        shutil.copytree(ROOT / name, folder / name)
    if stage is not None:
        lend(stage, folder)
    return Place(folder)
