"""What happens to a resource, in one word, judged from CloudFormation's own words. Pure.

CloudFormation's enums grow. A value that this version does not know is an action of its own, UNKNOWN, and never taken
for something milder.
"""

from __future__ import annotations

from enum import StrEnum

from oaktree_cfn.models import STACK_TYPE, Change


class Action(StrEnum):
    """What happens to a resource, in one word each."""

    ADD = "add"
    MODIFY = "modify"
    MAY_REPLACE = "may replace"
    REPLACE = "replace"
    REMOVE = "remove"
    IMPORT = "import"
    UNKNOWN = "unknown"


REPLACING = frozenset({Action.REPLACE, Action.MAY_REPLACE})

_PLAIN = {"Add": Action.ADD, "Remove": Action.REMOVE, "Import": Action.IMPORT}
_REPLACEMENTS = {"True": Action.REPLACE, "Conditional": Action.MAY_REPLACE, "False": Action.MODIFY, "": Action.MODIFY}
_KNOWN_POLICIES = frozenset(
    {"", "Delete", "Retain", "Snapshot", "ReplaceAndDelete", "ReplaceAndRetain", "ReplaceAndSnapshot"}
)
_KNOWN_SOURCES = frozenset(
    {
        "",
        "ResourceReference",
        "ParameterReference",
        "ResourceAttribute",
        "DirectModification",
        "Automatic",
        "NoModification",
    }
)


def action_of(change: Change) -> Action:
    """What happens, by CloudFormation's Action and Replacement alone."""
    if change.action == "Modify":
        return _REPLACEMENTS.get(change.replacement, Action.UNKNOWN)
    return _PLAIN.get(change.action, Action.UNKNOWN)


def strange(change: Change) -> str:
    """The first policy or source of CloudFormation's that we do not know, empty when we know them all."""
    if change.policy_action not in _KNOWN_POLICIES:
        return change.policy_action
    return next((detail.source for detail in change.details if detail.source not in _KNOWN_SOURCES), "")


def unknown(change: Change) -> str:
    """What cannot be told about a change, as a sentence; empty when everything can."""
    odd, action = strange(change), action_of(change)
    if odd or action is Action.UNKNOWN:
        shown = odd or f"{change.action} {change.replacement}".strip() or "no action"
        return f"CloudFormation says {shown!r}, which this version does not know"
    if change.type == STACK_TYPE and change.nested is None and action is not Action.REMOVE:
        return "what changes inside is not known"
    return ""
