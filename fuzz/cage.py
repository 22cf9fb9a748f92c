"""A cage for code that must touch nothing: an audit hook that ends the process at the first socket, process or write.

Source: PEP 578. A hook cannot be taken away again, so whoever calls ``lock`` does so in a process of its own.
"""

from __future__ import annotations

import os
import sys
from typing import Any

_FORBIDDEN = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "ctypes.")
_CHANGING = {"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"}
BROKEN = 77
"""Exit code of a process that tried to get out."""


def lock() -> None:
    """From now on this process may compute and read, nothing else."""
    sys.addaudithook(_watch)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN) or event in _CHANGING or (event == "open" and _writes(arguments)):
        os.write(2, f"the cage was broken: {event}\n".encode())
        os._exit(BROKEN)


def _writes(arguments: tuple[Any, ...]) -> bool:
    """``open`` tells path, mode and flags; the mode is None where flags were given."""
    _, mode, flags = arguments
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
