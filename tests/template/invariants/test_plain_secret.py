"""Secrets do not stand in environments, and no finding shows one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oaktree_cfn.template.judge import judge
from oaktree_cfn.template.tree import Tree

from .ground import environment, found

MORE = "Parameters: {Hidden: {Type: String, NoEcho: true, Default: h1dd3n}, Open: {Type: String, Default: ''}}"
AT = "Task.ContainerDefinitions.0.Environment.0.Value"
KEY = "AKIA" + "ABCDEFGHIJKLMNOP"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc"


def task(name: object, value: object) -> dict[str, object]:
    container = {"Name": "app", "Environment": [{"Name": name, "Value": value}]}
    properties = {"ContainerDefinitions": [container]}
    return {"Resources": {"Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": properties}}}


def variable(name: str, value: str) -> list[str]:
    text = f"""
    Task:
      Type: AWS::ECS::TaskDefinition
      Properties: {{ContainerDefinitions: [{{Name: app, Environment: [{{Name: {name}, Value: {value}}}]}}]}}
    Secret: {{Type: AWS::SecretsManager::Secret}}
    """
    return found("plain-secret", text, more=MORE)


@pytest.mark.parametrize("name", ["DB_PASSWORD", "dbPassword", "CLIENT_SECRET", "API_TOKEN", "API_KEY", "apiKeys",
                                  "PRIVATE_KEY", "SECRET_KEY_BASE", "AWS_SECRET_ACCESS_KEY", "DB_PASS", "DB_PASSWORD_2"])  # fmt: skip
def test_a_telling_name_with_a_plain_value_is_found(name: str) -> None:
    assert variable(name, "hunter22") == [f"{AT} of {name} is a secret in plain text, by its name"]


@pytest.mark.parametrize("name", ["SECRET_ARN", "TOKEN_URL", "PASSWORD_FILE", "PASSWORD_MIN_LENGTH", "TOKEN_TTL", "BYPASS",
                                  "AUTH_MODE", "KEYBOARD", "DYNAMODB_TABLE", "API_KEY_ID", "PWD"])  # fmt: skip
def test_a_name_about_a_secret_is_none(name: str) -> None:
    assert variable(name, "hunter22") == []


@pytest.mark.parametrize("value", ["true", "''", "!Ref Open", "!Ref Secret", "!ImportValue Password",
                                   "arn:aws:secretsmanager:eu-west-1:1:secret:x"])  # fmt: skip
def test_a_switch_nothing_or_a_reference_is_no_secret(value: str) -> None:
    assert variable("PASSWORD", value) == []


@pytest.mark.parametrize(
    "value", [KEY, JWT, "'-----BEGIN RSA PRIVATE KEY-----'", "'postgres://admin:hunter22@db/users'"]
)
def test_what_looks_like_a_secret_is_found_under_any_name(value: str) -> None:
    assert variable("CONFIG", value) == [f"{AT} of CONFIG looks like a secret in plain text"]


def test_a_no_echo_parameter_is_readable_in_an_environment() -> None:
    assert variable("CONFIG", "!Sub 'x-${Hidden}'") == [f"{AT} of CONFIG is a NoEcho parameter, readable here"]


def test_a_dynamic_reference_is_resolved_too_early() -> None:
    said = f"{AT} of CONFIG is resolved to plain text before the task definition is made"
    assert variable("CONFIG", "'{{resolve:secretsmanager:db:SecretString:password}}'") == [said]


@given(
    st.sampled_from(["PASSWORD", "API_KEY", "CONFIG"]),
    st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=6, max_size=40).filter(
        lambda text: text.strip() not in {"", "in plain text", "secret", "ContainerDefinitions"}
    ),
)
def test_no_finding_shows_the_value(name: str, noise: str) -> None:
    value = f"{KEY} {noise}"
    (finding,) = judge(Tree("root", task(name, value)), environment()).findings
    assert finding.rule == "plain-secret"
    shown = f"{finding.place} {finding.message} {finding.fix}"
    assert KEY not in shown
    assert value not in shown
