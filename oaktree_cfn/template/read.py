"""Templates from text, as CloudFormation reads them: YAML with short tags, or JSON.

CloudFormation's YAML is a subset of 1.1 (user guide, "Template formats"): no aliases, no merge keys, no tags but the
short intrinsics, dates stay text, a key stands once. Everything else is refused with file and line.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from oaktree_cfn.errors import InvalidInput

Template = dict[str, Any]

DEEPEST = 64
"""Levels of nesting that are read; CloudFormation's own limit is lower for every construct we know."""

LARGEST = 2_000_000
"""Bytes that are read. CloudFormation takes 1,000,000 of what is uploaded, which is written closer than what people read."""

_LONGEST_NUMBER = 100
"""Characters of a number; no property's has as many, and reading very long ones takes very long."""

_PREFIXED = (
    "Base64", "Cidr", "FindInMap", "GetAtt", "GetAZs", "GetStackOutput", "If", "ImportValue", "Join", "Length", "Select",
    "Split", "Sub", "ToJsonString", "Transform", "And", "Equals", "Not", "Or", "Contains", "EachMemberEquals",
    "EachMemberIn", "RefAll", "ValueOf", "ValueOfAll",
)  # fmt: skip
SHORT_TAGS = {"!Ref": "Ref", "!Condition": "Condition", **{f"!{name}": f"Fn::{name}" for name in _PREFIXED}}
"""Short tag -> the key of the long form."""

_HALF = re.compile(r"[\ud800-\udfff]")
_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("bool", "int", "float", "null")}
_TEXT = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "timestamp", "value")}
_CONSTRUCTOR = yaml.constructor.SafeConstructor()


def load(path: Path) -> Template:
    """The template in a file. Raises InvalidInput when it cannot be read, naming file and line."""
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST + 1)
        _refuse_large(len(body), str(path))
        text = body.decode("utf-8")
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be read: {error.strerror}", "Check the path.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path}: is not UTF-8 (byte {error.start})", "Save the template as UTF-8.") from error
    return parse(text, str(path))


def parse(text: str, name: str = "template") -> Template:
    """The template in a text; ``name`` stands in error messages. Raises InvalidInput."""
    _refuse_large(len(text), name)
    value = _json(text, name) if text.lstrip().startswith("{") else _yaml(text, name)
    if not isinstance(value, dict):
        raise InvalidInput(f"{name}: Template format error: unsupported structure.")
    _refuse_unsound(value, name, 0)
    return value


class Lines:
    """Where everything stands in a text that ``parse`` reads; JSON that is no YAML has no lines."""

    def __init__(self, text: str) -> None:
        try:
            self._root = yaml.compose(text, Loader=yaml.CSafeLoader)
        except (yaml.YAMLError, RecursionError):
            self._root = None

    def nearest(self, path: str) -> tuple[str, int]:
        """The path (``Resources/Web/Properties/Cpu``), or the nearest above it that there is, and its line, counted from
        1. Nothing and 0 where there is not even the first step.
        """
        found, line, node, rest = "", 0, self._root, path
        while inner := next((each for each in _inside(node) if f"{rest}/".startswith(f"{each[0]}/")), None):
            name, mark, node = inner
            found, line, rest = f"{found}/{name}".lstrip("/"), mark.start_mark.line + 1, rest[len(name) + 1 :]
        return found, line


