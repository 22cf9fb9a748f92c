"""Properties of a shorthand resource -> a typed description.

The words are the description's own, written as CloudFormation writes them: the field ``max_capacity`` is the property
``MaxCapacity``. Where a field takes one of several kinds of parts, its map has the kind as its one key:
``Rollout: {Canary: {CanaryPercent: 10}}``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from troposphere import AWSHelperFn, Ref, Sub

from oaktree_cfn.macros.fragment import MOST_FAULTS, BadFragment, Fault, meant
from oaktree_cfn.services.fields import Kind, Named, Part, Problem, Several, kind_of, plain, problems, required

D = TypeVar("D")


class Intrinsic(AWSHelperFn):  # type: ignore[misc]  # troposphere is untyped
    """An intrinsic function as it stands in the fragment, kept as it is."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = dict(data)


def word(field: str) -> str:
    """The property's name for a field: ``max_capacity`` is ``MaxCapacity``."""
    return "".join(part.capitalize() for part in field.split("_"))


def words(cls: Any) -> Mapping[str, str]:
    """Property -> field, of everything a description says."""
    return _words(cls)


@cache
def _words(cls: Any) -> Mapping[str, str]:
    return {word(declared.name): declared.name for declared in fields(cls)}


def describe(cls: type[D], properties: Mapping[str, Any], path: str) -> D:
    """The description that the properties say, verified. Raises BadFragment with everything that is wrong."""
    description = _described(cls, properties, path)
    faults = _judged(description, path)
    if faults:
        raise BadFragment(faults)
    verified: D = plain(description)
    return verified


def _described(cls: type[D], properties: Mapping[str, Any], path: str) -> D:
    """The description, its values not judged yet; where it cannot be made, those of its parts that could are."""
    properties = _as_meant(cls, properties)
    faults = list(islice(_unknown(cls, properties, path), MOST_FAULTS))
    values: dict[str, Any] = {}
    for name, field in words(cls).items():
        if name in properties:
            try:
                values[field] = _value(properties[name], kind_of(cls, field), f"{path}/{name}")
            except BadFragment as error:
                faults += error.faults
    faults += _missing(cls, values, path)
    if faults:
        made = (part for field, value in values.items() for part in _parts(value, f"{path}/{word(field)}"))
        raise BadFragment([*faults, *(fault for part, place in made for fault in _judged(part, place))])
    return cls(**values)


def parts_of(kind: Kind) -> tuple[type, ...]:
    """The classes of descriptions that a value of this kind holds."""
    match kind:
        case Part(classes):
            return classes
        case Several() | Named():
            return parts_of(kind.kind)
    return ()


def _parts(value: Any, path: str) -> Iterator[tuple[Any, str]]:
    """The descriptions that a value is, or is a list of."""
    if isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _parts(item, f"{path}/{index}")
    elif is_dataclass(value):
        yield value, path


def _judged(description: Any, path: str) -> list[Fault]:
    return [_fault(problem, description, path) for problem in problems(description)]


def _as_meant(cls: type, properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """An unquoted ``On`` is a boolean to YAML 1.1, and whoever writes that into JSON makes the key ``true`` of it."""
    if "true" in properties and "On" in words(cls) and "On" not in properties:
        return {"On" if name == "true" else name: value for name, value in properties.items()}
    return properties


def _unknown(cls: type, properties: Mapping[str, Any], path: str) -> Iterator[Fault]:
    known = words(cls)
    for name in properties:
        if name not in known:
            yield Fault(f"{path}/{name}", f"a {cls.__name__} has no property of that name{meant(name, known)}")


def _missing(cls: type, values: Mapping[str, Any], path: str) -> Iterator[Fault]:
    for name, field in words(cls).items():
        if field not in values and required(cls, field):
            yield Fault(f"{path}/{name}", "it is missing")


def _fault(problem: Problem, description: Any, path: str) -> Fault:
    """The problem where it stands in the fragment."""
    steps = _steps(description, problem.field.split(".")[1:])
    cls: Any = type(description)
    known = _fields(cls)
    return Fault("/".join([path, *steps]), _in_words(problem.message, known), _in_words(problem.fix, known))


def _in_words(text: str, known: frozenset[str]) -> str:
    """What is said of fields, said of properties: ``max_capacity`` is ``MaxCapacity``."""
    return re.sub(r"[a-z]+(_[a-z]+)+", lambda found: word(found[0]) if found[0] in known else found[0], text)


@cache
def _fields(cls: Any) -> frozenset[str]:
    """The fields of a description and of all its parts."""
    own = words(cls).values()
    return frozenset(own).union(*(_fields(part) for name in own for part in parts_of(kind_of(cls, name))))


def _steps(value: Any, names: list[str]) -> Iterator[str]:
    """A path of fields as a path of properties; where a part could be of several kinds, the kind is a step too."""
    for name in names:
        if is_dataclass(value):
            kind, value = kind_of(type(value), name), getattr(value, name, None)
            yield word(name)
            if isinstance(kind, Part) and len(kind.classes) > 1 and is_dataclass(value):
                yield type(value).__name__
        else:
            yield name
            value = _inner(value, name)


def _inner(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    return value[int(name)] if isinstance(value, tuple) and name.isdigit() and int(name) < len(value) else None


def _value(value: Any, kind: Kind, path: str) -> Any:
    if is_intrinsic(value):
        return wrapped(value)
    match kind:
        case Part(classes):
            return _part(value, classes, path)
        case Several():
            items = value if isinstance(value, list) else [value]
            return tuple(_value(item, kind.kind, f"{path}/{index}") for index, item in enumerate(items))
        case Named() if isinstance(value, dict):
            return {name: _value(item, kind.kind, f"{path}/{name}") for name, item in value.items()}
    return value


def _part(value: Any, classes: tuple[type, ...], path: str) -> Any:
    if not isinstance(value, dict):
        raise BadFragment([Fault(path, f"it is not a map that describes {_either(classes)}")])
    if len(classes) == 1:
        return _described(classes[0], value, path)
    known = {cls.__name__: cls for cls in classes}
    if len(value) != 1 or next(iter(value)) not in known:
        fix = f"Write one key of {', '.join(known)}, for example {{{next(iter(known))}: {{…}}}}"
        raise BadFragment([Fault(path, _which(value, known), fix)])
    name, inner = next(iter(value.items()))
    if not isinstance(inner, dict):
        raise BadFragment([Fault(f"{path}/{name}", "it is not a map")])
    return _described(known[name], inner, f"{path}/{name}")


def _which(value: Mapping[str, Any], known: Mapping[str, type]) -> str:
    if len(value.keys() & known.keys()) > 1:
        return "it says more than one kind"
    return f"it does not say which kind it is{meant(str(next(iter(value), '')), known)}"


def _either(classes: tuple[type, ...]) -> str:
    return " or ".join(f"a {cls.__name__}" for cls in classes)


def is_intrinsic(value: Any) -> bool:
    """Whether a value is a map of one intrinsic function."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    name = str(next(iter(value)))
    return name == "Ref" or name.startswith("Fn::")


def wrapped(value: Mapping[str, Any]) -> AWSHelperFn:
    """An intrinsic function for troposphere; references as troposphere's own, so that names are made as people write
    them.
    """
    key, argument = next(iter(value.items()))
    if key == "Ref" and isinstance(argument, str):
        return Ref(argument)
    if key == "Fn::Sub" and isinstance(argument, str):
        return Sub(argument)
    return Intrinsic(value)
