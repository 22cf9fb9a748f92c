"""ECS's answers on the stage stay in ECS's own words, and what the stage does not play passes through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from .player import Player
from .test_rollouts import FAILING, Web

SPOT = [{"CapacityProvider": "FARGATE_SPOT", "Weight": 1}]
MODEL = botocore.session.get_session().get_service_model("ecs")


def strange(value: Any, shape: Any, path: str = "") -> Iterator[str]:
    """Members that ECS's model does not have, and enum values that it does not know."""
    if shape.type_name == "structure":
        for key, inner in value.items():
            if key not in shape.members:
                yield f"{path}.{key}"
            elif inner is not None:
                yield from strange(inner, shape.members[key], f"{path}.{key}")
    elif shape.type_name == "list":
        for inner in value:
            yield from strange(inner, shape.member, f"{path}[]")
    elif getattr(shape, "enum", None) and value not in shape.enum:
        yield f"{path} = {value}"


def played(web: Web) -> dict[str, Any]:
    """What the stage itself says of a service that failed once and rolled out once, as it goes over the wire."""
    ecs = web.player.client("ecs")
    said: dict[str, Any] = {}

    def keep(http_response: Any, model: Any, **_: Any) -> None:
        said[model.name] = json.loads(http_response.content)

    ecs.meta.events.register("after-call.ecs", keep)
    assert web.service
    assert web.stopped
    ecs.meta.events.unregister("after-call.ecs", keep)
    return said


def test_every_answer_is_in_the_services_own_words(player: Player) -> None:
    web = Web(player)
    player.fault(**FAILING, silent=True, times=2)
    web.create()
    web.update("two")
    said = played(web)
    for service in said["DescribeServices"]["services"]:
        assert service["deployments"]
        assert service["events"]
        for key in service.keys() - {"deployments", "events", "runningCount"}:
            del service[key]  # moto's own
        for deployment in service["deployments"]:
            deployment.pop("networkConfiguration", None)  # moto's own
    assert said["ListTasks"]["taskArns"]
    assert all(task["containers"] for task in said["DescribeTasks"]["tasks"])
    for operation, answer in said.items():
        assert list(strange(answer, MODEL.operation_model(operation).output_shape)) == []


def test_a_service_has_a_launch_type_or_capacity_providers(player: Player) -> None:
    by_type, by_providers = Web(player), Web(player, LaunchType={"Ref": "AWS::NoValue"}, CapacityProviderStrategy=SPOT)
    for web, told in ((by_type, "launchType"), (by_providers, "capacityProviderStrategy")):
        web.create()
        assert {"launchType", "capacityProviderStrategy"} & set(web.service) == {told}


def test_refusals_pass_as_they_come(player: Player) -> None:
    ecs = player.client("ecs")
    for call in (
        lambda: ecs.describe_services(cluster="nowhere", services=["x"]),
        lambda: ecs.list_tasks(cluster="nowhere", desiredStatus="STOPPED"),
        lambda: ecs.describe_tasks(cluster="nowhere", tasks=["x"]),
    ):
        with pytest.raises(ClientError) as refused:
            call()
        assert refused.value.response["Error"]["Code"] == "ClusterNotFoundException"


def test_other_operations_are_motos(player: Player) -> None:
    ecs = player.client("ecs")
    ecs.create_cluster(clusterName="plain")
    assert ecs.describe_clusters(clusters=["plain"])["clusters"][0]["clusterName"] == "plain"
