"""The file that a template came from, so that what is wrong can be told with its line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from oaktree_cfn.template.read import Lines


@dataclass(frozen=True)
class Source:
    """A file's name, and its text where that is known."""

    name: str
    text: str = ""

    @cached_property
    def lines(self) -> Lines:
        """Where everything stands in it; looked for when something is wrong, not before."""
        return Lines(self.text)

    def at(self, message: str) -> str:
        """The message with the file, and the line of the path that it begins with."""
        path, line = self.lines.nearest(message.partition(": ")[0])
        return f"{self.name}:{line}: {message}" if path else f"{self.name}: {message}"
