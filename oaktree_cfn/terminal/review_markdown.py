"""A review as Markdown for a pull-request comment: one collapsible block a stack, whatever a template says kept harmless.

GitHub takes 65,536 characters. What does not fit is left out in steps, the least telling first, and what was left out is
counted and named at the end; a removal or replacement is the last thing to lose even its values. The first line is a mark
by which a workflow finds its comment again. Names and values stand in code spans, in which nothing is markup, a mention or
a reference; sentences have every such sign escaped or parted by a zero-width space.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from oaktree_cfn.review.consequence import Severity
from oaktree_cfn.review.review import OFFLINE, Entry, PropertyChange, Review
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.terminal import arrangement
from oaktree_cfn.terminal.arrangement import Section, losing
from oaktree_cfn.terminal.words import count, printable

LIMIT = 65_536
"""What a comment may hold. Counted in bytes, which are never fewer than characters."""

_GAP = "\u200b"
_ESCAPES = str.maketrans(
    {
        **{letter: f"\\{letter}" for letter in "\\`*_{}[]()|~!"},
        **{letter: f"{letter}{_GAP}" for letter in "@#"},
        **{"<": "&lt;", ">": "&gt;", "&": "&amp;", "$": "&#36;"},
    }
)
_LINK = re.compile(r"(?i)(www)(?=\.)|(:)(?=//)|(GH)(?=-\d)")
_SEVERITIES = {Severity.REFUSE: "⛔ refuse", Severity.ASK: "⚠️ ask", Severity.NOTE: "note"}


@dataclass(frozen=True, slots=True)
class _Room:
    """How much is shown. ``value``: characters of one value; the rest: whether the thing is shown at all."""

    value: int = arrangement.LONGEST_VALUE
    calm_properties: bool = True
    calm: bool = True
    properties: bool = True
    meaning: bool = True
    lines: bool = True
    names: bool = True
    stacks: bool = True


_ROOMS = (
    _Room(),
    _Room(40),
    _Room(40, calm_properties=False),
    _Room(40, calm_properties=False, calm=False),
    _Room(40, calm_properties=False, calm=False, properties=False),
    _Room(40, calm_properties=False, calm=False, properties=False, meaning=False),
    _Room(40, calm_properties=False, calm=False, properties=False, meaning=False, lines=False),
    _Room(40, calm_properties=False, calm=False, properties=False, meaning=False, lines=False, names=False),
    _Room(40, False, False, False, False, False, False, False),
)
"""From everything to the bare numbers."""


def render(review: Review, verdict: Verdict) -> str:
    """The comment, at most ``LIMIT`` bytes of UTF-8."""
    pages = (_page(review, verdict, room) for room in _ROOMS)
    return next(page for page in pages if len(page.encode()) <= LIMIT)


def marker(stack_name: str) -> str:
    """The first line of a stack's comment, by which to find it again."""
    return f"<!-- oaktree-review: {re.sub(r'[^A-Za-z0-9-]', '_', stack_name)[:128]} -->"


def missing(stack_name: str, log: str = "") -> str:
    """The comment where no review came about, so that nobody approves by an older one. ``log``: the address of the log."""
    why = f"[the log]({log})" if log else "the job's log"
    heading = f"### {code(stack_name[:128])}: no review of the latest commit"
    return f"{marker(stack_name)}\n\n{heading}\n\n⛔ **The review did not come about**: {why} says why.\n"


