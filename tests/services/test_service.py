"""Services: what ECS is told of a task that it keeps running."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from troposphere import If, Ref

from oaktree_cfn.services.rollout import Rolling
from oaktree_cfn.services.scaling import Scaling
from oaktree_cfn.services.service import Service
from oaktree_cfn.services.service_connect import ServiceConnect
from oaktree_cfn.services.spot import Spot
from oaktree_cfn.services.task import Task
from oaktree_cfn.services.when import When
from tests.services.rendering import GROUND, at, complaints, made, names_of, properties, web, worker

FARGATE = [{"CapacityProvider": "FARGATE", "Weight": 1}]
MIX = [
    {"CapacityProvider": "FARGATE", "Weight": 1, "Base": 1},
    {"CapacityProvider": "FARGATE_SPOT", "Weight": 3},
]

SAID: list[tuple[str, Any, str, Any]] = [
    ("desired_count", 0, "DesiredCount", 0),
    ("desired_count", If("HasImage", 1, 0), "DesiredCount", {"Fn::If": ["HasImage", 1, 0]}),
    ("scaling", Scaling(max_capacity=2), "DesiredCount", None),
    ("spot", Spot(), "CapacityProviderStrategy", MIX),
    ("availability_zone_rebalancing", "DISABLED", "AvailabilityZoneRebalancing", "DISABLED"),
    ("service_connect", ServiceConnect(), "ServiceConnectConfiguration.Enabled", True),
    ("rollout", Rolling(failure_threshold=9), "DeploymentConfiguration.DeploymentCircuitBreaker.ThresholdConfiguration.Value", 9),
]  # fmt: skip


@pytest.mark.parametrize("kind", [web, worker])
@pytest.mark.parametrize(("field", "value", "path", "expected"), SAID)
def test_each_choice_is_one_thing_in_the_service(field: str, value: Any, path: str, expected: Any, kind: Any) -> None:
    assert at(properties(kind(), "Service"), path) != expected
    assert at(properties(kind(**{field: value}), "Service"), path) == expected


def test_nothing_that_can_be_said_is_without_a_test() -> None:
    assert {field for field, *_ in SAID} == names_of(Service) - names_of(Task)


def test_a_service_has_a_name_a_cluster_and_tags_for_the_bill() -> None:
    given = properties(worker(), "Service")
    wanted = {
        "ServiceName": "oaktree-api-service",
        "Cluster": "oaktree-cluster",
        "TaskDefinition": {"Ref": "TaskDefinition"},
        "DesiredCount": 1,
        "DeploymentController": {"Type": "ECS"},
        "AvailabilityZoneRebalancing": "ENABLED",
        "EnableECSManagedTags": True,
        "EnableExecuteCommand": False,
        "PropagateTags": "SERVICE",
    }
    assert given | wanted == given


def test_capacity_is_always_named_by_providers_so_that_it_can_change_in_place() -> None:
    for said in ({}, {"spot": Spot()}, {"spot": When("UsesSpot", Spot())}):
        assert "LaunchType" not in properties(worker(**said), "Service")
    assert properties(worker(), "Service")["CapacityProviderStrategy"] == FARGATE
    given = properties(worker(spot=When("UsesSpot", Spot())), "Service")["CapacityProviderStrategy"]
    assert given == {"Fn::If": ["UsesSpot", MIX, FARGATE]}


@pytest.mark.parametrize(
    ("field", "value", "path", "expected"),
    [
        ("base", 2, "0.Base", 2),
        ("on_demand_weight", 0, "0.Weight", 0),
        ("spot_weight", 1, "1.Weight", 1),
    ],
)
def test_the_mix_is_what_is_said_of_it(field: str, value: Any, path: str, expected: Any) -> None:
    given = properties(worker(spot=Spot(**{field: value})), "Service")["CapacityProviderStrategy"]
    assert at(MIX, path) != at(given, path) == expected
    assert names_of(Spot) == {"base", "on_demand_weight", "spot_weight"}


def test_tasks_are_where_the_ground_says() -> None:
    def network(**said: Any) -> Any:
        given = properties(worker(), "Service", replace(GROUND, **said))
        return given["NetworkConfiguration"]["AwsvpcConfiguration"]

    own = {"Fn::GetAtt": ["SecurityGroup", "GroupId"]}
    assert network() == {"AssignPublicIp": "DISABLED", "SecurityGroups": [own], "Subnets": ["subnet-1", "subnet-2"]}
    assert network(public_ip="ENABLED")["AssignPublicIp"] == "ENABLED"
    assert network(subnets=Ref("Subnets"))["Subnets"] == {"Ref": "Subnets"}
    assert network(security_group="sg-1")["SecurityGroups"] == ["sg-1"]


# Service Connect


def connected(**said: Any) -> dict[str, Any]:
    service = web(service_connect=ServiceConnect(**{"name": "api", **said}))
    return dict(properties(service, "Service")["ServiceConnectConfiguration"])


CONNECTED: list[tuple[str, Any, str, Any]] = [
    ("name", "shop", "Services.0.DiscoveryName", "shop"),
    ("name", "shop", "Services.0.ClientAliases.0.DnsName", "shop"),
    ("port", 8080, "Services.0.ClientAliases.0.Port", 8080),
    ("request_timeout", 60, "Services.0.Timeout", {"PerRequestTimeoutSeconds": 60}),
]


@pytest.mark.parametrize(("field", "value", "path", "expected"), CONNECTED)
def test_each_choice_is_one_thing_in_the_connection(field: str, value: Any, path: str, expected: Any) -> None:
    assert at(connected(), path) != expected
    assert at(connected(**{field: value}), path) == expected
    assert {field for field, *_ in CONNECTED} | {"protocol"} == names_of(ServiceConnect)


def test_a_service_is_called_by_a_port_that_its_container_names() -> None:
    service = web(service_connect=ServiceConnect(name="api"))
    (mapping,) = properties(service, "TaskDefinition")["ContainerDefinitions"][0]["PortMappings"]
    assert connected()["Services"][0]["PortName"] == mapping["Name"] == "app"
    assert mapping["AppProtocol"] == "http"  # without it there are no requests to time out or to count


@pytest.mark.parametrize(
    ("protocol", "expected"), [("http", "http"), ("http2", "http2"), ("grpc", "grpc"), ("tcp", None)]
)
def test_tcp_is_what_a_port_without_a_protocol_speaks(protocol: str, expected: str | None) -> None:
    service = web(service_connect=ServiceConnect(name="api", protocol=protocol))
    (mapping,) = properties(service, "TaskDefinition")["ContainerDefinitions"][0]["PortMappings"]
    assert mapping.get("AppProtocol") == expected


def test_a_service_without_a_name_calls_and_is_not_called() -> None:
    found = made(worker(service_connect=ServiceConnect()))
    configuration = found["Service"]["Properties"]["ServiceConnectConfiguration"]
    assert "Services" not in configuration
    assert "PeerIngress" not in found


def test_the_namespace_is_the_clusters_unless_the_ground_has_one() -> None:
    assert "Namespace" not in connected()
    service = web(service_connect=ServiceConnect())
    given = properties(service, "Service", replace(GROUND, namespace="arn:namespace"))
    assert given["ServiceConnectConfiguration"]["Namespace"] == "arn:namespace"


def test_who_takes_part_is_among_the_peers_and_who_is_called_lets_them_in() -> None:
    found = made(web(service_connect=ServiceConnect(name="api")))
    groups = at(found, "Service.Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups")
    assert groups == [{"Fn::GetAtt": ["SecurityGroup", "GroupId"]}, "sg-peers"]
    ingress = found["PeerIngress"]["Properties"]
    assert (ingress["SourceSecurityGroupId"], ingress["FromPort"], ingress["ToPort"]) == ("sg-peers", 5000, 5000)
    assert ingress["GroupId"] == {"Fn::GetAtt": ["SecurityGroup", "GroupId"]}


def test_without_peers_only_the_services_own_tasks_call_it() -> None:
    found = made(web(service_connect=ServiceConnect(name="api")), replace(GROUND, peers=None))
    own = {"Fn::GetAtt": ["SecurityGroup", "GroupId"]}
    assert found["PeerIngress"]["Properties"]["SourceSecurityGroupId"] == own


@pytest.mark.parametrize(
    ("connect", "told"),
    [
        (ServiceConnect(name="Api"), "name: 'Api' is not lower-case letters, digits, underscores and hyphens"),
        (ServiceConnect(name="-api"), "name: '-api' is not lower-case letters, digits, underscores and hyphens"),
        (ServiceConnect(protocol="tcp", request_timeout=5), "request_timeout: tcp knows no requests. Leave it out, or say another protocol"),
        (ServiceConnect(protocol=Ref("P")), "protocol: it must be known here: no reference, and nothing under a condition"),
    ],
)  # fmt: skip
def test_what_could_not_be_called_is_refused_in_words(connect: ServiceConnect, told: str) -> None:
    assert complaints(web(service_connect=connect)) == [f"WebService.service_connect.{told}"]


def test_nobody_calls_a_worker() -> None:
    assert complaints(worker(service_connect=ServiceConnect(name="jobs"))) == [
        "Worker.service_connect.name: nobody calls a worker. Leave the name out: then it may call others"
    ]
