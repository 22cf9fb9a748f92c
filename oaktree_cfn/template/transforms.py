"""Transforms of a template, in CloudFormation's order: the deepest ``Fn::Transform`` first, then the ``Transform`` section.

Source: CloudFormation user guide, "Macros", order of processing. A macro named in the section gets the whole template
without that section; one named by ``Fn::Transform`` gets what stands beside it, and what it returns takes that place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from oaktree_cfn.template.values import TemplateError

Call = Callable[[str, Any, Mapping[str, Any]], Any]
"""Name of the macro, fragment, the call's parameters -> what it returns."""

SECTION, FUNCTION = "Transform", "Fn::Transform"


def names(template: Any) -> tuple[str, ...]:
    """Every transform that a template names, in the order in which they are called."""
    found: list[str] = []

    def note(name: str, fragment: Any, _: Mapping[str, Any]) -> Any:
        found.append(name)
        return fragment

    process(template, note)
    return tuple(found)


def process(template: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """The template without transforms. Raises TemplateError for a transform that is not written as one."""
    section = template.get(SECTION)
    inner = {key: _nested(value, call) for key, value in template.items() if key != SECTION}
    for name, parameters in _listed(section):
        inner = call(name, inner, parameters)
        if not isinstance(inner, dict):
            raise TemplateError(f"Transform {name} returned no template")
    return inner


def _nested(value: Any, call: Call) -> Any:
    if isinstance(value, list):
        return [_nested(item, call) for item in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _nested(item, call) for key, item in value.items() if key != FUNCTION}
    if FUNCTION not in value:
        return inner
    name, parameters = _one(_nested(value[FUNCTION], call))
    return call(name, inner, parameters)


def _listed(section: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if section is None:
        return
    for each in section if isinstance(section, list) else [section]:
        yield (each, {}) if isinstance(each, str) else _one(each)


def _one(value: Any) -> tuple[str, Mapping[str, Any]]:
    name = value.get("Name") if isinstance(value, dict) else None
    parameters = value.get("Parameters", {}) if isinstance(value, dict) else None
    if not isinstance(name, str) or not isinstance(parameters, dict):
        raise TemplateError("Template format error: a transform has a Name and, where it takes any, Parameters")
    return name, parameters
