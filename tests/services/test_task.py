"""Tasks: sizes, roles, logs, shells; each thing that can be said of one is one thing in the template."""

from __future__ import annotations

import json
from typing import Any

import pytest
from troposphere import Ref

from oaktree_cfn.services.container import Container
from oaktree_cfn.services.fargate import MEMORY
from oaktree_cfn.services.grants import Grant
from oaktree_cfn.services.secrets import ParameterStore, SecretsManager
from oaktree_cfn.services.sidecar import Sidecar
from oaktree_cfn.services.task import Task
from oaktree_cfn.services.when import When
from tests.services.rendering import (
    ARN,
    KEY,
    PARAMETER,
    SECRET,
    at,
    complaints,
    made,
    names_of,
    properties,
    scheduled,
    statements,
    web,
    worker,
)

TABLE = ARN.format("dynamodb", "table/users")
READ = Grant("read", "table", TABLE)

SAID: list[tuple[str, Any, str, Any]] = [
    ("container_name", "app", "TaskDefinition.Properties.ContainerDefinitions.0.Name", "app"),
    ("container_name", "app", "Service.Properties.LoadBalancers.0.ContainerName", "app"),
    ("cpu", 512, "TaskDefinition.Properties.Cpu", "512"),
    ("memory", 1024, "TaskDefinition.Properties.Memory", "1024"),
    ("architecture", "ARM64", "TaskDefinition.Properties.RuntimePlatform", {"CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX"}),
    ("ephemeral_storage", 50, "TaskDefinition.Properties.EphemeralStorage", {"SizeInGiB": 50}),
    ("sidecars", (Sidecar(name="agent", image="agent:1"),), "TaskDefinition.Properties.ContainerDefinitions.1.Name", "agent"),
    ("grants", (READ,), "TaskPolicy.Properties.PolicyDocument.Statement.0.Resource", [TABLE]),
    ("log_retention_days", 90, "LogGroup.Properties.RetentionInDays", 90),
    ("log_retention_days", "90", "LogGroup.Properties.RetentionInDays", 90),
    ("log_retention_days", Ref("Days"), "LogGroup.Properties.RetentionInDays", {"Ref": "Days"}),
]  # fmt: skip


def sized(field: str, value: Any) -> dict[str, Any]:
    """Where Fargate wants the other half of a pair to follow."""
    return {"cpu": 512, "memory": 1024, field: value} if field in ("cpu", "memory") else {field: value}


@pytest.mark.parametrize(("field", "value", "path", "expected"), SAID)
def test_each_choice_is_one_thing_in_the_template(field: str, value: Any, path: str, expected: Any) -> None:
    assert at(made(web()), path) != expected
    assert at(made(web(**sized(field, value))), path) == expected


def test_nothing_that_can_be_said_is_without_a_test() -> None:
    elsewhere = {"policy_name", "execute_command"}  # below
    assert {field for field, *_ in SAID} | elsewhere == names_of(Task) - names_of(Container)


def test_a_task_is_on_fargate_with_two_roles() -> None:
    task = properties(web(), "TaskDefinition")
    del task["ContainerDefinitions"]
    assert task == {
        "Family": "oaktree-api-task",
        "RequiresCompatibilities": ["FARGATE"],
        "NetworkMode": "awsvpc",
        "Cpu": "256",
        "Memory": "512",
        "ExecutionRoleArn": {"Fn::GetAtt": ["ExecutionRole", "Arn"]},
        "TaskRoleArn": {"Fn::GetAtt": ["TaskRole", "Arn"]},
        "RuntimePlatform": {"CpuArchitecture": "X86_64", "OperatingSystemFamily": "LINUX"},
    }


@pytest.mark.parametrize(("cpu", "memory"), [(256, 4096), ("1024", "512"), (8192, 17408)])
def test_a_size_that_fargate_lacks_is_refused_in_words(cpu: Any, memory: Any) -> None:
    choices = MEMORY[str(cpu)]
    assert complaints(web(cpu=cpu, memory=memory)) == [
        f"WebService.memory: Fargate sells no task of {cpu} CPU units with {memory} MiB. "
        f"Take {choices[0]} to {choices[-1]} MiB, or other CPU units"
    ]


@pytest.mark.parametrize("memory", [500, 250000, "much"])
def test_memory_that_no_task_has_is_refused(memory: Any) -> None:
    assert complaints(web(memory=memory)) == [
        f"WebService.memory: {memory!r} is not 512 or a multiple of 1024 that Fargate offers"
    ]


def test_a_size_that_only_cloudformation_knows_is_not_judged() -> None:
    assert complaints(web(cpu=Ref("Cpu"), memory=4096)) == []
    assert properties(web(cpu=Ref("Cpu"), memory=Ref("Memory")), "TaskDefinition")["Cpu"] == {"Ref": "Cpu"}


# Roles


