"""Requests arrive at a port that somebody listens on."""

from __future__ import annotations

import pytest

from oaktree_cfn.template.tree import Tree

from .ground import FARGATE, found, template

SERVICE = (
    FARGATE
    + """
Group: {{Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {{Port: {group}}}}}
Service:
  Type: AWS::ECS::Service
  Properties:
    TaskDefinition: !Ref Task
    LoadBalancers: [{{ContainerName: {name}, ContainerPort: {port}, TargetGroupArn: !Ref Group}}]
"""
)
PORTS = "\n          - ContainerPort: 5000\n            Name: web\n"
AT = "Service.LoadBalancers.0."


def service(name: str = "app", port: str = "5000", group: str = "5000") -> list[str]:
    return found("container-port", SERVICE.format(name=name, port=port, group=group))


def test_name_port_and_target_group_that_fit_are_fine() -> None:
    assert service() == []


def test_a_port_that_the_container_does_not_have_is_found() -> None:
    assert service(port="80", group="80") == [f"{AT}ContainerPort is 80; the container's ports in Task: 5000"]


def test_a_container_that_the_task_does_not_have_is_found() -> None:
    assert service(name="web") == [f"{AT}ContainerName is web, and Task has no such container"]


def test_a_target_group_for_another_port_is_found() -> None:
    assert service(group="80") == [f"{AT}ContainerPort is 5000, and Group is made for port 80"]


def test_a_target_group_in_another_stack_is_found_through_its_output() -> None:
    child = template(
        "Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {Port: 80}}",
        "Outputs: {Arn: {Value: !Ref Group}}",
    )
    text = SERVICE.format(name="app", port="5000", group="5000").replace("!Ref Group", "!GetAtt Alb.Outputs.Arn")
    text += "Alb: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./alb.yaml}}"
    said = f"{AT}ContainerPort is 5000, and Alb/Group is made for port 80"
    assert found("container-port", text, nested={"Alb": Tree("alb.yaml", child)}) == [said]


@pytest.mark.parametrize("value", ["!ImportValue Port", "[]"])
def test_ports_that_are_not_known_fit_anything(value: str) -> None:
    assert service(port=value) == []
    assert service(group=value) == []


def test_containers_that_are_not_known_may_have_any_name_and_port() -> None:
    for before, after in (
        ("!Ref Task", "!ImportValue Task"),
        (PORTS, " !ImportValue Ports\n"),
        ("Name: app\n", "Name: !ImportValue Container\n"),
    ):
        text = SERVICE.format(name="app", port="80", group="80")
        assert before in text
        assert found("container-port", text.replace(before, after, 1)) == []


def test_a_bridged_port_is_not_the_target_groups() -> None:
    text = SERVICE.format(name="app", port="5000", group="80").replace("NetworkMode: awsvpc", "NetworkMode: bridge")
    assert found("container-port", text) == []
