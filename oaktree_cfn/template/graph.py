"""Who depends on whom in a template, and whether it is one that CloudFormation would take at all.

References count wherever they stand, in branches not taken too, as CloudFormation counts them. Messages are
CloudFormation's ("Template format error: ...").
"""

from __future__ import annotations

import graphlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oaktree_cfn.template.evaluate import function_of
from oaktree_cfn.template.values import TemplateError

_SECTIONS = {
    "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Rules", "Mappings", "Conditions", "Transform", "Resources",
    "Outputs", "Hooks",
}  # fmt: skip
_RESOURCE_KEYS = {
    "Type", "Properties", "DependsOn", "Condition", "Metadata", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy", "CreationPolicy",
}  # fmt: skip
_SUB_NAME = re.compile(r"\$\{([^!{}][^{}]*)\}")

_POLICIES = {
    "DeletionPolicy": {"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"},
    "UpdateReplacePolicy": {"Delete", "Retain", "Snapshot"},
}

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
    first = item[0] if isinstance(item, list) and item else item
    if key == "Ref" and isinstance(item, str):
        yield item
    elif key == "Fn::GetAtt" and isinstance(first, str):
        yield first.split(".", 1)[0]
        yield from referred(item)
    elif key == "Fn::Sub" and isinstance(first, str):
        yield from _substituted(first, item[1] if isinstance(item, list) and len(item) > 1 else {})
    else:
        yield from referred(item)


def _substituted(template: str, values: Any) -> Iterator[str]:
    own = values if isinstance(values, dict) else {}
    for name in _SUB_NAME.findall(template):
        if name.strip() not in own:
            yield name.strip().split(".", 1)[0]
    yield from referred(values)


def conditions_used(value: Any) -> Iterator[str]:
    """Names of conditions that a value asks for with Fn::If."""
    if isinstance(value, list):
        for item in value:
            yield from conditions_used(item)
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "Fn::If" and isinstance(item, list) and item and isinstance(item[0], str):
                yield item[0]
            yield from conditions_used(item)


def imports(value: Any) -> Iterator[Any]:
    """What a value imports with Fn::ImportValue: the names, or the expressions that give them."""
    if isinstance(value, list):
        for item in value:
            yield from imports(item)
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "Fn::ImportValue":
                yield item
            yield from imports(item)


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


def _without_circle(needs: Mapping[str, set[str]], what: str) -> graphlib.TopologicalSorter[str]:
    sorter = graphlib.TopologicalSorter(needs)
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        circle = sorted(set(error.args[1]))
        raise TemplateError(f"Circular dependency between {what}: [{', '.join(circle)}]") from error
    return sorter


def creation_order(template: Mapping[str, Any]) -> list[str]:
    """Resources so that each comes after what it needs; ties in the template's order. Raises TemplateError on a circle."""
    needs = dependencies(template)
    sorter = _without_circle(needs, "resources")
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
    _check_rules(template.get("Rules", {}))
    _check_conditions(template)
    _check_references(template)
    creation_order(template)


def check_before_transforms(template: Mapping[str, Any]) -> None:
    """Refuse what CloudFormation refuses before it calls any transform: they need the parameters' values."""
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise TemplateError("Template format error: At least one Resources member must be defined.")
    _refuse_no_map(template.get("Parameters", {}), "/Parameters")
    _check_parameters(template.get("Parameters", {}))


def _check_sections(template: Mapping[str, Any]) -> None:
    strangers = sorted(template.keys() - _SECTIONS)
    if strangers:
        raise TemplateError(f"Invalid template property or properties [{', '.join(strangers)}]")
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise TemplateError("Template format error: At least one Resources member must be defined.")
    for section in ("Parameters", "Mappings", "Conditions", "Outputs", "Rules", "Metadata"):
        _refuse_no_map(template.get(section, {}), f"/{section}")
    for section, most in MOST.items():
        count = len(template.get(section, {}))
        if count > most:
            raise TemplateError(
                f"Template format error: Number of {section.lower()}, {count}, is greater than maximum allowed, {most}"
            )


def _refuse_no_map(value: Any, path: str) -> None:
    if value is None:
        raise TemplateError(f"[{path}] 'null' values are not allowed in templates")
    if not isinstance(value, dict):
        raise TemplateError(f"Template format error: [{path}] must be an object.")


def _refuse_odd_name(kind: str, name: str) -> None:
    if not name.isalnum() or not name.isascii():
        raise TemplateError(f"Template format error: {kind} name {name} is non alphanumeric.")


def _check_resource(name: str, resource: Any) -> None:
    _refuse_odd_name("Resource", name)
    if not isinstance(resource, dict):
        raise TemplateError("Template format error: Any Resources member must be an object.")
    if not isinstance(resource.get("Type"), str):
        raise TemplateError(
            f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
        )
    for key in resource:
        if key not in _RESOURCE_KEYS:
            raise TemplateError(f"Invalid template resource property '{key}'")
    _refuse_no_map(resource.get("Properties", {}), f"/Resources/{name}/Properties")
    if function_of(resource.get("Properties", {})) is not None:
        raise TemplateError(f"Template format error: [/Resources/{name}/Properties] must be an object.")
    _refuse_null(resource.get("Properties", {}), f"/Resources/{name}/Properties")
    _check_attributes(name, resource)


