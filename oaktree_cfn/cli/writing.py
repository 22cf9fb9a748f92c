"""Files that a command line asks for, and what to say where they cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oaktree_cfn.errors import InvalidInput


@contextmanager
def writing(path: Path, option: str) -> Iterator[None]:
    """Raise InvalidInput for what is done inside and cannot write ``path``, or a file below it."""
    try:
        yield
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be written: {error.strerror}", f"Give another place: {option}.") from error
