"""Clusters and their capacity providers."""

from __future__ import annotations

from typing import Any

from oaktree_cfn.local.handler import Handler, Made, Properties, Request
from oaktree_cfn.local.resources import tagging
from oaktree_cfn.local.resources.service import already_gone, call, refusal
from oaktree_cfn.local.resources.shapes import as_sent, differ, given, known, only

# CloudFormation's word for a setting of the cluster, the service's word, and what it is when nothing is said.
_SETTINGS: dict[str, tuple[str, Any]] = {
    "ClusterSettings": ("Settings", [{"Name": "containerInsights", "Value": "disabled"}]),
    "Configuration": ("Configuration", {}),
    "ServiceConnectDefaults": ("ServiceConnectDefaults", {"Namespace": ""}),
}
_PROVIDERS = ("CapacityProviders", "DefaultCapacityProviderStrategy")


class Cluster(Handler):
    """A cluster; ``Ref`` is its name."""

    type = "AWS::ECS::Cluster"
    supported = frozenset(
        {"ClusterName", "ClusterSettings", "Configuration", "ServiceConnectDefaults", "Tags", *_PROVIDERS}
    )

    def create(self, properties: Properties, request: Request) -> Made:
        cluster = call(
            request.client("ecs"),
            "create_cluster",
            ClusterName=properties.get("ClusterName") or request.name(255),
            Settings=properties.get("ClusterSettings"),
            **given(properties, "Configuration", "ServiceConnectDefaults", "Tags", *_PROVIDERS),
        )["Cluster"]
        return Made(cluster["ClusterName"], {"Arn": cluster["ClusterArn"]})

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        ecs, name = request.client("ecs"), made.physical_id
        changed = {
            theirs: after.get(ours) or default
            for ours, (theirs, default) in _SETTINGS.items()
            if differ(before, after, ours)
        }
        if changed:
            call(ecs, "update_cluster", Cluster=name, **changed)
        if differ(before, after, *_PROVIDERS):
            _provide(ecs, name, after)
        tagging.retag(ecs, made.attributes["Arn"], before, after)
        return made

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        ecs = request.client("ecs")
        for cluster in _active(ecs, made.physical_id):
            if _active_services(ecs, cluster["ClusterName"]):
                message = "The Cluster cannot be deleted while Services are active."
                raise refusal("ClusterContainsServicesException", message, "DeleteCluster")
            call(ecs, "delete_cluster", Cluster=cluster["ClusterName"])

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        cluster = only(_active(request.client("ecs"), made.physical_id))
        return known(
            {
                **given(cluster, "ClusterName", "Configuration", *_PROVIDERS),
                "ServiceConnectDefaults": _named(cluster.get("ServiceConnectDefaults")),
                "ClusterSettings": cluster.get("Settings"),
                "Tags": tagging.in_order(cluster.get("Tags"), properties),
            }
        )


class ClusterCapacityProviderAssociations(Handler):
    """The capacity providers of a cluster that is declared elsewhere; ``Ref`` is the cluster."""

    type = "AWS::ECS::ClusterCapacityProviderAssociations"
    supported = frozenset({"Cluster", *_PROVIDERS})

    def create(self, properties: Properties, request: Request) -> Made:
        _provide(request.client("ecs"), properties["Cluster"], properties)
        return Made(properties["Cluster"])

    def update(self, made: Made, before: Properties, after: Properties, request: Request) -> Made:
        return self.create(after, request)

    def delete(self, made: Made, properties: Properties, request: Request) -> None:
        with already_gone("ClusterNotFoundException"):
            _provide(request.client("ecs"), properties["Cluster"], {})

    def read(self, made: Made, properties: Properties, request: Request) -> Properties:
        cluster = only(_active(request.client("ecs"), made.physical_id))
        if not cluster.get("CapacityProviders"):
            raise LookupError("the cluster has no capacity providers any more")
        providers = as_sent(cluster["CapacityProviders"], properties.get("CapacityProviders"))
        strategy = cluster.get("DefaultCapacityProviderStrategy", [])
        return {
            "Cluster": made.physical_id,
            "CapacityProviders": providers,
            "DefaultCapacityProviderStrategy": strategy,
        }


def _named(defaults: dict[str, Any] | None) -> dict[str, Any] | None:
    """Service Connect is switched off by an empty namespace."""
    return defaults if defaults and defaults.get("Namespace") else None


def _provide(ecs: Any, cluster: str, properties: Properties) -> None:
    providers = {name: properties.get(name) or [] for name in _PROVIDERS}
    call(ecs, "put_cluster_capacity_providers", Cluster=cluster, **providers)


def _active(ecs: Any, cluster: str) -> list[dict[str, Any]]:
    """The cluster, unless it is gone: a deleted one stays listed as INACTIVE for a while."""
    include = ["TAGS", "SETTINGS", "CONFIGURATIONS"]
    found = call(ecs, "describe_clusters", Clusters=[cluster], Include=include)["Clusters"]
    return [item for item in found if item["Status"] == "ACTIVE"]


def _active_services(ecs: Any, cluster: str) -> list[dict[str, Any]]:
    arns = call(ecs, "list_services", Cluster=cluster)["ServiceArns"]
    found = call(ecs, "describe_services", Cluster=cluster, Services=arns)["Services"] if arns else []
    return [service for service in found if service["Status"] != "INACTIVE"]
