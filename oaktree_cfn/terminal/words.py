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
    """A text from outside without what would steer a terminal or a build's log.

    Control characters become visible escapes, and so does the bracket of ``##[``, which a runner would take for a command
    anywhere in a line.
    """
    if text.isascii() and text.isprintable() and "##[" not in text:
        return text
    shown = (letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)
    return "".join(shown).replace("##[", r"##\x5b")


def lines_of_log(text: str) -> str:
    """Lines from outside for a log: printable each, and none that a runner would take for a workflow command."""
    return "\n".join(_line_of_log(printable(line)) for line in text.split("\n"))


def _line_of_log(line: str) -> str:
    rest = line.lstrip()
    return f"{line[: len(line) - len(rest)]}\\x3a{rest[1:]}" if rest.startswith("::") else line
