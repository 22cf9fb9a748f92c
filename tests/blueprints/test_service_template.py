"""The web service, value by value: its task, its two roles, and how it is rolled out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Draw = Callable[..., Any]

REPOSITORY = "123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/oaktree-dev"


def test_the_task_is_one_essential_container_on_fargate(picture: Draw) -> None:
    task = picture("service", ImageTag="3f2c1ab").properties("TaskDefinition")
    (container,) = task.pop("ContainerDefinitions")
    assert task == {
        "Family": "oaktree-dev-task",
        "RequiresCompatibilities": ["FARGATE"],
        "NetworkMode": "awsvpc",
        "Cpu": "256",
        "Memory": "512",
        "ExecutionRoleArn": "<ExecutionRole.Arn>",
        "TaskRoleArn": "<TaskRole.Arn>",
        "RuntimePlatform": {"CpuArchitecture": "X86_64", "OperatingSystemFamily": "LINUX"},
    }
    assert container["Name"] == "oaktree-dev"
    assert container["Image"] == f"{REPOSITORY}:3f2c1ab"
    assert container["Essential"] == "true"
    assert container["PortMappings"] == [{"ContainerPort": "5000", "HostPort": "5000", "Protocol": "tcp"}]


def test_the_container_has_the_six_environment_variables(picture: Draw) -> None:
    (container,) = picture("service").properties("TaskDefinition")["ContainerDefinitions"]
    assert {each["Name"]: each["Value"] for each in container["Environment"]} == {
        "PORT": "5000",
        "NODE_ENV": "production",
        "HOST": "0.0.0.0",  # noqa: S104
        "AWS_REGION": "ap-southeast-1",
        "USE_AWS_DB": "true",
        "DYNAMODB_TABLE": "oaktree-dev-users",
    }


def test_logs_go_to_a_group_of_its_own_for_thirty_days(picture: Draw) -> None:
    drawn = picture("service")
    assert drawn.properties("LogGroup") == {"LogGroupName": "/ecs/oaktree-dev", "RetentionInDays": "30"}
    (container,) = drawn.properties("TaskDefinition")["ContainerDefinitions"]
    assert container["LogConfiguration"] == {
        "LogDriver": "awslogs",
        "Options": {
            "awslogs-group": "<LogGroup>",
            "awslogs-region": "ap-southeast-1",
            "awslogs-stream-prefix": "ecs",
        },
    }


def test_there_is_no_task_before_there_is_an_image(picture: Draw) -> None:
    assert picture("service", DesiredCount="2").properties("Service")["DesiredCount"] == "0"
    assert picture("service", DesiredCount="2", ImageTag="v1").properties("Service")["DesiredCount"] == "2"


def test_the_service_rolls_out_carefully_and_back_by_itself(picture: Draw) -> None:
    service = picture("service").properties("Service")
    wanted = {
        "ServiceName": "oaktree-dev-service",
        "Cluster": "oaktree-dev-cluster",
        "CapacityProviderStrategy": [{"CapacityProvider": "FARGATE", "Weight": "1"}],
        "DeploymentController": {"Type": "ECS"},
        "DeploymentConfiguration": {
            "MaximumPercent": "200",
            "MinimumHealthyPercent": "50",
            "DeploymentCircuitBreaker": {
                "Enable": "true",
                "Rollback": "true",
                "ThresholdConfiguration": {"Type": "COUNT", "Value": "3"},
            },
        },
        "HealthCheckGracePeriodSeconds": "60",
        "LoadBalancers": [
            {"ContainerName": "oaktree-dev", "ContainerPort": "5000", "TargetGroupArn": "arn:target-group"}
        ],
        "PropagateTags": "SERVICE",
        "EnableECSManagedTags": "true",
    }
    assert service | wanted == service
    assert "LaunchType" not in service


@pytest.mark.parametrize(("where", "public"), [("public", "ENABLED"), ("private", "DISABLED")])
def test_tasks_have_a_public_address_only_in_public_subnets(where: str, public: str, picture: Draw) -> None:
    service = picture("service", TaskSubnets=where).properties("Service")
    assert service["NetworkConfiguration"] == {
        "AwsvpcConfiguration": {
            "AssignPublicIp": public,
            "SecurityGroups": ["sg-2"],
            "Subnets": ["subnet-3", "subnet-4"],
        }
    }


def test_the_service_waits_for_the_policies_of_both_roles(templates: dict[str, Any]) -> None:
    assert templates["service"]["Resources"]["Service"]["DependsOn"] == ["ExecutionPolicy", "TaskPolicy"]


def test_the_execution_role_may_pull_this_image_and_write_these_logs(picture: Draw) -> None:
    drawn = picture("service")
    policy = drawn.properties("ExecutionPolicy")
    assert policy["Roles"] == ["<ExecutionRole>"]
    assert {tuple(each["Action"]): each["Resource"] for each in policy["PolicyDocument"]["Statement"]} == {
        ("ecr:GetAuthorizationToken",): ["*"],
        ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"): [
            "arn:aws:ecr:ap-southeast-1:123456789012:repository/oaktree-dev"
        ],
        ("logs:CreateLogStream", "logs:PutLogEvents"): ["<LogGroup.Arn>"],
    }


def test_the_task_role_may_do_exactly_eight_things_to_one_table(picture: Draw) -> None:
    drawn = picture("service")
    policy = drawn.properties("TaskPolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert policy["ManagedPolicyName"] == "oaktree-dev-dynamodb-access"
    assert policy["Roles"] == ["<TaskRole>"]
    assert statement["Effect"] == "Allow"
    assert statement["Resource"] == ["arn:aws:dynamodb:ap-southeast-1:123456789012:table/oaktree-dev-users"]
    assert sorted(statement["Action"]) == [
        "dynamodb:BatchGetItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "dynamodb:Scan",
        "dynamodb:UpdateItem",
    ]


@pytest.mark.parametrize("kind", ["execution", "task"])
def test_only_tasks_of_this_account_may_use_the_roles(kind: str, picture: Draw) -> None:
    role = picture("service").properties(f"{kind.title()}Role")
    assert role["RoleName"] == f"oaktree-dev-{kind}-role"
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["ecs-tasks.amazonaws.com"]},
            "Action": ["sts:AssumeRole"],
            "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        }
    ]


def test_a_pair_of_cpu_and_memory_that_fargate_lacks_is_refused_in_words(picture: Draw) -> None:
    assert picture("service", Cpu="256", Memory="4096").broken_rules() == [
        "With Cpu 256, Memory must be 512, 1024 or 2048 MiB"
    ]
    assert picture("service", Cpu="1024", Memory="8192").broken_rules() == []


@pytest.mark.parametrize("tag", ["v1", "3f2c1ab", "2026-11-22_1", "a" * 128, f"sha256:{'0a' * 32}", ""])
def test_an_image_tag_may_be_anything_that_docker_takes(tag: str, picture: Draw) -> None:
    assert picture("service", ImageTag=tag).refused() == []


@pytest.mark.parametrize("tag", ["-v1", "v 1", "repository:v1", "a" * 129, "sha256:12"])
def test_an_image_tag_that_docker_refuses_is_refused(tag: str, picture: Draw) -> None:
    assert len(picture("service", ImageTag=tag).refused()) == 1


def test_a_task_whose_shells_are_allowed_may_record_them_where_the_cluster_keeps_its_record(picture: Draw) -> None:
    drawn = picture("service", ExecuteCommand="true")
    _, find, record = drawn.properties("ShellPolicy")["PolicyDocument"]["Statement"]
    groups = "arn:aws:logs:ap-southeast-1:123456789012:log-group:"
    assert (find["Action"], find["Resource"]) == (["logs:DescribeLogGroups"], ["*"])
    assert record["Action"] == ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    kept = picture("cluster").properties("CommandRecord")["LogGroupName"]
    assert record["Resource"] == [f"{groups}{kept}:*"]
