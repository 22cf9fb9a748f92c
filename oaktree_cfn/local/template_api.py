"""The API's operations on templates: fetched, summarised, validated."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from oaktree_cfn.local import revisions, shown
from oaktree_cfn.local.desk import Answer, Desk, Request
from oaktree_cfn.local.stacks import Refusal
from oaktree_cfn.template import schemas


class TemplateApi(Desk):
    """Templates of one region's stacks, and those of requests."""

    def get_template(self, request: Request) -> Answer:
        """GetTemplate, of a stack or a change set. No transforms are played, so both stages are the original."""
        if "ChangeSetName" in request:
            if "StackName" not in request and not request["ChangeSetName"].startswith("arn:"):
                raise Refusal("StackName is a required parameter.")
            revision = self._change_set(request).revision
        elif "StackName" in request:
            revision = self._revision(self._found(request["StackName"]))
        else:
            raise Refusal("StackName is required if ChangeSetName is not specified.")
        return {"TemplateBody": revision.body, "StagesAvailable": ["Original", "Processed"]}

    def get_template_summary(self, request: Request) -> Answer:
        """GetTemplateSummary, of a stack or a template."""
        if "StackName" in request:
            template = self._revision(self._found(request["StackName"])).template
        else:
            template = revisions.checked(revisions.body_of(self.region, request, None))
        return self._summary(template)

    def validate_template(self, request: Request) -> Answer:
        """ValidateTemplate."""
        template = revisions.checked(revisions.body_of(self.region, request, None))
        keys = ("ParameterKey", "DefaultValue", "NoEcho", "Description")
        declared = [{key: row[key] for key in keys if key in row} for row in shown.template_parameters(template)]
        return {"Parameters": declared} | (
            {"Description": template["Description"]} if "Description" in template else {}
        )

    def _summary(self, template: Mapping[str, Any]) -> Answer:
        types: dict[str, list[str]] = {}
        for name, resource in template["Resources"].items():
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
        return answer | ({"Description": template["Description"]} if "Description" in template else {})


def _identifiers(type_: str) -> list[str]:
    schema = schemas.of(type_)
    return [".".join(pointer) for pointer in schema.primary_identifier] if schema is not None else []
