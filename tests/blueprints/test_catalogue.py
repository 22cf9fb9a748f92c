"""The folder is the catalogue, and what it renders is committed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from oaktree_cfn.blueprints import catalogue, documents, render, stale, stale_below
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
def mine(tmp_path: Path) -> Path:
    """A project's own folder of blueprints."""
    folder = tmp_path / "blueprints"
    folder.mkdir()
    return folder


def test_the_templates_of_the_system_and_those_beside_it_are_there() -> None:
    system = {"alb", "cluster", "data", "ecr", "monitoring", "network", "root", "service"}
    assert {*catalogue()} == system | {"catalog", "macros", "pipeline", "product"}


def test_a_new_file_is_a_new_template(mine: Path, tmp_path: Path) -> None:
    (mine / "queue.py").write_text(QUEUE)
    render(tmp_path / "out", mine)
    text = (tmp_path / "out" / "queue.yaml").read_text()
    assert text.startswith("# Rendered from blueprints/queue.py: edit that, not this.\n")
    assert "Type: AWS::SQS::Queue" in text


def test_a_value_describes_a_template_as_a_class_does(mine: Path) -> None:
    (mine / "queue.py").write_text(f"{QUEUE}\n\nqueue = Queue()\n")
    (mine / "other.py").write_text("from .queue import queue\n")
    assert set(documents(mine)) == {"queue.yaml", "other.yaml"}


def test_one_file_is_enough(mine: Path, tmp_path: Path) -> None:
    (mine / "queue.py").write_text(QUEUE)
    (mine / "broken.py").write_text("nonsense(")
    assert set(documents(mine / "queue.py")) == {"queue.yaml"}
    assert render(tmp_path, mine / "queue.py") == (tmp_path / "queue.yaml",)
    assert (tmp_path / "queue.yaml").read_text().startswith("# Rendered from queue.py: edit that")


def test_files_share_what_stands_in_others(mine: Path) -> None:
    (mine / "_team.py").write_text('NAME = "oak"\n')
    (mine / "queue.py").write_text(
        "from ._team import NAME\n" + QUEUE.replace('SqsQueue("Queue")', 'SqsQueue("Queue", QueueName=NAME)')
    )
    assert "QueueName: oak" in documents(mine)["queue.yaml"]


def test_an_edit_counts_at_once_wherever_it_is(mine: Path) -> None:
    test_files_share_what_stands_in_others(mine)
    (mine / "_team.py").write_text('NAME = "elm"\n')
    assert "QueueName: elm" in documents(mine)["queue.yaml"]
    assert not (mine / "__pycache__").exists()


