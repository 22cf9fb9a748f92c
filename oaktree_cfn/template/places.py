"""Where in the files of a template tree each resource and each of its properties stands.

``Data/UsersTable`` of a change set is the resource ``UsersTable`` in the file that the resource ``Data`` names as its
``TemplateURL`` by relative path. A template that cannot be read has no places: what is said of it still holds, only
without a line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from oaktree_cfn.models import STACK_TYPE


@dataclass(frozen=True, slots=True)
class Place:
    """A resource in a file: the line of its name, counted from 1, and the lines of its properties (``Tags/0/Value``)."""

    file: Path
    line: int
    properties: Mapping[str, int]

    def line_of(self, name: str) -> int:
        """The line of a property, or of the innermost thing around it that stands in the file."""
        parts = name.split("/")
        known = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
        return next((self.properties[name] for name in known if name in self.properties), self.line)


Places = Mapping[tuple[str, ...], Place]


def places(root: Path) -> Places:
    """Every resource of the tree that begins with the file ``root``, by its path below the root stack."""
    return dict(_tree(root, (), frozenset()))


def nearest(found: Places, path: tuple[str, ...]) -> Place | None:
    """The place of a resource, or of the nested stack around one that the templates no longer hold."""
    return next((found[path[:length]] for length in range(len(path), 0, -1) if path[:length] in found), None)


def _tree(file: Path, path: tuple[str, ...], above: frozenset[Path]) -> Iterator[tuple[tuple[str, ...], Place]]:
    for name, key, body in _resources(file):
        yield (*path, name), Place(file, key.start_mark.line + 1, dict(_lines(_member(body, "Properties"), "")))
        child = _child(file, body)
        if child is not None and child not in above | {file}:
            yield from _tree(child, (*path, name), above | {file})


def _resources(file: Path) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    try:
        document = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError):
        return
    for key, body in _pairs(_member(document, "Resources")):
        yield str(key.value), key, body


def _child(file: Path, body: yaml.Node) -> Path | None:
    """The template a nested stack names by relative path, None for anything else."""
    kind, url = _member(body, "Type"), _member(_member(body, "Properties"), "TemplateURL")
    if kind is None or kind.value != STACK_TYPE or not isinstance(url, yaml.ScalarNode) or "://" in url.value:
        return None
    return file.parent / str(url.value)


def _member(node: yaml.Node | None, name: str) -> yaml.Node | None:
    return next((value for key, value in _pairs(node) if key.value == name), None)


def _pairs(node: yaml.Node | None) -> list[tuple[yaml.Node, yaml.Node]]:
    return node.value if isinstance(node, yaml.MappingNode) else []


def _lines(node: yaml.Node | None, prefix: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.SequenceNode):
        inner = [(str(index), item, item) for index, item in enumerate(node.value)]
    else:
        inner = [(str(key.value), key, value) for key, value in _pairs(node)]
    for name, mark, value in inner:
        yield prefix + name, mark.start_mark.line + 1
        yield from _lines(value, f"{prefix}{name}/")
