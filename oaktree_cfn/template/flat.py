"""A whole system as one plain template: what an environment *is*, once parameters and conditions have been applied.

Nested stacks are dissolved into their parent (``Alb/LoadBalancer`` becomes ``AlbLoadBalancer``), so that one resource may
refer to another whichever stack it stands in. What is left are literals, and references to what only AWS knows. The result
is a template again: whatever reads templates can judge it, without having to know about parameters or nesting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oaktree_cfn.environment import IMPLIED, Environment
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template import rules, schemas
from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.stacks import Evaluated, Evaluator, Place, parameters_of, passed, symbol, typed
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.values import UNKNOWN

Path = tuple[str, ...]
Values = dict[str, Any]

_SYMBOL = re.compile("⟨([^⟨⟩]*)⟩")
_UNKNOWN = "⟨unknown⟩"
_ATTRIBUTES = ("DeletionPolicy", "UpdateReplacePolicy", "CreationPolicy", "UpdatePolicy", "Metadata")


@dataclass(frozen=True)
class Flat:
    """The template, and for each of its logical ids the path it had (``Alb/LoadBalancer``)."""

    template: Mapping[str, Any]
    paths: Mapping[str, str]


def of_environment(environment: Environment, tree: Tree, given: Mapping[str, str] | None = None) -> Flat:
    """What an environment is, with its values; ``given`` wins over its file.

    What an operation sets (``kept_parameters``: the image's tag) counts as set, to something that is not known. Raises
    InvalidInput for values that the templates' own rules refuse.
    """
    declared = parameters_of(tree)
    implied = set(IMPLIED) - declared.keys()
    said = {name: value for name, value in {**environment.parameters, **(given or {})}.items() if name not in implied}
    later = [name for name in environment.kept_parameters if name in declared and name not in said]
    values = passed(tree, {"Parameters": {**{name: symbol("parameter", name) for name in later}, **said}})
    broken = rules.broken(tree.template, typed(tree, values))
    if broken:
        raise InvalidInput("\n".join(f"{environment.path}: {each}" for each in broken), f"Correct {environment.path}.")
    place = Place(environment.stack_name, environment.region, environment.account)
    return flatten(Evaluator(place).evaluate(tree, values, environment.tags))


def flatten(system: Evaluated) -> Flat:
    """One template of everything that exists in a tree of stacks.

    Raises InvalidInput where two resources would get the same logical id, TemplateError where CloudFormation would refuse.
    """
    found = {(*stack.path, name): stack for stack in system.walk() for name in _own(stack)}
    ids = {path: "".join(path) for path in found}
    twice = sorted({id_ for id_ in ids.values() if list(ids.values()).count(id_) > 1})
    if twice:
        raise InvalidInput(f"Two resources would both be called {', '.join(twice)}.", "Rename a nested stack.")
    resources = {ids[path]: _resource(path, stack, ids) for path, stack in found.items()}
    description = str(system.scope.template.get("Description", ""))
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Description": description, "Resources": resources}
    return Flat(template, {id_: "/".join(path) for path, id_ in ids.items()})


def _own(stack: Evaluated) -> Iterator[str]:
    """What a stack holds besides the nested stacks that are known."""
    for name in stack.existing():
        if stack.scope.template["Resources"][name].get("Type") != STACK_TYPE or name not in stack.children:
            yield name


def _resource(path: Path, stack: Evaluated, ids: Mapping[Path, str]) -> Values:
    declared: Mapping[str, Any] = stack.scope.template["Resources"][path[-1]]
    type_ = str(declared["Type"])
    out: Values = {"Type": type_}
    before = [ids[(*stack.path, name)] for name in _waits(declared) if (*stack.path, name) in ids]
    if before:
        out["DependsOn"] = before
    for attribute in _ATTRIBUTES:
        if attribute in declared:
            out[attribute] = _referring(_known(stack.scope, declared[attribute]), ids)
    properties = _known(stack.scope, declared.get("Properties", {}))
    if properties:
        out["Properties"] = _referring(_typed(properties, *_schema(type_)), ids)
    return out


def _waits(declared: Mapping[str, Any]) -> list[str]:
    names = declared.get("DependsOn", [])
    return [names] if isinstance(names, str) else list(names)


def _known(scope: Scope, expression: Any) -> Any:
    value = scope.known(expression)
    return {} if value is UNKNOWN else value


# Symbols become references again


def _referring(value: Any, ids: Mapping[Path, str]) -> Any:
    if isinstance(value, dict):
        return {key: _referring(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [_referring(item, ids) for item in value]
    if value is UNKNOWN:
        return _UNKNOWN
    return _reference(value, ids) if isinstance(value, str) and _SYMBOL.search(value) else value


def _reference(text: str, ids: Mapping[Path, str]) -> Any:
    """``!Ref`` or ``!GetAtt`` where the text is one symbol, ``!Sub`` where it has some in it; a symbol of nothing in the
    template (an export, a stack's own id) stays as it is.
    """
    whole = _SYMBOL.fullmatch(text)
    if whole:
        name, attribute = _named(whole[1], ids)
        reference = {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}
        return reference if name else text
    substituted = _SYMBOL.sub(lambda match: _variable(match, ids), text.replace("${", "${!"))
    return {"Fn::Sub": substituted} if "${" in substituted.replace("${!", "") else text


def _variable(match: re.Match[str], ids: Mapping[Path, str]) -> str:
    parts = [part for part in _named(match[1], ids) if part]
    return "${" + ".".join(parts) + "}" if parts else match[0]


def _named(symbol: str, ids: Mapping[Path, str]) -> tuple[str, str]:
    """Logical id and attribute of what a symbol stands for."""
    path = tuple(symbol.split("/"))
    return (ids[path], "") if path in ids else (ids[path[:-1]], path[-1]) if path[:-1] in ids else ("", "")


# Texts become what the resource's schema says they are


def _schema(type_: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    raw = schemas.raw(type_) or {}
    return {"properties": raw.get("properties", {})}, raw.get("definitions", {})


def _typed(value: Any, schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    """The evaluator makes everything text, as CloudFormation's engine does; judges want ``true`` where a boolean belongs."""
    schema = _resolved(schema, definitions)
    if isinstance(value, dict):
        inner = schema.get("properties", {})
        return {key: _typed(item, inner.get(key, {}), definitions) for key, item in value.items()}
    if isinstance(value, list):
        return [_typed(item, schema.get("items", {}), definitions) for item in value]
    return _scalar(value, schema.get("type")) if isinstance(value, str) else value


def _resolved(schema: Any, definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    while isinstance(schema, Mapping) and "$ref" in schema:
        schema = definitions.get(str(schema["$ref"]).rpartition("/")[2], {})
    return schema if isinstance(schema, Mapping) else {}


def _scalar(text: str, kind: Any) -> Any:
    if kind == "boolean" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind in ("integer", "number") and re.fullmatch(r"-?\d+", text):
        return int(text)
    return float(text) if kind == "number" and re.fullmatch(r"-?\d+\.\d+", text) else text
