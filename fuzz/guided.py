"""The same, guided by coverage: atheris breeds new events from those that reached new code.

``python -m fuzz.guided SECONDS``, in an environment that has atheris (see requirements-fuzz.txt).
"""

from __future__ import annotations

import json
import sys

import atheris

with atheris.instrument_imports(include=["oaktree_cfn.macros", "oaktree_cfn.services"]):
    from fuzz import cage
    from fuzz.macros import Breeder, check
    from oaktree_cfn.macros.handler import handle


def one(data: bytes) -> None:
    """Bytes are JSON where they can be read as such, and a seed for an event otherwise."""
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        event = Breeder(int.from_bytes(data[:8], "big")).event()
    if isinstance(event, dict):
        check(event)


if __name__ == "__main__":
    handle({})
    seconds = sys.argv.pop(1)
    atheris.Setup(
        [sys.argv[0], f"-max_total_time={seconds}", "-max_len=20000", "-verbosity=0", "-print_final_stats=1"], one
    )
    cage.lock()
    atheris.Fuzz()
