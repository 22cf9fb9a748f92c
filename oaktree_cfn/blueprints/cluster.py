"""The cluster that services run in.

Commands that people run in tasks (ECS Exec) are recorded in a log group of the cluster, whichever service allows them: the
record belongs to the environment and outlives the switch of a service. A task role that allows commands must also be able
to write there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from troposphere import GetAtt, If, NoValue, Ref, Template
from troposphere.ecs import (
    CapacityProviderStrategy,
    ClusterCapacityProviderAssociations,
    ClusterConfiguration,
    ClusterSetting,
    ExecuteCommandConfiguration,
    ExecuteCommandLogConfiguration,
    ServiceConnectDefaults,
)
from troposphere.ecs import Cluster as EcsCluster
from troposphere.logs import LogGroup
from troposphere.servicediscovery import HttpNamespace

from oaktree_cfn.blueprints import _form as form
from oaktree_cfn.services.exempt import ENCRYPTED_ANYWAY, exempt
from oaktree_cfn.services.keys import encrypts_logs, key
from oaktree_cfn.services.names import named

_RECORD = "/ecs/{}-cluster/exec"


@dataclass(frozen=True)
class Cluster:
    """Cluster: for Fargate services, on demand and spot, with Container Insights and a record of commands run in tasks.

    ``record_days`` is how long that record is kept. ``strategy`` maps capacity providers (FARGATE, FARGATE_SPOT) to their
    weights for services that name neither a launch type nor a strategy; without it ECS looks for EC2 instances for them.
    """

    record_days: int = 365
    strategy: Mapping[str, int] = field(default_factory=dict)

    def compose(self) -> Template:
        """The template."""
        template = form.begin(self)
        _questions(template)
        template.add_condition("HasRecordKey", form.is_true("EncryptCommandRecord"))
        template.add_condition("HasNamespace", form.is_true("ServiceConnect"))
        template.add_resource([_cluster(), _providers(self.strategy), _record(self.record_days), _key(), _namespace()])
        _outputs(template)
        return template


def _questions(template: Template) -> None:
    form.ask(template, form.NAMES, {"Prefix": form.prefix()})
    insights = form.choice(
        "ContainerInsights",
        "What Container Insights measures: services and their tasks together, or (enhanced) each task and container too, "
        "which costs more.",
        ("enabled", "enhanced"),
        "enabled",
    )
    encrypt = form.switch(
        "EncryptCommandRecord",
        "Whether the record of commands run in tasks is encrypted with a key of its own instead of one of AWS. Without "
        "that key nobody can read the record: switching it off leaves 30 days to bring the key back.",
        default=False,
    )
    connect = form.switch(
        "ServiceConnect",
        "Whether there is a namespace in which the cluster's services find each other by name (ECS Service Connect).",
        default=False,
    )
    questions = {"Container Insights": insights, "Encrypt record of commands": encrypt, "Service Connect": connect}
    form.ask(template, "Cluster", questions)


def _cluster() -> EcsCluster:
    return EcsCluster(
        "Cluster",
        ClusterName=named("{}-cluster", Ref("Prefix")),
        ClusterSettings=[ClusterSetting(Name="containerInsights", Value=Ref("ContainerInsights"))],
        Configuration=ClusterConfiguration(ExecuteCommandConfiguration=_recorded()),
        ServiceConnectDefaults=If(
            "HasNamespace", ServiceConnectDefaults(Namespace=GetAtt("Namespace", "Arn")), NoValue
        ),
    )


def _recorded() -> ExecuteCommandConfiguration:
    """ECS refuses to run commands when it is told that the log group is encrypted with a key and it is not."""
    place = ExecuteCommandLogConfiguration(
        CloudWatchLogGroupName=Ref("CommandRecord"), CloudWatchEncryptionEnabled=If("HasRecordKey", True, False)
    )
    return ExecuteCommandConfiguration(Logging="OVERRIDE", LogConfiguration=place)


def _providers(strategy: Mapping[str, int]) -> ClusterCapacityProviderAssociations:
    """Apart from the cluster: a cluster made with providers fails in an account that never had one, because ECS makes its
    service-linked role only then (aws-cloudformation/cloudformation-coverage-roadmap#818).
    """
    items = [CapacityProviderStrategy(CapacityProvider=name, Weight=weight) for name, weight in strategy.items()]
    return ClusterCapacityProviderAssociations(
        "CapacityProviders",
        Cluster=Ref("Cluster"),
        CapacityProviders=["FARGATE", "FARGATE_SPOT"],
        DefaultCapacityProviderStrategy=items,
    )


def _record(days: int) -> LogGroup:
    group = LogGroup(
        "CommandRecord",
        LogGroupName=named(_RECORD, Ref("Prefix")),
        RetentionInDays=days,
        KmsKeyId=If("HasRecordKey", GetAtt("CommandRecordKey", "Arn"), NoValue),
    )
    return exempt(group, f"{ENCRYPTED_ANYWAY}; EncryptCommandRecord gives it a key of ours", "CKV_AWS_158")


def _key() -> Any:
    """AWS keeps a key that is taken away for 30 days, in which it can be brought back."""
    may = encrypts_logs(named(_RECORD, Ref("Prefix")))
    return key("CommandRecordKey", "The record of commands run in tasks", may, Condition="HasRecordKey")


def _namespace() -> HttpNamespace:
    return HttpNamespace(
        "Namespace",
        Condition="HasNamespace",
        Name=Ref("Prefix"),
        Description="Services of the cluster that find each other by name",
    )


def _outputs(template: Template) -> None:
    form.tell(template, "ClusterName", "The cluster.", Ref("Cluster"))
    record = GetAtt("CommandRecord", "Arn")
    form.tell(template, "CommandRecordArn", "Where commands are recorded, for the task roles' policies.", record)
    arn = GetAtt("Namespace", "Arn")
    form.tell(template, "NamespaceArn", "The namespace of Service Connect.", arn, condition="HasNamespace")