def test_projects_with_files_of_the_same_name_do_not_meet(mine: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "blueprints"
    other.mkdir(parents=True)
    (mine / "queue.py").write_text(QUEUE)
    (other / "queue.py").write_text(QUEUE.replace('"A queue"', '"Another one"'))
    texts = documents(mine), documents(other)
    assert ["Another one" in text["queue.yaml"] for text in texts] == [False, True]


def complaint(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    with pytest.raises(InvalidInput) as caught:
        documents(folder)
    assert caught.value.advice
    return caught.value.message


def test_a_file_without_a_blueprint_is_refused_by_name(mine: Path) -> None:
    assert complaint(mine, empty="x = 1\n") == "blueprints/empty.py: nothing in it has a method compose()"


def test_a_file_with_two_is_refused_by_name(mine: Path) -> None:
    two = QUEUE + QUEUE.replace("class Queue", "class Twin")
    assert complaint(mine, queue=two) == "blueprints/queue.py: Queue, Twin all have a method compose()"


WRONG = {
    "x = 1\ny = (\n": "blueprints/queue.py:2: '(' was never closed",
    "\n\nimport nowhere_to_be_found\n": "blueprints/queue.py:3: ModuleNotFoundError: No module named 'nowhere_to_be_found'",
    "\nx = {}['y']\n": "blueprints/queue.py:2: KeyError: 'y'",
    QUEUE.replace('SqsQueue("Queue")', 'SqsQueue("Queue", Nme="x")'): "blueprints/queue.py:13: AttributeError: ",
    QUEUE.replace(
        'SqsQueue("Queue")', 'SqsQueue("a queue")'
    ): 'blueprints/queue.py:13: Name "a queue" not alphanumeric',
    QUEUE.replace("class Queue:", "class Queue:\n    name: str"): "blueprints/queue.py:8: TypeError: ",
}


@pytest.mark.parametrize("text", WRONG)
def test_an_error_in_a_file_is_one_message_with_its_line(text: str, mine: Path) -> None:
    said = complaint(mine, queue=text)
    assert said.startswith(WRONG[text])
    assert "\n" not in said


def test_an_error_in_a_shared_file_is_told_where_it_is(mine: Path) -> None:
    said = complaint(mine, _team="\nNAME = 1 / 0\n", queue="from ._team import NAME\n")
    assert said == "blueprints/_team.py:2: ZeroDivisionError: division by zero"


def test_a_wrong_description_is_told_with_its_stack_and_field(mine: Path) -> None:
    system = """
from oaktree_cfn.compose import Described, System, WebService

_api = Described(WebService(image="api:1", port=99999), "api")

root = System("A system.", {"Api": _api})
"""
    said = complaint(mine, root=system)
    assert said == "blueprints/root.py:6: Api: WebService.port: 99999 is not a whole number from 1 to 65535"


def test_nothing_is_written_unless_everything_composes(mine: Path, tmp_path: Path) -> None:
    (mine / "queue.py").write_text(QUEUE)
    (mine / "zebra.py").write_text("stripes")
    with pytest.raises(InvalidInput):
        render(tmp_path / "out", mine)
    assert not (tmp_path / "out").exists()


def test_a_folder_without_blueprints_is_refused(mine: Path) -> None:
    for nothing in (mine, mine / "nowhere"):
        with pytest.raises(InvalidInput, match="has no blueprints"):
            documents(nothing)


SYSTEM = """
from oaktree_cfn.compose import Cluster, Ecr, System

root = System("Two parts.", {"Ecr": Ecr(untagged_days=DAYS), "Cluster": Cluster()})
"""


def test_a_systems_parts_are_rendered_beside_it(mine: Path) -> None:
    (mine / "root.py").write_text(SYSTEM.replace("DAYS", "14"))
    ours, theirs = documents(), documents(mine)
    assert set(theirs) == {"root.yaml", "ecr.yaml", "cluster.yaml"}
    for name in ("ecr.yaml", "cluster.yaml"):
        assert theirs[name].partition("\n")[2] == ours[name].partition("\n")[2]


def test_a_part_with_a_file_of_its_own_is_rendered_from_there(mine: Path) -> None:
    (mine / "root.py").write_text(SYSTEM.replace("DAYS", "30"))
    (mine / "ecr.py").write_text("from oaktree_cfn.compose import Ecr\n\necr = Ecr(untagged_days=30)\n")
    assert documents(mine)["ecr.yaml"].startswith("# Rendered from blueprints/ecr.py")


def test_a_part_that_two_files_describe_differently_is_refused(mine: Path) -> None:
    said = complaint(
        mine,
        root=SYSTEM.replace("DAYS", "30"),
        ecr="from oaktree_cfn.compose import Ecr\n\necr = Ecr(untagged_days=7)\n",
    )
    assert said == "blueprints/root.py and blueprints/ecr.py describe ecr.yaml differently"


def test_a_system_may_be_part_of_another(mine: Path) -> None:
    (mine / "root.py").write_text(
        SYSTEM.replace("root =", "_inner =").replace("DAYS", "14") + '\nroot = System("Whole.", {"Inner": _inner})\n'
    )
    texts = documents(mine)
    assert set(texts) == {"root.yaml", "inner.yaml", "ecr.yaml", "cluster.yaml"}
    assert "TemplateURL: ./inner.yaml" in texts["root.yaml"]
    assert "TemplateURL: ./ecr.yaml" in texts["inner.yaml"]


def test_rendering_twice_gives_the_same_bytes_and_writes_nothing_the_second_time(tmp_path: Path) -> None:
    first = render(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert len(first) == len(catalogue())
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


def test_one_blueprint_is_as_stale_as_what_it_nests(tmp_path: Path) -> None:
    render(tmp_path)
    (tmp_path / "product.yaml").unlink()
    assert stale_below("root", tmp_path) == {}
    (tmp_path / "data.yaml").write_text("edited by hand")
    assert stale_below("root", tmp_path) == {"data.yaml": "stale"}
    assert stale_below("nobody", tmp_path) == {}


def test_check_is_content_with_what_was_rendered(tmp_path: Path) -> None:
    assert build("--out", str(tmp_path)).returncode == 0
    result = build("--check", "--out", str(tmp_path))
    assert (result.returncode, result.stderr) == (0, "")


def test_templates_of_other_folders_are_left_alone(mine: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    render(out)
    (mine / "queue.py").write_text(QUEUE)
    assert render(out, mine) == (out / "queue.yaml",)
    assert stale(out) == {}


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
        assert first == f"# Rendered from oaktree_cfn/blueprints/{Path(name).stem}.py: edit that, not this."


def test_building_imports_neither_boto3_nor_moto_nor_cfnlint(tmp_path: Path) -> None:
    script = (
        "import sys; sys.path.insert(0, '.'); import build; build.main(['--out', sys.argv[1]]);"
        "print([name for name in ('boto3', 'botocore', 'moto', 'cfnlint') if name in sys.modules])"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE)  # noqa: S603
    assert result.stdout.splitlines()[-1] == "[]"
