"""How a process of ours keeps its memory."""

from __future__ import annotations

import gc


def collect_rarely() -> None:
    """Look for garbage rarely: nearly all that a command or the stage makes (schemas, templates, service models) is used to
    the end of its process.
    """
    gc.set_threshold(200_000, 20, 1_000)
