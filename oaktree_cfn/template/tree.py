"""A template with the templates it nests: read from wherever they are, by the relative paths their parents name."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template import read

Reader = Callable[[str], Mapping[str, Any]]
"""Gives the template at a relative path (``network.yaml``). Raises InvalidInput when there is none."""


@dataclass(frozen=True)
class Tree:
    """A template and, by logical id, the trees of its nested stacks. ``name`` says where it came from.

    A nested stack whose template is not at hand (an address, an intrinsic) has no tree: what happens in it is not known.
    """

    name: str
    template: Mapping[str, Any]
    children: Mapping[str, Tree] = field(default_factory=dict)

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Tree]]:
        """Every template of the tree with its path below the root."""
        yield path, self
        for logical_id, child in self.children.items():
            yield from child.walk((*path, logical_id))


def load(path: Path) -> Tree:
    """The tree of a template file. Raises InvalidInput for a missing or unreadable template."""
    return grow(path.name, lambda relative: read.load(path.parent / relative))


def grow(name: str, reader: Reader, above: tuple[str, ...] = ()) -> Tree:
    """The tree below ``name``, each template read with ``reader``. Raises InvalidInput, also for one that nests itself."""
    if name in above:
        raise InvalidInput(f"{name}: nests itself.", "Take the nested stack out that leads back to this template.")
    template = reader(name)
    folder = posixpath.dirname(name)
    children = {
        logical_id: grow(posixpath.normpath(posixpath.join(folder, url)), reader, (*above, name))
        for logical_id, url in relative_urls(template)
    }
    return Tree(name, template, children)


def relative_urls(template: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Nested stacks whose TemplateURL is a relative path: logical id and path."""
    resources = template.get("Resources")
    for logical_id, resource in (resources if isinstance(resources, dict) else {}).items():
        if not isinstance(resource, dict) or resource.get("Type") != STACK_TYPE:
            continue
        url = (resource.get("Properties") or {}).get("TemplateURL")
        if isinstance(url, str) and "://" not in url:
            yield logical_id, url
