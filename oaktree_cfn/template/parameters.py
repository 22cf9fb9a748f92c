"""Template parameters: which values a template takes, and what CloudFormation says of a wrong one.

Pure: SSM parameter types are looked up by a function the caller gives. Source: CloudFormation user guide,
"Parameters section"; the messages are CloudFormation's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from oaktree_cfn.template.values import UNKNOWN, TemplateError

Declaration = Mapping[str, Any]
SsmLookup = Callable[[str], str]

MASK = "****"
"""What CloudFormation shows for the value of a NoEcho parameter."""

LONGEST_VALUE = 4096
"""Bytes of one parameter value (quota "Parameter value")."""

_AWS_ID = {
    "AWS::EC2::VPC::Id": r"vpc-[0-9a-f]+",
    "AWS::EC2::Subnet::Id": r"subnet-[0-9a-f]+",
    "AWS::EC2::SecurityGroup::Id": r"sg-[0-9a-f]+",
    "AWS::EC2::Instance::Id": r"i-[0-9a-f]+",
    "AWS::EC2::Image::Id": r"ami-[0-9a-f]+",
    "AWS::EC2::Volume::Id": r"vol-[0-9a-f]+",
    "AWS::Route53::HostedZone::Id": r"Z[0-9A-Z]+",
}
_AWS_NAMES = {"AWS::EC2::AvailabilityZone::Name", "AWS::EC2::KeyPair::KeyName", "AWS::EC2::SecurityGroup::GroupName"}
_LIMITS = ("MinLength", "MaxLength", "MinValue", "MaxValue")
_NUMBERS = {"Number", "List<Number>"}
_NUMBER = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_SSM = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
_LIST = re.compile(r"List<(.+)>")
_SET = re.compile(r"\\.|\[\^?\]?(?P<members>(?:\\.|[^\\\]])*)", re.DOTALL)
_IN_A_SET = re.compile(r"\[|&&|--|~~|\|\|")
"""What not all read alike in a set. To Java, whose patterns CloudFormation reads, the first two make a set of sets; to Python
they are letters, and it warns of all that it may take for operators one day.
"""


def no_echo(declaration: Declaration) -> bool:
    """Whether the value must never be shown."""
    return str(declaration.get("NoEcho", "")).lower() == "true"


def is_ssm(type_: str) -> bool:
    """Whether the value is the name of an SSM parameter that CloudFormation looks up."""
    return _SSM.fullmatch(type_) is not None


def is_list(type_: str) -> bool:
    """Whether ``Ref`` of such a parameter gives a list."""
    inner = _SSM.fullmatch(type_)
    type_ = inner.group(1) if inner else type_
    return type_ == "CommaDelimitedList" or _LIST.fullmatch(type_) is not None


def typed(type_: str, value: Any) -> Any:
    """What ``Ref`` gives for a value: text, or a list of texts for a list type."""
    if value is UNKNOWN or not is_list(type_):
        return value
    return [part.strip() for part in value.split(",")] if value else []


def problem(name: str, declaration: Declaration, value: str) -> str | None:
    """What CloudFormation says of a value for a parameter; None when it takes it."""
    for check in (_length_in_bytes, _type, _allowed_values, _pattern, _range, _length):
        complaint = check(name, declaration, value)
        if complaint is not None:
            return _explained(complaint, name, declaration) if check not in (_type, _length_in_bytes) else complaint
    return None


def _explained(complaint: str, name: str, declaration: Declaration) -> str:
    constraint = declaration.get("ConstraintDescription")
    return f"Parameter {name} failed to satisfy constraint: {constraint}" if constraint else complaint


def _items(declaration: Declaration, value: str) -> list[str]:
    result = typed(str(declaration.get("Type", "String")), value)
    return result if isinstance(result, list) else [result]


def _length_in_bytes(name: str, _: Declaration, value: str) -> str | None:
    if len(value.encode()) > LONGEST_VALUE:
        return f"Parameter '{name}' must not be longer than {LONGEST_VALUE} bytes"
    return None


def _type(name: str, declaration: Declaration, value: str) -> str | None:
    type_ = str(declaration.get("Type", "String"))
    inner = _LIST.fullmatch(type_)
    if type_ in _NUMBERS:
        if not all(_NUMBER.fullmatch(item) for item in _items(declaration, value)):
            return (
                f"Parameter '{name}' must be a number"
                if inner is None
                else f"Parameter '{name}' must be a list of numbers"
            )
        return None
    pattern = _AWS_ID.get(inner.group(1) if inner else type_)
    if pattern and not all(re.fullmatch(pattern, item) for item in _items(declaration, value)):
        return f"Parameter validation failed: parameter value {value} for parameter name {name} does not exist"
    return None


def _allowed_values(name: str, declaration: Declaration, value: str) -> str | None:
    allowed = declaration.get("AllowedValues")
    if allowed is None:
        return None
    texts = {_text(item) for item in allowed}
    if all(item in texts for item in _items(declaration, value)):
        return None
    return f"Parameter '{name}' must be one of AllowedValues"


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pattern(name: str, declaration: Declaration, value: str) -> str | None:
    pattern = declaration.get("AllowedPattern")
    if pattern is None or all(re.fullmatch(str(pattern), item) for item in _items(declaration, value)):
        return None
    return f"Parameter '{name}' must match pattern {pattern}"


def _range(name: str, declaration: Declaration, value: str) -> str | None:
    numbers = [float(item) for item in _items(declaration, value)] if declaration.get("Type") in _NUMBERS else []
    if "MinValue" in declaration and any(number < float(declaration["MinValue"]) for number in numbers):
        return f"Parameter '{name}' must be a number not less than {declaration['MinValue']}"
    if "MaxValue" in declaration and any(number > float(declaration["MaxValue"]) for number in numbers):
        return f"Parameter '{name}' must be a number not greater than {declaration['MaxValue']}"
    return None


def _length(name: str, declaration: Declaration, value: str) -> str | None:
    if "MinLength" in declaration and len(value) < float(declaration["MinLength"]):
        return f"Parameter '{name}' must contain at least {declaration['MinLength']} characters"
    if "MaxLength" in declaration and len(value) > float(declaration["MaxLength"]):
        return f"Parameter '{name}' must contain at most {declaration['MaxLength']} characters"
    return None


def known_type(type_: str) -> bool:
    """Whether CloudFormation has such a parameter type."""
    ssm = _SSM.fullmatch(type_)
    if ssm is not None:
        type_ = ssm.group(1)
    many = _LIST.fullmatch(type_)
    if many is not None:
        return many.group(1) in ({"String", "Number"} | _AWS_ID.keys() | _AWS_NAMES) - {"AWS::EC2::KeyPair::KeyName"}
    return (
        type_ in {"String", "Number", "CommaDelimitedList", "AWS::SSM::Parameter::Name"} | _AWS_ID.keys() | _AWS_NAMES
    )


def declaration_problem(name: str, declaration: Declaration) -> str | None:
    """What is wrong with a declaration, whatever its value; None when it is sound."""
    type_ = declaration.get("Type")
    if not isinstance(type_, str) or not known_type(type_):
        return f"Template format error: Unrecognized parameter type: {type_} ({name})"
    if not isinstance(declaration.get("AllowedValues", []), list):
        return f"Template format error: AllowedValues of parameter {name} must be a list."
    for key in _LIMITS:
        if key in declaration and not _NUMBER.fullmatch(str(declaration[key])):
            return f"Template format error: {key} of parameter {name} must be a number."
    problem = _pattern_problem(str(declaration.get("AllowedPattern", "")))
    return problem and f"Template format error: AllowedPattern of parameter {name} is not a pattern: {problem}"


def _pattern_problem(pattern: str) -> str | None:
    for found in _SET.finditer(pattern):
        several = _IN_A_SET.search(re.sub(r"\\.", "x", found["members"] or "", flags=re.DOTALL))
        if several:
            return f"{several[0]} in a set of characters is read as a set of sets by some, but not by all; escape it"
    try:
        re.compile(pattern)
    except re.error as error:
        return str(error)
    return None


def effective(declared: Mapping[str, Declaration], given: Mapping[str, Any]) -> dict[str, Any]:
    """The raw value of every declared parameter: the given one, else its default. Values may be UNKNOWN.

    Raises TemplateError for unsound declarations, unknown keys, missing values and values that a constraint refuses.
    """
    _refuse(declaration_problem(name, declaration) for name, declaration in declared.items())
    strangers = sorted(given.keys() - declared.keys())
    if strangers:
        raise TemplateError(f"Parameters: [{', '.join(strangers)}] do not exist in the template")
    missing = [name for name, declaration in declared.items() if name not in given and "Default" not in declaration]
    if missing:
        raise TemplateError(f"Parameters: [{', '.join(missing)}] must have values")
    values = {
        name: given[name] if name in given else _text(declaration["Default"]) for name, declaration in declared.items()
    }
    _refuse(problem(name, declared[name], value) for name, value in values.items() if value is not UNKNOWN)
    return values


def _refuse(problems: Iterable[str | None]) -> None:
    first = next((found for found in problems if found), None)
    if first:
        raise TemplateError(first)


def resolved(declared: Mapping[str, Declaration], values: Mapping[str, Any], ssm: SsmLookup) -> dict[str, Any]:
    """What ``Ref`` gives for every parameter: SSM types looked up, list types split."""
    out: dict[str, Any] = {}
    for name, value in values.items():
        type_ = str(declared[name].get("Type", "String"))
        looked_up = ssm(value) if is_ssm(type_) and value is not UNKNOWN else value
        out[name] = typed(type_, looked_up)
    return out
