"""``oaktree environment``: what a pipeline knows before it signs in."""

from __future__ import annotations

from pathlib import Path

import pytest

from oaktree_cfn.cli.main import run

HERE = Path(__file__).parents[2]
ROLE = "arn:aws:iam::123456789012:role/oaktree-local-deploy-role"


@pytest.fixture(autouse=True)
def _no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENV", raising=False)
    monkeypatch.chdir(HERE)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("an account was asked")

    monkeypatch.setattr("boto3.session.Session.__init__", refuse)


def test_it_tells_where_and_for_what_to_build(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["environment", "--env", "local", "--role", ROLE, "--format", "github"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "environment=local",
        "region=ap-southeast-1",
        "account=123456789012",
        "stack=oaktree-local",
        "platform=linux/amd64",
    ]


def test_the_platform_follows_the_environments_architecture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (HERE / "environments" / "local.toml").read_text()
    (tmp_path / "arm.toml").write_text(text.replace("[parameters]", '[parameters]\nArchitecture = "ARM64"'))
    code = run(["environment", "--env", "arm", "--environments", str(tmp_path), "--format", "github"])
    told = capsys.readouterr()
    assert code == 0, told.err
    assert "platform=linux/arm64" in told.out


@pytest.mark.parametrize(
    ("role", "says"),
    [
        ("", "No role is given for local"),
        ("oaktree-deploy", "is not the ARN of an IAM role"),
        ("arn:aws:iam::123456789012:user/ann", "is not the ARN of an IAM role"),
        (ROLE.replace("1234", "9876"), "is a role of account 987656789012, but local is account 123456789012"),
        (f"{ROLE}\n", "is not the ARN of an IAM role"),
    ],
)
def test_a_role_that_cannot_be_right_is_refused_first(role: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["environment", "--env", "local", "--role", role]) == 2
    assert says in capsys.readouterr().err
