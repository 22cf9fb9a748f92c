"""Our leaf templates on the stage, with every option, value by value as the services have it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oaktree_cfn.blueprints import catalogue

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