def _inside(node: yaml.Node | None) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """Name or index, where it begins, and value of all that a node holds."""
    if isinstance(node, yaml.MappingNode):
        yield from ((str(key.value), key, value) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from ((str(index), item, item) for index, item in enumerate(node.value))


def _refuse_large(size: int, name: str) -> None:
    if size > LARGEST:
        raise InvalidInput(
            f"{name}: has more than {LARGEST:,} bytes; CloudFormation takes at most 1,000,000.", "Split it."
        )


def _refuse_unsound(value: Any, name: str, depth: int) -> None:
    """Refuse what both syntaxes can write and no template can mean."""
    if depth > DEEPEST:
        raise InvalidInput(f"{name}: nested deeper than {DEEPEST} levels")
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_unsound(key, name, depth + 1)
            _refuse_unsound(item, name, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _refuse_unsound(item, name, depth + 1)
    elif isinstance(value, float) and not math.isfinite(value):
        raise InvalidInput(f"{name}: {value} is not a number that a template can hold")
    elif isinstance(value, str) and _HALF.search(value):
        raise InvalidInput(f"{name}: {value!r} holds half a character, which is not UTF-8")


def _json(text: str, name: str) -> Any:
    def once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in pairs:
            if key in out:
                raise InvalidInput(f"{name}: the key {key!r} stands twice in one object")
            out[key] = value
        return out

    def whole(digits: str) -> int:
        if len(digits) > _LONGEST_NUMBER:
            raise InvalidInput(f"{name}: a number of {len(digits)} digits is no value that a template can hold")
        return int(digits)

    try:
        return json.loads(text, object_pairs_hook=once, parse_int=whole)
    except json.JSONDecodeError as error:
        place = f"(line {error.lineno}, column {error.colno})"
        raise InvalidInput(f"{name}:{error.lineno}: JSON not well-formed. {place} {error.msg}") from error
    except RecursionError as error:
        raise InvalidInput(f"{name}: nested too deeply") from error


def _yaml(text: str, name: str) -> Any:
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        place = f"(line {line}, column {column})"
        raise InvalidInput(f"{name}:{line}: YAML not well-formed. {place} {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidInput(f"{name}: YAML not well-formed. {error}") from error
    return None if node is None else _Builder(name).build(node, 0)


class _Builder:
    """Turns one composed YAML document into plain values, once per node."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: set[int] = set()

    def refuse(self, node: yaml.Node, why: str) -> InvalidInput:
        return InvalidInput(f"{self.name}:{node.start_mark.line + 1}: {why}")

    def build(self, node: yaml.Node, depth: int) -> Any:
        if depth > DEEPEST:
            raise self.refuse(node, f"nested deeper than {DEEPEST} levels")
        if id(node) in self.seen:
            raise self.refuse(node, "YAML aliases are not supported in CloudFormation templates")
        self.seen.add(id(node))
        if node.tag in SHORT_TAGS:
            return self.intrinsic(node, depth)
        return self.plain(node, depth)

    def plain(self, node: yaml.Node, depth: int) -> Any:
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return self.mapping(node, depth)
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [self.build(item, depth + 1) for item in node.value]
        return self.scalar(node)

    def mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self.key(key_node)
            if key in out:
                raise self.refuse(key_node, f"the key {key!r} stands twice in one mapping")
            out[key] = self.build(value_node, depth + 1)
        return out

    def key(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag == "tag:yaml.org,2002:merge":
            raise self.refuse(node, "a key must be plain text (merge keys are not supported)")
        return str(node.value)

    def scalar(self, node: yaml.Node) -> Any:
        if node.tag in _TEXT:
            return node.value
        if node.tag not in _PLAIN:
            raise self.refuse(node, f"the tag {node.tag} is not supported in CloudFormation templates")
        if len(node.value) > _LONGEST_NUMBER:
            raise self.refuse(node, f"a number of {len(node.value)} characters is no value that a template can hold")
        try:
            return _CONSTRUCTOR.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise self.refuse(node, f"{node.value!r} is no valid value: {error}") from error

    def intrinsic(self, node: yaml.Node, depth: int) -> dict[str, Any]:
        key = SHORT_TAGS[node.tag]
        if isinstance(node, yaml.ScalarNode):
            value: Any = node.value
            if key == "Fn::GetAtt":
                value = value.split(".", 1)
            return {key: value}
        if isinstance(node, yaml.SequenceNode):
            return {key: [self.build(item, depth + 1) for item in node.value]}
        return {key: self.mapping(node, depth)}  # type: ignore[arg-type]  # scalar and sequence are excluded above
