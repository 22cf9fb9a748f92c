"""What a version is called, and what people read of it: from the changelog's newest section. (keepachangelog.com)"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

LONGEST = 1000
"""Characters of a description: the catalog's form shows no more."""

_SECTION = re.compile(r"^## \[?([^\]\s]+)\]?.*$", re.MULTILINE)
_UNRELEASED = "unreleased"


@dataclass(frozen=True, slots=True)
class Section:
    """The newest section: the release it is about, and its text."""

    release: str
    text: str


def newest(changelog: str) -> Section:
    """The first section that says anything; ``unreleased`` where there is none."""
    found = list(_SECTION.finditer(changelog))
    ends = [*(match.start() for match in found), len(changelog)][1:]
    for match, end in zip(found, ends, strict=False):  # without any section there is one end too many
        text = changelog[match.end() : end].strip()
        if text:
            return Section(match[1].lower(), text)
    return Section(_UNRELEASED, "")


def name(section: Section, digest: str, taken: Collection[str]) -> str:
    """The release's name, once; where it is taken or nothing is released, with the beginning of the template's hash.

    >>> name(Section("1.2.0", ""), "0a1b2c3d4e", ())
    '1.2.0'
    >>> name(Section("1.2.0", ""), "0a1b2c3d4e", ("1.2.0",))
    '1.2.0-0a1b2c3d'
    """
    released = section.release != _UNRELEASED and section.release not in taken
    return section.release if released else f"{section.release}-{digest[:8]}"


def description(section: Section) -> str:
    """Its text, cut at the end of a line where it is too long."""
    if len(section.text) <= LONGEST:
        return section.text or "No changelog"
    return section.text[:LONGEST].rpartition("\n")[0] + "\n…"
