"""The second decision: whether a reviewed change set is executed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from oaktree_cfn.errors import Refused
from oaktree_cfn.review.verdict import Verdict


class Consent(Enum):
    """What the person, or the environment's policy, said to the review."""

    GIVEN = "given"
    DECLINED = "declined"
    NOBODY_TO_ASK = "nobody to ask"


@dataclass(frozen=True, slots=True)
class Execute:
    """Run the change set that was reviewed, by its ARN."""

    change_set_id: str


@dataclass(frozen=True, slots=True)
class Discard:
    """Take the change set back. ``error`` is what to tell."""

    error: Refused


def decide(change_set_id: str, verdict: Verdict, consent: Consent) -> Execute | Discard:
    """Execute only what no gate refuses and somebody agreed to."""
    if verdict.refused:
        return Discard(Refused(verdict.message, verdict.advice))
    match consent:
        case Consent.GIVEN:
            return Execute(change_set_id)
        case Consent.DECLINED:
            return Discard(Refused("Declined: nothing was changed.", "Run the same command again when you are ready."))
        case Consent.NOBODY_TO_ASK:
            return Discard(
                Refused("There is no terminal to ask on, and no consent was given: nothing was changed.", "Add --yes.")
            )
