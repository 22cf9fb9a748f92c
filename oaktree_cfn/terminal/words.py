"""Small texts that several views share."""

from __future__ import annotations

SLOW = 10
"""Seconds from which tenths are of no interest."""


def duration(seconds: float) -> str:
    """``0.4 s``, ``12 s``, ``3 min 05 s``."""
    if seconds < SLOW:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 template``, ``7 templates``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def status(word: str) -> str:
    """A CloudFormation status to read: ``UPDATE_IN_PROGRESS`` as ``update in progress``."""
    return word.replace("_", " ").lower()


def printable(text: str) -> str:
    """A text from outside without what would steer a terminal: control characters become visible escapes."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
