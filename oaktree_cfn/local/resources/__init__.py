"""The registry of resource handlers: every module of this folder is read, every concrete handler found is offered.

A new resource type is a new class (or a new file) here; nothing else has to be told about it.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType, ModuleType

from oaktree_cfn.local.handler import Handler

__all__ = ["handlers"]


@cache
def handlers() -> Mapping[str, Handler]:
    """Every resource type that the local stage can play, by its name (``AWS::EC2::VPC``).

    Raises:
        ValueError: two handlers claim one type.
    """
    found: dict[str, Handler] = {}
    for module in _modules():
        for kind in _concrete(module):
            if kind.type in found:
                raise ValueError(f"{kind.type} has two handlers: {type(found[kind.type]).__name__} and {kind.__name__}")
            found[kind.type] = kind()
    return MappingProxyType(found)


def _modules() -> Iterator[ModuleType]:
    for entry in pkgutil.iter_modules(__path__):
        yield importlib.import_module(f"{__name__}.{entry.name}")


def _concrete(module: ModuleType) -> Iterator[type[Handler]]:
    """The handlers that a module defines itself; what it imports or leaves abstract is not its own offer."""
    for value in vars(module).values():
        is_handler = inspect.isclass(value) and issubclass(value, Handler) and not inspect.isabstract(value)
        if is_handler and value.__module__ == module.__name__ and hasattr(value, "type"):
            yield value
