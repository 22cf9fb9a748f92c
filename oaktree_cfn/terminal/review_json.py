"""A review for programs: one JSON document, described by ``docs/review.schema.json``.

Keys stand in a fixed order. ``version`` grows when a reader of an older one could be misled; new members alone do not
raise it. Every text is as the review holds it: secrets are out, nothing is shortened.
"""

from __future__ import annotations

import json
from typing import Any

from oaktree_cfn.review.consequence import Consequence
from oaktree_cfn.review.review import Entry, Part, PropertyChange, Review
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.terminal import arrangement

VERSION = 1


def render(review: Review, verdict: Verdict) -> str:
    """The document, indented, with a line's end at its end."""
    return harmless(json.dumps(document(review, verdict), indent=2, ensure_ascii=False)) + "\n"


def harmless(text: str) -> str:
    """JSON that a build's log cannot take for a command: no value starts a line, and ``##[`` is written as an escape."""
    if not text.replace("\n", "").isprintable():
        text = "".join(letter if letter.isprintable() or letter == "\n" else _escaped(letter) for letter in text)
    return text.replace("##[", r"#\u0023[")


def _escaped(letter: str) -> str:
    return json.dumps(letter)[1:-1]


def document(review: Review, verdict: Verdict) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "version": VERSION,
        "stack": {"name": review.stack_name, "id": review.stack_id},
        "change_set": review.change_set_id,
        "creates": review.creates,
        "summary": arrangement.summary(review),
        "counts": arrangement.counts(review.entries),
        "verdict": _verdict(verdict),
        "consequences": [consequence(each) for each in review.consequences],
        "remarks": list(review.notes),
        "entries": [entry(each) for each in review.entries],
        "untouched": list(review.untouched),
        "change_sets": [_part(part) for part in review.parts],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "refused": verdict.refused,
        "refusals": [{"place": refusal.place, "reason": refusal.reason} for refusal in verdict.refusals],
        "advice": verdict.advice if verdict.refused else "",
        "unused": list(verdict.unused),
    }


def consequence(each: Consequence) -> dict[str, Any]:
    """One consequence."""
    return {
        "kind": each.kind,
        "place": each.place,
        "severity": str(each.severity),
        "text": each.text,
        "details": list(each.details),
    }


def entry(each: Entry) -> dict[str, Any]:
    """One resource. ``word`` is what it is counted under, ``action`` what would happen to it."""
    return {
        "place": each.place,
        "path": list(each.path),
        "action": str(each.action),
        "word": arrangement.word(each),
        "type": each.type,
        "physical_id": each.physical_id,
        "risk": each.risk,
        "certain": each.certain,
        "label": str(each.label),
        "why": each.why,
        "note": each.note,
        "policy": each.policy,
        "properties": [_property(change) for change in each.properties],
    }


def _property(change: PropertyChange) -> dict[str, Any]:
    return {
        "name": change.name,
        "before": change.before,
        "after": change.after,
        "recreates": change.recreates,
        "causes": list(change.causes),
        "told": change.told,
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "place": part.place,
        "stack": part.stack_name,
        "id": part.change_set_id,
        "status": part.status,
        "reason": part.reason,
        "sound": part.sound,
    }
