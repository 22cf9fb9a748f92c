"""Containers: each thing that can be said of one is one thing in the container definition."""

from __future__ import annotations

from typing import Any

import pytest
from troposphere import Ref

from oaktree_cfn.services.container import Container
from oaktree_cfn.services.container_health_check import ContainerHealthCheck
from oaktree_cfn.services.restart_policy import RestartPolicy
from oaktree_cfn.services.secrets import ParameterStore, SecretsManager
from oaktree_cfn.services.sidecar import Sidecar
from tests.services.rendering import (
    PARAMETER,
    REPOSITORY,
    SECRET,
    at,
    complaints,
    container,
    names_of,
    properties,
    statements,
    web,
    worker,
)

CHECK = ContainerHealthCheck(command=("CMD-SHELL", "true"))

SAID: list[tuple[str, Any, str, Any]] = [
    ("image", "nginx:1.29", "Image", "nginx:1.29"),
    ("image", Ref("Image"), "Image", {"Ref": "Image"}),
    ("command", ("node", "jobs.js", 5, True, Ref("Word")), "Command", ["node", "jobs.js", "5", "true", {"Ref": "Word"}]),
    ("entry_point", ("/bin/sh", "-c"), "EntryPoint", ["/bin/sh", "-c"]),
    ("environment", {"A": 5, "B": True, "C": Ref("X")}, "Environment",
     [{"Name": "PORT", "Value": "5000"}, {"Name": "A", "Value": "5"}, {"Name": "B", "Value": "true"}, {"Name": "C", "Value": {"Ref": "X"}}]),
    ("secrets", {"KEY": SecretsManager(arn=SECRET)}, "Secrets", [{"Name": "KEY", "ValueFrom": SECRET}]),
    ("user", "node", "User", "node"),
    ("user", 1001, "User", "1001"),
    ("readonly_root_filesystem", False, "ReadonlyRootFilesystem", False),
    ("tmpfs", {"/run": 16}, "LinuxParameters.Tmpfs", [{"ContainerPath": "/run", "Size": 16}]),
    ("tmpfs", {}, "LinuxParameters.Tmpfs", None),
    ("init_process", False, "LinuxParameters.InitProcessEnabled", False),
    ("stop_timeout", 120, "StopTimeout", 120),
    ("container_health_check", CHECK, "HealthCheck.Command", ["CMD-SHELL", "true"]),
    ("restart_policy", RestartPolicy(), "RestartPolicy", {"Enabled": True, "RestartAttemptPeriod": 300}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "path", "expected"), SAID)
def test_each_choice_is_one_thing_in_the_container(field: str, value: Any, path: str, expected: Any) -> None:
    assert at(container(web()), path) != expected
    assert at(container(web(**{field: value})), path) == expected


def test_nothing_that_can_be_said_is_without_a_test() -> None:
    elsewhere = {"repository"}  # in the execution role's policy, below
    assert {field for field, *_ in SAID} | elsewhere == names_of(Container)


def test_a_container_is_closed_unless_told_otherwise() -> None:
    given = container(web())
    assert given["User"] == "1000"
    assert given["ReadonlyRootFilesystem"] is True
    assert given["LinuxParameters"] == {"InitProcessEnabled": True, "Tmpfs": [{"ContainerPath": "/tmp", "Size": 64}]}  # noqa: S108
    assert "Privileged" not in given
    assert given["StopTimeout"] == 30


def test_the_image_may_be_pulled_from_its_repository_only() -> None:
    pulled = statements(web(repository=REPOSITORY), "ExecutionPolicy")
    assert pulled["PullImages"]["Resource"] == [REPOSITORY]
    assert pulled["LogInToRegistry"]["Resource"] == ["*"]


def test_a_public_image_needs_no_permission() -> None:
    assert set(statements(web(), "ExecutionPolicy")) == {"WriteLogs"}


def test_the_log_goes_to_the_services_own_group() -> None:
    options = {
        "awslogs-group": {"Ref": "LogGroup"},
        "awslogs-region": {"Ref": "AWS::Region"},
        "awslogs-stream-prefix": "ecs",
    }
    assert container(web())["LogConfiguration"] == {"LogDriver": "awslogs", "Options": options}


@pytest.mark.parametrize("user", ["root", "0", 0, "root:root", "0:1000"])
def test_root_is_refused(user: Any) -> None:
    assert complaints(web(user=user)) == [
        "WebService.user: the container would run as root. Give the number of a user of the image, such as 1000"
    ]


@pytest.mark.parametrize("user", ["1000", 1000, "node", "1000:1000", "node:node", Ref("User")])
def test_any_other_user_is_welcome(user: Any) -> None:
    assert complaints(web(user=user)) == []


def test_a_secret_in_plain_text_is_refused_and_never_told() -> None:
    assert complaints(web(environment={"DB_PASSWORD": "hunter2"})) == [
        "WebService.environment.DB_PASSWORD: it looks like a secret in plain text. Keep it in Secrets Manager or "
        "Parameter Store and name it in secrets"
    ]


def test_a_secret_where_its_place_belongs_is_never_told() -> None:
    assert complaints(web(secrets={"DB_PASSWORD": "hunter2"})) == [
        "WebService.secrets.DB_PASSWORD: it is not a SecretsManager or a ParameterStore"
    ]


