"""A scaled service has no count of its own."""

from __future__ import annotations

import pytest

from .ground import found

SYSTEM = """
Cluster: {{Type: AWS::ECS::Cluster, Properties: {{ClusterName: main}}}}
Service:
  Type: AWS::ECS::Service
  Properties: {{ServiceName: web, Cluster: !Ref Cluster, TaskDefinition: task, DesiredCount: {count}}}
Target:
  Type: AWS::ApplicationAutoScaling::ScalableTarget
  Properties:
    ServiceNamespace: ecs
    ScalableDimension: ecs:service:DesiredCount
    ResourceId: {id}
    MinCapacity: 1
    MaxCapacity: 4
"""
NAMES = ("service/main/web", "!Sub 'service/${Cluster}/${Service.Name}'", "!Sub 'service/${Cluster}/web'")
BROKEN = ["Service.DesiredCount is 3, and Target scales the service"]


@pytest.mark.parametrize("name", NAMES)
def test_a_count_besides_scaling_is_found_however_the_service_is_named(name: str) -> None:
    assert found("scaled-count", SYSTEM.format(count=3, id=name)) == BROKEN


@pytest.mark.parametrize("count", ["0", "!Ref AWS::NoValue", "!ImportValue Count"])
def test_no_count_none_yet_or_one_that_is_not_known_is_fine(count: str) -> None:
    assert found("scaled-count", SYSTEM.format(count=count, id=NAMES[1])) == []


@pytest.mark.parametrize("name", ["service/other/web", "service/main/worker", "!ImportValue Scaled", "table/users"])
def test_scaling_something_else_is_none_of_its_business(name: str) -> None:
    assert found("scaled-count", SYSTEM.format(count=3, id=name)) == []


def test_before_the_first_image_there_is_no_count_and_afterwards_the_one_that_is_set_is_found() -> None:
    more = "Parameters: {ImageTag: {Type: String, Default: ''}}\nConditions: {HasImage: !Not [!Equals [!Ref ImageTag, '']]}"
    text = SYSTEM.format(count="!If [HasImage, 3, 0]", id=NAMES[0])
    assert found("scaled-count", text, more=more) == []
    assert found("scaled-count", text, more=more, kept_parameters=("ImageTag",)) == BROKEN
