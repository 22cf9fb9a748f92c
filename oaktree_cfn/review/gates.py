"""The gates: changes to what exists that somebody must allow by name. Pure.

They judge consequences. What each one deserves by itself is its severity: data at stake, more access, new reach from the
internet and what this version does not understand refuse. An environment's policy moves that in both directions, and
protects paths on which nothing that exists may change at all::

    [review]
    refuse = ["cost", "access:ask"]   # kinds that refuse; ":ask" leaves what is only a note
    notice = ["network:ask"]          # kinds that are only shown; ":ask" leaves what refuses
    protected = ["Data/*"]            # paths, with the shell's wildcards

A first create has nothing to lose and just asks. A gate is opened for one path at a time. A change set that failed, or is
not complete, is refused even for a create: what is shown of it may not be all.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from oaktree_cfn.environment import Environment
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.review import consequences, exports
from oaktree_cfn.review.action import REPLACING, Action
from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.review.review import NEW_REVISION, Entry, Label, Part, Review
from oaktree_cfn.review.verdict import Refusal, Verdict

ALWAYS_REFUSED = frozenset({"unknown"})
"""Kinds that no policy may make harmless: nobody can tell what they are."""

_ORDER = (Severity.NOTE, Severity.ASK, Severity.REFUSE)


def kinds() -> tuple[str, ...]:
    """The kinds of consequence that a policy can name."""
    return tuple(sorted({*consequences.kinds(), exports.KIND}))


@dataclass(frozen=True, slots=True)
class Policy:
    """An environment's own rules. ``refuse`` and ``notice`` hold ``kind`` or ``kind:severity``, ``protected`` paths."""

    refuse: tuple[str, ...] = ()
    notice: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()

    @classmethod
    def of(cls, environment: Environment) -> Policy:
        """The policy of an environment file. Raises InvalidInput for a kind or severity that there is not."""
        problems = [
            f"{environment.path}: review.{key}: {problem}"
            for key, rules in (("refuse", environment.refuse), ("notice", environment.notice))
            for rule in rules
            if (problem := _problem(rule, key))
        ]
        if problems:
            raise InvalidInput("\n".join(problems), f"Correct {environment.path}.")
        return cls(environment.refuse, environment.notice, environment.protected)

    def severity(self, consequence: Consequence) -> Severity:
        """What a consequence deserves here. Where both lists name it, refusing wins."""
        if any(_names(rule, consequence, lowest=Severity.NOTE) for rule in self.refuse):
            return Severity.REFUSE
        if consequence.kind in ALWAYS_REFUSED:
            return consequence.severity
        noticed = any(_names(rule, consequence, highest=Severity.REFUSE) for rule in self.notice)
        return Severity.NOTE if noticed else consequence.severity

    def protects(self, entry: Entry) -> str:
        """The pattern that protects what the entry changes, empty when none does."""
        if entry.action in {Action.ADD, Action.IMPORT} or not entry.certain or _stays(entry):
            return ""
        whole = entry.action in {Action.REMOVE, Action.UNKNOWN} or entry.action in REPLACING
        return next((pattern for pattern in self.protected if _covers(pattern, entry, whole)), "")


def _problem(rule: str, key: str) -> str:
    kind, colon, severity = rule.partition(":")
    known = kinds()
    if kind not in known:
        close = difflib.get_close_matches(kind, known, n=1)
        meant = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}"
        return f"{kind!r} is no kind of consequence{meant}"
    if colon and severity not in set(Severity):
        return f"{rule!r}: after the colon stands note, ask or refuse"
    if key == "notice" and kind in ALWAYS_REFUSED:
        return f"{kind} cannot be made harmless: it is what this version does not understand"
    return ""


def _names(rule: str, each: Consequence, lowest: Severity | None = None, highest: Severity | None = None) -> bool:
    """Whether a rule is about a consequence: ``refuse`` from its severity upwards, ``notice`` from it downwards."""
    kind, _, limit = rule.partition(":")
    if kind != each.kind:
        return False
    rank = _ORDER.index(each.severity)
    if highest is not None:
        return rank <= _ORDER.index(Severity(limit or highest))
    return rank >= _ORDER.index(Severity(limit or lowest or Severity.NOTE))


def _stays(entry: Entry) -> bool:
    """Whether nothing happens to it at all; what is only not replaced still changes."""
    return entry.label is Label.NOISE and not (entry.action in REPLACING and "in place" in entry.why)


def _covers(pattern: str, entry: Entry, whole: bool) -> bool:
    """Whether a pattern names the entry or, where all of a stack goes, something that may lie within it."""
    if fnmatchcase(entry.place, pattern):
        return True
    parts = pattern.split("/")
    heads = ("/".join(parts[:length]) for length in range(1, len(parts)))
    return whole and any(fnmatchcase(entry.place, head) for head in heads)


def judge(review: Review, allowed: Collection[str] = (), policy: Policy = Policy()) -> Verdict:
    """What the gates say. ``allowed`` holds paths below the root stack, as ``--allow`` takes them.

    What belongs to no path (a sum over all stacks) goes by the root stack's name.
    """
    found = dict.fromkeys(_refusals(review, policy))
    places = {refusal.place for refusal in found}
    return Verdict(
        refusals=tuple(refusal for refusal in found if refusal.place not in allowed),
        unused=tuple(path for path in allowed if path not in places),
    )


def _refusals(review: Review, policy: Policy) -> Iterator[Refusal]:
    for part in review.parts:
        if not part.sound:
            yield Refusal(part.place or review.stack_name, _failure(part))
    if review.creates:
        return
    for entry in review.entries:
        if pattern := policy.protects(entry):
            yield Refusal(entry.place, f"would {_verb(entry)}, and {pattern} is protected in this environment")
    for each in review.consequences:
        if policy.severity(each) is Severity.REFUSE:
            yield Refusal(each.place or review.stack_name, each.text)


def _failure(part: Part) -> str:
    return f"its change set is {part.status or 'in no status'}, so what is shown may not be all: {part.reason or 'no reason is given'}"


def _verb(entry: Entry) -> str:
    if entry.note == NEW_REVISION:
        return "get a new revision"
    return {
        Action.REMOVE: "be removed",
        Action.REPLACE: "be replaced",
        Action.MAY_REPLACE: "perhaps be replaced",
        Action.MODIFY: "be modified",
    }.get(entry.action, "change in an unknown way")
