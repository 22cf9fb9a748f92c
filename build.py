"""Render every blueprint into ``templates/``. The same as ``oaktree build``, for a Python with the library beside it.

    python build.py                render
    python build.py --check        write nothing; exit 2 and name every file that is stale, missing or superfluous
    python build.py --out DIR      another folder

Works offline and needs troposphere, awacs and PyYAML only; neither boto3 nor cfn-lint is imported.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from oaktree_cfn.blueprints import TEMPLATES, render, stale
from oaktree_cfn.errors import OaktreeError


def main(arguments: list[str] | None = None) -> int:
    """Run with these arguments (the command line's by default); returns the exit code."""
    parser = argparse.ArgumentParser(description="Render every blueprint into templates/.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 2 when a file is not up to date")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / TEMPLATES, help="folder of the templates")
    options = parser.parse_args(arguments)
    try:
        return _check(options.out) if options.check else _render(options.out)
    except OaktreeError as error:
        print(error.message, error.advice, sep="\n", file=sys.stderr)
        return error.exit_code


def _render(out: Path) -> int:
    written = render(out)
    for path in written:
        print(path if path.exists() else f"{path} (removed)")
    if not written:
        print(f"{out}: up to date")
    return 0


def _check(out: Path) -> int:
    states = stale(out)
    for name, state in states.items():
        print(f"{out / name}: {state}", file=sys.stderr)
    if states:
        print("Run: python build.py", file=sys.stderr)
    return 2 if states else 0


if __name__ == "__main__":
    sys.exit(main())
