"""Differences in CloudFormation's words: the two views of DescribeChangeSet, without and with property values.

They are not one view with more or less detail. Without values, a property that refers to something in motion stands as a
possible change; with values, what evaluates to today's value is left out, whole resources included. That is measured on
AWS, and the reason why a reviewer must read both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from oaktree_cfn.models import KNOWN_AFTER_APPLY, STACK_TYPE, Change, Detail
from oaktree_cfn.review.differ import DIRECT, DIRECT_DYNAMIC, MODIFY, REMOVE, STATIC, Difference, Leaf
from oaktree_cfn.template import schemas
from oaktree_cfn.template.evaluate import Node
from oaktree_cfn.template.schemas import NEVER
from oaktree_cfn.template.values import UNKNOWN


def changes(differences: Iterable[Difference], *, values: bool) -> tuple[Change, ...]:
    """The changes of one stack's change set as DescribeChangeSet lists them, ``values`` for IncludePropertyValues."""
    return tuple(_change(each, values) for each in differences if each.certain or not values)


def _change(difference: Difference, values: bool) -> Change:
    details = tuple(_details(difference, values)) if difference.action == MODIFY else ()
    replacement = difference.replacement if difference.action == MODIFY else ""
    return Change(
        action=difference.action,
        logical_id=difference.logical_id,
        type=difference.type,
        physical_id=difference.physical_id,
        replacement=replacement,
        policy_action=policy_action(difference),
        scope=tuple(sorted({detail.attribute for detail in details})),
        details=details,
        before=_context(difference.before, difference.action) if values else None,
        after=_context(difference.after, difference.action) if values else None,
    )


def policy_action(difference: Difference) -> str:
    """What happens to the physical resource that goes, by its policies; empty when none goes."""
    if difference.action == REMOVE:
        policy = _policy(difference.before, "DeletionPolicy")
        return "Retain" if policy == "RetainExceptOnCreate" else policy
    if difference.action == MODIFY and difference.replacement != "False":
        return "ReplaceAnd" + _policy(difference.after, "UpdateReplacePolicy")
    return ""


def _policy(resource: Node | None, name: str) -> str:
    return str(resource.value.get(name, "Delete")) if resource is not None else "Delete"


def _details(difference: Difference, values: bool) -> Iterable[Detail]:
    leaves = [leaf for leaf in difference.leaves if leaf.certain or not values]
    seen: set[Detail] = set()
    for leaf in leaves:
        for detail in _leaf_details(leaf, leaves, values):
            if detail not in seen:
                seen.add(detail)
                yield detail
    if difference.stack_tags:
        yield Detail("Tags", requires_recreation=NEVER, evaluation=STATIC, source=DIRECT.source)
    if difference.type == STACK_TYPE and not leaves and difference.child is not None:
        yield Detail("Properties", requires_recreation=NEVER, evaluation="Dynamic", source="Automatic")


def _leaf_details(leaf: Leaf, leaves: list[Leaf], values: bool) -> Iterable[Detail]:
    same = [leaf] if values else [other for other in leaves if (other.section, other.name) == (leaf.section, leaf.name)]
    for cause in leaf.causes:
        if cause == DIRECT_DYNAMIC and not values and not any(c.source == "ParameterReference" for c in leaf.causes):
            continue
        shown = {
            "path": _pointer(leaf),
            "before": shown_value(leaf.before),
            "after": shown_value(leaf.after),
            "change_type": leaf.kind,
        }
        yield Detail(
            attribute=leaf.section,
            name=leaf.name,
            requires_recreation=_worst(other.recreation for other in same),
            evaluation=cause.evaluation,
            source=cause.source,
            causing_entity=cause.entity,
            **(shown if values else {}),  # type: ignore[arg-type]  # a dict of texts
        )


def _worst(demands: Iterable[str]) -> str:
    order = (NEVER, schemas.CONDITIONALLY, schemas.ALWAYS)
    return order[max(map(order.index, demands))]


def _pointer(leaf: Leaf) -> str:
    return "/" + "/".join(map(str, leaf.path))


def shown_value(node: Node | None) -> str | None:
    """A value as a detail shows it: text as it is, structures as JSON, what is not known yet as CloudFormation's mark."""
    if node is None:
        return None
    value = plain(node.value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def plain(value: Any) -> Any:
    """A value with every unknown part as ``{{changeSet:KNOWN_AFTER_APPLY}}``."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return KNOWN_AFTER_APPLY if value is UNKNOWN else value


def _context(node: Node | None, action: str) -> Mapping[str, Any] | None:
    if node is None:
        return None
    context: Mapping[str, Any] = _without_references(node) if action == REMOVE else plain(node.value)
    return context


def _without_references(node: Node) -> Any:
    """Values as CloudFormation shows them for a resource that goes: it no longer looks up what they referred to."""
    if isinstance(node.children, Mapping):
        return {key: _without_references(child) for key, child in node.children.items()}
    if isinstance(node.children, tuple):
        return [_without_references(child) for child in node.children]
    looked_up = any(ref.kind != "parameter" for ref in node.references)
    return KNOWN_AFTER_APPLY if looked_up else plain(node.value)
