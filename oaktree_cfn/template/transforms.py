"""Transforms of a template, in CloudFormation's order: the deepest ``Fn::Transform`` first, then the ``Transform`` section.

Source: CloudFormation user guide, "Macros", order of processing. A macro named in the section gets the whole template
without that section; one named by ``Fn::Transform`` gets what stands beside it, and what it returns takes that place.
Both may name several, which are called one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from oaktree_cfn.template.values import TemplateError

Call = Callable[[str, Any, Mapping[str, Any], str], Any]
"""Name of the macro, fragment, the call's parameters, where the fragment stands (empty for the whole) -> what it returns."""

SECTION, FUNCTION = "Transform", "Fn::Transform"


def names(template: Mapping[str, Any]) -> tuple[str, ...]:
    """Every transform that a template names, in the order in which they are called.

    Raises TemplateError for a transform that is not written as one.
    """
    return (*_named(template), *(name for name, _ in _listed(template.get(SECTION))))


def _named(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _named(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _named(item)
        yield from (name for name, _ in _listed(value.get(FUNCTION)))


def process(template: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """The template without transforms. Raises TemplateError for a transform that is not written as one."""
    section = template.get(SECTION)
    inner = {key: _nested(value, call, key) for key, value in template.items() if key != SECTION}
    for name, parameters in _listed(section):
        inner = call(name, inner, parameters, "")
        if not isinstance(inner, dict):
            raise TemplateError("Template format error: unsupported structure.")
    return inner


def _nested(value: Any, call: Call, path: str) -> Any:
    if isinstance(value, list):
        return [_nested(item, call, f"{path}/{index}") for index, item in enumerate(value)]
    if not isinstance(value, dict):
        return value
    inner: Any = {key: _nested(item, call, f"{path}/{key}") for key, item in value.items() if key != FUNCTION}
    for name, parameters in _listed(_nested(value.get(FUNCTION), call, f"{path}/{FUNCTION}")):
        inner = call(name, inner, parameters, path)
    return inner


def _listed(said: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if said is None:
        return
    for each in said if isinstance(said, list) else [said]:
        yield (each, {}) if isinstance(each, str) else _one(each)


def _one(value: Any) -> tuple[str, Mapping[str, Any]]:
    name = value.get("Name") if isinstance(value, dict) else None
    parameters = value.get("Parameters", {}) if isinstance(value, dict) else None
    if not isinstance(name, str):
        raise TemplateError("Key Name of transform definition must be a string.")
    if not isinstance(parameters, dict):
        raise TemplateError(f"Key Parameters of transform definition {name} must be a map.")
    return name, parameters
