"""A review for a terminal: one branch a stack, worst first, and for each property what it was and what it becomes.

Every kind of change has a sign and a word; colour only repeats them. It reads from 60 columns on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.text import Text
from rich.tree import Tree

from oaktree_cfn.models import KNOWN_AFTER_APPLY
from oaktree_cfn.review.review import NEW_REVISION, Action, Entry, PropertyChange, Review
from oaktree_cfn.terminal.words import count, printable

LONGEST_VALUE = 120
"""Characters of one value; the middle of a longer one is left out."""

_SIGNS = {
    Action.ADD: ("+", "green"),
    Action.MODIFY: ("~", "yellow"),
    Action.MAY_REPLACE: ("!?", "bold red"),
    Action.REPLACE: ("!", "bold red"),
    Action.REMOVE: ("-", "bold red"),
    Action.IMPORT: ("=", "cyan"),
    Action.UNKNOWN: ("??", "bold red"),
}
_SUMMARY = {
    Action.UNKNOWN: "unknown",
    Action.REMOVE: "to remove",
    Action.REPLACE: "to replace",
    Action.MAY_REPLACE: "may be replaced",
    Action.MODIFY: "to modify",
    Action.IMPORT: "to import",
    Action.ADD: "to add",
}
"""How many of each, worst first."""


def render(review: Review) -> Tree:
    """The whole review."""
    tree = Tree(Text.assemble((review.stack_name, "bold"), f": {summary(review)}"), guide_style="dim")
    branches: dict[tuple[str, ...], Tree] = {(): tree}
    for entry in review.entries:
        if entry.certain:
            _add_entry(_branch(branches, entry.path[:-1]), entry)
    _add_footnotes(tree, review)
    return tree


def summary(review: Review) -> str:
    """One line: how many resources meet with what."""
    certain = [entry for entry in review.entries if entry.certain]
    revisions = [entry for entry in certain if entry.note == NEW_REVISION]
    numbers = Counter(entry.action for entry in certain if entry.note != NEW_REVISION)
    parts = [f"{numbers[action]} {words}" for action, words in _SUMMARY.items() if numbers[action]]
    if revisions:
        parts.append(count(len(revisions), NEW_REVISION))
    return ", ".join(parts) or "outputs, tags or metadata only"


def _branch(branches: dict[tuple[str, ...], Tree], path: tuple[str, ...]) -> Tree:
    if path not in branches:
        branches[path] = _branch(branches, path[:-1]).add(Text(path[-1], "bold"))
    return branches[path]


def _add_entry(tree: Tree, entry: Entry) -> None:
    sign, style = _SIGNS[entry.action]
    if entry.note == NEW_REVISION:
        sign, style = "~", "yellow"
    word = entry.note if entry.note == NEW_REVISION else str(entry.action)
    node = tree.add(
        Text.assemble((f"{sign} {word}", style), " ", (entry.path[-1], "bold"), " ", (printable(entry.type), "dim"))
    )
    if entry.note and entry.note != NEW_REVISION:
        node.add(Text(printable(entry.note), "red"))
    if entry.action is Action.REMOVE and entry.policy in {"Retain", "Snapshot"}:
        node.add(Text("stays in the account" if entry.policy == "Retain" else "leaves a snapshot", "dim"))
    for change in entry.properties:
        if change.told and not _settles_later(change):
            node.add(_property(change, entry))
    _add_names(node, "known only after apply", filter(_settles_later, entry.properties))
    _add_names(node, "also named, without values", (change for change in entry.properties if not change.told))


def _settles_later(change: PropertyChange) -> bool:
    """Whether there is nothing to compare yet, and nothing to fear from it."""
    return change.after == KNOWN_AFTER_APPLY and change.recreates != "Always"


def _property(change: PropertyChange, entry: Entry) -> Text:
    text = Text.assemble((printable(change.name), "italic"), ": ", _value(change.before), " → ", _value(change.after))
    if change.recreates == "Always" and entry.note != NEW_REVISION:
        text.append("  forces a new one", "red")
    return text


def _value(value: str | None) -> Text:
    if value is None:
        return Text("(none)", "dim")
    if KNOWN_AFTER_APPLY in value:
        value = value.replace(KNOWN_AFTER_APPLY, "(known after apply)")
    value = printable(value) or '""'
    if len(value) > LONGEST_VALUE:
        half = LONGEST_VALUE // 2
        value = f"{value[:half]} … {value[-half:]}"
    return Text(value)


def _add_names(node: Tree, title: str, properties: Iterable[PropertyChange]) -> None:
    names = [printable(change.name) for change in properties]
    if names:
        node.add(Text(f"{title}: {', '.join(names)}", "dim"))


def _add_footnotes(tree: Tree, review: Review) -> None:
    vague = [entry.place for entry in review.entries if not entry.certain]
    if vague:
        tree.add(Text(f"may be touched, values stay as far as CloudFormation can tell: {', '.join(vague)}", "dim"))
    if review.untouched:
        tree.add(Text(f"nothing changes inside: {', '.join(review.untouched)}", "dim"))
