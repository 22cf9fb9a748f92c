"""A stack's outputs: evaluated, and their export names claimed in the region."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.region import Region
from oaktree_cfn.local.stacks import Stack
from oaktree_cfn.template.evaluate import Scope
from oaktree_cfn.template.values import UNKNOWN, TemplateError, Unresolved


def publish(region: Region, stack: Stack, scope: Scope) -> None:
    """Compute a stack's outputs and claim their export names. Raises TemplateError."""
    outputs = evaluate_outputs(scope)
    exports = {output["ExportName"]: output["OutputValue"] for output in outputs.values() if "ExportName" in output}
    for name in exports:
        owner = region.books.exporter(name)
        if owner is not None and owner is not stack:
            raise TemplateError(
                f"Export with name {name} is already exported by stack {owner.name}. Rename the export and try again."
            )
    for name, value in stack.exports.items():
        users = [user.name for user in region.books.importers(name)]
        if users and exports.get(name) != value:
            verb = "deleted" if name not in exports else "updated"
            raise TemplateError(f"Export {name} cannot be {verb} as it is in use by {', '.join(users)}")
    stack.outputs = outputs


def evaluate_outputs(scope: Scope) -> dict[str, dict[str, str]]:
    """The outputs of a template whose condition holds, in DescribeStacks' shape. Raises TemplateError."""
    out: dict[str, dict[str, str]] = {}
    for name, declared in scope.template.get("Outputs", {}).items():
        if "Condition" in declared and scope.condition(declared["Condition"]) is not True:
            continue
        output = {"OutputKey": name, "OutputValue": _output_text(scope, declared["Value"])}
        if "Description" in declared:
            output["Description"] = str(declared["Description"])
        if "Export" in declared:
            output["ExportName"] = _output_text(scope, declared["Export"]["Name"])
        out[name] = output
    return out


def _output_text(scope: Scope, expression: Any) -> Any:
    try:
        value = scope.value(expression)
    except Unresolved as error:
        raise TemplateError(
            f"Unresolved resource dependencies [{error.name}] in the Outputs block of the template"
        ) from error
    if isinstance(value, str) or value is UNKNOWN:
        return value
    raise TemplateError("Template format error: The Value field of every Outputs member must evaluate to a String.")
