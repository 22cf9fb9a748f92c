"""How fast the macros are: their cold start against the libraries they stand on, their work against reading and writing JSON.

    python -m benchmarks.macros [ROUNDS]

The start is measured in fresh processes that have the Lambda package and Python's standard library alone, A B A B; once
with compiled modules at hand, once without, as Lambda starts. What is compared are the medians of each round's ratios.
"""

from __future__ import annotations

import io
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

SERVICES = 35
"""Shorthand services of the measured template: about 450 generated resources."""

IMPORT = "import sys, time; sys.path.insert(0, sys.argv[1]); start = time.process_time(); {}; print(time.process_time() - start)"


def main(rounds: int) -> None:
    """Print the medians and the ratios beside what is aimed at."""
    from oaktree_cfn.deploy import function_package

    package = function_package.build()
    print(f"package                {len(package.body):,} bytes, {len(package.files)} files")
    with tempfile.TemporaryDirectory() as folder:
        zipfile.ZipFile(io.BytesIO(package.body)).extractall(folder)
        libraries = ", ".join(_libraries(package.files))
        for kind, compiled in (("compiled modules at hand", True), ("as Lambda starts, without", False)):
            _start(Path(folder), libraries, kind, rounds, compiled)
    _work(rounds)


def _libraries(files: Any) -> list[str]:
    """The modules of troposphere and awacs that the handler imports."""
    paths = [name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in files]
    return [name for name in paths if name.partition(".")[0] in ("awacs", "troposphere")]


def _start(folder: Path, libraries: str, kind: str, rounds: int, compiled: bool) -> None:
    programs = [f"import {libraries}", "import oaktree_cfn.macros.handler"]
    times = [[_import(folder, program, compiled) for program in programs] for _ in range(rounds + 1)][1:]
    floor, whole = (statistics.median(column) for column in zip(*times, strict=True))
    ratio = statistics.median(b / a for a, b in times)
    print(f"start, {kind}")
    print(f"  troposphere, awacs   {floor * 1000:6.1f} ms")
    print(f"  the handler          {whole * 1000:6.1f} ms   {ratio:4.2f} x those libraries (aim: at most 2)")


def _import(folder: Path, program: str, compiled: bool) -> float:
    if not compiled:
        for cache in folder.rglob("__pycache__"):
            shutil.rmtree(cache)
    flags = ["-I", "-S"] if compiled else ["-I", "-S", "-B"]
    command = [sys.executable, *flags, "-c", IMPORT.format(program), str(folder)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _work(rounds: int) -> None:
    from oaktree_cfn.macros.handler import handle

    shorthand = json.dumps(_shorthand())
    expanded = handle(_event(json.loads(shorthand)))["fragment"]
    plain = json.dumps(expanded)
    count = len(expanded["Resources"])

    def copied() -> None:
        json.dumps(expanded), json.loads(shorthand)

    def made() -> None:
        handle(_event(fragment))

    fragment = json.loads(shorthand)
    floor, work, ratio = _compared(copied, made, rounds)
    print(f"expansion              {count} resources of {SERVICES} services")
    print(f"  JSON read, written   {floor * 1000:6.1f} ms")
    print(f"  expanded             {work * 1000:6.1f} ms   {ratio:4.2f} x that (aim: at most 12, or under 50 ms)")

    def passed() -> None:
        json.dumps(handle(_event(json.loads(plain)))["fragment"])

    floor, work, ratio = _compared(lambda: json.dumps(json.loads(plain)) and None, passed, rounds)
    print(f"a template without shorthand, {count} resources")
    print(f"  JSON read, written   {floor * 1000:6.1f} ms")
    print(f"  through the handler  {work * 1000:6.1f} ms   {ratio:4.2f} x that (aim: at most 1.5)")


def _compared(one: Callable[[], None], other: Callable[[], None], rounds: int) -> tuple[float, float, float]:
    times = [(_timed(one), _timed(other)) for _ in range(3 * rounds + 1)][1:]
    first, second = (statistics.median(column) for column in zip(*times, strict=True))
    return first, second, statistics.median(b / a for a, b in times)


def _timed(work: Callable[[], None]) -> float:
    """Seconds of CPU, so that what else the machine does hardly shows."""
    start = time.process_time()
    work()
    return time.process_time() - start


def _event(fragment: Any) -> dict[str, Any]:
    place = {"accountId": "123456789012", "region": "eu-west-1", "requestId": "r", "params": {}}
    return {**place, "transformId": "123456789012::OakTree", "fragment": fragment, "templateParameterValues": {}}


def _shorthand() -> dict[str, Any]:
    queue = {"Intent": "send", "On": "queue", "Arn": {"Fn::ImportValue": "jobs"}}
    services = {
        f"Web{number}": {
            "Type": "OakTree::WebService",
            "Properties": {
                "Platform": "oaktree-dev",
                "Image": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:{number}",
                "Repository": "arn:aws:ecr:eu-west-1:123456789012:repository/shop",
                "Route": {"Priority": number + 1, "Paths": [f"/shop{number}/*"]},
                "Environment": {"NODE_ENV": "production", "SELF": {"Fn::GetAtt": [f"Web{number}", "Name"]}},
                "Grants": [queue],
                "Scaling": {"MinCapacity": 1, "MaxCapacity": 4},
            },
        }
        for number in range(SERVICES)
    }
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": services}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
