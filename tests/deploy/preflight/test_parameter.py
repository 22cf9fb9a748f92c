"""``parameter``: what Parameter Store is to give is there."""

from __future__ import annotations

import pytest

from .conftest import ID, REGION, Ground, service

PLACE = "Task.ContainerDefinitions.0.Secrets.0.ValueFrom"
ARN = f"arn:aws:ssm:{REGION}:{ID}:parameter"


@pytest.fixture(autouse=True)
def there(ground: Ground) -> None:
    for name in ("/shop/key", "plain"):
        ground.client("ssm").put_parameter(Name=name, Type="SecureString", Value="x")


def told(value: str) -> str:
    return service(secrets=f'[{{Name: KEY, ValueFrom: "{value}"}}]')


@pytest.mark.parametrize("name", ["/shop/key", f"{ARN}/shop/key", "plain", f"{ARN}/plain"])
def test_a_parameter_that_is_there_is_good(ground: Ground, name: str) -> None:
    assert ground.said("parameter", told(name)) == []


@pytest.mark.parametrize("name", ["/shop/nothing", f"{ARN}/shop/nothing"])
def test_a_parameter_that_is_not_there_is_named(ground: Ground, name: str) -> None:
    assert ground.said("parameter", told(name)) == [f"{PLACE} is {name}, which there is not"]


def test_what_a_template_looks_up_is_looked_for_too(ground: Ground) -> None:
    text = "\n  Text: {Type: AWS::SNS::Topic, Properties: {TopicName: '{{resolve:ssm:%s}}'}}"
    assert ground.said("parameter", text % "/shop/key:1") == []
    assert ground.said("parameter", text % "/shop/no") == ["Text refers to /shop/no, which there is not"]


@pytest.mark.parametrize("name", ["arn:x", "arn:"])
def test_what_is_no_whole_arn_is_left_to_cloudformation(ground: Ground, name: str) -> None:
    assert ground.look(told(name)).findings == ()


def test_a_parameter_of_the_template_that_ssm_gives_is_looked_for_too(ground: Ground) -> None:
    head = "Parameters: {Key: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /shop/key}}"
    assert ground.said("parameter", head=head) == []
    assert ground.said("parameter", head=head, values={"Key": "/shop/no"}) == [
        " the parameter Key is looked up as /shop/no, which there is not"
    ]


@pytest.mark.parametrize(
    "name", ["/aws/service/ami-amazon-linux-latest/x", f"arn:aws:ssm:{REGION}:210987654321:parameter/shared"]
)
def test_what_aws_publishes_and_what_others_share_is_taken_for_good(ground: Ground, name: str) -> None:
    assert ground.said("parameter", told(name)) == []


def test_many_are_asked_for_in_parts(ground: Ground) -> None:
    secrets = ", ".join(f"{{Name: K{number}, ValueFrom: /shop/{number:02}}}" for number in range(53))
    assert len(ground.said("parameter", service(secrets=f"[{secrets}]"))) == 53
