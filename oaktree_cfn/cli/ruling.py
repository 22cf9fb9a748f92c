"""Invariants at the command line: which templates, with which environments' values, and where in the files it says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from oaktree_cfn.environment import Environment
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template import read, transforms
from oaktree_cfn.template.invariants import Finding
from oaktree_cfn.template.judge import EVALUATION, Judgement, idle, judge
from oaktree_cfn.template.lint import SUFFIXES
from oaktree_cfn.template.parameters import MASK
from oaktree_cfn.template.places import Place, Places, nearest, places
from oaktree_cfn.template.stacks import parameters_of
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
    found = _judge(tree, environment, given, kept).findings
    if found:
        lines = "\n".join(
            line_of(finding, root if finding.path else environment.path, places(root)) for finding in found
        )
        raise InvalidInput(f"Invariants are broken in {environment.name}:\n{lines}", _advice(environment))


def _judge(
    tree: Tree, environment: Environment, given: Mapping[str, str] | None = None, kept: Mapping[str, str] | None = None
) -> Judgement:
    """Judge what our macros make of the templates."""
    try:
        whole = expanded_here(tree, {**(kept or {}), **environment.parameters, **(given or {})})
    except InvalidInput as error:
        return Judgement((Finding((), (), error.message, EVALUATION, error.advice),))
    return judge(whole, environment, given, kept)


def expanded_here(tree: Tree, values: Mapping[str, str]) -> Tree:
    """What our macros make of a tree of templates with these values of the root's parameters."""
    if not any(transforms.names(each.template) for _, each in tree.walk()):
        return tree
    from oaktree_cfn.macros.expansion import expand_tree

    return expand_tree(tree, {name: value for name, value in values.items() if name in parameters_of(tree)})


def _advice(environment: Environment) -> str:
    return (
        f"Correct them, or let one pass under [accepted] in {environment.path} with the reason (docs/invariants.md); "
        "--no-lint leaves invariants out."
    )


def broken_rules(folder: Path, environments: Sequence[Environment]) -> Iterator[str]:
    """A line for everything that breaks an invariant in any template below a folder, in any of these environments."""
    look = cache(places)
    for path, finding, names in _merged(_trees(folder), folder, environments or (_NOBODY,)):
        file = names[0].path if names[0].name and not finding.path else path
        yield line_of(finding, file, look(path) if finding.path else {}, [each.name for each in names if each.name])


def _merged(
    trees: Mapping[Path, Tree], folder: Path, environments: Iterable[Environment]
) -> Iterator[tuple[Path, Finding, list[Environment]]]:
    """Each finding once, with the environments it is found in."""
    found: dict[tuple[Path, Finding], list[Environment]] = {}
    for environment in environments:
        judgements = {path: _judge(tree, _for(environment, path, folder)) for path, tree in trees.items()}
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


def line_of(finding: Finding, file: Path, found: Places, environments: Sequence[str] = ()) -> str:
    """A finding on one line, its place in the files first; ``file`` is where to look for what stands in no template."""
    place = _place(found, finding.path)
    where = f"{place.file}:{place.line_of('/'.join(finding.steps))}" if place is not None else str(file)
    names = f" ({', '.join(environments)})" if environments else ""
    words = " ".join(filter(None, (finding.rule, finding.place, finding.message)))
    return printable(f"{where}: {words}. {finding.fix}{names}")


def _place(found: Places, path: tuple[str, ...]) -> Place | None:
    """Where a resource stands, or the shorthand that it was generated from: its name begins with the shorthand's."""
    short = [each for each in found if each[:-1] == path[:-1] and path and path[-1].startswith(each[-1])]
    return found[max(short, key=lambda each: len(each[-1]))] if short else nearest(found, path)
