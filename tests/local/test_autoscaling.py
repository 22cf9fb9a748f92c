"""Application Auto Scaling brings a service into the bounds it is registered with, as in AWS."""

from __future__ import annotations

from typing import Any

import pytest

from .player import Player, Template, template, unique
from .test_rollouts import Web

TARGET = "AWS::ApplicationAutoScaling::ScalableTarget"


class Scaled(Web):
    """A stack with a service that scales, from so many tasks to so many."""

    def scaled(self, least: int, most: int, name: Any = None) -> Template:
        body = self.body("one", count=2)
        del body["Resources"]["Service"]["Properties"]["DesiredCount"]
        service = {"Fn::GetAtt": ["Service", "Name"]} if name is None else name
        resource = {"Fn::Sub": ["service/${Cluster}/${Name}", {"Name": service}]}
        place = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": resource}
        body["Resources"]["Target"] = {
            "Type": TARGET,
            "Properties": {**place, "MinCapacity": least, "MaxCapacity": most},
        }
        return body

    @property
    def counts(self) -> tuple[int, int]:
        return self.service["desiredCount"], self.service["runningCount"]


@pytest.mark.parametrize(("least", "most", "count"), [(1, 4, 1), (3, 4, 3), (0, 4, 1)])
def test_a_new_service_begins_at_its_least(least: int, most: int, count: int, player: Player) -> None:
    web = Scaled(player)
    player.create(web.scaled(least, most), name=web.name)
    assert web.counts == (count, count)


def test_other_bounds_move_a_service_that_is_outside_of_them_and_no_other(player: Player) -> None:
    web = Scaled(player)
    player.create(web.scaled(1, 4), name=web.name)
    for bounds, count in (((3, 6), 3), ((1, 6), 3), ((1, 2), 2), ((0, 9), 2)):
        assert player.update(web.name, web.scaled(*bounds)) == "UPDATE_COMPLETE"
        assert web.counts == (count, count)


def test_an_update_leaves_the_number_of_tasks_to_the_autoscaler(player: Player) -> None:
    web = Scaled(player)
    player.create(web.scaled(2, 9), name=web.name)
    player.client("ecs").update_service(cluster=web.name, service=web.name, desiredCount=7)
    body = web.scaled(2, 9)
    body["Resources"]["Task"]["Properties"]["ContainerDefinitions"][0]["Image"] = "two"
    assert player.update(web.name, body) == "UPDATE_COMPLETE"
    assert web.counts == (7, 7)


def test_a_service_that_is_not_there_does_not_scale(player: Player) -> None:
    web = Scaled(player)
    stack = player.create(web.scaled(1, 2, name="nothing"), name=web.name)
    assert player.stack(stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert f"ECS service doesn't exist: service/{web.name}/nothing" in player.reason(stack, "CREATE_FAILED", "Target")


def test_the_service_may_be_gone_before_its_target(player: Player) -> None:
    web = Scaled(player)
    stack = player.create(web.scaled(1, 2), name=web.name)
    player.client("ecs").delete_service(cluster=web.name, service=web.name, force=True)
    assert player.delete(stack) == "DELETE_COMPLETE"
    body = template(Target={"Type": TARGET, "Properties": {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": "x", "MinCapacity": 1, "MaxCapacity": 1}})  # fmt: skip
    other = player.create(body, name=unique("scaled"))
    assert "ECS service doesn't exist: x" in player.reason(other, "CREATE_FAILED", "Target")