def _check_attributes(name: str, resource: Mapping[str, Any]) -> None:
    needed = resource.get("DependsOn", [])
    if not isinstance(needed, str) and not (isinstance(needed, list) and all(isinstance(n, str) for n in needed)):
        raise TemplateError("Template format error: DependsOn must be a string or list of strings.")
    if not isinstance(resource.get("Condition", ""), str):
        raise TemplateError(f"Template format error: [/Resources/{name}/Condition] must be a string.")
    for key, known in _POLICIES.items():
        policy = resource.get(key, "Delete")
        if not isinstance(policy, str) or policy not in known:
            raise TemplateError(f"Template format error: Unrecognized {key} {policy} for resource {name}")


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
        _refuse_odd_name("Output", name)
        if not isinstance(output, dict) or "Value" not in output:
            raise TemplateError("Template format error: Every Outputs member must contain a Value object")
        _refuse_null(output["Value"], f"/Outputs/{name}/Value")
        export = output.get("Export", {"Name": ""})
        if not isinstance(export, dict) or export.keys() != {"Name"}:
            raise TemplateError(f"Template format error: [/Outputs/{name}/Export] must be an object with a Name.")
        if not isinstance(output.get("Condition", ""), str):
            raise TemplateError(f"Template format error: [/Outputs/{name}/Condition] must be a string.")


def _check_parameters(parameters: Mapping[str, Any]) -> None:
    for name, declaration in parameters.items():
        _refuse_odd_name("Parameter", name)
        if not isinstance(declaration, dict) or not isinstance(declaration.get("Type"), str):
            raise TemplateError(f"Template format error: Every Parameters object must contain a Type member. ({name})")
        for key, value in declaration.items():
            _refuse_null(value, f"/Parameters/{name}/{key}")


def _check_mappings(mappings: Mapping[str, Any]) -> None:
    for name, tops in mappings.items():
        _refuse_no_map(tops, f"/Mappings/{name}")
        for top, seconds in tops.items():
            if not isinstance(seconds, dict):
                raise TemplateError(f"Template format error: Every Mappings member {top} must be a map")
            if any(isinstance(value, dict) or value is None for value in seconds.values()):
                raise TemplateError("Template format error: Every Mappings attribute must be a String or a List.")


def _check_rules(rules: Mapping[str, Any]) -> None:
    for name, rule in rules.items():
        assertions = rule.get("Assertions") if isinstance(rule, dict) else None
        if not isinstance(assertions, list) or not all(isinstance(a, dict) and "Assert" in a for a in assertions):
            raise TemplateError(f"Template format error: Rule {name} must have Assertions, each with an Assert.")


def _check_conditions(template: Mapping[str, Any]) -> None:
    declared = template.get("Conditions", {})
    for block in ("Resources", "Outputs"):
        items = template.get(block, {}).values()
        used = {item["Condition"] for item in items if "Condition" in item} | set(conditions_used(list(items)))
        _refuse_unknown_conditions(used - declared.keys(), block)
    needs = {name: set(_conditions_named(condition)) for name, condition in declared.items()}
    _refuse_unknown_conditions(set().union(*needs.values()) - declared.keys(), "Conditions")
    _without_circle(needs, "conditions")
    resources = sorted(set(referred(declared)) & template["Resources"].keys())
    if resources:
        raise TemplateError(
            f"Template format error: Unresolved dependencies [{', '.join(resources)}]. Cannot reference resources in the Conditions block of the template"
        )


def _refuse_unknown_conditions(names: set[str], block: str) -> None:
    if names:
        raise TemplateError(
            f"Template format error: Unresolved condition dependency {min(names)} in the {block} block of the template"
        )


def _conditions_named(value: Any) -> Iterator[str]:
    """Names of conditions that a condition is made of."""
    if isinstance(value, list):
        for item in value:
            yield from _conditions_named(item)
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "Condition" and isinstance(item, str):
                yield item
            yield from _conditions_named(item)


def _check_references(template: Mapping[str, Any]) -> None:
    resources, parameters = template["Resources"], template.get("Parameters", {})
    twins = sorted(resources.keys() & parameters.keys())
    if twins:
        raise TemplateError(f"Template format error: [{', '.join(twins)}] name both a parameter and a resource")
    for block in ("Resources", "Outputs"):
        unresolved: set[str] = set()
        for item in template.get(block, {}).values():
            names = set(referred({key: item[key] for key in ("Properties", "Value", "Export") if key in item}))
            unresolved |= {n for n in names if n not in resources and n not in parameters and not n.startswith("AWS::")}
            if block == "Resources":
                unresolved |= {n for n in depends_on(item) if n not in resources}
        if unresolved:
            raise TemplateError(
                f"Template format error: Unresolved resource dependencies [{', '.join(sorted(unresolved))}] in the {block} block of the template"
            )
