"""Service Connect publishes ports by name."""

from __future__ import annotations

import pytest

from .ground import FARGATE, found

SERVICE = (
    FARGATE
    + """
Service:
  Type: AWS::ECS::Service
  Properties:
    TaskDefinition: !Ref Task
    ServiceConnectConfiguration: {{Enabled: true, Services: [{{PortName: {name}}}]}}
"""
)
PORTS = "\n          - ContainerPort: 5000\n            Name: web\n"
AT = "Service.ServiceConnectConfiguration.Services.0.PortName"


def test_a_port_that_no_mapping_names_is_found() -> None:
    said = f"{AT} is http, and no port mapping of Task has that name"
    assert found("named-port", SERVICE.format(name="http")) == [said]
    assert found("named-port", SERVICE.format(name="web")) == []


def test_a_mapping_without_a_name_does_not_count() -> None:
    said = f"{AT} is web, and no port mapping of Task has that name"
    assert found("named-port", SERVICE.format(name="web").replace("            Name: web\n", "")) == [said]


@pytest.mark.parametrize("name", ["!ImportValue Name", "!Ref AWS::NoValue"])
def test_a_name_that_is_not_known_is_no_wrong_name(name: str) -> None:
    assert found("named-port", SERVICE.format(name=name)) == []


def test_ports_that_are_not_known_may_have_any_name() -> None:
    text = SERVICE.format(name="http")
    assert found("named-port", text.replace("Name: web", "Name: !ImportValue Port")) == []
    assert found("named-port", text.replace(PORTS, " !ImportValue Ports\n")) == []
    assert found("named-port", text.replace("!Ref Task", "!ImportValue Task")) == []
