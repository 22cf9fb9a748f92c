"""``secret``: there, and with its keys."""

from __future__ import annotations

import pytest

from .conftest import ID, REGION, Ground, service

PLACE = "Task.ContainerDefinitions.0.Secrets.0.ValueFrom"


@pytest.fixture
def arn(ground: Ground) -> str:
    made = ground.client("secretsmanager").create_secret(Name="database", SecretString='{"password": "x", "user": "y"}')
    return str(made["ARN"])


def told(value: str) -> str:
    return service(secrets=f'[{{Name: PASSWORD, ValueFrom: "{value}"}}]')


def test_a_secret_and_a_key_that_are_there_are_good(ground: Ground, arn: str) -> None:
    for value in (arn, f"{arn}:password::", f"{arn}:user:AWSCURRENT:"):
        assert ground.said("secret", told(value)) == []


def test_a_secret_that_is_not_there_is_named(ground: Ground) -> None:
    arn = f"arn:aws:secretsmanager:{REGION}:{ID}:secret:nothing-abc123"
    assert ground.said("secret", told(f"{arn}:key::")) == [f"{PLACE} is {arn}, which there is not"]


def test_a_secret_that_is_to_be_deleted_counts_as_gone(ground: Ground, arn: str) -> None:
    ground.client("secretsmanager").delete_secret(SecretId=arn)
    assert ground.said("secret", told(arn)) == [f"{PLACE} is {arn}, which there is not"]


def test_a_key_that_is_not_there_is_named_and_no_value_is(ground: Ground, arn: str) -> None:
    assert ground.said("secret", told(f"{arn}:token::")) == [f"{PLACE} wants token of {arn}, which has no such key"]


def test_a_secret_that_is_no_json_has_no_keys(ground: Ground) -> None:
    arn = ground.client("secretsmanager").create_secret(Name="plain", SecretString="hunter2")["ARN"]
    (found,) = ground.said("secret", told(f"{arn}:key::"))
    assert found == f"{PLACE} wants key of {arn}, which holds no JSON object"


def test_what_a_template_looks_up_is_looked_for_too(ground: Ground, arn: str) -> None:
    text = "\n  Text: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: '{{resolve:secretsmanager:%s}}'}}"
    assert ground.said("secret", text % "database:SecretString:password") == []
    assert ground.said("secret", text % f"{arn}:SecretString:password") == []
    assert ground.said("secret", text % "database:SecretString:token") == [
        "Text wants token of database, which has no such key"
    ]
    assert ground.said("secret", text % "nothing:SecretString:password") == ["Text is nothing, which there is not"]


def test_a_secret_that_the_system_makes_itself_is_not_looked_for(ground: Ground) -> None:
    made = "\n  Made: {Type: AWS::SecretsManager::Secret}"
    resources = made + service(secrets="[{Name: A, ValueFrom: !Ref Made}]")
    assert ground.said("secret", resources) == []
