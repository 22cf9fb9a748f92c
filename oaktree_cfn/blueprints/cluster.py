"""The cluster that services run in."""

from __future__ import annotations

from dataclasses import dataclass

from troposphere import Ref, Template
from troposphere.ecs import Cluster as EcsCluster
from troposphere.ecs import ClusterSetting

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.services.names import named


@dataclass(frozen=True)
class Cluster:
    """Cluster: an ECS cluster for Fargate services, with Container Insights."""

    def compose(self) -> Template:
        """The template."""
        template = form.begin(self)
        form.ask(template, form.NAMES, {"Prefix": form.prefix()})
        template.add_resource(_cluster())
        form.tell(template, "ClusterName", "The cluster.", Ref("Cluster"))
        return template


def _cluster() -> EcsCluster:
    return EcsCluster(
        "Cluster",
        ClusterName=named("{}-cluster", Ref("Prefix")),
        ClusterSettings=[ClusterSetting(Name="containerInsights", Value="enabled")],
    )
