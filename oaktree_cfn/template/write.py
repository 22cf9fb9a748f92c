"""A template as text: YAML for people, compact JSON for CloudFormation.

The YAML is written by hand, not by a YAML library, for three reasons: it is the same on every machine whatever library
is installed, it reads as a person would write it (``!Ref Vpc``, ``!Equals [!Ref Zones, "3"]``, indented lists, literal
blocks), and it is several times faster. What is written reads back as the same document; strings are left unquoted only
where every YAML 1.1 and 1.2 reader agrees that they are strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from oaktree_cfn.models import RESOURCE_ATTRIBUTES

SECTIONS = (
    "AWSTemplateFormatVersion",
    "Transform",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Resources",
    "Outputs",
)
"""The sections of a template in the order a reader wants them."""

_PARAMETER = ("Type", "Description", "Default")
_OUTPUT = ("Condition", "Description", "Value", "Export")
_ENTRIES = {"Resources": RESOURCE_ATTRIBUTES, "Parameters": _PARAMETER, "Outputs": _OUTPUT}

_FUNCTIONS = (
    "And Base64 Cidr Equals FindInMap GetAZs GetAtt If ImportValue Join Length Not Or Select Split Sub ToJsonString"
)
_SHORT = {"Ref": "!Ref"} | {f"Fn::{name}": f"!{name}" for name in _FUNCTIONS.split()}

_WIDEST_FLOW = 100
"""An intrinsic function's arguments stay on one line up to this many characters."""

_WORDS = frozenset(["y", "n", "yes", "no", "true", "false", "on", "off", "null"])
_PLAIN = re.compile(r"(?:[A-Za-z_/$]|\.{1,2}/)(?:[^\s:#]|:(?!\s|\Z)|(?<! )#| (?=[^\s#]))*\Z")
_PLAIN_IN_FLOW = re.compile(r"[A-Za-z_/][\w./-]*\Z", re.ASCII)
_UNPRINTABLE = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")


def to_json(document: Mapping[str, Any]) -> bytes:
    """The document as compact UTF-8 JSON, keys in the order they have."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def to_json_text(document: Mapping[str, Any]) -> str:
    """The document as JSON for people, keys in the order they have."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def to_yaml(document: Mapping[str, Any]) -> str:
    """The template as YAML with short intrinsics, keys in the order they have."""
    return "\n".join(_section(name, value) for name, value in document.items())


def _section(name: str, value: Any) -> str:
    if name not in _ENTRIES or not isinstance(value, Mapping) or not value:
        return f"{_scalar(name)}:{_value(value, '  ')}\n"
    entries = [f"  {_scalar(key)}:{_value(entry, '    ')}\n" for key, entry in value.items()]
    return f"{name}:\n" + ("\n" if name == "Resources" else "").join(entries)


def for_readers(document: Mapping[str, Any]) -> dict[str, Any]:
    """The template with sections and attributes in a reader's order."""
    return {name: _entries(name, value) for name, value in _arranged(document, SECTIONS).items()}


def _entries(name: str, value: Any) -> Any:
    if name not in _ENTRIES or not isinstance(value, Mapping):
        return value
    return {key: _arranged(entry, _ENTRIES[name]) for key, entry in value.items()}


def _arranged(entry: Any, order: Sequence[str]) -> Any:
    return {key: entry[key] for key in _ordered(entry, order)} if isinstance(entry, Mapping) else entry


def _ordered(mapping: Mapping[str, Any], order: Sequence[str]) -> list[str]:
    known = [key for key in order if key in mapping]
    return known + [key for key in mapping if key not in order]


def _value(value: Any, pad: str) -> str:
    """What follows ``key:`` or ``-``: a space and the text, or a line break and lines indented by ``pad``."""
    if isinstance(value, Mapping):
        short = _short(value)
        return _tagged(*short, pad) if short else _mapping(value, pad)
    if isinstance(value, (list, tuple)):
        return _sequence(value, pad)
    if isinstance(value, str) and "\n" in value and _fits_literal(value):
        return _literal(value, pad)
    return " " + _scalar(value)


