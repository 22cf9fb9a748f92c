"""What this version cannot judge: enum values it does not know, nested stacks it cannot look into."""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.review.action import unknown
from oaktree_cfn.review.changed import Changes
from oaktree_cfn.review.consequence import Consequence, Severity


def find(changes: Changes) -> Iterator[Consequence]:
    """One consequence for each change that holds something unknown."""
    for changed in changes:
        reason = unknown(changed.change)
        if reason:
            yield Consequence("unknown", changed.place, Severity.REFUSE, reason)
