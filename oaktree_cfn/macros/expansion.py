"""A template as CloudFormation would have it after our macros: the same handler, called here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.macros.handler import MACROS, handle
from oaktree_cfn.macros.source import Source
from oaktree_cfn.template.transforms import FUNCTION, SECTION, names, process
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.values import TemplateError

ACCOUNT, REGION = "123456789012", "us-east-1"
"""What stands in the event where no environment says it; nothing that is generated depends on them."""


def expand(template: Mapping[str, Any], values: Mapping[str, str], source: Source) -> dict[str, Any]:
    """The template after our macros; other transforms stay where they are named, for CloudFormation to call.

    ``values`` are parameter values; parameters without one have their default. Raises InvalidInput with everything that
    is wrong, each with its place in the source.
    """
    declared = template.get("Parameters")
    known = _defaults(declared if isinstance(declared, dict) else {}) | dict(values)

    def call(macro: str, fragment: Any, parameters: Mapping[str, Any], path: str) -> Any:
        if macro not in MACROS:
            return _left(macro, fragment, parameters)
        answer = handle(_event(macro, fragment, parameters, known))
        if answer["status"] != "success":
            faults = (source.at(_whole(fault, path)) for fault in answer["errorMessage"].splitlines())
            raise InvalidInput("\n".join(faults), "Correct the template.")
        return answer["fragment"]

    try:
        return process(template, call)
    except TemplateError as error:
        raise InvalidInput(source.at(str(error)), "Correct the template.") from error


def _left(macro: str, fragment: Any, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The fragment with a call that is not ours put back, after those that were put back before."""
    key = SECTION if "Resources" in fragment else FUNCTION
    named = {"Name": macro, "Parameters": parameters} if parameters else macro
    before = fragment.get(key)
    if before is None:
        return {key: named, **fragment}
    return {**fragment, key: [*(before if isinstance(before, list) else [before]), named]}


def expand_tree(tree: Tree, values: Mapping[str, str]) -> Tree:
    """The same for a template and all that it nests; ``values`` are the root's. What has no transform stays as it is."""
    children = {name: expand_tree(child, {}) for name, child in tree.children.items()}
    template = expand(tree.template, values, Source(tree.name)) if names(tree.template) else tree.template
    return Tree(tree.name, template, children)


def _defaults(declared: Mapping[str, Any]) -> dict[str, str]:
    known = {title: parameter.get("Default") for title, parameter in declared.items() if isinstance(parameter, dict)}
    return {title: str(value) for title, value in known.items() if isinstance(value, str | int | float)}


def _whole(fault: str, path: str) -> str:
    """A fault of the fragment at a path, or of the call's own parameters, as one of the template."""
    call = f"{FUNCTION if path else SECTION}/" if fault.startswith("Parameters/") else ""
    return f"{path}/{call}{fault}" if path else call + fault


def _event(macro: str, fragment: Any, parameters: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "requestId": "here",
        "transformId": f"{ACCOUNT}::{macro}",
        "accountId": ACCOUNT,
        "region": REGION,
        "fragment": fragment,
        "params": parameters,
        "templateParameterValues": values,
    }
