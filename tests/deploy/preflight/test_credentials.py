"""``credentials``: they outlive the deploy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from oaktree_cfn.aws.connection import Connection

from .conftest import REGION, Ground

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize("minutes", [None, 30, 60])
def test_credentials_that_last_are_good(ground: Ground, monkeypatch: pytest.MonkeyPatch, minutes: int | None) -> None:
    ends = None if minutes is None else NOW + timedelta(minutes=minutes)
    monkeypatch.setattr(Connection, "ends", lambda _: ends)
    assert ground.said("credentials", now=NOW) == []


@pytest.mark.parametrize(("minutes", "told"), [(29, 29), (0, 0), (-5, 0)])
def test_credentials_that_end_before_a_deploy_may_are_told(
    ground: Ground, monkeypatch: pytest.MonkeyPatch, minutes: int, told: int
) -> None:
    monkeypatch.setattr(Connection, "ends", lambda _: NOW + timedelta(minutes=minutes))
    assert ground.said("credentials", now=NOW) == [f" the credentials end in {told} minutes; a deploy may take 30"]


def test_what_stands_in_the_environment_ends_when_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.delenv("AWS_CREDENTIAL_EXPIRATION", raising=False)
    assert Connection(REGION).ends() is None
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", ends.isoformat())
    assert Connection(REGION).ends() == ends
