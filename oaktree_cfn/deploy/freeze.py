"""Frozen exports: the first of the three steps that lead past an export in use. Pure.

While a name stands under ``[frozen_exports]``, the root stack exports it with the literal value given there, whatever its
own outputs say: consumers keep what they import, and the resource behind it is free to change. The output itself stays,
with its new value, under no export.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from oaktree_cfn.review.forecast import Version, forecast
from oaktree_cfn.template.stacks import Place
from oaktree_cfn.template.tree import Tree

Template = Mapping[str, Any]


def freeze(template: Template, parameters: Mapping[str, str], place: Place, exports: Mapping[str, str]) -> Template:
    """The template with every export in ``exports`` at its frozen value. Raises TemplateError as CloudFormation would."""
    if not exports:
        return template
    names = _export_names(template, parameters, place)
    outputs = {
        key: _without_export(output) if names.get(key) in exports else output
        for key, output in template.get("Outputs", {}).items()
    }
    return {
        **template,
        "Outputs": {**outputs, **{_key(name): _literal(name, value) for name, value in exports.items()}},
    }


def _export_names(template: Template, parameters: Mapping[str, str], place: Place) -> dict[str, str]:
    """Output key -> the name it is exported under, with these parameter values."""
    probe = {
        key: {"Value": output["Export"]["Name"]}
        for key, output in template.get("Outputs", {}).items()
        if "Export" in output and ("Condition" not in output)
    }
    asked = {**template, "Outputs": probe}
    return {
        key: str(name) for key, name in forecast(None, Version(Tree("root", asked), parameters), place).outputs.items()
    }


def _without_export(output: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in output.items() if key != "Export"}


def _key(name: str) -> str:
    return "Frozen" + "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", name))


def _literal(name: str, value: str) -> dict[str, Any]:
    return {"Description": "Frozen for the stacks that still import it.", "Value": value, "Export": {"Name": name}}
