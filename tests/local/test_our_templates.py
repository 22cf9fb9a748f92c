"""Our leaf templates on the stage, with every option, value by value as the services have it."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from oaktree_cfn.blueprints import catalogue
from tests.services.documented import DASHBOARD_BODY

from .player import Player

PREFIX = "oaktree-leaf"


def template(name: str) -> dict[str, Any]:
    return dict(catalogue()[name].compose().to_dict())


def outputs(player: Player, stack: str) -> dict[str, str]:
    (found,) = player.cfn.describe_stacks(StackName=stack)["Stacks"]
    assert found["StackStatus"].endswith("_COMPLETE"), found
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}


@pytest.fixture(scope="module")
def cluster(player: Player) -> dict[str, str]:
    asked = {"ContainerInsights": "enhanced", "EncryptCommandRecord": "true", "ServiceConnect": "true"}
    stack = player.create(template("cluster"), name=f"{PREFIX}-cluster", Prefix=PREFIX, **asked)
    return outputs(player, stack)


def test_the_cluster_has_every_option_it_was_asked_for(player: Player, cluster: dict[str, str]) -> None:
    include = ["SETTINGS", "CONFIGURATIONS"]
    (found,) = player.client("ecs").describe_clusters(clusters=[cluster["ClusterName"]], include=include)["clusters"]
    assert found["settings"] == [{"name": "containerInsights", "value": "enhanced"}]
    assert found["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert found["serviceConnectDefaults"] == {"namespace": cluster["NamespaceArn"]}
    recorded = found["configuration"]["executeCommandConfiguration"]
    assert recorded["logConfiguration"] == {
        "cloudWatchLogGroupName": f"/ecs/{PREFIX}-cluster/exec",
        "cloudWatchEncryptionEnabled": True,
    }


def test_commands_are_recorded_under_a_key_that_turns_over(player: Player, cluster: dict[str, str]) -> None:
    (group,) = player.client("logs").describe_log_groups(logGroupNamePrefix=f"/ecs/{PREFIX}-cluster")["logGroups"]
    kms = player.client("kms")
    policy = json.loads(kms.get_key_policy(KeyId=group["kmsKeyId"], PolicyName="default")["Policy"])
    context = policy["Statement"][1]["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"]
    assert f"{context}:*" == cluster["CommandRecordArn"]
    assert kms.get_key_rotation_status(KeyId=group["kmsKeyId"])["KeyRotationEnabled"] is True


def test_services_of_the_cluster_find_each_other_by_name(player: Player, cluster: dict[str, str]) -> None:
    namespaces = player.client("servicediscovery").list_namespaces()["Namespaces"]
    assert {each["Arn"]: each["Name"] for each in namespaces}[cluster["NamespaceArn"]] == PREFIX


def test_service_connect_goes_as_it_came(player: Player, cluster: dict[str, str]) -> None:
    stays = {"ContainerInsights": "enhanced", "EncryptCommandRecord": "true"}
    status = player.update(f"{PREFIX}-cluster", template("cluster"), Prefix=PREFIX, ServiceConnect="false", **stays)
    assert status == "UPDATE_COMPLETE"
    assert "NamespaceArn" not in outputs(player, f"{PREFIX}-cluster")
    namespaces = player.client("servicediscovery").list_namespaces()["Namespaces"]
    assert PREFIX not in {each["Name"] for each in namespaces}


# --- monitoring -----------------------------------------------------------------------------------------------------

WATCHED = {
    "ClusterName": f"{PREFIX}-cluster",
    "LoadBalancerFullName": f"app/{PREFIX}-alb/1",
    "TargetGroupFullName": "targetgroup/tasks/2",
    "TableName": f"{PREFIX}-users",
}


@pytest.fixture(scope="module")
def monitoring(player: Player) -> dict[str, str]:
    asked = {"AlarmEmail": "ops@example.com", "ErrorThreshold": "1.5", "LatencyThreshold": "0.25"}
    stack = player.create(template("monitoring"), name=f"{PREFIX}-monitoring", Prefix=PREFIX, **WATCHED, **asked)
    return outputs(player, stack)


def alarms(player: Player) -> dict[str, dict[str, Any]]:
    found = player.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{PREFIX}-")["MetricAlarms"]
    return {alarm["AlarmName"].removeprefix(f"{PREFIX}-"): alarm for alarm in found}


def test_every_alarm_is_there_and_tells_the_topic(player: Player, monitoring: dict[str, str]) -> None:
    found = alarms(player)
    assert len(found) == 10
    for alarm in found.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [monitoring["AlarmTopicArn"]]


def test_alarms_have_the_thresholds_that_were_asked_for(player: Player, monitoring: dict[str, str]) -> None:
    found = alarms(player)
    assert found["application-errors"]["Threshold"] == found["load-balancer-errors"]["Threshold"] == 1.5
    assert (found["latency"]["Threshold"], found["latency"]["ExtendedStatistic"]) == (0.25, "p99")
    assert found["cpu"]["Threshold"] == 85
    assert [metric["Id"] for metric in found["missing-tasks"]["Metrics"]] == ["result", "desired", "running"]


def test_the_alarms_that_rollouts_ask_exist(player: Player, monitoring: dict[str, str]) -> None:
    names = monitoring["RollbackAlarmNames"].split(",")
    found = player.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert {alarm["AlarmName"] for alarm in found} == set(names)
    assert len(names) == 3


def test_the_topic_takes_alarms_only_under_a_key_that_lets_them(player: Player, monitoring: dict[str, str]) -> None:
    sns, kms = player.client("sns"), player.client("kms")
    topic = sns.get_topic_attributes(TopicArn=monitoring["AlarmTopicArn"])["Attributes"]
    (publish,) = json.loads(topic["Policy"])["Statement"]
    assert publish["Principal"] == {"Service": ["cloudwatch.amazonaws.com"]}
    key = json.loads(kms.get_key_policy(KeyId=topic["KmsMasterKeyId"], PolicyName="default")["Policy"])
    assert key["Statement"][1]["Condition"] == publish["Condition"]
    assert kms.get_key_rotation_status(KeyId=topic["KmsMasterKeyId"])["KeyRotationEnabled"] is True
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=monitoring["AlarmTopicArn"])["Subscriptions"]
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "ops@example.com")


def test_the_dashboard_shows_what_was_named(player: Player, monitoring: dict[str, str]) -> None:
    shown = player.client("cloudwatch").get_dashboard(DashboardName=monitoring["DashboardName"])["DashboardBody"]
    jsonschema.validate(json.loads(shown), DASHBOARD_BODY)
    assert monitoring["DashboardName"] == PREFIX
    assert all(f'"{name}"' in shown for name in WATCHED.values())


def test_another_threshold_changes_its_alarm_in_place(player: Player, monitoring: dict[str, str]) -> None:
    before = alarms(player)["cpu"]["AlarmArn"]
    asked = {"CpuThreshold": "70"}
    assert player.update(f"{PREFIX}-monitoring", template("monitoring"), Prefix=PREFIX, **WATCHED, **asked) == "UPDATE_COMPLETE"  # fmt: skip
    after = alarms(player)
    assert (after["cpu"]["Threshold"], after["cpu"]["AlarmArn"]) == (70, before)
    assert after["latency"]["Threshold"] == 2
    subscriptions = player.client("sns").list_subscriptions_by_topic(TopicArn=monitoring["AlarmTopicArn"])
    assert subscriptions["Subscriptions"] == []


def test_all_of_it_goes_with_its_stack(player: Player, monitoring: dict[str, str]) -> None:
    assert player.delete(player.stack(f"{PREFIX}-monitoring")["StackId"]) == "DELETE_COMPLETE"
    assert alarms(player) == {}
    dashboards = player.client("cloudwatch").list_dashboards(DashboardNamePrefix=PREFIX)["DashboardEntries"]
    assert dashboards == []
