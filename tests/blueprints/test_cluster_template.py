"""The cluster, value by value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oaktree_cfn.blueprints.cluster import Cluster

Draw = Callable[..., Any]

RECORD = "/ecs/oaktree-dev-cluster/exec"


def recording(encrypted: str) -> dict[str, Any]:
    place = {"CloudWatchLogGroupName": "<CommandRecord>", "CloudWatchEncryptionEnabled": encrypted}
    return {"ExecuteCommandConfiguration": {"Logging": "OVERRIDE", "LogConfiguration": place}}


def test_the_cluster_has_container_insights_and_records_commands(picture: Draw) -> None:
    assert picture("cluster").properties("Cluster") == {
        "ClusterName": "oaktree-dev-cluster",
        "ClusterSettings": [{"Name": "containerInsights", "Value": "enabled"}],
        "Configuration": recording("false"),
    }


def test_nothing_that_costs_is_there_unless_asked_for(picture: Draw) -> None:
    assert picture("cluster").resources() == {"Cluster", "CapacityProviders", "CommandRecord"}


def test_insights_may_look_at_each_task_and_container(picture: Draw) -> None:
    settings = picture("cluster", ContainerInsights="enhanced").properties("Cluster")["ClusterSettings"]
    assert settings == [{"Name": "containerInsights", "Value": "enhanced"}]
    assert len(picture("cluster", ContainerInsights="disabled").refused()) == 1


def test_tasks_may_run_on_spot_capacity_but_only_those_that_say_so(picture: Draw) -> None:
    drawn = picture("cluster")
    assert "CapacityProviders" not in drawn.properties("Cluster")
    assert drawn.properties("CapacityProviders") == {
        "Cluster": "<Cluster>",
        "CapacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "DefaultCapacityProviderStrategy": [],
    }


def test_a_default_strategy_is_there_when_asked_for() -> None:
    template = Cluster(strategy={"FARGATE": 1, "FARGATE_SPOT": 3}).compose().to_dict()
    assert template["Resources"]["CapacityProviders"]["Properties"]["DefaultCapacityProviderStrategy"] == [
        {"CapacityProvider": "FARGATE", "Weight": 1},
        {"CapacityProvider": "FARGATE_SPOT", "Weight": 3},
    ]


def test_the_record_of_commands_is_kept_for_a_year_or_as_long_as_asked(picture: Draw) -> None:
    assert picture("cluster").properties("CommandRecord") == {"LogGroupName": RECORD, "RetentionInDays": "365"}
    longer = Cluster(record_days=731).compose().to_dict()
    assert longer["Resources"]["CommandRecord"]["Properties"]["RetentionInDays"] == 731


def test_the_record_may_be_encrypted_with_a_key_that_serves_nothing_else(picture: Draw) -> None:
    drawn = picture("cluster", EncryptCommandRecord="true")
    assert drawn.properties("CommandRecord")["KmsKeyId"] == "<CommandRecordKey.Arn>"
    assert drawn.properties("Cluster")["Configuration"] == recording("true")
    key = drawn.properties("CommandRecordKey")
    account, logs = key["KeyPolicy"]["Statement"]
    assert key["EnableKeyRotation"] == "true"
    assert account["Principal"] == {"AWS": ["arn:aws:iam::123456789012:root"]}
    assert logs["Principal"] == {"Service": ["logs.ap-southeast-1.amazonaws.com"]}
    assert logs["Condition"] == {
        "ArnEquals": {
            "kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:ap-southeast-1:123456789012:log-group:{RECORD}"
        }
    }


def test_services_find_each_other_in_a_namespace_when_asked(picture: Draw) -> None:
    drawn = picture("cluster", ServiceConnect="true")
    assert drawn.properties("Namespace")["Name"] == "oaktree-dev"
    assert drawn.properties("Cluster")["ServiceConnectDefaults"] == {"Namespace": "<Namespace.Arn>"}
    assert drawn.output("NamespaceArn") == "<Namespace.Arn>"
    assert drawn.template["Outputs"]["NamespaceArn"]["Condition"] == "HasNamespace"


def test_task_roles_can_be_told_where_to_record(picture: Draw) -> None:
    assert picture("cluster").output("CommandRecordArn") == "<CommandRecord.Arn>"
