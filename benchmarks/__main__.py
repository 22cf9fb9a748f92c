"""Run every benchmark: ``python -m benchmarks [ROUNDS]``. Most of the time is cfn-lint's."""

from __future__ import annotations

import sys

from benchmarks import deploy, lint, macros, render, review, start

if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    for benchmark in (render, start, lint, review, deploy, macros):
        print(f"== {benchmark.__name__.removeprefix('benchmarks.')}")
        benchmark.main(rounds)
