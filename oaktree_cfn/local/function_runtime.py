"""Lambda's runtime for Python, run as a program of its own: ``python -I -S function_runtime.py FOLDER MODULE.FUNCTION``.

Reads ``{"event": …, "context": …}`` from stdin and writes what the handler returns, as JSON, to stdout. The modules it can
import are the standard library's and those in the folder. What the function prints goes to stderr, with its traceback
where it fails (exit code 1).
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import types


def main(folder: str, handler: str) -> None:
    """Call the handler once."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.path.insert(0, folder)
    asked = json.load(sys.stdin)
    module, _, function = handler.rpartition(".")
    answer = getattr(importlib.import_module(module.replace("/", ".")), function)(asked["event"], _context(asked))
    json.dump(answer, out)
    out.close()


def _context(asked: dict[str, dict[str, object]]) -> types.SimpleNamespace:
    return types.SimpleNamespace(**asked["context"])


if __name__ == "__main__":
    main(*sys.argv[1:])
