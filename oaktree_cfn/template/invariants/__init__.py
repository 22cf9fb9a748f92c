"""Invariants: rules for ECS systems, one file each. They judge what a template says once its values are in it.

The folder is its own registry. A file ``grace_period.py`` with a docstring (what the rule demands), ``WHY``, ``FIX`` and a
function ``find(system)`` that yields findings is the rule ``grace-period``, with no other edit; files whose name starts with
an underscore are for all. A rule sees a ``System``: every nested stack evaluated with actual values, so it does not matter how a
value came about. What is not known before AWS has made it breaks no rule.

``docs/invariants.md`` is written from this folder: ``python docs/invariants.py``.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType

from oaktree_cfn.template.invariants._system import Finding, Part, Run, System

__all__ = ["Finding", "Part", "Rule", "Run", "System", "find", "rules"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``what`` it demands, ``why`` (what happens otherwise), and the ``fix``."""

    id: str
    what: str
    why: str
    fix: str
    find: Callable[[System], Iterator[Finding]]


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule of the folder, by id."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return tuple(_rule(name, importlib.import_module(f"{__name__}.{name}")) for name in names)


def _rule(name: str, module: ModuleType) -> Rule:
    return Rule(name.replace("_", "-"), inspect.getdoc(module) or "", module.WHY, module.FIX, module.find)


def find(system: System) -> tuple[Finding, ...]:
    """Everything in a system that breaks a rule, by place."""
    found = (replace(each, rule=rule.id, fix=rule.fix) for rule in rules() for each in rule.find(system))
    return tuple(sorted(dict.fromkeys(found), key=lambda each: (each.place, each.rule, each.message)))
