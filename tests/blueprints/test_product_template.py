"""The product: what it asks, what it refuses, what it takes from its platform, what it tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from oaktree_cfn.blueprints.root import EXPORTED
from tests.blueprints.conftest import EXPORTS, STACK

SUB = "Fn::Sub"


def imports(value: Any) -> set[str]:
    """Names of the exports that a template imports, as they are written."""
    if isinstance(value, dict):
        own = {value["Fn::ImportValue"][SUB]} if "Fn::ImportValue" in value else set()
        return own.union(*map(imports, value.values()))
    return set().union(*map(imports, value)) if isinstance(value, list) else set()


def test_it_imports_what_every_platform_exports_and_nothing_else(templates: dict[str, Any]) -> None:
    found = imports(templates["product"])
    assert found <= {f"${{Platform}}-{name}" for name in EXPORTED}
    assert {f"${{Platform}}-{name}" for name in ("VpcId", "ClusterName", "ListenerArn", "TaskSubnetIds")} <= found


def test_it_stands_on_its_own(templates: dict[str, Any]) -> None:
    text = json.dumps(templates["product"])
    assert "Transform" not in text
    assert "TemplateURL" not in text
    assert "AWS::CloudFormation::Stack" not in text


def test_it_is_no_part_of_the_platform(templates: dict[str, Any]) -> None:
    assert "./product.yaml" not in json.dumps(templates["root"])


def test_few_things_must_be_said(templates: dict[str, Any]) -> None:
    asked = templates["product"]["Parameters"]
    assert {name for name, said in asked.items() if "Default" not in said} == {
        "Platform",
        "Repository",
        "ImageTag",
        "Priority",
    }
    assert len(asked) < 20


NAMED = ("RoleName", "LogGroupName", "ManagedPolicyName", "TableName", "ServiceName", "Family", "AlarmName")


def test_every_name_it_gives_carries_the_stacks_own(picture: Callable[..., Any]) -> None:
    drawn = picture("product", MaxTasks="4")
    names = {
        (title, drawn.properties(title)[key])
        for title in drawn.resources()
        for key in NAMED
        if isinstance(drawn.properties(title).get(key), str)
    }
    assert len(names) >= 7
    assert [each for each in names if not each[1].removeprefix("/ecs/").startswith(STACK) and "<" not in each[1]] == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"Path": "/*"}, "Give a Host or a Path of its own"),
        ({"ImageTag": "latest"}, "ImageTag must not be latest"),
        ({"TableDeletionProtection": "true"}, "TableDeletionProtection must be false too"),
        ({"Cpu": "1024", "Memory": "512"}, "With Cpu 1024, Memory must be"),
    ],
)
def test_bad_combinations_are_refused_in_a_sentence(
    given: dict[str, str], said: str, picture: Callable[..., Any]
) -> None:
    (broken,) = picture("product", **given).broken_rules()
    assert said in broken


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Platform", "Oaktree"),
        ("Repository", "oak/tree:1"),
        ("ImageTag", ""),
        ("Host", "*.example.com"),
        ("Path", "orders"),
        ("Path", "/a*b"),
        ("Priority", "0"),
        ("Priority", "50001"),
    ],
)
def test_bad_values_are_refused(name: str, value: str, picture: Callable[..., Any]) -> None:
    assert len(picture("product", **{name: value}).refused()) == 1


def test_a_host_alone_is_address_enough(picture: Callable[..., Any]) -> None:
    assert picture("product", Host="orders.example.com", Path="/*").broken_rules() == []


def test_it_takes_the_requests_of_its_address(picture: Callable[..., Any]) -> None:
    rule = picture("product", Host="orders.example.com").properties("ListenerRule")
    assert rule["ListenerArn"] == EXPORTS["oaktree-dev-ListenerArn"]
    assert rule["Priority"] == "10"
    values = {each["Field"]: each for each in rule["Conditions"]}
    assert values["host-header"]["HostHeaderConfig"] == {"Values": ["orders.example.com"]}
    assert values["path-pattern"]["PathPatternConfig"] == {"Values": ["/orders/*"]}


def test_a_failing_rollout_is_taken_back_by_its_own_alarms(picture: Callable[..., Any]) -> None:
    service = picture("product").properties("Service")
    assert service["DeploymentConfiguration"]["Alarms"] == {
        "AlarmNames": ["<ApplicationErrorsAlarm>", "<LatencyAlarm>"],
        "Enable": "true",
        "Rollback": "true",
    }


def test_its_image_is_one_of_the_accounts_repositories(picture: Callable[..., Any]) -> None:
    drawn = picture("product", Repository="team/orders", ImageTag="1.2.3")
    (container,) = drawn.properties("TaskDefinition")["ContainerDefinitions"]
    assert container["Image"] == "123456789012.dkr.ecr.ap-southeast-1.amazonaws.com/team/orders:1.2.3"
    statements = drawn.properties("ExecutionPolicy")["PolicyDocument"]["Statement"]
    arn = "arn:aws:ecr:ap-southeast-1:123456789012:repository/team/orders"
    assert [each["Resource"] for each in statements if "ecr:BatchGetImage" in each["Action"]] == [[arn]]


def test_tasks_have_a_public_ip_where_the_platforms_have_one(picture: Callable[..., Any]) -> None:
    network = picture("product").properties("Service")["NetworkConfiguration"]["AwsvpcConfiguration"]
    assert network["AssignPublicIp"] == "<oaktree-dev-TaskPublicIp>"
    assert picture("network", TaskSubnets="public").output("TaskPublicIp") == "ENABLED"
    assert picture("network", TaskSubnets="private").output("TaskPublicIp") == "DISABLED"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "https://oaktree.example.com/orders/"),
        ({"Host": "orders.example.com", "Path": "/*"}, "https://orders.example.com/"),
        ({"Host": "orders.example.com"}, "https://orders.example.com/orders/"),
    ],
)
def test_it_says_where_it_answers(given: dict[str, str], url: str, picture: Callable[..., Any]) -> None:
    assert picture("product", **given).output("Url") == url


def test_it_tells_how_to_read_its_logs(picture: Callable[..., Any]) -> None:
    drawn = picture("product")
    assert drawn.output("FollowLogs") == "aws logs tail <LogGroup> --follow --region ap-southeast-1"
    assert drawn.outputs() == {"Url", "ServiceName", "LogGroupName", "FollowLogs", "TableName"}


def test_a_table_to_keep_is_kept(picture: Callable[..., Any]) -> None:
    kept = picture("product", RetainTable="true", TableDeletionProtection="true")
    assert kept.resources("AWS::DynamoDB::Table") == {"RetainedUsersTable"}
    assert picture("product").resources("AWS::DynamoDB::Table") == {"UsersTable"}
