"""Cloud Map namespaces, in which services find each other by name (ECS Service Connect)."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import tagging
from oaktree_cfn.local.resources.service import already_gone, call, refusal
from oaktree_cfn.local.resources.shapes import differ, given, known


class HttpNamespace(Handler):
    """A namespace without DNS; ``Ref`` is its id. Its name is taken for as long as it lives."""

    type = "AWS::ServiceDiscovery::HttpNamespace"
    supported = frozenset({"Description", "Name", "Tags"})

    def create(self, properties: Properties, request: Request) -> Made:
        cloud_map = request.client("servicediscovery")
        if properties["Name"] in _names(cloud_map):
            message = f"A namespace with the name {properties['Name']} already exists."
            raise refusal("NamespaceAlreadyExists", message, "CreateHttpNamespace")
        operation = call(cloud_map, "create_http_namespace", **given(properties, "Name", "Description", "Tags"))
        done = call(cloud_map, "get_operation", OperationId=operation["OperationId"])["Operation"]
        namespace = _namespace(cloud_map, done["Targets"]["NAMESPACE"])
        return Made(namespace["Id"], {"Arn": namespace["Arn"], "Id": namespace["Id"]})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        cloud_map = request.client("servicediscovery")
        if differ(before, after, "Description"):
            description = {"Description": after.get("Description", "")}
            call(cloud_map, "update_http_namespace", Id=made.physical_id, Namespace=description)
        tagging.retag(cloud_map, made.attributes["Arn"], before, after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("NamespaceNotFound"):
            call(request.client("servicediscovery"), "delete_namespace", Id=made.physical_id)

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        cloud_map = request.client("servicediscovery")
        found = _namespace(cloud_map, made.physical_id)
        return known(
            {
                "Name": found["Name"],
                "Description": found.get("Description") or None,
                "Tags": tagging.tags_of(cloud_map, made.attributes["Arn"], properties),
            }
        )


def _namespace(cloud_map: Any, namespace: str) -> dict[str, Any]:
    return dict(call(cloud_map, "get_namespace", Id=namespace)["Namespace"])


def _names(cloud_map: Any) -> set[str]:
    return {namespace["Name"] for namespace in call(cloud_map, "list_namespaces")["Namespaces"]}
