"""Parameters of the Systems Manager."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources.service import already_gone, call
from oaktree_cfn.local.resources.shapes import differ, given, known, only, tag_change, tag_list, tag_map

_SETTINGS = ("AllowedPattern", "DataType", "Description", "Tier", "Type", "Value")


class Parameter(Handler):
    """A parameter; ``Ref`` is its name. Its tags are a map, unlike those of other resources."""

    type = "AWS::SSM::Parameter"
    supported = frozenset({"Name", "Tags", *_SETTINGS})
    not_kept: ClassVar[Mapping[str, str]] = {"Policies": "moto keeps them in a form that nothing can compare"}

    def create(self, properties: Properties, request: Request) -> Made:
        name = properties.get("Name") or replace(request, stack_name="CFN").name(1011)
        tags = tag_list(properties.get("Tags"))
        call(
            request.client("ssm"),
            "put_parameter",
            Name=name,
            Tags=tags or None,
            **given(properties, *_SETTINGS, "Policies"),
        )
        path = name if name.startswith("/") else f"/{name}"
        return Made(name, {"Arn": f"arn:aws:ssm:{request.region}:{request.account}:parameter{path}"})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        ssm, name = request.client("ssm"), made.physical_id
        if differ(before, after, *_SETTINGS, "Policies"):
            cleared = {"Description": "", "AllowedPattern": "", **given(after, *_SETTINGS, "Policies")}
            call(ssm, "put_parameter", Name=name, Overwrite=True, **cleared)
        old, new = ({"Tags": tag_list(version.get("Tags"))} for version in (before, after))
        changed, removed = tag_change(old, new)
        place = {"ResourceType": "Parameter", "ResourceId": name}
        if changed:
            call(ssm, "add_tags_to_resource", **place, Tags=changed)
        if removed:
            call(ssm, "remove_tags_from_resource", **place, TagKeys=removed)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("ParameterNotFound"):
            call(request.client("ssm"), "delete_parameter", Name=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        ssm, name = request.client("ssm"), made.physical_id
        found = call(ssm, "get_parameter", Name=name)["Parameter"]
        named = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
        described = only(call(ssm, "describe_parameters", ParameterFilters=named)["Parameters"])
        tags = call(ssm, "list_tags_for_resource", ResourceType="Parameter", ResourceId=name)["TagList"]
        return known(
            {
                **given(found, "Name", "Type", "Value", "DataType"),
                **given(described, "Tier"),
                "Description": described.get("Description") or None,
                "AllowedPattern": described.get("AllowedPattern") or None,
                "Tags": tag_map(tags),
            }
        )
