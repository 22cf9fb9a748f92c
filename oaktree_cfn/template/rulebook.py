"""Rules, one file each, in a folder that is its own registry.

A file ``grace_period.py`` with a docstring (what the rule demands), ``WHY``, ``FIX`` and a function ``find`` that yields findings is
the rule ``grace-period``, with no other edit. Files whose name starts with an underscore are for all.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``what`` it demands, ``why`` (what happens otherwise), the ``fix``, and how it is looked for."""

    id: str
    what: str
    why: str
    fix: str
    find: Callable[..., Iterable[Any]]


@cache
def rulebook(package: str) -> tuple[Rule, ...]:
    """Every rule of a package, by id."""
    folder = importlib.import_module(package)
    names = sorted(each.name for each in pkgutil.iter_modules(folder.__path__) if not each.name.startswith("_"))
    return tuple(_rule(name, importlib.import_module(f"{package}.{name}")) for name in names)


def _rule(name: str, module: ModuleType) -> Rule:
    return Rule(name.replace("_", "-"), inspect.getdoc(module) or "", module.WHY, module.FIX, module.find)
