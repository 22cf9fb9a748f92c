"""Commands as one types them (``oaktree deploy --env local``), run in this process: a new one would load everything anew,
which takes longer than most of what is asked.
"""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

from oaktree_cfn.cli.main import INTERRUPTED, run


def oaktree(folder: Path, *arguments: str, columns: int | None = None) -> CompletedProcess[str]:
    """Run a command in a folder, on a screen this wide (as ``COLUMNS`` says, else 110): its exit code, and what it printed.
    Raises KeyboardInterrupt when somebody interrupts it.
    """
    width = str(columns or os.environ.get("COLUMNS", 110))
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    said = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
    with contextlib.chdir(folder), mock.patch.dict(os.environ, COLUMNS=width), said[0], said[1]:
        code = run(arguments)
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    out.flush()
    printed = out.buffer.getvalue().decode()
    return CompletedProcess(("oaktree", *arguments), code, printed, err.getvalue())