def _page(review: Review, verdict: Verdict, room: _Room) -> str:
    first, _, rest = OFFLINE.partition(": ")
    blocks = [
        marker(review.stack_name),
        f"### {code(review.stack_name[:128])}: {arrangement.summary(review)}",
        f"> **{first}**: {rest}" if review.offline else "",
        *_verdict(verdict, room),
        *_meaning(review, room),
        *(_section(section, room) for section in arrangement.sections(review) if room.stacks),
        *_footnotes(review, room),
        *_cut(review, room),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


# Beside the entries


def _verdict(verdict: Verdict, room: _Room) -> Iterator[str]:
    if not verdict.refused:
        yield "✅ **No gate refuses this.**"
    elif room.meaning:
        yield "⛔ **A gate refuses this.**"
        yield _list(f"{code(refusal.place)}: {prose(refusal.reason)}" for refusal in verdict.refusals)
        yield f"{prose(verdict.advice.partition('--allow')[0].strip())} {code(_options(verdict))}"
    else:
        yield f"⛔ **The gates refuse this change set** in {count(len(verdict.refusals), 'place')}."
    if verdict.unused and room.meaning:
        yield f"No gate asks about {_codes(verdict.unused)}, which `--allow` names."


def _options(verdict: Verdict) -> str:
    _, dashes, rest = verdict.advice.partition("--allow")
    return f"{dashes}{rest}" if dashes else " ".join(f"--allow {refusal.place}" for refusal in verdict.refusals)


def _meaning(review: Review, room: _Room) -> Iterator[str]:
    if not review.consequences:
        return
    if not room.meaning:
        yield f"**What it means**: {count(len(review.consequences), 'consequence')}."
        return
    yield "**What it means**"
    yield "\n".join(
        line
        for each in review.consequences
        for line in (
            f"- **{_SEVERITIES[each.severity]}** · {prose(each.kind)} · {code(each.place)}: {prose(each.text)}",
            *(f"  - {prose(detail)}" for detail in each.details if room.properties),
        )
    )


def _footnotes(review: Review, room: _Room) -> Iterator[str]:
    yield _list(prose(remark) for remark in review.remarks if room.meaning)
    yield _list(
        f"the change set of {code(part.place or part.stack_name)} is {prose(part.status)}: {prose(part.reason)}"
        for part in review.parts
        if not part.sound and room.names
    )
    if review.untouched and room.names:
        yield f"Nothing changes inside {_codes(review.untouched)}."


# Entries


def _section(section: Section, room: _Room) -> str:
    title = f"<b>{_html(section.name or 'the root stack')}</b>: {_html(_numbers(section))}"
    if not room.names:
        return f"- {prose(section.name or 'the root stack')}: {_numbers(section)}"
    lines = [line for entry in section.entries for line in _entry(entry, room)] if room.lines else _names(section)
    if not lines:
        return f"- {code(section.name or 'the root stack')}: {_numbers(section)}"
    opened = " open" if any(map(arrangement.alarming, section.entries)) else ""
    body = "\n".join(lines)
    return f"<details{opened}>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


def _numbers(section: Section) -> str:
    return ", ".join(f"{number} {word}" for word, number in arrangement.counts(section.entries).items())


def _entry(entry: Entry, room: _Room) -> Iterator[str]:
    if not (losing(entry) or room.calm):
        return
    sign = arrangement.sign(entry)
    yield f"- `{sign.letters}` **{sign.word}** {code(entry.path[-1])} {code(entry.type)}"
    for mark in arrangement.marks(entry):
        yield f"  - {prose(arrangement.shortened(mark, 400))}"
    if room.properties if losing(entry) else room.calm_properties:
        yield from _properties(entry, room)


def _properties(entry: Entry, room: _Room) -> Iterator[str]:
    for change in entry.properties:
        if change.told and not arrangement.settles_later(change):
            yield f"  - {_property(change, entry, room)}"
    yield from _named("known only after apply", filter(arrangement.settles_later, entry.properties))
    yield from _named("also named, without values", (change for change in entry.properties if not change.told))


def _property(change: PropertyChange, entry: Entry, room: _Room) -> str:
    before, after = (_value(side, room) for side in (change.before, change.after))
    forced = " **forces a new one**" if arrangement.forces(change, entry) else ""
    return f"{code(arrangement.shortened(change.name, 200))}: {before} → {after}{forced}"


def _value(text: str | None, room: _Room) -> str:
    return "*(none)*" if text is None else code(arrangement.value(text, room.value))


def _named(title: str, changes: Iterable[PropertyChange]) -> Iterator[str]:
    names = [arrangement.shortened(change.name, 200) for change in changes]
    if names:
        yield f"  - {title}: {_codes(names)}"


def _names(section: Section) -> list[str]:
    """What is lost, by kind, its names on one line."""
    groups: dict[str, list[str]] = {}
    for entry in filter(losing, section.entries):
        groups.setdefault(arrangement.sign(entry).word, []).append(arrangement.shortened(entry.path[-1], 40))
    return [f"- **{word}**: {_codes(names)}" for word, names in groups.items()]


# What was left out


def _cut(review: Review, room: _Room) -> Iterator[str]:
    """The note that says what is missing here, and where it stands whole."""
    left = [text for text in _left_out(review, room) if text]
    if left:
        yield f"*Left out here: {'; '.join(left)}. The page (`--format html`) and `--format json` hold everything.*"
    if not room.names:
        lost = sum(map(losing, review.entries))
        yield f"**{count(lost, 'removal or replacement', 'removals and replacements')} do not fit here by name: do not approve from this comment.**"


def _left_out(review: Review, room: _Room) -> Iterator[str]:
    calm = [entry for entry in review.entries if not losing(entry)]
    lost = [entry for entry in review.entries if losing(entry)]
    shown = [*(calm if room.calm_properties else ()), *(lost if room.properties else ())]
    long = sum(_long(change, room) for entry in shown for change in entry.properties)
    yield f"the middle of {count(long, 'long value')}" if long else ""
    if not room.calm:
        yield f"the names of {count(len(calm), 'resource')} neither removed nor replaced" if calm else ""
    elif not room.calm_properties:
        yield f"the values of {count(len(calm), 'resource')} neither removed nor replaced" if calm else ""
    if not room.properties:
        yield f"the values of {count(len(lost), 'resource')} replaced or removed" if lost else ""
    if not room.meaning:
        yield f"{count(len(review.consequences), 'consequence')} and {count(len(review.remarks), 'remark')}"


def _long(change: PropertyChange, room: _Room) -> int:
    return sum(len(side or "") > room.value for side in (change.before, change.after))


# Harmless text


def code(text: str) -> str:
    """A text as a code span: nothing in it is markup, a mention or a reference."""
    shown = printable(text) or "(empty)"
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def prose(text: str) -> str:
    """A text as words within a sentence: no markup, link, image, mention, reference or formula comes of it."""
    return _LINK.sub(rf"\g<0>{_GAP}", printable(text).translate(_ESCAPES))


def _html(text: str) -> str:
    shown = html.escape(printable(text))
    return _LINK.sub(rf"\g<0>{_GAP}", re.sub("[@#](?!x?[0-9a-f]+;)", rf"\g<0>{_GAP}", shown))


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(map(code, texts))


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)
