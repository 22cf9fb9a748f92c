"""A review as GitHub annotations: one workflow command a finding, on its line of the templates.

Printed by a step of a workflow, GitHub shows them beside the code (ten of each level in a step; the log holds all).
Source: ``actions/toolkit``, ``packages/core/src/command.ts``: data escapes ``%``, CR and LF, properties ``:`` and ``,`` too.
"""

from __future__ import annotations

from oaktree_cfn.review.review import Review
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.template.places import Places
from oaktree_cfn.terminal import arrangement
from oaktree_cfn.terminal.findings import Finding, findings
from oaktree_cfn.terminal.words import printable

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(review: Review, verdict: Verdict, places: Places | None = None) -> str:
    """The commands, one a line, worst first; the summary and the verdict at the end."""
    lines = [_line(finding) for finding in findings(review, verdict, places or {})]
    return "\n".join([*lines, _summary(review, verdict)]) + "\n"


def data(text: str) -> str:
    """A text as a command's message."""
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def value(text: str) -> str:
    """A text as the value of a command's property."""
    return data(text).replace(":", "%3A").replace(",", "%2C")


def _line(finding: Finding) -> str:
    at = f"file={value(finding.file)},line={finding.line}," if finding.file else ""
    title = finding.consequence.kind if finding.consequence is not None else finding.rule.replace("-", " ")
    return f"::{_COMMANDS[finding.level]} {at}title={value(f'oaktree: {title}')}::{data(finding.text)}"


def _summary(review: Review, verdict: Verdict) -> str:
    told = f"{review.stack_name}: {arrangement.summary(review)}; "
    judged = f"refused. {verdict.advice}" if verdict.refused else "no gate refuses this"
    return f"::notice title={value('oaktree: review')}::{data(told + judged)}"
