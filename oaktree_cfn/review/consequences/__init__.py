"""What changes mean for people: one file here is one kind of consequence.

The folder is its own registry. A file ``backup.py`` with a function ``find(changes)`` that yields Consequences is the kind
``backup``, with no other edit; files whose name starts with an underscore are for all. Everything here is pure: what only
an account can tell comes in as ``Changes.known``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache

from oaktree_cfn.review.changed import Changes
from oaktree_cfn.review.consequence import Consequence, worst_first

Finder = Callable[[Changes], Iterator[Consequence]]


@cache
def finders() -> Mapping[str, Finder]:
    """Every kind by the name of its file, sorted."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return {name: importlib.import_module(f"{__name__}.{name}").find for name in names}


def kinds() -> tuple[str, ...]:
    """The names of all kinds of consequence, as policies use them."""
    return tuple(finders())


def find(changes: Changes) -> tuple[Consequence, ...]:
    """Every consequence of the changes, the worst first, then by place."""
    return worst_first(dict.fromkeys(each for finder in finders().values() for each in finder(changes)))
