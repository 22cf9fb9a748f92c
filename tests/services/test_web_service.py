"""A web service made from plain values, without any template."""

from __future__ import annotations

from typing import Any

from troposphere import ImportValue, Ref

from oaktree_cfn.services.grants import read_write_table
from oaktree_cfn.services.health_check import HealthCheck, target_group
from oaktree_cfn.services.names import named
from oaktree_cfn.services.roles import execution_role
from oaktree_cfn.services.web_service import WebService

SERVICE = WebService(
    prefix="shop",
    image="registry/shop:1",
    cluster="cluster",
    target_group="group",
    subnets=["subnet-1"],
    security_group="sg-1",
    public_ip="DISABLED",
    port=8080,
    environment={"STAGE": "test", "QUEUE": Ref("Queue")},
)


def properties(resource: Any) -> Any:
    return resource.to_dict()["Properties"]


def test_plain_values_give_plain_names() -> None:
    assert properties(SERVICE.service())["ServiceName"] == "shop-service"
    assert properties(SERVICE.task_definition())["Family"] == "shop-task"
    assert properties(SERVICE.log_group())["LogGroupName"] == "/ecs/shop"
    assert properties(execution_role("shop"))["RoleName"] == "shop-execution-role"


def test_a_name_may_also_be_made_from_any_expression() -> None:
    name = named("{}-task", ImportValue("prefix"))
    assert name.to_dict() == {"Fn::Sub": ["${Prefix}-task", {"Prefix": {"Fn::ImportValue": "prefix"}}]}


def test_environment_variables_are_a_plain_map_that_takes_references() -> None:
    (container,) = properties(SERVICE.task_definition())["ContainerDefinitions"]
    assert container["Environment"] == [
        {"Name": "STAGE", "Value": "test"},
        {"Name": "QUEUE", "Value": {"Ref": "Queue"}},
    ]


def test_the_container_the_service_and_the_target_group_agree_on_the_port() -> None:
    (container,) = properties(SERVICE.task_definition())["ContainerDefinitions"]
    (balanced,) = properties(SERVICE.service())["LoadBalancers"]
    assert container["PortMappings"][0]["ContainerPort"] == balanced["ContainerPort"] == 8080
    assert container["Name"] == balanced["ContainerName"] == "shop"


def test_the_service_waits_for_what_it_is_told_to() -> None:
    assert SERVICE.service("Listener", "Policy").to_dict()["DependsOn"] == ["Listener", "Policy"]


def test_a_target_group_drains_before_it_lets_a_task_go() -> None:
    group = properties(target_group("shop", "vpc-1", 8080, HealthCheck(path="/health"), 15))
    assert group["HealthCheckPath"] == "/health"
    assert group["TargetGroupAttributes"] == [{"Key": "deregistration_delay.timeout_seconds", "Value": "15"}]
    assert group["Tags"] == [{"Key": "Name", "Value": "shop-tasks"}]


def test_a_grant_names_the_table_and_nothing_else() -> None:
    assert read_write_table("arn:table").JSONrepr()["Resource"] == ["arn:table"]