def _mapping(value: Mapping[str, Any], pad: str) -> str:
    if not value:
        return " {}"
    deeper = pad + "  "
    return "".join([f"\n{pad}{_scalar(key)}:{_value(item, deeper)}" for key, item in value.items()])


def _sequence(value: Iterable[Any], pad: str) -> str:
    deeper = pad + "  "
    lines = [f"\n{pad}-{_beside_dash(_value(item, deeper), deeper)}" for item in value]
    return "".join(lines) or " []"


def _beside_dash(text: str, pad: str) -> str:
    """Mappings and lists begin on the line of their dash."""
    return " " + text[len(pad) + 1 :] if text.startswith("\n") else text


def _fits_literal(value: str) -> bool:
    """Whether a literal block keeps every character: no control characters, no blanks where YAML would lose them."""
    lines = value.removesuffix("\n").split("\n")
    edges = lines[0][:1].strip() and lines[-1]
    return bool(edges) and all(line == line.rstrip() and line.isprintable() for line in lines)


def _literal(value: str, pad: str) -> str:
    mark, body = (" |", value[:-1]) if value.endswith("\n") else (" |-", value)
    return mark + "".join([f"\n{pad}{line}" if line else "\n" for line in body.split("\n")])


def _short(value: Mapping[str, Any]) -> tuple[str, Any] | None:
    """The tag and argument of an intrinsic function that has a short form here, else None.

    YAML cannot put one tag directly after another, so ``Fn::Base64: !Sub …`` keeps its long name. So does ``Condition``,
    whose short form not every reader knows (moto takes ``!Condition`` for a function).
    """
    if len(value) != 1:
        return None
    ((name, argument),) = value.items()
    tag = _SHORT.get(name)
    if tag is None or isinstance(argument, Mapping) or not isinstance(argument, (str, list, tuple)):
        return None
    if name == "Ref" and not isinstance(argument, str):
        return None
    return (tag, _attribute(argument)) if name == "Fn::GetAtt" else (tag, argument)


def _attribute(argument: Any) -> Any:
    """``Vpc.CidrBlock`` where both halves are plain text and the text splits at the same place again."""
    plain = len(argument) == 2 and all(isinstance(part, str) for part in argument) and "." not in argument[0]
    return ".".join(argument) if plain and not isinstance(argument, str) else argument


def _tagged(tag: str, argument: Any, pad: str) -> str:
    if isinstance(argument, str):
        return f" {tag}{_value(argument, pad)}"
    flow = _flow(argument)
    return f" {tag} {flow}" if flow and len(flow) <= _WIDEST_FLOW else f" {tag}{_sequence(argument, pad)}"


def _flow(value: Any) -> str:
    """The value on one line, or nothing where it is no scalar, list or short intrinsic of such."""
    if isinstance(value, Mapping):
        short = _short(value)
        inner = _flow(short[1]) if short else ""
        return f"{short[0]} {inner}" if short and inner else ""
    if isinstance(value, (list, tuple)):
        items = [_flow(item) for item in value]
        return f"[{', '.join(items)}]" if all(items) else ""
    if isinstance(value, str) and not _PLAIN_IN_FLOW.match(value):
        return "" if "\n" in value else _quoted(value)
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        plain = _PLAIN.match(value) and value.isprintable() and value.lower() not in _WORDS
        return value if plain else _quoted(value)
    if isinstance(value, float):
        return re.sub(r"^(-?\d+)e", r"\1.0e", json.dumps(value))  # YAML 1.1 reads 1e-07 as a string
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value)
    raise TypeError(f"{type(value).__name__} has no place in a template: {value!r}")


def _quoted(value: str) -> str:
    if value.isprintable() and ("\\" in value or '"' in value):
        return "'" + value.replace("'", "''") + "'"
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))
