"""The launch role may do all that provisioning the product does: every call of the resource handlers is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from oaktree_cfn.template import read
from oaktree_cfn.template.permissions import Naming, statements
from tests.catalog.ground import Ground, ground
from tests.catalog.recorder import recorded

PRODUCT = read.load(Path(__file__).parents[2] / "templates" / "product.yaml")
STACK = "SC-123456789012-pp-abcdefghijklm"
FORM = {
    "Platform": "oaktree-local",
    "Repository": "oaktree-local",
    "ImageTag": "1",
    "Path": "/orders/*",
    "Priority": "10",
    "MaxTasks": "3",
    "RetainTable": "false",
    "TableDeletionProtection": "false",
}
CHANGES = {"ImageTag": "2", "Cpu": "512", "Memory": "1024", "LogRetentionDays": "60", "HealthCheckPath": "/up"}
BESIDES = {"s3:GetObject", "ec2:DescribeNetworkInterfaces"}
"""What the stage asks for itself: templates, and whether a security group that goes is in use, which EC2 checks by itself."""


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[set[str]]:
    """A product made, changed, and taken away again."""
    with recorded() as found, ground(tmp_path_factory.mktemp("place")) as place:
        place.good("deploy", "--env", "local", "--no-lint")
        found.clear()
        _live(place)
        yield found - BESIDES


def _live(place: Ground) -> None:
    cloudformation = place.client("cloudformation")
    body = (Path(__file__).parents[2] / "templates" / "product.yaml").read_text(encoding="utf-8")
    request = {"StackName": STACK, "TemplateBody": body, "Capabilities": ["CAPABILITY_NAMED_IAM"]}
    tags = [{"Key": "team", "Value": "oak"}]
    cloudformation.create_stack(**request, Parameters=_sent(FORM), Tags=tags)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 0.2})
    changed = [{"Key": "team", "Value": "elm"}]
    cloudformation.update_stack(**request, Parameters=_sent(FORM | CHANGES), Tags=changed)
    cloudformation.get_waiter("stack_update_complete").wait(StackName=STACK, WaiterConfig={"Delay": 0.2})
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig={"Delay": 0.2})


def _sent(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


def test_the_handlers_called_every_service_of_the_product(calls: set[str]) -> None:
    services = {call.partition(":")[0] for call in calls}
    assert services == {
        "application-autoscaling",
        "cloudwatch",
        "dynamodb",
        "ec2",
        "ecs",
        "elasticloadbalancing",
        "iam",
        "logs",
    }


def test_every_call_is_allowed(calls: set[str]) -> None:
    allowed = {action for each in statements(Naming("SC-*"), PRODUCT) for action in each["Action"]}
    assert sorted(calls - allowed) == []
