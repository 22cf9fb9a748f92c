"""docs/compose.md is followed to the letter."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from oaktree_cfn import compose
from oaktree_cfn.blueprints import documents
from oaktree_cfn.cli.main import run
from oaktree_cfn.errors import InvalidInput

PAGE = (Path(__file__).parents[1] / "docs" / "compose.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the two files of the page."""
    (tmp_path / "blueprints").mkdir()
    (tmp_path / "environments").mkdir()
    (tmp_path / "blueprints" / "root.py").write_text(blocks("python")[0])
    (tmp_path / "environments" / "local.toml").write_text(blocks("toml")[0])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_project_of_the_page_builds_the_templates_it_names_and_lints_clean(project: Path) -> None:
    commands = [line.partition("#") for line in blocks("sh")[0].splitlines()]
    assert [command.split() for command, _, _ in commands] == [
        ["oaktree", "build"],
        ["oaktree", "lint"],
        ["oaktree", "deploy", "--env", "local"],  # as in the examples, which have their own stage
    ]
    assert run(["build"]) == 0
    assert {f"templates/{path.name}".removeprefix("templates/") for path in Path("templates").iterdir()} == set(
        re.findall(r"(\w+\.yaml)", commands[0][2])
    )
    assert run(["lint"]) == 0


def test_the_message_of_the_page_is_what_is_said(project: Path) -> None:
    root = project / "blueprints" / "root.py"
    root.write_text(root.read_text().replace("8080", "99999").replace("priority=10", "priority=0"))
    with pytest.raises(InvalidInput) as caught:
        documents(Path("blueprints"))
    assert blocks("text")[0] == f"Stopped: {caught.value.message}\nNext: {caught.value.advice}\n"


def test_the_part_of_the_page_stands_in_its_system(project: Path) -> None:
    root = project / "blueprints" / "root.py"
    text = blocks("python")[1] + root.read_text()
    text = text.replace('"Network": Network(),', '"Network": Network(),\n        "News": News(),')
    text = text.replace('{"LOG_LEVEL": "info"}', '{"NEWS": Ref("NewsArn")}')
    text = text.replace("    port=8080,", '    port=8080,\n    grants=(Grant("publish", "topic", Ref("NewsArn")),),')
    root.write_text("from oaktree_cfn.compose import Grant\n" + text)
    assert run(["build"]) == 0
    assert run(["lint"]) == 0
    assert "NewsArn: !GetAtt News.Outputs.NewsArn" in Path("templates", "root.yaml").read_text()


def test_every_word_of_the_page_can_be_imported() -> None:
    (sentence,) = re.findall(r"^`WebService`, .*?others\.", PAGE, re.DOTALL | re.MULTILINE)
    words = re.findall(r"`(\w+)`", sentence)
    assert len(words) > 10
    assert set(words) <= set(compose.__all__)


def test_the_readmes_blueprint_builds(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (blueprint,) = [block for block in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "compose" in block]
    (tmp_path / "root.py").write_text(blueprint)
    assert set(documents(tmp_path)) == {"root.yaml", "network.yaml", "cluster.yaml", "alb.yaml", "api.yaml"}
