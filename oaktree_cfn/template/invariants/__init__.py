"""Invariants: rules for ECS systems, one file each. They judge what a template says once its values are in it.

The folder is its own registry (``template/rulebook.py``); a rule's function is ``find(system)``. A rule sees a ``System``: every
nested stack evaluated with actual values, so it does not matter how a value came about. What is not known before AWS has made
it breaks no rule.

``docs/invariants.md`` is written from this folder: ``python docs/invariants.py``.
"""

from __future__ import annotations

from dataclasses import replace

from oaktree_cfn.template.invariants._system import Finding, Part, Run, System
from oaktree_cfn.template.rulebook import Rule, rulebook

__all__ = ["Finding", "Part", "Rule", "Run", "System", "find", "rules"]


def rules() -> tuple[Rule, ...]:
    """Every rule of the folder, by id."""
    return rulebook(__name__)


def find(system: System) -> tuple[Finding, ...]:
    """Everything in a system that breaks a rule, by place."""
    found = (replace(each, rule=rule.id, fix=rule.fix) for rule in rules() for each in rule.find(system))
    return tuple(sorted(dict.fromkeys(found), key=lambda each: (each.place, each.rule, each.message)))
