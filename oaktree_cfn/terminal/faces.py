"""The faces of a review that are files, by the name ``--format`` has for them."""

from __future__ import annotations

from oaktree_cfn.review.review import Review
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.template.places import Places

FACES = ("markdown", "html", "json", "sarif", "annotations")
"""Besides ``terminal``, which is drawn rather than written."""


def render(face: str, review: Review, verdict: Verdict, places: Places) -> str:
    """The review in that face, ending with a line's end."""
    match face:
        case "markdown":
            from oaktree_cfn.terminal.review_markdown import render as markdown

            return markdown(review, verdict)
        case "html":
            from oaktree_cfn.terminal.review_html import render as html

            return html(review, verdict)
        case "json":
            from oaktree_cfn.terminal.review_json import render as document

            return document(review, verdict)
        case "sarif":
            from oaktree_cfn.terminal.review_sarif import render as sarif

            return sarif(review, verdict, places)
        case "annotations":
            from oaktree_cfn.terminal.review_annotations import render as annotations

            return annotations(review, verdict, places)
        case _:
            raise ValueError(f"no face is called {face!r}")
