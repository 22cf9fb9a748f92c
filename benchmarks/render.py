"""How fast the templates are rendered, against what no renderer can beat.

    python benchmarks/render.py [ROUNDS]

Three programs run in turn, each in a fresh process, A B C A B C: the floor (the same templates as literal dictionaries,
``json.dumps``, write), ``build.py``, and ``build.py``'s work timed apart from its imports. Machines drift, so the figures
to compare are the medians of each round's ratios, not the times.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

FLOOR = """
import json, pathlib, sys
from literal import TEMPLATES
for name, template in TEMPLATES.items():
    pathlib.Path(sys.argv[1], name).write_text(json.dumps(template))
"""

USED = """
import sys
from pathlib import Path
from oaktree_cfn.blueprints import render
render(Path(sys.argv[1]))
print(*(name for name in sys.modules if name.partition(".")[0] in ("troposphere", "awacs")))
"""

APART = """
import importlib, sys, time
from pathlib import Path
start = time.perf_counter()
for name in sys.argv[2:]: importlib.import_module(name)
imported = time.perf_counter()
from oaktree_cfn.blueprints import render
render(Path(sys.argv[1]))
print(imported - start, time.perf_counter() - imported)
"""


def main(rounds: int) -> None:
    """Run the rounds and print the medians beside what is aimed at."""
    from oaktree_cfn.blueprints import catalogue

    templates = {f"{name}.json": blueprint.compose().to_dict() for name, blueprint in catalogue().items()}
    resources = sum(len(template["Resources"]) for template in templates.values())
    with tempfile.TemporaryDirectory() as folder:
        literal = json.loads(json.dumps(templates))
        Path(folder, "literal.py").write_text(f"TEMPLATES = {literal!r}\n")
        used = _ours(USED)
        times = [_round(Path(folder), used) for _ in range(rounds + 1)][1:]  # the first one fills the caches
    floor, whole, imports, work = (statistics.median(column) for column in zip(*times, strict=True))
    against_floor = statistics.median(b / a for a, b, _, _ in times)
    against_imports = statistics.median(w / i for _, _, i, w in times)
    print(f"{len(templates)} templates, {resources} resources, {rounds} rounds; medians")
    print(f"floor                 {floor * 1000:6.1f} ms")
    print(f"build.py              {whole * 1000:6.1f} ms   {against_floor:4.2f} x the floor (aim: at most 6)")
    print(f"  troposphere's import{imports * 1000:6.1f} ms")
    print(f"  our work            {work * 1000:6.1f} ms   {against_imports:4.2f} x that import (aim: at most 1)")


def _round(folder: Path, used: list[str]) -> tuple[float, float, float, float]:
    floor = _timed(folder, [sys.executable, "-c", FLOOR])
    whole = _timed(folder, [sys.executable, str(PROJECT / "build.py"), "--out"])
    imports, work = map(float, _ours(APART, *used))
    return floor, whole, imports, work


def _ours(program: str, *arguments: str) -> list[str]:
    """The words that a program of ours prints, in a fresh process that is given an empty folder."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-c", program, out, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=PROJECT).stdout.split()


def _timed(folder: Path, command: list[str]) -> float:
    """Seconds of a fresh process that writes into an empty folder."""
    with tempfile.TemporaryDirectory() as out:
        start = time.perf_counter()
        subprocess.run([*command, out], check=True, capture_output=True, cwd=folder)
        return time.perf_counter() - start


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
