"""Every face of a review, and what each says happens where: place -> word, read back from its text."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable
from typing import Any

from rich.console import Console

from oaktree_cfn.review.gates import judge
from oaktree_cfn.review.labels import label
from oaktree_cfn.review.review import Review, review
from oaktree_cfn.review.saved import load
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.terminal import faces, review_text
from tests.review.answers import FIXTURES

Said = set[tuple[str, str]]


def of_text(text: str) -> tuple[Review, Verdict]:
    """The review of saved answers, judged by the default policy."""
    made = label(review(load(text, "file")))
    return made, judge(made)


def fixture(name: str) -> tuple[Review, Verdict]:
    """The review of recorded answers."""
    return of_text((FIXTURES / f"{name}.json").read_text())


def face(name: str, made: Review, verdict: Verdict) -> str:
    """The review in a face; a terminal of 200 columns."""
    if name != "terminal":
        return faces.render(name, made, verdict, {})
    console = Console(file=io.StringIO(), width=200, color_system=None)
    console.print(review_text.render(made))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def _json(text: str) -> Said:
    return {(entry["place"], entry["word"]) for entry in json.loads(text)["entries"]}


def _sarif(text: str) -> Said:
    bags: list[dict[str, Any]] = [each.get("properties", {}) for each in json.loads(text)["runs"][0]["results"]]
    return {(bag["place"], bag["word"]) for bag in bags if "word" in bag}


def _annotations(text: str) -> Said:
    return {(place, word) for word, place in re.findall(r"title=oaktree%3A ([a-z ]+)::([^ ]*): \1\b", text)}


def _markdown(text: str) -> Said:
    found, stack = set(), ""
    for line in text.splitlines():
        if match := re.match(r"<summary><b>(.*?)</b>", line):
            stack = "" if match[1] == "the root stack" else f"{html.unescape(match[1])}/"
        elif match := re.match(r"- `[^`]+` \*\*([a-z ]+)\*\* `([^`]*)`", line):
            found.add((stack + match[2], match[1]))
    return found


def _html(text: str) -> Said:
    found, stack = set(), ""
    marks = r'<h3>(.*?)</h3>|<span class="sign \w+"><b>.*?</b>(.*?)</span><span class="name">(.*?)</span>'
    for name, word, entry in re.findall(marks, text):
        if name:
            stack = "" if name == "The root stack" else f"{html.unescape(name)}/"
        else:
            found.add((stack + html.unescape(entry), word))
    return found


def _terminal(text: str) -> Said:
    found, path = set(), list[str]()
    signs = {"??", "-", "!", "!?", "~", "=", "+"}
    for line in text.splitlines()[1:]:
        match = re.match(r"^((?:[│ ]   )*)[├└]── (.*)$", line)
        if match is None:
            continue
        depth, rest = len(match[1]) // 4, match[2].split(" ")
        del path[depth:]
        if rest[0] in signs and (
            words := re.match(
                r"\S+ (unknown|remove|may replace|replace|modify|import|add|new revision) (\S*)", match[2]
            )
        ):
            found.add(("/".join([*path, words[2]]), words[1]))
        path.append(match[2])
    return found  # fmt: skip


SAID: dict[str, Callable[[str], Said]] = {
    "json": _json,
    "sarif": _sarif,
    "annotations": _annotations,
    "markdown": _markdown,
    "html": _html,
    "terminal": _terminal,
}
