"""CloudFormation's intrinsic functions, one small function each; ``FUNCTIONS`` is the whole documented set.

Sources: CloudFormation user guide, "Intrinsic function reference" and "Rule functions". Messages are CloudFormation's
own where it has been heard to say them. ``Fn::Transform`` and ``Fn::ForEach`` are not values: transforms run before
evaluation.
"""

from __future__ import annotations

import base64
import ipaddress
import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from oaktree_cfn.template.values import NO_VALUE, UNKNOWN, Context, Reference, TemplateError, Unresolved, truth

Function = Callable[[Any, Context], Any]
FUNCTIONS: dict[str, Function] = {}

MOST_BLOCKS = 256
"""Blocks that one Fn::Cidr may cut."""

_INTEGER = re.compile(r"-?[0-9]{1,9}")
_ID = re.compile("⟨(?!export/|output/|ssm/)[^⟨⟩]*⟩")  # stands for what AWS will call a resource of ours (stacks.py)
_VARIABLE = re.compile(r"\$\{(!?)([^{}]*)\}")


def _intrinsic(name: str) -> Callable[[Function], Function]:
    def register(function: Function) -> Function:
        FUNCTIONS[name] = function
        return function

    return register


def _unknown(value: Any) -> bool:
    """Whether a value has a part that is not known yet."""
    if isinstance(value, list):
        return any(map(_unknown, value))
    if isinstance(value, dict):
        return any(map(_unknown, value.values()))
    return value is UNKNOWN


def _text_of(argument: Any, context: Context, complaint: str) -> Any:
    value = context.value(argument)
    if value is UNKNOWN or isinstance(value, str):
        return value
    raise TemplateError(complaint)


def _texts(arguments: Any, context: Context, count: int, complaint: str) -> list[Any]:
    values = context.value(arguments)
    if not isinstance(values, list) or len(values) != count:
        raise TemplateError(complaint)
    return values


# --- references -----------------------------------------------------------------------------------------------------


@_intrinsic("Ref")
def _ref(name: Any, context: Context) -> Any:
    if not isinstance(name, str):
        raise TemplateError("Template error: every Ref object must have a single String value.")
    if name == "AWS::NoValue":
        return NO_VALUE
    if name in context.pseudo:
        return context.pseudo[name]
    if name in context.parameters:
        context.note(Reference("parameter", name))
        return context.parameters[name]
    _must_exist(name, context)
    context.note(Reference("resource", name))
    return context.world.physical_id(name)


@_intrinsic("Fn::GetAtt")
def _get_att(arguments: Any, context: Context) -> Any:
    complaint = "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute"
    parts = arguments.split(".", 1) if isinstance(arguments, str) else arguments
    if not isinstance(parts, list) or len(parts) < 2 or not isinstance(parts[0], str):
        raise TemplateError(complaint)
    name, steps = parts[0], context.value(parts[1:])
    _must_exist(name, context)
    if _unknown(steps):
        return UNKNOWN
    if not all(isinstance(step, str) and step for step in steps):
        raise TemplateError(complaint)
    attribute = ".".join(steps)
    context.note(Reference("attribute", name, attribute))
    return context.world.attribute(name, attribute)


def _must_exist(name: str, context: Context) -> None:
    if context.exists(name) is False:
        raise Unresolved(name)


@_intrinsic("Fn::Sub")
def _sub(arguments: Any, context: Context) -> Any:
    template, names = (arguments, {}) if isinstance(arguments, str) else _sub_arguments(arguments)
    values = {key: context.value(value) for key, value in names.items()}
    unknown = False

    def replace(match: re.Match[str]) -> str:
        nonlocal unknown
        literal, name = match.groups()
        if literal:
            return "${" + name + "}"
        value = values[name] if name in values else _variable(name.strip(), context)
        if _unknown(value):
            unknown = True
            return ""
        if not isinstance(value, str):
            raise TemplateError(f"Template error: variable {name} in Fn::Sub expression does not resolve to a string")
        return value

    result = _VARIABLE.sub(replace, template)
    return UNKNOWN if unknown else result


def _sub_arguments(arguments: Any) -> tuple[str, dict[str, Any]]:
    if (
        isinstance(arguments, list)
        and len(arguments) == 2
        and isinstance(arguments[0], str)
        and isinstance(arguments[1], dict)
    ):
        return arguments[0], arguments[1]
    raise TemplateError(
        "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first "
        "argument, and an optional second argument to specify a mapping of values to replace in the string"
    )


def _variable(name: str, context: Context) -> Any:
    return _get_att(name, context) if "." in name else _ref(name, context)


