"""A review for a terminal: one branch a stack, worst first, and for each property what it was and what it becomes.

Every kind of change has a sign and a word; colour only repeats them. It reads from 60 columns on.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.text import Text
from rich.tree import Tree

from oaktree_cfn.review.consequence import Severity
from oaktree_cfn.review.review import Entry, PropertyChange, Review
from oaktree_cfn.terminal.arrangement import Tone, forces, marks, settles_later, sign, summary, value
from oaktree_cfn.terminal.words import printable

_STYLES = {Tone.ADD: "green", Tone.CHANGE: "yellow", Tone.DANGER: "bold red", Tone.CALM: "cyan"}

_SEVERITIES = {Severity.REFUSE: "bold red", Severity.ASK: "yellow", Severity.NOTE: "cyan"}


def render(review: Review) -> Tree:
    """The whole review."""
    tree = Tree(Text.assemble((printable(review.stack_name), "bold"), f": {summary(review)}"), guide_style="dim")
    _add_meaning(tree, review)
    branches: dict[tuple[str, ...], Tree] = {(): tree}
    for entry in review.entries:
        if entry.certain:
            _add_entry(_branch(branches, entry.path[:-1]), entry)
    _add_footnotes(tree, review)
    return tree


def _add_meaning(tree: Tree, review: Review) -> None:
    """What the changes mean, above the changes themselves."""
    if not review.consequences:
        return
    meaning = tree.add(Text("what it means", "bold"))
    for each in review.consequences:
        label = (f"{each.severity}", _SEVERITIES[each.severity])
        place = f"{printable(each.place)}: " if each.place else ""
        node = meaning.add(Text.assemble(label, " ", (printable(each.kind), "dim"), f" {place}{printable(each.text)}"))
        for line in each.details:
            node.add(Text(printable(line), "dim"))


def _branch(branches: dict[tuple[str, ...], Tree], path: tuple[str, ...]) -> Tree:
    if path not in branches:
        branches[path] = _branch(branches, path[:-1]).add(Text(printable(path[-1]), "bold"))
    return branches[path]


def _add_entry(tree: Tree, entry: Entry) -> None:
    shown = sign(entry)
    label = (f"{shown.letters} {shown.word}", _STYLES[shown.tone])
    node = tree.add(Text.assemble(label, " ", (printable(entry.path[-1]), "bold"), " ", (printable(entry.type), "dim")))
    for mark in marks(entry):
        node.add(Text(printable(mark), "red" if mark == entry.note else "dim"))
    for change in entry.properties:
        if change.told and not settles_later(change):
            node.add(_property(change, entry))
    _add_names(node, "known only after apply", filter(settles_later, entry.properties))
    _add_names(node, "also named, without values", (change for change in entry.properties if not change.told))


def _property(change: PropertyChange, entry: Entry) -> Text:
    text = Text.assemble((printable(change.name), "italic"), ": ", _value(change.before), " → ", _value(change.after))
    if forces(change, entry):
        text.append("  forces a new one", "red")
    return text


def _value(text: str | None) -> Text:
    return Text(value(text), "dim" if text is None else "")


def _add_names(node: Tree, title: str, properties: Iterable[PropertyChange]) -> None:
    names = [printable(change.name) for change in properties]
    if names:
        node.add(Text(f"{title}: {', '.join(names)}", "dim"))


def _add_footnotes(tree: Tree, review: Review) -> None:
    for part in review.parts:
        if not part.sound:
            place = printable(part.place or part.stack_name)
            tree.add(Text(f"the change set of {place} is {printable(part.status)}: {printable(part.reason)}", "red"))
    for remark in review.notes:
        tree.add(Text(printable(remark), "yellow"))
    vague = [entry.place for entry in review.entries if not entry.certain]
    if vague:
        tree.add(
            Text(f"may be touched, values stay as far as CloudFormation can tell: {printable(', '.join(vague))}", "dim")
        )
    if review.untouched:
        tree.add(Text(f"nothing changes inside: {printable(', '.join(review.untouched))}", "dim"))
