"""Which names announce a secret."""

from __future__ import annotations

import pytest

from oaktree_cfn.review.redact import secret_name


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD",
        "MasterUserPassword",
        "API_KEY",
        "apiKey",
        "TOKEN",
        "ClientSecret",
        "SECRET_KEY_BASE",
        "DSN",
        "PrivateKey",
    ],
)
def test_secret_names(name: str) -> None:
    assert secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "SecretArn",
        "PORT",
        "HOST",
        "AWS_REGION",
        "USE_AWS_DB",
        "DYNAMODB_TABLE",
        "Image",
        "TokenUrl",
        "AuthType",
        "Path",
    ],
)
def test_harmless_names(name: str) -> None:
    assert not secret_name(name)