@_intrinsic("Fn::ImportValue")
def _import_value(argument: Any, context: Context) -> Any:
    name = _text_of(argument, context, "Template error: every Fn::ImportValue object must have a single String value.")
    return name if name is UNKNOWN else context.world.export(name)


@_intrinsic("Fn::GetStackOutput")
def _get_stack_output(arguments: Any, context: Context) -> Any:
    complaint = "Template error: every Fn::GetStackOutput object requires StackName and OutputName"
    given = context.value(arguments)
    if not isinstance(given, dict) or not {"StackName", "OutputName"} <= given.keys():
        raise TemplateError(complaint)
    if _unknown(given):
        return UNKNOWN
    if not all(isinstance(value, str) for value in given.values()):
        raise TemplateError(complaint)
    return context.world.stack_output(
        given["StackName"], given["OutputName"], given.get("Region", context.pseudo["AWS::Region"])
    )


# --- text and lists -------------------------------------------------------------------------------------------------


@_intrinsic("Fn::Join")
def _join(arguments: Any, context: Context) -> Any:
    complaint = (
        "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be "
        "joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined."
    )
    delimiter, items = _texts(arguments, context, 2, complaint)
    if _unknown(items) or _unknown(delimiter):
        return UNKNOWN
    if not isinstance(delimiter, str) or not isinstance(items, list) or not all(isinstance(i, str) for i in items):
        raise TemplateError(complaint)
    return delimiter.join(items)


@_intrinsic("Fn::Split")
def _split(arguments: Any, context: Context) -> Any:
    complaint = "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split."
    delimiter, source = _texts(arguments, context, 2, complaint)
    if _unknown(source) or _unknown(delimiter):
        return UNKNOWN
    if not isinstance(source, str) or not isinstance(delimiter, str) or not delimiter:
        raise TemplateError(complaint)
    return source.split(delimiter)


@_intrinsic("Fn::Select")
def _select(arguments: Any, context: Context) -> Any:
    complaint = "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"
    if not isinstance(arguments, list) or len(arguments) != 2:
        raise TemplateError(complaint)
    index, items = context.value(arguments[0]), context.value(arguments[1])
    if _unknown(index) or items is UNKNOWN:
        return UNKNOWN
    if not isinstance(index, str) or not _INTEGER.fullmatch(index) or not isinstance(items, list):
        raise TemplateError(complaint)
    if 0 <= int(index) < len(items):
        return items[int(index)]
    if len(items) == 1 and isinstance(items[0], str) and _ID.fullmatch(items[0]) and int(index) > 0:
        return f"{items[0][:-1]}[{index}]⟩"  # a part of an id is that part of it, whatever it will be
    raise TemplateError(f"Template error: Fn::Select cannot select nonexistent value at index {index}")


@_intrinsic("Fn::Base64")
def _base64(argument: Any, context: Context) -> Any:
    value = _text_of(argument, context, "Template error: every Fn::Base64 object must have a String-typed value.")
    return value if value is UNKNOWN else base64.b64encode(value.encode()).decode()


@_intrinsic("Fn::ToJsonString")
def _to_json_string(argument: Any, context: Context) -> Any:
    value = context.value(argument)
    if value is UNKNOWN:
        return UNKNOWN
    if not isinstance(value, dict | list):
        raise TemplateError("Template error: every Fn::ToJsonString object must have an object or a list as its value.")
    return UNKNOWN if _unknown(value) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@_intrinsic("Fn::Length")
def _length(argument: Any, context: Context) -> Any:
    value = context.value(argument)
    if value is UNKNOWN:
        return UNKNOWN
    if not isinstance(value, list):
        raise TemplateError("Template error: Fn::Length requires a list")
    return str(len(value))


@_intrinsic("Fn::FindInMap")
def _find_in_map(arguments: Any, context: Context) -> Any:
    complaint = "Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value"
    if not isinstance(arguments, list) or len(arguments) not in (3, 4):
        raise TemplateError(complaint)
    name, top, second = (_text_of(item, context, complaint) for item in arguments[:3])
    if UNKNOWN in (name, top, second):
        return UNKNOWN
    found = context.template.get("Mappings", {}).get(name, {}).get(top, {}).get(second)
    if found is not None:
        return context.value(found)
    if len(arguments) == 4 and isinstance(arguments[3], dict) and "DefaultValue" in arguments[3]:
        return context.value(arguments[3]["DefaultValue"])
    raise TemplateError(f"Template error: Unable to get mapping for {name}::{top}::{second}")


# --- network --------------------------------------------------------------------------------------------------------


