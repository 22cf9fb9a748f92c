"""Secrets: what ECS reads at start, and what looks like one in the wrong place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from troposphere import Ref

from oaktree_cfn.services import secrets
from oaktree_cfn.services.secrets import ParameterStore, SecretsManager
from tests.services.rendering import KEY, PARAMETER, SECRET, complaints, container, web


@pytest.mark.parametrize(
    ("secret", "value_from"),
    [
        (SecretsManager(arn=SECRET), SECRET),
        (SecretsManager(arn=SECRET, json_key="password"), f"{SECRET}:password::"),
        (SecretsManager(arn=Ref("Secret")), {"Ref": "Secret"}),
        (
            SecretsManager(arn=Ref("Secret"), json_key="pass"),
            {"Fn::Sub": ["${Secret}:pass::", {"Secret": {"Ref": "Secret"}}]},
        ),
        (ParameterStore(arn=PARAMETER), PARAMETER),
        (ParameterStore(arn=Ref("Parameter")), {"Ref": "Parameter"}),
    ],
)
def test_ecs_is_told_where_a_secret_is(secret: Any, value_from: Any) -> None:
    assert container(web(secrets={"A": secret}))["Secrets"] == [{"Name": "A", "ValueFrom": value_from}]


def test_a_key_that_looks_like_a_reference_is_taken_by_its_letters() -> None:
    (told,) = secrets.in_container({"A": SecretsManager(arn=Ref("Secret"), json_key="a${b}")})
    assert told.to_dict()["ValueFrom"]["Fn::Sub"][0] == "${Secret}:a${!b}::"


def test_a_customers_key_is_granted_once() -> None:
    one = SecretsManager(arn=SECRET, kms_key=KEY)
    other = SecretsManager(arn=f"{SECRET}y", kms_key=KEY)
    assert [(grant.on, grant.intent) for grant in secrets.grants({"A": one, "B": other}, {"C": one})] == [
        ("secret", "fetch"),
        ("key", "decrypt"),
        ("secret", "fetch"),
    ]


@pytest.mark.parametrize(
    ("secret", "told"),
    [
        (SecretsManager(arn=PARAMETER), "arn: it is not an ARN of secretsmanager"),
        (ParameterStore(arn=SECRET), "arn: it is not an ARN of ssm"),
        (SecretsManager(arn=SECRET, json_key="a:b"), "json_key: 'a:b' is not a key of the secret's JSON"),
        (SecretsManager(arn=SECRET, json_key=Ref("Key")), "json_key: it must be known here: no reference, and nothing under a condition"),
        (SecretsManager(arn=SECRET, kms_key="alias/x"), "kms_key: 'alias/x' is not an ARN of kms"),
    ],
)  # fmt: skip
def test_what_is_not_a_secrets_place_is_refused(secret: Any, told: str) -> None:
    assert complaints(web(secrets={"A": secret})) == [f"WebService.secrets.A.{told}"]


TELLING = (
    "PASSWORD",
    "DB_PASSWORD",
    "API_KEY",
    "APIKEY",
    "token",
    "AUTH_TOKEN",
    "AWS_SECRET",
    "PRIVATE_KEY",
    "CREDENTIALS",
)
HARMLESS = (
    "PORT",
    "PASSWORD_FILE",
    "SECRET_ARN",
    "TOKEN_URL",
    "TOKEN_TTL",
    "MONKEY",
    "TOKENIZER",
    "SECRET_NAME",
    "KEYS",
)


@pytest.mark.parametrize("name", TELLING)
def test_a_name_gives_a_secret_away(name: str) -> None:
    assert [problem.field for problem in secrets.in_the_open({name: "x"})] == [f"environment.{name}"]


@pytest.mark.parametrize("name", HARMLESS)
def test_something_about_a_secret_is_none(name: str) -> None:
    assert list(secrets.in_the_open({name: "x"})) == []


@pytest.mark.parametrize("value", ["", Ref("Password"), {"Ref": "Password"}, True, 5])
def test_what_is_empty_or_elsewhere_is_no_secret_in_the_open(value: Any) -> None:
    assert list(secrets.in_the_open({"PASSWORD": value})) == []


@given(st.text(min_size=4))
def test_the_value_is_never_told(value: str) -> None:
    told = "".join(str(problem) for problem in secrets.in_the_open({"PASSWORD": f"~{value}~"}))
    assert told
    assert f"~{value}~" not in told
