"""The values that NoEcho parameters have, in every template of a tree. Pure.

CloudFormation masks them where it shows a stack's parameters and nowhere else. A nested stack's secret stands in the open in
what its parent passes to it, in the properties it ends up in, in outputs. So all of them are looked for in the evaluated
tree, and, because a condition or a value may be unknown, in everything that could flow into a NoEcho parameter unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from oaktree_cfn.review.forecast import Version
from oaktree_cfn.template import parameters as declared
from oaktree_cfn.template.stacks import Evaluated, Evaluator, Place, parameters_of
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.values import UNKNOWN, TemplateError

Path = tuple[str, ...]
Flows = Mapping[str, frozenset[str]]
"""Parameter -> the texts that may reach it."""

_NAMES = frozenset({"Ref", "Condition", "Fn::GetAtt", "Fn::FindInMap", "Fn::ImportValue", "Fn::GetStackOutput"})
"""Functions whose arguments are names, not values."""


def hidden(version: Version, place: Place | None = None) -> frozenset[str]:
    """Every value that a NoEcho parameter of the tree has or may have, defaults included.

    Nothing is raised for what cannot be evaluated: every text that could be part of such a secret then counts as one.
    """
    root = parameters_of(version.tree)
    given = {key: value for key, value in version.parameters.items() if key in root}
    stacks = _evaluated(version, given, place or Place())
    texts = {key: frozenset([str(value)]) for key, value in given.items() if value is not UNKNOWN}
    computed = (text for stack in stacks.values() for text in _secrets(stack))
    return frozenset({*computed, *_flowing(version.tree, (), texts, stacks)})


def _evaluated(version: Version, given: Mapping[str, Any], place: Place) -> dict[Path, Evaluated]:
    """The stacks of the tree as far as they can be evaluated."""
    root = parameters_of(version.tree)
    missing = {name: UNKNOWN for name, declaration in root.items() if "Default" not in declaration}
    try:
        values = declared.effective(root, {**missing, **given})
        return {stack.path: stack for stack in Evaluator(place).evaluate(version.tree, values, version.tags).walk()}
    except TemplateError:
        return {}


def _secrets(stack: Evaluated) -> Iterator[str]:
    for name, declaration in stack.scope.template.get("Parameters", {}).items():
        if declared.no_echo(declaration):
            yield from _texts(stack.scope.parameters.get(name))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, str))
        value = ",".join(map(str, value))
    if isinstance(value, str):
        yield from filter(None, re.split("⟨[^⟩]*⟩", value))  # a symbol stands for a value that nobody knows


def _flowing(tree: Tree, path: Path, given: Flows, stacks: Mapping[Path, Evaluated]) -> Iterator[str]:
    """The values that can reach a NoEcho parameter unchanged, whatever conditions say; where the computed value is not
    known, the parts that it may be made of.
    """
    declarations = parameters_of(tree)
    defaults = {key: frozenset([str(each["Default"])]) for key, each in declarations.items() if "Default" in each}
    for key, declaration in declarations.items():
        if declared.no_echo(declaration):
            yield from defaults.get(key, frozenset()) | given.get(key, frozenset())
    for name, child in tree.children.items():
        sent = (tree.template["Resources"][name].get("Properties") or {}).get("Parameters")
        stack = stacks.get((*path, name))
        known = stack.scope.parameters if stack is not None else {}
        passed = {
            key: frozenset(_flow(value, {**defaults, **given}, parts=known.get(key, UNKNOWN) is UNKNOWN))
            for key, value in (sent.items() if isinstance(sent, dict) else ())
        }
        yield from _flowing(child, (*path, name), passed, stacks)


def _flow(value: Any, values: Flows, *, parts: bool) -> Iterator[str]:
    match value:
        case {"Ref": str(name)}:
            yield from values.get(name, ())
        case {"Fn::If": [_, *branches]}:
            yield from (text for branch in branches for text in _flow(branch, values, parts=parts))
        case list():
            yield from (text for item in value for text in _flow(item, values, parts=parts))
        case {"Fn::Sub": str(text)} if parts:
            yield from re.split(r"\$\{[^}]*\}", text)
        case dict() if parts:
            inner = [each for name, each in value.items() if name not in _NAMES]
            yield from (text for each in inner for text in _flow(each, values, parts=True))
        case str() | int() | float():
            yield str(value)
