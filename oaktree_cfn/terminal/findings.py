"""A review as findings on lines of templates: what SARIF and a build's annotations say, worst first.

Every entry is one finding and every consequence another; refusals raise the finding they stand for. A resource that the
templates no longer hold is placed at the nested stack around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.review.review import Action, Entry, Label, Review
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.template.places import Places, nearest
from oaktree_cfn.terminal import arrangement

RULES = {
    "unknown": "CloudFormation says something this version does not know; judged at its worst.",
    "remove": "A resource is removed.",
    "replace": "A resource is replaced by a new one.",
    "may-replace": "A resource may be replaced by a new one.",
    "new-revision": "A task definition gets a new revision; this is how ECS ships.",
    "modify": "A resource is changed in place.",
    "import": "A resource that exists is taken into the stack.",
    "add": "A resource is added.",
    "consequence": "What a change means for data, access, reach, availability or cost.",
    "refused": "A gate refuses something that no single resource stands for.",
    "remark": "A sentence about the whole change set.",
}
"""Every kind of finding, described."""

LEVELS = ("error", "warning", "note")
_SEVERITIES = {Severity.REFUSE: "error", Severity.ASK: "warning", Severity.NOTE: "note"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to say. ``file`` is empty, and ``line`` 0, where no template holds the place."""

    rule: str
    level: str
    place: str
    text: str
    file: str = ""
    line: int = 0
    entry: Entry | None = None
    consequence: Consequence | None = None


def findings(review: Review, verdict: Verdict, places: Places) -> list[Finding]:
    """All of them, errors first."""
    refused: dict[str, str] = {}
    for refusal in verdict.refusals:
        earlier = refused.get(refusal.place)
        refused[refusal.place] = f"{earlier}; {refusal.reason}" if earlier else refusal.reason
    found = [*_entries(review, refused, places), *_meanings(review, places), *_others(review, verdict)]
    return sorted(found, key=lambda finding: LEVELS.index(finding.level))


def _entries(review: Review, refused: dict[str, str], places: Places) -> Iterator[Finding]:
    for entry in review.entries:
        level = "error" if entry.place in refused else _level(entry)
        name = next((change.name for change in entry.properties if arrangement.forces(change, entry)), "")
        file, line = _spot(entry.path, name or _first(entry), places)
        sign = arrangement.sign(entry)
        text = _sentence(entry, refused.get(entry.place, ""))
        yield Finding(sign.word.replace(" ", "-"), level, entry.place, text, file, line, entry)


def _level(entry: Entry) -> str:
    if entry.label is Label.NOISE or not arrangement.losing(entry) or not arrangement.alarming(entry):
        return "note"
    return "warning" if entry.action is Action.MAY_REPLACE else "error"


def _sentence(entry: Entry, refusal: str) -> str:
    names = ", ".join(dict.fromkeys(change.name for change in entry.properties))
    parts = [
        f"{entry.place}: {arrangement.sign(entry).word} {entry.type}",
        f"refused: {refusal}" if refusal else "",
        *arrangement.marks(entry),
        f"changes {arrangement.shortened(names, 400)}" if names else "",
    ]
    return "; ".join(part for part in parts if part)


def _first(entry: Entry) -> str:
    return entry.properties[0].name if entry.properties else ""


def _meanings(review: Review, places: Places) -> Iterator[Finding]:
    for each in review.consequences:
        file, line = _spot(tuple(each.place.split("/")), "", places)
        text = "; ".join((f"{each.place}: {each.text}" if each.place else each.text, *each.details))
        yield Finding("consequence", _SEVERITIES[each.severity], each.place, text, file, line, consequence=each)


def _others(review: Review, verdict: Verdict) -> Iterator[Finding]:
    """What stands at no entry: refusals of whole change sets, remarks, stacks left alone."""
    places = {entry.place for entry in review.entries}
    for refusal in verdict.refusals:
        if refusal.place not in places:
            yield Finding("refused", "error", refusal.place, f"{refusal.place}: refused: {refusal.reason}")
    for remark in review.notes:
        yield Finding("remark", "note", "", remark)
    if review.untouched:
        yield Finding("remark", "note", "", f"nothing changes inside {', '.join(review.untouched)}")


def _spot(path: tuple[str, ...], name: str, places: Places) -> tuple[str, int]:
    place = nearest(places, path)
    if place is None:
        return "", 0
    return place.file.as_posix(), place.line_of(name) if places.get(path) is place and name else place.line
