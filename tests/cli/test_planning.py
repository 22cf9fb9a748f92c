"""``oaktree plan``: no account, no credentials."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from oaktree_cfn.cli.main import run

PROJECT = Path(__file__).parents[2]

TABLE = """\
Parameters:
  Billing: {{Type: String, Default: PAY_PER_REQUEST}}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: !Ref Billing
      TableName: {name}
      KeySchema: [{{AttributeName: id, KeyType: HASH}}]
      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
"""


def plan(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = run(["plan", *arguments])
    said = capfd.readouterr()
    return code, said.out, said.err


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with our templates and environments committed."""
    for name in ("templates", "environments"):
        subprocess.run(["cp", "-r", str(PROJECT / name), str(tmp_path / name)], check=True)  # noqa: S603, S607
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)  # noqa: S603, S607
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_with_questions_says_how_they_are_answered(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    old.write_text(TABLE.format(name="users"))
    new.write_text(TABLE.format(name="!Ref Name").replace("Parameters:", "Parameters:\n  Name: {Type: String}"))
    code, _, said = plan(capfd, str(old), str(new))
    assert code == 2
    assert f"{new} has no default for Name" in said
    assert "--param KEY=VALUE" in said
    assert plan(capfd, str(old), str(new), "--param", "Name=users")[0] == 0


def test_nothing_changed_since_the_last_commit_is_said(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, said = plan(capfd, "--env", "dev")
    assert code == 0
    assert "Nothing would change." in said


def test_a_page_about_nothing_says_so_too(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, shown, _ = plan(capfd, "--env", "dev", "--format", "markdown")
    assert code == 0
    assert "### `oaktree-dev`: nothing to change" in shown


def test_an_output_alone_is_a_change(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = repository / "templates" / "root.yaml"
    path.write_text(path.read_text().replace("\nOutputs:", "\nOutputs:\n  More:\n    Value: more"))
    code, shown, said = plan(capfd, "--env", "dev")
    assert code == 0
    assert "oaktree-dev: outputs, tags or metadata only" in shown
    assert "Nothing would change." not in said


def test_an_edited_environment_file_is_compared_with_the_committed_one(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = repository / "environments" / "dev.toml"
    path.write_text(path.read_text().replace("[parameters]", "[parameters]\nHealthCheckInterval = 45"))
    code, shown, _ = plan(capfd, "--env", "dev")
    assert code == 0
    assert "HealthCheckIntervalSeconds: 30 → 45" in shown


def test_an_environment_that_is_new_is_all_new(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    dev = (repository / "environments" / "dev.toml").read_text()
    (repository / "environments" / "qa.toml").write_text(dev.replace("oaktree-dev", "oaktree-qa"))
    code, shown, said = plan(capfd, "--env", "qa")
    assert code == 0
    assert "everything is new" in said
    assert "add Vpc" in shown


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("Nope=1", "--parameter: no template has a parameter Nope."),
        ("Zones=9", "--parameter: Zones = '9': Parameter Zones failed to satisfy constraint: must be one of 2, 3"),
    ],
)
def test_a_parameter_is_judged_where_it_was_said(
    repository: Path, capfd: pytest.CaptureFixture[str], given: str, told: str
) -> None:
    code, _, said = plan(capfd, "--env", "dev", "--parameter", given)
    assert code == 2
    assert told in said


def test_a_folder_of_templates_can_be_compared_with(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, said = plan(capfd, "--env", "dev", "--against", "templates")
    assert (code, "Nothing would change." in said) == (0, True)


def test_an_unknown_revision_is_refused_with_what_to_give(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, _, said = plan(capfd, "--env", "dev", "--against", "--output=/tmp/x")
    assert code == 2
    assert "neither a folder nor a git revision" in said


def test_two_files_of_any_origin_are_compared(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.yaml").write_text(TABLE.format(name="one"))
    (tmp_path / "new.yaml").write_text(TABLE.format(name="two"))
    code, shown, said = plan(capfd, str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml"))
    assert code == 3
    assert "replace Table" in shown
    assert "--allow Table" in said
    code, _, _ = plan(capfd, str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml"), "--allow", "Table")
    assert code == 0


def test_parameters_apply_to_both_files_unless_the_old_one_has_its_own(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(TABLE.format(name="one"))
    same = plan(capfd, str(path), str(path), "--param", "Billing=PROVISIONED")
    assert (same[0], "Nothing would change." in same[2]) == (0, True)
    other = plan(
        capfd, str(path), str(path), "--param", "Billing=PROVISIONED", "--old-param", "Billing=PAY_PER_REQUEST"
    )
    assert "BillingMode: PAY_PER_REQUEST → PROVISIONED" in other[1]


def test_a_plan_has_every_face(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.yaml").write_text(TABLE.format(name="one"))
    (tmp_path / "new.yaml").write_text(TABLE.format(name="two"))
    code, shown, _ = plan(capfd, str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml"), "--format", "json")
    assert code == 3
    assert json.loads(shown)["verdict"]["refused"] is True


def test_a_template_that_does_not_parse_is_named_with_its_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.yaml").write_text("Resources:\n  A: [\n")
    code, _, said = plan(capfd, str(tmp_path / "bad.yaml"), str(tmp_path / "bad.yaml"))
    assert code == 2
    assert "bad.yaml:" in said
    assert "Traceback" not in said


def test_a_plan_says_in_every_face_that_no_account_was_asked(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.yaml").write_text(TABLE.format(name="one"))
    (tmp_path / "new.yaml").write_text(TABLE.format(name="two"))
    places = {name: tmp_path / f"plan.{name}" for name in ("markdown", "html", "json", "sarif", "annotations")}
    saves = [word for name, path in places.items() for word in ("--save", f"{name}={path}")]
    old, new = str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")
    _, shown, _ = plan(capfd, old, new, *saves)
    assert all("No account was asked" in each for each in (shown, *(path.read_text() for path in places.values())))
    assert places["markdown"].read_text().splitlines()[4].startswith("> **Offline plan**")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "old.yaml").write_text(TABLE.format(name="one"))
    (tmp_path / "new.yaml").write_text(TABLE.format(name="two"))
    old, new = str(tmp_path / "old.yaml"), str(tmp_path / "new.yaml")
    code, _, said = plan(capfd, old, new, "--save", f"json={tmp_path}")
    assert code == 2
    assert "Give another place: --save" in said
    assert plan(capfd, old, new, "--save", "terminal=x")[0] == 2