def test_a_variable_is_said_once() -> None:
    assert complaints(web(environment={"KEY": "a"}, secrets={"KEY": ParameterStore(arn=PARAMETER)})) == [
        "WebService.secrets.KEY: the same variable stands in environment. Leave it in one of them"
    ]


@pytest.mark.parametrize(
    ("service", "name"), [(web, "PORT"), (worker, "QUEUE_URL")], ids=lambda value: getattr(value, "__name__", value)
)
def test_what_the_container_is_told_anyway_is_not_said_again(service: Any, name: str) -> None:
    told = f"{name}: the container is told this anyway. Leave it out"
    kind = "WebService" if service is web else "Worker"
    assert complaints(service(environment={name: "80"})) == [f"{kind}.environment.{told}"]
    assert complaints(service(secrets={name: ParameterStore(arn=PARAMETER)})) == [f"{kind}.secrets.{told}"]


@pytest.mark.parametrize("name", ["1ST", "WITH-HYPHEN", "A B", "Ä"])
def test_a_variable_that_no_shell_takes_is_refused(name: str) -> None:
    assert complaints(web(environment={name: "a"})) == [
        f"WebService.environment.{name}: names of environment variables look different"
    ]


def test_a_variable_called_like_a_function_is_a_variable() -> None:
    assert complaints(web(environment={"RefreshSeconds": "5"})) == []
    assert complaints(web(environment={"RefreshSeconds": [5]})) == [
        "WebService.environment.RefreshSeconds: it is not text, a number, true or false"
    ]


# Sidecars

SIDECAR: list[tuple[str, Any, str, Any]] = [
    ("name", "proxy", "Name", "proxy"),
    ("essential", True, "Essential", True),
    ("port", 9000, "PortMappings", [{"ContainerPort": 9000, "HostPort": 9000, "Protocol": "tcp"}]),
    ("memory", 128, "Memory", 128),
]


@pytest.mark.parametrize(("field", "value", "path", "expected"), SIDECAR)
def test_each_choice_is_one_thing_in_the_sidecar(field: str, value: Any, path: str, expected: Any) -> None:
    usual = {"name": "agent", "image": "agent:1"}
    assert at(container(web(sidecars=(Sidecar(**usual),)), 1), path) != expected
    assert at(container(web(sidecars=(Sidecar(**{**usual, field: value}),)), 1), path) == expected
    assert {field for field, *_ in SIDECAR} == names_of(Sidecar) - names_of(Container)


@pytest.mark.parametrize(("field", "value", "path", "expected"), SAID)
def test_a_sidecar_takes_what_every_container_takes(field: str, value: Any, path: str, expected: Any) -> None:
    if field == "environment":
        expected = expected[1:]  # nobody tells it a port
    sidecar = Sidecar(**{"name": "agent", "image": "agent:1", field: value})
    assert at(container(web(sidecars=(sidecar,)), 1), path) == expected


def test_a_sidecar_may_fail_without_ending_the_task_and_listens_on_nothing() -> None:
    given = container(web(sidecars=(Sidecar(name="agent", image="agent:1"),)), 1)
    assert given["Essential"] is False
    assert "PortMappings" not in given
    assert "Memory" not in given


def test_a_sidecars_repository_and_secrets_are_granted_too() -> None:
    sidecar = Sidecar(name="agent", image="agent:1", repository=REPOSITORY, secrets={"A": SecretsManager(arn=SECRET)})
    granted = statements(web(sidecars=(sidecar,)), "ExecutionPolicy")
    assert granted["PullImages"]["Resource"] == [REPOSITORY]
    assert granted["FetchSecret"]["Resource"] == [SECRET]


def test_a_sidecar_is_as_closed_as_the_application() -> None:
    assert complaints(web(sidecars=(Sidecar(name="agent", image="agent:1", user="root"),))) == [
        "WebService.sidecars.0.user: the container would run as root. Give the number of a user of the image, such as 1000"
    ]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"sidecars": 2 * (Sidecar(name="a", image="a"),)}, "sidecars: two containers have the same name. Give each a name of its own"),
        ({"container_name": "a", "sidecars": (Sidecar(name="a", image="a"),)}, "sidecars: two containers have the same name. Give each a name of its own"),
        ({"sidecars": (Sidecar(name="a", image="a", port=5000),)}, "sidecars: two containers listen on the same port. They share the task's network"),
        ({"sidecars": (Sidecar(name="a", image="a", memory=300), Sidecar(name="b", image="b", memory=212))}, "sidecars: 512 MiB leave nothing of the task's 512 MiB. Take less, or more memory"),
        ({"tmpfs": {"/a": 256, "/b": 256}}, "tmpfs: 512 MiB leave nothing of the task's 512 MiB. Take less, or more memory"),
    ],
)  # fmt: skip
def test_containers_of_a_task_share_names_ports_and_memory(said: dict[str, Any], told: str) -> None:
    assert complaints(web(**said)) == [f"WebService.{told}"]


def test_what_only_cloudformation_knows_is_not_counted() -> None:
    sidecar = Sidecar(name="a", image="a", port=Ref("Port"), memory=Ref("Memory"))
    assert complaints(web(sidecars=(sidecar,), tmpfs={"/a": Ref("Size")}, container_name=Ref("Name"))) == []


def test_the_application_is_the_first_container() -> None:
    both = properties(web(sidecars=(Sidecar(name="a", image="a"),)), "TaskDefinition")["ContainerDefinitions"]
    assert [each["Name"] for each in both] == ["oaktree-api", "a"]
