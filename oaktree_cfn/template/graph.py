"""Who depends on whom in a template, and whether it is one that CloudFormation would take at all.

References count wherever they stand, in branches not taken too, as CloudFormation counts them. Messages are
CloudFormation's ("Template format error: ...").
"""

from __future__ import annotations

import graphlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oaktree_cfn.template.values import TemplateError

_SECTIONS = {
    "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions", "Transform", "Resources",
    "Outputs", "Hooks",
}  # fmt: skip
_RESOURCE_KEYS = {
    "Type", "Properties", "DependsOn", "Condition", "Metadata", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy", "CreationPolicy",
}  # fmt: skip
_SUB_NAME = re.compile(r"\$\{([^!{}][^{}]*)\}")

MOST = {"Resources": 500, "Parameters": 200, "Outputs": 200, "Mappings": 200}
"""Quotas of one template (CloudFormation user guide, "Understand CloudFormation quotas")."""


def referred(value: Any) -> Iterator[str]:
    """Names that a value refers to with Ref, Fn::GetAtt or Fn::Sub: resources, parameters and pseudo parameters alike."""
    if isinstance(value, list):
        for item in value:
            yield from referred(item)
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        yield from _named(key, item) if len(value) == 1 else referred(item)


def _named(key: str, item: Any) -> Iterator[str]:
    if key == "Ref" and isinstance(item, str):
        yield item
    elif key == "Fn::GetAtt":
        yield item.split(".", 1)[0] if isinstance(item, str) else str(item[0])
    elif key == "Fn::Sub":
        yield from _substituted(item)
    else:
        yield from referred(item)


def _substituted(item: Any) -> Iterator[str]:
    template, names = (item, {}) if isinstance(item, str) else (item[0], item[1] if len(item) > 1 else {})
    for name in _SUB_NAME.findall(str(template)):
        if name.strip() not in names:
            yield name.strip().split(".", 1)[0]
    yield from referred(names)


def depends_on(resource: Mapping[str, Any]) -> list[str]:
    """The explicit ``DependsOn`` of a resource as a list."""
    value = resource.get("DependsOn", [])
    return [value] if isinstance(value, str) else list(value)


def dependencies(template: Mapping[str, Any]) -> dict[str, set[str]]:
    """For every resource the resources it needs first."""
    resources = template.get("Resources", {})
    return {
        name: {
            other for other in (*referred(resource.get("Properties", {})), *depends_on(resource)) if other in resources
        }
        for name, resource in resources.items()
    }


def creation_order(template: Mapping[str, Any]) -> list[str]:
    """Resources so that each comes after what it needs; ties in the template's order. Raises TemplateError on a circle."""
    needs = dependencies(template)
    sorter = graphlib.TopologicalSorter(needs)
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        circle = sorted(set(error.args[1]))
        raise TemplateError(f"Circular dependency between resources: [{', '.join(circle)}]") from error
    place = {name: index for index, name in enumerate(needs)}
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=place.__getitem__)
        order += ready
        sorter.done(*ready)
    return order


def check(template: Mapping[str, Any]) -> None:
    """Refuse (TemplateError) what CloudFormation refuses before it looks at any value."""
    _check_sections(template)
    for name, resource in template["Resources"].items():
        _check_resource(name, resource)
    _check_outputs(template.get("Outputs", {}))
    _check_parameters(template.get("Parameters", {}))
    _check_mappings(template.get("Mappings", {}))
    _check_references(template)
    creation_order(template)


def _check_sections(template: Mapping[str, Any]) -> None:
    strangers = sorted(template.keys() - _SECTIONS)
    if strangers:
        raise TemplateError(f"Invalid template property or properties [{', '.join(strangers)}]")
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise TemplateError("Template format error: At least one Resources member must be defined.")
    for section, most in MOST.items():
        count = len(template.get(section, {}))
        if count > most:
            raise TemplateError(
                f"Template format error: Number of {section.lower()}, {count}, is greater than maximum allowed, {most}"
            )


def _check_resource(name: str, resource: Any) -> None:
    if not name.isalnum() or not name.isascii():
        raise TemplateError(f"Template format error: Resource name {name} is non alphanumeric.")
    if not isinstance(resource, dict):
        raise TemplateError("Template format error: Any Resources member must be an object.")
    if not isinstance(resource.get("Type"), str):
        raise TemplateError(
            f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
        )
    for key in resource:
        if key not in _RESOURCE_KEYS:
            raise TemplateError(f"Invalid template resource property '{key}'")
    _refuse_null(resource.get("Properties", {}), f"/Resources/{name}/Properties")


def _refuse_null(value: Any, path: str) -> None:
    if value is None:
        raise TemplateError(f"[{path}] 'null' values are not allowed in templates")
    items: Iterable[tuple[Any, Any]] = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, item in items:
        _refuse_null(item, f"{path}/{key}")


def _check_outputs(outputs: Mapping[str, Any]) -> None:
    for name, output in outputs.items():
        if not isinstance(output, dict) or "Value" not in output:
            raise TemplateError("Template format error: Every Outputs member must contain a Value object")
        _refuse_null(output["Value"], f"/Outputs/{name}/Value")


def _check_parameters(parameters: Mapping[str, Any]) -> None:
    for name, declaration in parameters.items():
        if not isinstance(declaration, dict) or not isinstance(declaration.get("Type"), str):
            raise TemplateError(f"Template format error: Every Parameters object must contain a Type member. ({name})")


def _check_mappings(mappings: Mapping[str, Any]) -> None:
    for tops in mappings.values():
        for top, seconds in tops.items():
            if not isinstance(seconds, dict):
                raise TemplateError(f"Template format error: Every Mappings member {top} must be a map")
            if any(isinstance(value, dict) for value in seconds.values()):
                raise TemplateError("Template format error: Every Mappings attribute must be a String or a List.")


def _check_references(template: Mapping[str, Any]) -> None:
    resources, parameters = template["Resources"], template.get("Parameters", {})
    for block in ("Resources", "Outputs"):
        names: set[str] = set()
        for item in template.get(block, {}).values():
            names |= set(referred({key: item[key] for key in ("Properties", "Value", "Export") if key in item}))
            names |= set(depends_on(item)) if block == "Resources" else set()
        unresolved = sorted(
            n for n in names if n not in resources and n not in parameters and not n.startswith("AWS::")
        )
        if unresolved:
            raise TemplateError(
                f"Template format error: Unresolved resource dependencies [{', '.join(unresolved)}] in the {block} block of the template"
            )
