"""Keeping secrets out of a review. Pure.

A value is a secret when it was given as one (NoEcho), or stands under a name that says so, as a property or as an
environment variable of a container. It is then hidden *wherever* it appears, not only there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oaktree_cfn.models import Change

HIDDEN = "(hidden)"

_SECRET_NAME = re.compile(
    r"pass(word|wd|phrase)|secret|token|credential|private_?key|api_?key|access_?key|auth|connection_?string|dsn$",
    re.IGNORECASE,
)
_HARMLESS_NAME = re.compile(r"(arn|name|id|path|url|type|enabled|length|authorizationconfig)$", re.IGNORECASE)
_SHORTEST = 4
"""Values shorter than this are not searched for elsewhere: hiding every ``1`` would hide the review."""


def secret_name(name: str) -> bool:
    """Whether a name announces a secret (``DB_PASSWORD``), and not merely something about one (``SecretArn``)."""
    return bool(_SECRET_NAME.search(name)) and not _HARMLESS_NAME.search(name)


@dataclass(frozen=True, slots=True)
class Redactor:
    """Hides secret values in texts that are about to be shown."""

    values: frozenset[str]

    @classmethod
    def of(cls, changes: Iterable[Change], known: Iterable[str] = ()) -> Redactor:
        """From the values known to be secret, and those that stand under secret names in the changes."""
        found = {value for change in changes for context in (change.before, change.after) for value in _found(context)}
        return cls(frozenset(value for value in {*found, *known} if len(value) >= _SHORTEST))

    def __call__(self, name: str, text: str | None) -> str | None:
        """``text``, which stands under ``name``, without its secrets."""
        if text is None:
            return None
        if secret_name(name.rpartition("/")[2]):
            return HIDDEN
        for value in sorted(self.values, key=len, reverse=True):
            text = text.replace(value, HIDDEN)
        return text


def _found(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        named = value.get("Name")
        if isinstance(named, str) and secret_name(named) and isinstance(value.get("Value"), str):
            yield value["Value"]
        for key, inner in value.items():
            if isinstance(inner, str) and secret_name(str(key)):
                yield inner
            else:
                yield from _found(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _found(inner)