def test_only_tasks_of_this_account_may_take_the_roles() -> None:
    for kind in ("ExecutionRole", "TaskRole"):
        (trust,) = properties(web(), kind)["AssumeRolePolicyDocument"]["Statement"]
        assert trust["Principal"] == {"Service": ["ecs-tasks.amazonaws.com"]}
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def test_the_names_of_roles_and_log_group_begin_with_the_prefix() -> None:
    found = made(web())
    assert found["ExecutionRole"]["Properties"]["RoleName"] == "oaktree-api-execution-role"
    assert found["TaskRole"]["Properties"]["RoleName"] == "oaktree-api-task-role"
    assert found["LogGroup"]["Properties"]["LogGroupName"] == "/ecs/oaktree-api"


def test_the_application_may_do_nothing_that_is_not_granted() -> None:
    assert "TaskPolicy" not in made(web())
    assert list(statements(web(grants=(READ,)), "TaskPolicy")) == ["ReadTable"]


def test_the_grants_stand_in_a_policy_under_its_own_name() -> None:
    assert properties(web(grants=(READ,)), "TaskPolicy")["ManagedPolicyName"] == "oaktree-api-access"
    given = properties(web(grants=(READ,), policy_name="oaktree-users"), "TaskPolicy")
    assert given["ManagedPolicyName"] == "oaktree-users"
    assert given["Roles"] == [{"Ref": "TaskRole"}]


@pytest.mark.parametrize("name", ["", "with space", "ä", "a" * 129])
def test_a_policy_name_that_iam_refuses_is_refused(name: str) -> None:
    (told,) = complaints(web(policy_name=name))
    assert told.startswith("WebService.policy_name: ")


@pytest.mark.parametrize(
    "secret", [SecretsManager(arn=SECRET, kms_key=KEY), ParameterStore(arn=PARAMETER, kms_key=KEY)]
)
def test_ecs_may_read_the_secrets_and_decrypt_them(secret: Any) -> None:
    granted = statements(web(secrets={"A": secret, "B": secret}), "ExecutionPolicy")
    wanted = "FetchSecret" if isinstance(secret, SecretsManager) else "FetchParameter"
    assert set(granted) == {"WriteLogs", wanted, "DecryptKey"}  # each once
    assert granted["DecryptKey"]["Resource"] == [KEY]


def test_the_application_itself_may_not_read_them() -> None:
    assert "TaskPolicy" not in made(web(secrets={"A": SecretsManager(arn=SECRET)}))


@pytest.mark.parametrize("service", [web(), worker(), scheduled()], ids=lambda value: type(value).__name__)
def test_no_task_starts_before_the_policies_it_needs(service: Any) -> None:
    starts = made(service).get("Service") or made(service)["Schedule"]
    needed = {"ExecutionPolicy", "TaskPolicy"} & set(made(service))
    assert needed <= set(starts["DependsOn"])


# Shells


@pytest.mark.parametrize("service", [web, worker, scheduled])
def test_nobody_can_open_a_shell_unless_it_is_said(service: Any) -> None:
    assert "ShellPolicy" not in made(service())
    assert '"EnableExecuteCommand": false' in json.dumps(made(service()))


@pytest.mark.parametrize("said", [True, "true"])
@pytest.mark.parametrize("service", [web, worker, scheduled])
def test_a_shell_needs_its_policy_and_a_file_system_to_write_to(service: Any, said: Any) -> None:
    found = made(service(execute_command=said, readonly_root_filesystem=False))
    assert '"EnableExecuteCommand": true' in json.dumps(found).replace('"true"', "true")
    assert {each["Sid"] for each in found["ShellPolicy"]["Properties"]["PolicyDocument"]["Statement"]} == {
        "OpenShells",
        "FindRecord",
        "RecordShells",
    }
    (told, *more) = complaints(service(execute_command=said))
    assert told.partition(".")[2] == (
        "readonly_root_filesystem: a shell needs a file system that can be written. "
        "Make readonly_root_filesystem false, or leave execute_command out"
    )
    assert more == []


def test_a_sidecar_that_a_shell_cannot_enter_is_named() -> None:
    sidecars = (Sidecar(name="a", image="a", readonly_root_filesystem=False), Sidecar(name="b", image="b"))
    (told,) = complaints(web(execute_command=True, readonly_root_filesystem=False, sidecars=sidecars))
    assert told.startswith("WebService.sidecars.1.readonly_root_filesystem: ")


@pytest.mark.parametrize("service", [web, worker, scheduled])
def test_shells_may_stand_under_a_condition(service: Any) -> None:
    found = made(service(execute_command=When("MayExecute", True)))
    assert found["ShellPolicy"]["Condition"] == "MayExecute"
    switch = {"Fn::If": ["MayExecute", True, False]}
    assert f'"EnableExecuteCommand": {json.dumps(switch)}' in json.dumps(found)


def test_whether_shells_are_possible_must_be_known() -> None:
    assert complaints(web(execute_command=Ref("Shells"))) == [
        "WebService.execute_command: it must be known here: no reference, and nothing under a condition"
    ]
