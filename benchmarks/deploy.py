"""What a deploy costs in CPU, against making the same resources with plain boto3 calls.

Both sides use one running local stage, warm: the plain side talks to moto behind it, the deploy to the control plane in
front. Counted is the CPU of the client process and of the stage together, lint apart; the account is emptied in between.
A B A B, medians of each round's ratio.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from oaktree_cfn.local import process

PROJECT = Path(__file__).resolve().parents[1]
OAKTREE = str(Path(sys.executable).parent / "oaktree")
TICK = os.sysconf("SC_CLK_TCK")


def main(rounds: int) -> None:
    """Print the medians and the ratio beside what is aimed at."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("templates", "environments"):
            shutil.copytree(PROJECT / part, folder / part)
        stage = process.start(folder)
        try:
            times = [_round(folder, stage) for _ in range(rounds + 1)][1:]  # the first one warms the stage
        finally:
            process.stop(folder)
    plain, whole = (statistics.median(column) for column in zip(*times, strict=True))
    ratio = statistics.median(b / a for a, b in times)
    print(f"plain boto3 calls {plain * 1000:6.0f} ms of CPU, client and stage together")
    print(f"oaktree deploy    {whole * 1000:6.0f} ms   {ratio:4.2f} x the plain calls (aim: at most 3)")


def _round(folder: Path, stage: process.Stage) -> tuple[float, float]:
    plain = _cpu(folder, stage, [sys.executable, str(Path(__file__).with_name("plain_calls.py")), stage.endpoint])
    stage.ask("POST", "reset")
    whole = _cpu(folder, stage, [OAKTREE, "deploy", "--env", "local", "--no-lint"])
    stage.ask("POST", "reset")
    return plain, whole


def _cpu(folder: Path, stage: process.Stage, command: list[str]) -> float:
    before = _children() + _of(stage.pid)
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return _children() + _of(stage.pid) - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
