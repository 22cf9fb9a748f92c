"""What an engine said about a template, kept for the next time the same is asked.

A verdict depends on nothing but the question: what the template says and what the children say that it names, the engine
and its version, schemas that it was given since, and what it was told. So it is kept under the question's hash, in the
user's cache folder (``$XDG_CACHE_HOME/oaktree/verdicts``), for every project. What has not been asked for 30 days is
forgotten. Where nothing can be kept, every question is put to the engine again.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from oaktree_cfn.files import write_whole

KEPT_FOR = 30 * 24 * 3600
"""Seconds after which a verdict that nobody asked for is forgotten."""

_ABSENT: Any = object()


def verdict(question: Iterable[bytes], ask: Callable[[], Any], still: Callable[[], bool] = lambda: True) -> Any:
    """The kept answer to a question, or the one that ``ask`` gives now. Answers are what JSON can say.

    One that came when the question was not ``still`` the same, because somebody wrote a file meanwhile, is not kept.
    """
    name = _name(question)
    answer = _kept(name)
    if answer is _ABSENT:
        answer = ask()
        if still():
            _keep(name, answer)
    return answer


def _name(question: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in question:
        found.update(len(part).to_bytes(8) + part)
    return f"{found.hexdigest()}.json"


@functools.cache
def _folder() -> Path | None:
    """Where verdicts are kept; made, and cleared of old ones, once for a process. None where that cannot be."""
    told = Path(os.environ.get("XDG_CACHE_HOME", ""))
    try:
        folder = (told if told.is_absolute() else Path.home() / ".cache") / "oaktree" / "verdicts"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _forget_old(folder)
    except (OSError, RuntimeError):  # RuntimeError: nobody knows the user's home
        return None
    return folder


def _forget_old(folder: Path) -> None:
    limit = time.time() - KEPT_FOR
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # somebody else forgot it
            if path.stat().st_mtime < limit:
                path.unlink()


def _kept(name: str) -> Any:
    folder = _folder()
    if folder is None:
        return _ABSENT
    try:
        answer = json.loads((folder / name).read_bytes())
        os.utime(folder / name)
    except (OSError, ValueError):
        return _ABSENT
    return answer


def _keep(name: str, answer: Any) -> None:
    folder = _folder()
    if folder is not None:
        with contextlib.suppress(OSError):
            write_whole(folder / name, json.dumps(answer))
