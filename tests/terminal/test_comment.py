"""A comment holds nothing but what the review says: whatever a template is called or contains, nobody is mentioned, and no second
comment can be taken for ours.
"""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from oaktree_cfn.review.consequence import Consequence, Severity
from oaktree_cfn.review.review import Action, Entry, PropertyChange, Review
from oaktree_cfn.review.verdict import Refusal, Verdict
from oaktree_cfn.terminal import review_markdown
from tests.terminal.faces import face

MARK = "<!-- oaktree-review: "
NASTY = (
    "@everyone",
    "@oak/team",
    "<!-- oaktree-review: other -->",
    "-->",
    "<!--",
    "`",
    "``",
    "\n",
    "\r\n",
    "\n\n",
    "#1",
    "oak/shop#1",
)
words = st.lists(
    st.sampled_from((*NASTY, "a", " ", "<b>", "<script>", "![x](http://x)", "\\", "|", "_", "~~~")), max_size=8
)
texts = words.map("".join)


def review(text: str) -> tuple[Review, Verdict]:
    """A review in which everything that comes from outside is this text."""
    change = PropertyChange(text, text, text, recreates=text, causes=(text,))
    entry = Entry((text or "x", text or "x"), Action.REPLACE, text, text, (change,), why=text)
    meaning = Consequence(text, text, Severity.REFUSE, text, (text,))
    made = Review("orders", "arn", "arn", (entry,), (text,), consequences=(meaning,), remarks=(text,))
    return made, Verdict((Refusal(text, text),), (text,))


@given(texts)
def test_nobody_is_mentioned_and_no_comment_is_hidden(text: str) -> None:
    comment = face("markdown", *review(text))
    assert comment.startswith(f"{MARK}orders -->\n")
    html = MarkdownIt("commonmark", {"html": True}).render(comment)
    assert html.count("<!--") == 1
    shown = re.sub(r"<code>.*?</code>", "", html, flags=re.S)
    assert not re.search(r"@(?!\u200b)", shown)
    assert not re.search(r"#(?!\u200b|\d+;|x)\w", shown)
    assert "<script" not in shown
    assert "<img" not in shown


@given(texts)
def test_a_comment_without_a_review_is_as_harmless(text: str) -> None:
    html = MarkdownIt("commonmark", {"html": True}).render(review_markdown.missing(text or "x"))
    assert html.count("<!--") == 1
    assert "@" not in re.sub(r"<code>.*?</code>", "", html, flags=re.S)
