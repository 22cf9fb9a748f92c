"""Leaving a resource out of a security rule: never without the reason, and where every judge reads it.

The reason stands in the rendered template, in the resource's ``Metadata``, in the words of the tools themselves: checkov reads
``checkov: skip``, rules of CloudFormation Guard (ours, and AWS's rules registry) read ``guard: SuppressedRules``.

What one environment leaves out and another does not is no business of the template: it stands in the environment's file,
under ``[accepted]``.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

from troposphere import AWSObject

R = TypeVar("R", bound=AWSObject)

ENCRYPTED_ANYWAY = "CloudWatch Logs encrypts it anyway, with keys of its own"
"""Why a log group may do without a key of one's own (CKV_AWS_158)."""

_CHECKOV = re.compile(r"CKV2?_[A-Z]+_\d+")
_GUARD = re.compile(r"[A-Z][A-Za-z0-9]*_\d+")
_FEWEST_WORDS = 4


def exempt(resource: R, reason: str, *rules: str) -> R:
    """The resource, left out of rules of checkov (``CKV_AWS_18``) or of Guard (``ELB_21``: the control ELB.21).

    Raises ValueError for what is no rule, and for a reason too short to be one.
    """
    if len(reason.split()) < _FEWEST_WORDS:
        raise ValueError(f"{resource.title}: {reason!r} is no reason to leave it out of {', '.join(rules)}")
    metadata = dict(resource.resource.get("Metadata", {}))
    for rule in rules:
        if _CHECKOV.fullmatch(rule):
            _skip(metadata, rule, reason)
        elif _GUARD.fullmatch(rule):
            _suppress(metadata, rule, reason)
        else:
            raise ValueError(f"{resource.title}: {rule!r} is a rule neither of checkov nor of Guard")
    resource.Metadata = metadata
    return resource


def _skip(metadata: dict[str, Any], rule: str, reason: str) -> None:
    known = metadata.get("checkov", {}).get("skip", [])
    metadata["checkov"] = {"skip": [*known, {"id": rule, "comment": reason}]}


def _suppress(metadata: dict[str, Any], rule: str, reason: str) -> None:
    """Guard asks for the names only; the reasons beside them are for people."""
    known = metadata.get("guard", {"SuppressedRules": [], "Reasons": {}})
    rules, reasons = known["SuppressedRules"], known["Reasons"]
    metadata["guard"] = {"SuppressedRules": [*rules, rule], "Reasons": {**reasons, rule: reason}}
