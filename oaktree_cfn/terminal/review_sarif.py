"""A review as SARIF 2.1.0, for code scanning: each finding on its line of the templates.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/. A message text there is not quite plain: brackets make links and
braces make placeholders, so both are escaped as sections 3.11.5 and 3.11.6 say. What changes stands whole in the result's
properties, as in ``review_json``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from oaktree_cfn import __version__
from oaktree_cfn.review.review import Review
from oaktree_cfn.review.verdict import Verdict
from oaktree_cfn.template.places import Places
from oaktree_cfn.terminal import review_json
from oaktree_cfn.terminal.findings import RULES, Finding, findings
from oaktree_cfn.terminal.words import printable

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_DEFAULTS = {"unknown": "error", "remove": "error", "replace": "error", "refused": "error", "may-replace": "warning"}
_RULE_INDEX = {rule: index for index, rule in enumerate(RULES)}


def render(review: Review, verdict: Verdict, places: Places | None = None) -> str:
    """The log; ``places`` are those of the templates the change set was made from."""
    run = {
        "tool": {"driver": _driver()},
        "automationDetails": {"id": f"oaktree-review/{printable(review.stack_name)}"},
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The project's folder."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding) for finding in findings(review, verdict, places or {})],
        "properties": _whole(review, verdict),
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return review_json.harmless(json.dumps(log, indent=2, ensure_ascii=False)) + "\n"


def _driver() -> dict[str, Any]:
    return {
        "name": "oaktree",
        "semanticVersion": __version__,
        "rules": [
            {
                "id": rule,
                "name": "".join(map(str.capitalize, rule.split("-"))),
                "shortDescription": {"text": text},
                "defaultConfiguration": {"level": _DEFAULTS.get(rule, "note")},
            }
            for rule, text in RULES.items()
        ],
    }


def _result(finding: Finding) -> dict[str, Any]:
    return {
        "ruleId": finding.rule,
        "ruleIndex": _RULE_INDEX[finding.rule],
        "level": finding.level,
        "message": {"text": message(finding.text)},
        "locations": [_location(finding)],
        "partialFingerprints": {"oaktreeReview/v1": _fingerprint(finding)},
        **_properties(finding),
    }


def message(text: str) -> str:
    """A text as a SARIF message that says just that."""
    return re.sub(r"([\[\]\\])", r"\\\1", printable(text)).replace("{", "{{").replace("}", "}}") or "(nothing)"


def _location(finding: Finding) -> dict[str, Any]:
    place = printable(finding.place) or "the change set"
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": place, "kind": "resource"}]}
    if finding.file:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": quote(finding.file), "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": finding.line},
        }
    return location


def _fingerprint(finding: Finding) -> str:
    """The same for the same finding of another run, wherever its line has moved to."""
    kind = finding.consequence.kind if finding.consequence is not None else ""
    parts = [finding.rule, finding.place, kind, "" if finding.entry is not None else finding.text]
    return hashlib.sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()


def _properties(finding: Finding) -> Mapping[str, Any]:
    if finding.entry is not None:
        return {"properties": review_json.entry(finding.entry)}
    if finding.consequence is not None:
        return {"properties": review_json.consequence(finding.consequence)}
    return {}


def _whole(review: Review, verdict: Verdict) -> dict[str, Any]:
    """What is said of the whole: everything but the entries and consequences, which are results."""
    document = review_json.document(review, verdict)
    return {key: value for key, value in document.items() if key not in {"entries", "consequences"}}
