"""Which resource types take tags as a list of keys and values.

``taggable.txt`` is drawn from the resource types' schemas, which the Lambda function does not carry; a test compares them.
"""

from __future__ import annotations

from functools import cache


@cache
def types() -> frozenset[str]:
    """The resource types."""
    from importlib import resources  # one macro in three needs it, and every cold start would pay for it

    return frozenset(resources.files(__package__).joinpath("taggable.txt").read_text(encoding="ascii").split())


def taggable(kind: str) -> bool:
    """Whether resources of this type have a property ``Tags`` that is a list of ``{Key, Value}``."""
    return kind in types()
