"""What it takes to render and lint, the first time and when nothing changed.

    python benchmarks/lint.py [ROUNDS]

Four programs run in turn, each in a fresh process: rendering alone; rendering and what ``lint`` does with nothing kept; the
same with what it kept; rendering and cfn-lint's own command. The figures to compare are the medians of each round's ratios.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

RENDER = """
import sys
from pathlib import Path
from oaktree_cfn.blueprints import render
render(Path(sys.argv[1]))
"""

CHECKED = f"""{RENDER}
from oaktree_cfn.environment import regions
from oaktree_cfn.template.lint import lint
assert not lint(Path(sys.argv[1]), regions(Path("environments")))
"""

CLI = f"""{RENDER}
import os
from cfnlint.runner import main
from oaktree_cfn.environment import regions
from oaktree_cfn.template.lint import IGNORED
used = regions(Path("environments"))
os.chdir(sys.argv[1])
sys.argv = ["cfn-lint", "--regions", *used, "--ignore-checks", *IGNORED, "--", *map(str, Path().glob("*.yaml"))]
main()
"""


def main(rounds: int) -> None:
    """Run the rounds and print the medians beside what is aimed at."""
    times = [_round() for _ in range(rounds)]
    alone, cold, kept, cli = (statistics.median(column) for column in zip(*times, strict=True))
    against_cli = statistics.median(b / d for _, b, _, d in times)
    against_render = statistics.median(c / a for a, _, c, _ in times)
    print(f"{rounds} rounds; medians")
    print(f"render                {alone:6.2f} s")
    print(f"render, cfn-lint's CLI{cli:6.2f} s")
    print(f"render, lint: first   {cold:6.2f} s   {against_cli:4.2f} x cfn-lint's CLI (aim: at most 0.6)")
    print(f"render, lint: again   {kept:6.2f} s   {against_render:4.2f} x rendering alone (aim: at most 1.3)")


def _round() -> tuple[float, float, float, float]:
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache, "PYTHONPATH": str(PROJECT)}
        found = [_timed(program, environment) for program in (RENDER, CHECKED, CHECKED, CLI)]
    return found[0], found[1], found[2], found[3]


def _timed(program: str, environment: Mapping[str, str]) -> float:
    """Seconds of a fresh process that writes into an empty folder."""
    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        command = [sys.executable, "-c", program, out]
        subprocess.run(command, check=True, capture_output=True, cwd=PROJECT, env=environment)
        return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