@_intrinsic("Fn::GetAZs")
def _get_azs(argument: Any, context: Context) -> Any:
    region = _text_of(argument, context, "Template error: every Fn::GetAZs object must have a String-typed value.")
    return UNKNOWN if region is UNKNOWN else context.world.zones(region or context.pseudo["AWS::Region"])


@_intrinsic("Fn::Cidr")
def _cidr(arguments: Any, context: Context) -> Any:
    values = context.value(arguments)
    if _unknown(values):
        return UNKNOWN
    try:
        block, count, host_bits = (*values, "8")[:3]
        network = ipaddress.ip_network(block)
        subnets = network.subnets(new_prefix=network.max_prefixlen - int(host_bits))
        return [str(subnet) for subnet in _first(subnets, int(count))]
    except (ValueError, TypeError) as error:
        raise TemplateError(f"Template error: Fn::Cidr cannot cut {values}: {error}") from error


def _first(subnets: Iterator[Any], count: int) -> list[Any]:
    if not 1 <= count <= MOST_BLOCKS:
        raise ValueError(f"the count must be between 1 and {MOST_BLOCKS}")
    found = list(itertools.islice(subnets, count))
    if len(found) < count:
        raise ValueError("the block is too small")
    return found


# --- conditions -----------------------------------------------------------------------------------------------------


@_intrinsic("Fn::If")
def _if(arguments: Any, context: Context) -> Any:
    return context.value(context.branch(arguments))


@_intrinsic("Condition")
def _condition(name: Any, context: Context) -> Any:
    return context.condition(name) if isinstance(name, str) else {"Condition": context.value(name)}


@_intrinsic("Fn::Equals")
def _equals(arguments: Any, context: Context) -> Any:
    complaint = "Template error: every Fn::Equals object requires a list of 2 string parameters."
    if not isinstance(arguments, list) or len(arguments) != 2:
        raise TemplateError(complaint)
    left, right = (context.value(item) for item in arguments)
    return UNKNOWN if _unknown([left, right]) else left == right


def _operands(arguments: Any, context: Context, name: str) -> list[Any]:
    complaint = f"Template error: every {name} object requires a list of at least 2 and at most 10 boolean parameters."
    if not isinstance(arguments, list) or not 2 <= len(arguments) <= 10:
        raise TemplateError(complaint)
    return [truth(context.value(item), complaint) for item in arguments]


@_intrinsic("Fn::And")
def _and(arguments: Any, context: Context) -> Any:
    values = _operands(arguments, context, "Fn::And")
    if False in values:
        return False
    return UNKNOWN if UNKNOWN in values else True


@_intrinsic("Fn::Or")
def _or(arguments: Any, context: Context) -> Any:
    values = _operands(arguments, context, "Fn::Or")
    if True in values:
        return True
    return UNKNOWN if UNKNOWN in values else False


@_intrinsic("Fn::Not")
def _not(arguments: Any, context: Context) -> Any:
    complaint = "Template error: every Fn::Not object requires one boolean parameter."
    if not isinstance(arguments, list) or len(arguments) != 1:
        raise TemplateError(complaint)
    value = truth(context.value(arguments[0]), complaint)
    return UNKNOWN if value is UNKNOWN else not value


# --- rules (assertions about parameters) ----------------------------------------------------------------------------


def _list_and(arguments: Any, context: Context, complaint: str, *, second: type) -> tuple[list[Any], Any]:
    items, other = _texts(arguments, context, 2, complaint)
    if not isinstance(items, list) or not isinstance(other, second):
        raise TemplateError(complaint)
    return items, other


@_intrinsic("Fn::Contains")
def _contains(arguments: Any, context: Context) -> Any:
    complaint = "Template error: every Fn::Contains object requires a list and a string"
    items, wanted = _list_and(arguments, context, complaint, second=str)
    return wanted in items


@_intrinsic("Fn::EachMemberEquals")
def _each_member_equals(arguments: Any, context: Context) -> Any:
    complaint = "Template error: every Fn::EachMemberEquals object requires a list and a string"
    items, wanted = _list_and(arguments, context, complaint, second=str)
    return all(item == wanted for item in items)


@_intrinsic("Fn::EachMemberIn")
def _each_member_in(arguments: Any, context: Context) -> Any:
    complaint = "Template error: every Fn::EachMemberIn object requires two lists"
    items, allowed = _list_and(arguments, context, complaint, second=list)
    return all(item in allowed for item in items)


@_intrinsic("Fn::RefAll")
def _ref_all(type_: Any, context: Context) -> Any:
    if not isinstance(type_, str):
        raise TemplateError("Template error: every Fn::RefAll object requires the name of a parameter type")
    declared = context.template.get("Parameters", {})
    return [context.parameters[name] for name, declaration in declared.items() if declaration.get("Type") == type_]
