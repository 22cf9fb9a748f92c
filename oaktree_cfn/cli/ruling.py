"""Invariants at the command line: which templates, with which environments' values, and where in the files it says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from oaktree_cfn.environment import Environment
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template import read
from oaktree_cfn.template.invariants import Finding
from oaktree_cfn.template.judge import idle, judge
from oaktree_cfn.template.lint import SUFFIXES
from oaktree_cfn.template.parameters import MASK
from oaktree_cfn.template.places import Places, nearest, places
from oaktree_cfn.template.tree import Tree, grow
from oaktree_cfn.terminal.words import printable

ROOT = "root"
"""The template of this name is the one that environments deploy; others are judged with their own defaults."""

_NOBODY = Environment("", "us-east-1", "000000000000", "stack")


def check_rules(
    tree: Tree,
    root: Path,
    environment: Environment,
    given: Mapping[str, str],
    deployed: Mapping[str, str] | None = None,
) -> None:
    """Raise InvalidInput with every invariant that a deploy of ``root`` would break.

    ``deployed`` holds the values that the stack has and keeps.
    """
    kept = {name: value for name, value in (deployed or {}).items() if value != MASK}
    found = judge(tree, environment, given, kept).findings
    if found:
        lines = "\n".join(_line(finding, environment.path, places(root)) for finding in found)
        raise InvalidInput(f"Invariants are broken in {environment.name}:\n{lines}", _advice(environment))


def _advice(environment: Environment) -> str:
    return (
        f"Correct them, or let one pass under [accepted] in {environment.path} with the reason (docs/invariants.md); "
        "--no-lint leaves invariants out."
    )


def broken_rules(folder: Path, environments: Sequence[Environment]) -> Iterator[str]:
    """A line for everything that breaks an invariant in any template below a folder, in any of these environments."""
    look = cache(places)
    for path, finding, names in _merged(_trees(folder), folder, environments or (_NOBODY,)):
        file = names[0].path if names[0].name else path
        yield _line(finding, file, look(path) if finding.path else {}, [each.name for each in names if each.name])


def _merged(
    trees: Mapping[Path, Tree], folder: Path, environments: Iterable[Environment]
) -> Iterator[tuple[Path, Finding, list[Environment]]]:
    """Each finding once, with the environments it is found in."""
    found: dict[tuple[Path, Finding], list[Environment]] = {}
    for environment in environments:
        judgements = {path: judge(tree, _for(environment, path, folder)) for path, tree in trees.items()}
        for path, judgement in judgements.items():
            for finding in judgement.findings:
                found.setdefault((path, finding), []).append(environment)
        deployable = any(_deployed(path, folder) for path in trees)
        for finding in idle(environment, judgements.values()) if deployable else ():
            found.setdefault((environment.path, finding), []).append(environment)
    yield from ((path, finding, names) for (path, finding), names in found.items())


def _for(environment: Environment, path: Path, folder: Path) -> Environment:
    """The environment as it counts for a template: its values are those of the root."""
    return environment if _deployed(path, folder) else replace(environment, parameters={}, kept_parameters=())


def _deployed(path: Path, folder: Path) -> bool:
    return path.stem == ROOT and path.parent == folder


def _trees(folder: Path) -> dict[Path, Tree]:
    """The templates that no other one nests. What cannot be read is left to cfn-lint, which says what is wrong with it."""
    load: Callable[[Path], Mapping[str, Any]] = cache(read.load)
    found: dict[Path, Tree] = {}
    nested: set[Path] = set()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file()):
        try:
            found[path] = grow(path.name, partial(_read, load, path.parent))
        except InvalidInput:
            continue
        nested |= {(path.parent / tree.name).resolve() for place, tree in found[path].walk() if place}
    return {path: tree for path, tree in found.items() if path.resolve() not in nested}


def _read(load: Callable[[Path], Mapping[str, Any]], home: Path, relative: str) -> Mapping[str, Any]:
    return load(home / relative)


def _line(finding: Finding, file: Path, found: Places, environments: Sequence[str] = ()) -> str:
    """A finding on one line, its place in the files first; ``file`` is where to look for what stands in no template."""
    place = nearest(found, finding.path)
    where = f"{place.file}:{place.line_of('/'.join(finding.steps))}" if place is not None else str(file)
    names = f" ({', '.join(environments)})" if environments else ""
    words = " ".join(filter(None, (finding.rule, finding.place, finding.message)))
    return printable(f"{where}: {words}. {finding.fix}{names}")
