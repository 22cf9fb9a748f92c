"""The folder is the catalogue, and what it renders is committed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from oaktree_cfn import blueprints
from oaktree_cfn.blueprints import catalogue, documents, render, stale
from oaktree_cfn.errors import InvalidInput

HERE = Path(__file__).parents[2]

QUEUE = '''
from dataclasses import dataclass
from troposphere import Template
from troposphere.sqs import Queue as SqsQueue


@dataclass(frozen=True)
class Queue:
    """A queue for what can wait."""

    def compose(self):
        template = Template(Description="A queue")
        template.add_resource(SqsQueue("Queue"))
        return template
'''


def build(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, HERE / "build.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


@pytest.fixture
def extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A second folder of blueprints, beside ours."""
    folder = tmp_path / "extra"
    folder.mkdir()
    monkeypatch.setattr(blueprints, "__path__", [*blueprints.__path__, str(folder)])
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return folder


def test_the_seven_templates_of_the_system_are_there() -> None:
    assert list(catalogue()) == ["alb", "cluster", "data", "ecr", "network", "root", "service"]


def test_a_new_file_is_a_new_template(extra: Path, tmp_path: Path) -> None:
    (extra / "queue.py").write_text(QUEUE)
    render(tmp_path / "out")
    assert "Type: AWS::SQS::Queue" in (tmp_path / "out" / "queue.yaml").read_text()


def test_a_file_without_a_blueprint_is_refused_by_name(extra: Path) -> None:
    (extra / "empty.py").write_text("x = 1\n")
    with pytest.raises(InvalidInput, match=r"empty\.py: no classes with a method compose"):
        catalogue()


def test_a_blueprint_that_does_not_compose_is_named_and_nothing_is_written(extra: Path, tmp_path: Path) -> None:
    (extra / "queue.py").write_text(QUEUE.replace('SqsQueue("Queue")', 'SqsQueue("Queue", Nme="x")'))
    with pytest.raises(InvalidInput, match=r"blueprints/queue\.py: .*Nme"):
        render(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_rendering_twice_gives_the_same_bytes_and_writes_nothing_the_second_time(tmp_path: Path) -> None:
    first = render(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(first) == 7
    assert render(tmp_path) == ()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def digest(seed: str) -> str:
    script = (
        "import hashlib; from oaktree_cfn.blueprints import documents;"
        "print(hashlib.sha256(repr(documents()).encode()).hexdigest())"
    )
    command, environment = [sys.executable, "-c", script], {"PYTHONHASHSEED": seed}
    return subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=True, cwd=HERE, env=environment
    ).stdout


def test_the_order_of_hashes_does_not_show_in_the_templates() -> None:
    assert digest("1") == digest("2") == digest("3") != ""


def test_the_committed_templates_are_fresh() -> None:
    assert stale(HERE / "templates") == {}


def test_check_says_which_file_is_stale_missing_or_superfluous_and_exits_2(tmp_path: Path) -> None:
    render(tmp_path)
    (tmp_path / "ecr.yaml").unlink()
    (tmp_path / "data.yaml").write_text("edited by hand")
    (tmp_path / "network.yaml").rename(tmp_path / "old.yaml")
    (tmp_path / "ours.yaml").write_text("Resources: {}")
    result = build("--check", "--out", str(tmp_path))
    said = {line.rpartition("/")[2] for line in result.stderr.splitlines()}
    assert result.returncode == 2
    assert said == {
        "data.yaml: stale",
        "ecr.yaml: missing",
        "network.yaml: missing",
        "old.yaml: superfluous",
        "Run: python build.py",
    }


def test_check_is_content_with_what_was_rendered(tmp_path: Path) -> None:
    assert build("--out", str(tmp_path)).returncode == 0
    result = build("--check", "--out", str(tmp_path))
    assert (result.returncode, result.stderr) == (0, "")


def test_rendering_mends_everything_and_leaves_files_of_others_alone(tmp_path: Path) -> None:
    render(tmp_path)
    (tmp_path / "ecr.yaml").unlink()
    (tmp_path / "network.yaml").rename(tmp_path / "old.yaml")
    (tmp_path / "ours.yaml").write_text("Resources: {}")
    render(tmp_path)
    assert stale(tmp_path) == {}
    assert not (tmp_path / "old.yaml").exists()
    assert (tmp_path / "ours.yaml").exists()


def test_every_template_says_where_it_comes_from() -> None:
    for name, text in documents().items():
        first = text.partition("\n")[0]
        assert first == f"# Rendered by build.py from oaktree_cfn/blueprints/{Path(name).stem}.py: edit that, not this."


def test_building_imports_neither_boto3_nor_moto_nor_cfnlint(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, '.'); import build; build.main(['--out', sys.argv[1]]);"
        "print([name for name in ('boto3', 'botocore', 'moto', 'cfnlint') if name in sys.modules])"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE)  # noqa: S603
    assert result.stdout.splitlines()[-1] == "[]"
