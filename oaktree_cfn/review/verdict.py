"""What the gates say of a review."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """One change that a gate does not let through: where, and why."""

    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All refusals, and the allowed paths that were not needed (a typing mistake shows there)."""

    refusals: tuple[Refusal, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether anything stands against executing."""
        return bool(self.refusals)

    @property
    def message(self) -> str:
        """All refusals, one a line."""
        lines = "\n".join(f"  {refusal.place}: {refusal.reason}" for refusal in self.refusals)
        return f"A gate refuses this; nothing was changed.\n{lines}"

    @property
    def advice(self) -> str:
        """What to type to let exactly these changes through."""
        places = dict.fromkeys(refusal.place for refusal in self.refusals)
        options = " ".join(f"--allow {shlex.quote(place)}" for place in places)
        return f"If this is really meant: {options}"
