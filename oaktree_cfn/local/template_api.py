"""The API's operations on templates: fetched, summarised, validated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from oaktree_cfn.local import shown, templates
from oaktree_cfn.local.desk import Answer, Desk, Request
from oaktree_cfn.local.stacks import Refusal, Revision
from oaktree_cfn.template import schemas, transforms


class TemplateApi(Desk):
    """Templates of one region's stacks, and those of requests."""

    def get_template(self, request: Request) -> Answer:
        """GetTemplate, of a stack or a change set: as it was sent, or after its transforms."""
        stage = request.get("TemplateStage", "Original")
        revision = self._asked_for(request)
        available = ["Original"] if revision.failure else ["Original", "Processed"]
        if stage not in available:
            raise Refusal(f"Template stage {stage} is not available.")
        expanded = stage == "Processed" and revision.transforms
        body = json.dumps(revision.template) if expanded else revision.body
        return {"TemplateBody": body, "StagesAvailable": available}

    def _asked_for(self, request: Request) -> Revision:
        if "ChangeSetName" in request:
            if "StackName" not in request and not request["ChangeSetName"].startswith("arn:"):
                raise Refusal("StackName is a required parameter.")
            return self._change_set(request).revision
        if "StackName" in request:
            return self._revision(self._found(request["StackName"]))
        raise Refusal("StackName is required if ChangeSetName is not specified.")

    def get_template_summary(self, request: Request) -> Answer:
        """GetTemplateSummary, of a stack or a template; before its transforms."""
        if "StackName" in request:
            body = self._revision(self._found(request["StackName"])).body
        else:
            body = templates.body_of(self.region, request, None)
        return self._summary(templates.checked(body))

    def validate_template(self, request: Request) -> Answer:
        """ValidateTemplate."""
        template = templates.checked(templates.body_of(self.region, request, None))
        keys = ("ParameterKey", "DefaultValue", "NoEcho", "Description")
        declared = [{key: row[key] for key in keys if key in row} for row in shown.template_parameters(template)]
        described = {"Description": template["Description"]} if "Description" in template else {}
        return {"Parameters": declared, **described, **_declared(template)}

    def _summary(self, template: Mapping[str, Any]) -> Answer:
        types: dict[str, list[str]] = {}
        for name, resource in template["Resources"].items():
            if isinstance(resource, dict) and isinstance(
                resource.get("Type"), str
            ):  # before transforms others may be there
                types.setdefault(resource["Type"], []).append(name)
        identifiers = [
            {"ResourceType": type_, "LogicalResourceIds": names, "ResourceIdentifiers": _identifiers(type_)}
            for type_, names in types.items()
        ]
        answer = {
            "Parameters": shown.template_parameters(template),
            "ResourceTypes": list(types),
            "ResourceIdentifierSummaries": identifiers,
            "Version": "2010-09-09",
        }
        if "Metadata" in template:
            answer["Metadata"] = json.dumps(template["Metadata"])
        described = {"Description": template["Description"]} if "Description" in template else {}
        return {**answer, **described, **_declared(template)}


def _declared(template: Mapping[str, Any]) -> Answer:
    names = list(dict.fromkeys(transforms.names(template)))
    return {"DeclaredTransforms": names, "Capabilities": ["CAPABILITY_AUTO_EXPAND"]} if names else {}


def _identifiers(type_: str) -> list[str]:
    schema = schemas.of(type_)
    return [".".join(pointer) for pointer in schema.primary_identifier] if schema is not None else []
