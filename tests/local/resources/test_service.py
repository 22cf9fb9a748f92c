"""The one way handlers call a service."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from oaktree_cfn.local.resources.service import already_gone, call, code_of, refusal, undone_on_failure

from .ground import Ground


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return code_of(error.value)


def test_names_and_scalars_take_the_form_the_service_wants(ground: Ground) -> None:
    container = {"Name": "app", "Image": "app", "Memory": "64", "Essential": "true"}
    container["PortMappings"] = [{"ContainerPort": "5000"}]  # type: ignore[assignment]
    container["DockerLabels"] = {"Team": True}  # type: ignore[assignment]
    answer = call(
        ground.client("ecs"), "register_task_definition", Family="words", Cpu=256, ContainerDefinitions=[container]
    )["TaskDefinition"]
    [kept] = answer["ContainerDefinitions"]
    assert answer["Cpu"] == "256"
    assert kept["Memory"] == 64
    assert kept["Essential"] is True
    assert kept["PortMappings"] == [{"ContainerPort": 5000}]
    assert kept["DockerLabels"] == {"Team": "true"}


def test_a_document_is_sent_as_text_where_text_is_wanted(ground: Ground) -> None:
    trust = {"Version": "2012-10-17", "Statement": []}
    call(ground.client("iam"), "create_role", RoleName=f"text-{ground.number()}", AssumeRolePolicyDocument=trust)


def test_tags_become_a_map_where_a_map_is_wanted(ground: Ground) -> None:
    name = f"tagged-{ground.number()}"
    call(ground.client("logs"), "create_log_group", LogGroupName=name, Tags=[{"Key": "a", "Value": "1"}])
    assert ground.client("logs").list_tags_log_group(logGroupName=name)["tags"] == {"a": "1"}


def test_a_parameter_botocore_refuses_is_an_error_of_the_service(ground: Ground) -> None:
    with pytest.raises(ClientError, match='Unknown parameter in input: "Colour"') as error:
        call(ground.client("ec2"), "create_vpc", CidrBlock="10.0.0.0/16", Colour="green")
    assert code(error) == "ValidationException"


def test_a_number_that_is_none_is_refused_by_name(ground: Ground) -> None:
    with pytest.raises(ClientError, match="desiredCount"):
        call(ground.client("ecs"), "create_service", ServiceName="a", DesiredCount="many")


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("iam", "add_client_id_to_open_id_connect_provider", {"OpenIDConnectProviderArn": "a" * 20, "ClientID": "b"}),
        ("logs", "disassociate_kms_key", {"LogGroupName": "a"}),
    ],
)
def test_where_moto_breaks_down_the_operation_is_named(
    service: str, operation: str, parameters: dict[str, Any], ground: Ground
) -> None:
    with pytest.raises(ClientError, match="moto breaks down over") as error:
        call(ground.client(service), operation, **parameters)
    assert code(error) == "InternalFailure"


def test_only_the_named_errors_mean_gone() -> None:
    with already_gone("NotFound"):
        raise refusal("NotFound", "no such thing", "Delete")
    with pytest.raises(ClientError, match="An error occurred"), already_gone("NotFound"):
        raise refusal("InUse", "busy", "Delete")


def test_a_failed_creation_is_taken_back_and_its_first_error_told() -> None:
    undone: list[str] = []

    def undo() -> None:
        undone.append("undone")
        raise refusal("Throttling", "later", "Delete")

    with pytest.raises(ClientError, match="first"), undone_on_failure(undo):
        raise refusal("Invalid", "first", "Create")
    assert undone == ["undone"]
