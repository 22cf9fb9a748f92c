"""What ``oaktree --help`` costs, against importing its argument parser. Fresh processes, A B A B."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

OAKTREE = str(Path(sys.executable).parent / "oaktree")


def main(rounds: int) -> None:
    """Print the medians and the ratio beside what is aimed at."""
    commands = ([sys.executable, "-c", "import click"], [OAKTREE, "--help"])
    times = [[_time(command) for command in commands] for _ in range(rounds + 1)][1:]
    floor, whole = (statistics.median(column) for column in zip(*times, strict=True))
    ratio = statistics.median(b / a for a, b in times)
    print(f"import click      {floor * 1000:6.1f} ms")
    print(f"oaktree --help    {whole * 1000:6.1f} ms   {ratio:4.2f} x importing click (aim: at most 2)")
    heavy = ("boto3", "moto", "cfnlint", "troposphere", "rich")
    program = f"import sys, runpy\nsys.argv = ['oaktree', '--help']\ntry: runpy.run_path({OAKTREE!r}, run_name='__main__')\nexcept SystemExit: pass\nprint([m for m in {heavy!r} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    print(f"heavy modules loaded by --help: {loaded.strip().splitlines()[-1]}")


def _time(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
