"""A review as one HTML file: no network, readable without script, dark and light, on paper and in 400 columns.

What a template or AWS says is escaped and made printable here, never marked as safe; the content security policy allows
the page's own style and script by their hash and nothing else. Stacks in which something is lost open by themselves.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import takewhile
from typing import Any

import jinja2
from markupsafe import Markup

from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.review.review import Entry, Label, Part, PropertyChange, Review
from oaktree_cfn.review.verdict import Refusal, Verdict
from oaktree_cfn.terminal import arrangement
from oaktree_cfn.terminal.arrangement import Section, Tone
from oaktree_cfn.terminal.words import count, printable

LIMIT = 2_000_000
"""Bytes of the page, as long as names alone do not need more."""

MOST = 12
"""Refusals and consequences that stand open; further ones are folded away below them."""
OVERSEEN = 60
"""Resources up to which stacks open by themselves; of more, a reader chooses."""

_VALUES = (4_000, 400, arrangement.LONGEST_VALUE, 0)
"""Characters of one value, in turn, until the page is small enough; 0 leaves the values out."""

REFUSED = "refused"
_TONES = {
    **{sign.word: sign.tone for sign in arrangement.SIGNS.values()},
    arrangement.REVISION.word: Tone.CHANGE,
    REFUSED: Tone.DANGER,
}
_SEVERITIES = {Severity.REFUSE: Tone.DANGER, Severity.ASK: Tone.CHANGE, Severity.NOTE: Tone.CALM}


def render(review: Review, verdict: Verdict) -> str:
    """The page."""
    page = ""
    for longest in _VALUES:
        page = _template().render(page=_page(review, verdict, longest), **_ours())
        if len(page.encode()) <= LIMIT:
            break
    return page + "\n"


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    return environment.from_string(_file("review.html.j2"))


@cache
def _ours() -> dict[str, Any]:
    """Style and script, and the hashes by which the policy lets them pass."""
    style, script = _file("review.css"), _file("review.js")
    return {
        "style": Markup(style),  # noqa: S704  # ours, from this package
        "script": Markup(script),  # noqa: S704  # ours, from this package
        "style_hash": _hash(style),
        "script_hash": _hash(script),
    }


def _file(name: str) -> str:
    return resources.files("oaktree_cfn.terminal").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


# The page as plain values


def _page(review: Review, verdict: Verdict, longest: int) -> dict[str, Any]:
    refused = {refusal.place for refusal in verdict.refusals}
    few = len(review.entries) <= OVERSEEN
    return {
        "stack": printable(review.stack_name),
        "summary": arrangement.summary(review),
        "creates": review.creates,
        "refusals": [Refusal(printable(each.place), printable(each.reason)) for each in verdict.refusals],
        "advice": _advice(verdict),
        "most": MOST,
        "unused": list(map(printable, verdict.unused)),
        "pressing": [_consequence(each) for each in review.consequences if each.severity is not Severity.NOTE],
        **_notes(review),
        "remarks": list(map(printable, review.notes)),
        "words": _words(review, refused),
        "stacks": [_stack(section, refused, longest, few) for section in arrangement.sections(review)],
        "untouched": list(map(printable, review.untouched)),
        "parts": list(map(_part, review.parts)),
        "cut": _cut(review, longest),
    }


def _advice(verdict: Verdict) -> tuple[str, str]:
    """The sentence, and what to type."""
    sentence, dashes, options = printable(verdict.advice).partition("--allow")
    return sentence.strip(), dashes + options


def _part(part: Part) -> Part:
    return replace(
        part,
        place=printable(part.place),
        stack_name=printable(part.stack_name),
        change_set_id=printable(part.change_set_id),
        status=printable(part.status),
        reason=printable(part.reason),
    )


def _notes(review: Review) -> dict[str, Any]:
    """The consequences that nobody has to answer, folded away below the others."""
    found = [_consequence(each) for each in review.consequences if each.severity is Severity.NOTE]
    return {"notes": found, "noted": count(len(found), "note")}


def _consequence(each: Consequence) -> dict[str, Any]:
    return {
        "severity": str(each.severity),
        "tone": str(_SEVERITIES[each.severity]),
        "kind": printable(each.kind),
        "place": printable(each.place),
        "text": printable(each.text),
        "details": list(map(printable, each.details)),
    }


def _words(review: Review, refused: set[str]) -> list[tuple[str, int, str]]:
    """What can be filtered for: the verdict first, then every kind of change."""
    number = sum(entry.place in refused for entry in review.entries)
    return [*([(REFUSED, number, str(Tone.DANGER))] if number else []), *_toned(review.entries)]


def _toned(entries: Iterable[Entry]) -> list[tuple[str, int, str]]:
    numbers = arrangement.counts(entries).items()
    return [(word, number, str(_TONES.get(word, Tone.CALM))) for word, number in numbers]


def _stack(section: Section, refused: set[str], longest: int, few: bool) -> dict[str, Any]:
    return {
        "name": printable(section.name) or "The root stack",
        "words": _toned(section.entries),
        "open": few and any(map(arrangement.alarming, section.entries)),
        "entries": [_entry(entry, entry.place in refused, longest) for entry in section.entries],
    }


def _entry(entry: Entry, refused: bool, longest: int) -> dict[str, Any]:
    sign = arrangement.sign(entry)
    return {
        "word": arrangement.word(entry),
        "letters": sign.letters,
        "verb": sign.word,
        "tone": str(sign.tone),
        "name": printable(entry.path[-1]),
        "type": printable(entry.type),
        "physical_id": printable(entry.physical_id),
        "policy": printable(entry.policy),
        "refused": refused,
        "open": refused,
        "tags": _tags(entry),
        "marks": list(map(printable, arrangement.marks(entry))),
        "rows": [_row(change, entry, longest) for change in entry.properties if change.told and longest],
        "untold": ", ".join(printable(change.name) for change in entry.properties if not (change.told and longest)),
    }


def _tags(entry: Entry) -> list[str]:
    label = [] if entry.label is Label.REAL else [str(entry.label)]
    return label if entry.certain else [*label, arrangement.TOUCHED]


@dataclass(frozen=True, slots=True)
class _Parts:
    """A value in three: what both sides begin with, what differs, what both end with."""

    head: str
    middle: str
    tail: str


def _row(change: PropertyChange, entry: Entry, longest: int) -> dict[str, Any]:
    before, after = _sides(change, longest)
    return {
        "name": printable(change.name),
        "before": before,
        "after": after,
        "forces": arrangement.forces(change, entry),
        "causes": printable(", ".join(change.causes)),
    }


def _sides(change: PropertyChange, longest: int) -> tuple[_Parts | None, _Parts | None]:
    before, after = (
        None if side is None else arrangement.value(side, longest) for side in (change.before, change.after)
    )
    if before is None or after is None:
        return _whole(before), _whole(after)
    head = _shared(before, after)
    tail = _shared(before[head:][::-1], after[head:][::-1])
    while head and any(_within_word(side, head) for side in (before, after)):
        head -= 1
    while tail and any(_within_word(side, len(side) - tail) for side in (before, after)):
        tail -= 1
    return _parts(before, head, tail), _parts(after, head, tail)


def _within_word(text: str, place: int) -> bool:
    """Whether a cut there would part a word, which reads worse than a whole word that differs."""
    return 0 < place < len(text) and text[place - 1].isalnum() and text[place].isalnum()


def _whole(text: str | None) -> _Parts | None:
    return None if text is None else _Parts("", "", text)


def _shared(one: str, other: str) -> int:
    """How many letters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _parts(text: str, head: int, tail: int) -> _Parts:
    end = len(text) - tail
    return _Parts(text[:head], text[head:end], text[end:])


def _cut(review: Review, longest: int) -> str:
    values = [
        side for entry in review.entries for each in entry.properties for side in (each.before, each.after) if side
    ]
    long = sum(len(value) > longest for value in values)
    if not long:
        return ""
    what = f"the middle of {count(long, 'long value')}" if longest else f"{count(long, 'value')}"
    return f"Left out here: {what}. --format json holds everything."
