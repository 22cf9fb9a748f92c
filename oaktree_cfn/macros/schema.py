"""A JSON Schema of templates with shorthand resources, for editors that complete and check while one types.

Drawn from the typed fields, so that it says what the macros check. What other resources look like is left to other
schemas: they pass. Properties that a shorthand must have are asked for where there is no Globals section to give them.
What contradicts what is left to the macros, and so are decimals, and bounds of numbers written as text.
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

from oaktree_cfn.macros.fragment import MOST_RESOURCES
from oaktree_cfn.macros.properties import word
from oaktree_cfn.macros.shorthand import SHORTHANDS, Shorthand
from oaktree_cfn.services.fields import (
    Choice,
    Kind,
    Named,
    Number,
    Part,
    Scalar,
    Several,
    Switch,
    Text,
    default_of,
    is_structure,
    is_wholly_known,
    kind_of,
    required,
    says_of,
)

Schema = dict[str, Any]

_INTRINSIC: Schema = {
    "type": "object",
    "minProperties": 1,
    "maxProperties": 1,
    "patternProperties": {"^(Ref|Fn::[A-Za-z0-9]+)$": {}},
    "additionalProperties": False,
}
_PREFIX = "OakTree::"


def template() -> Schema:
    """The schema of a whole template."""
    definitions: dict[str, Schema] = {"Intrinsic": _INTRINSIC}
    shapes = {kind: _shorthand(shorthand, definitions) for kind, shorthand in SHORTHANDS.items()}
    settings = {kind.removeprefix(_PREFIX): shape for kind, shape in shapes.items()}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "CloudFormation templates with OakTree's shorthand",
        "type": "object",
        "properties": {
            "Globals": {"type": "object", "properties": {**settings, "All": _of_every_kind(shapes)}},
            "Resources": {
                "type": "object",
                "additionalProperties": {"$ref": "#/definitions/Resource"},
                "propertyNames": {"pattern": "^[A-Za-z0-9]+$"},
                "maxProperties": MOST_RESOURCES,
            },
        },
        "if": {"required": ["Globals"]},
        "else": {"properties": {"Resources": {"additionalProperties": {"$ref": "#/definitions/Whole"}}}},
        "definitions": {**definitions, "Resource": _resource(shapes), "Whole": _whole()},
    }


def _of_every_kind(shapes: dict[str, Schema]) -> Schema:
    """Settings for every kind: what any of them has, as any of them takes it."""
    names = dict.fromkeys(name for shape in shapes.values() for name in shape["properties"])
    taken = {
        name: [shape["properties"][name] for shape in shapes.values() if name in shape["properties"]] for name in names
    }
    properties = {
        name: {"anyOf": [each for index, each in enumerate(said) if each not in said[:index]]}
        for name, said in taken.items()
    }
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _whole() -> Schema:
    """A shorthand with everything that it must say."""
    needed = {kind: _required(shorthand.describes) for kind, shorthand in SHORTHANDS.items()}
    return {
        "allOf": [
            {
                "if": {"properties": {"Type": {"const": kind}}, "required": ["Type"]},
                "then": {"properties": {"Properties": {"required": names}}, "required": ["Properties"]},
            }
            for kind, names in needed.items()
        ]
    }


def _resource(shapes: dict[str, Schema]) -> Schema:
    """A shorthand by its Type; any other resource as it likes."""
    ours = {"properties": {"Type": {"pattern": f"^{_PREFIX}"}}, "required": ["Type"]}
    known = {"properties": {"Type": {"enum": list(shapes)}}}
    return {
        "type": "object",
        "allOf": [
            {"if": ours, "then": known},
            *(
                {
                    "if": {"properties": {"Type": {"const": kind}}, "required": ["Type"]},
                    "then": {"properties": {"Properties": shape, **_attributes()}, "additionalProperties": False},
                }
                for kind, shape in shapes.items()
            ),
        ],
        "properties": {"Type": {"anyOf": [{"enum": list(shapes)}, {"type": "string"}]}},
    }


def _attributes() -> Schema:
    return {
        "Type": {},
        "Condition": {"type": "string"},
        "DependsOn": {"type": ["string", "array"]},
        "DeletionPolicy": {"type": "string"},
        "UpdateReplacePolicy": {"type": "string"},
        "Metadata": {"type": "object"},
    }


def _shorthand(shorthand: Shorthand, definitions: dict[str, Schema]) -> Schema:
    properties = _properties(shorthand.describes, definitions)
    if shorthand.place:
        properties |= _properties(shorthand.place, definitions)
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _properties(cls: type, definitions: dict[str, Schema]) -> dict[str, Schema]:
    return {word(declared.name): _property(cls, declared.name, definitions) for declared in fields(cls)}


def _property(cls: type, name: str, definitions: dict[str, Schema]) -> Schema:
    known = is_wholly_known(cls, name)
    shape = {"description": says_of(cls, name), **_value(kind_of(cls, name), definitions, known)}
    default = default_of(cls, name)
    if isinstance(default, str | int | float):
        shape["default"] = default
    return shape


def _value(kind: Kind, definitions: dict[str, Schema], known: bool = False) -> Schema:
    """What the macros take: a literal of the kind, or an intrinsic function where it need not be known beforehand."""
    literals = _part(kind, definitions) if isinstance(kind, Part) else [_literal(kind, definitions, known)]
    intrinsic = [] if known or is_structure(kind) else [{"$ref": "#/definitions/Intrinsic"}]
    return {"anyOf": [*literals, *intrinsic]}


def _literal(kind: Kind, definitions: dict[str, Schema], known: bool) -> Schema:
    match kind:
        case Number():
            return _number(kind)
        case Choice():
            numbers = [int(value) for value in kind.values if value.isdigit()]
            return {"enum": [*kind.values, *numbers]}
        case Text():
            return {"type": "string", "pattern": _anchored(kind.pattern), "maxLength": kind.longest}
        case Scalar():
            return {"type": ["string", "number", "boolean"]}
        case Switch():
            return {"enum": [True, False, "true", "false"]}
        case Several():
            item = _value(kind.kind, definitions, known)
            return {"anyOf": [{"type": "array", "items": item, "maxItems": kind.most}, item]}
        case Named():
            inner = {_anchored(kind.pattern): _value(kind.kind, definitions, known)}
            map_of = {"type": "object", "patternProperties": inner, "additionalProperties": False}
            return {**map_of, "not": {"$ref": "#/definitions/Intrinsic"}}  # {Ref: x} is none, though it looks like one
    raise TypeError(f"{kind} is drawn elsewhere")


def _number(kind: Number) -> Schema:
    """A number, or its digits as text."""
    whole = kind.decimals == 0
    exact = {"type": "integer" if whole else "number", "minimum": kind.low, "maximum": kind.high}
    digits = r"^-?\d{1,15}$" if whole else r"^-?\d{1,15}(\.\d+)?$"
    return {"anyOf": [exact, {"type": "string", "pattern": digits}]}


def _part(kind: Part, definitions: dict[str, Schema]) -> list[Schema]:
    """A map of the part's properties; where it could be of several kinds, under the kind as its one key."""
    for cls in kind.classes:
        _define(cls, definitions)
    references = {cls.__name__: {"$ref": f"#/definitions/{cls.__name__}"} for cls in kind.classes}
    if len(kind.classes) == 1:
        return list(references.values())
    one_key = {"minProperties": 1, "maxProperties": 1, "additionalProperties": False}
    return [{"type": "object", "properties": references, **one_key}]


def _define(cls: type, definitions: dict[str, Schema]) -> None:
    if cls.__name__ in definitions:
        return
    definitions[cls.__name__] = {}  # known from here on, so that parts may hold parts
    needed = _required(cls)
    definitions[cls.__name__] = {
        "type": "object",
        "properties": _properties(cls, definitions),
        "additionalProperties": False,
        **({"required": needed} if needed else {}),
    }


def _required(cls: type) -> list[str]:
    return [word(declared.name) for declared in fields(cls) if required(cls, declared.name)]


def _anchored(pattern: str) -> str:
    """A pattern of the whole text, in the words of JavaScript, which editors read."""
    dotted = re.sub(r"^\(\?s\)", "", pattern)
    whole = dotted.replace(".", r"[\s\S]") if dotted != pattern else dotted
    return f"^(?:{whole})$"
