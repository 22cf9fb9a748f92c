"""Resources and properties are found on their lines, through nested templates; what cannot be read has no place."""

from __future__ import annotations

from pathlib import Path

from oaktree_cfn.template.places import nearest, places

TEMPLATES = Path(__file__).parents[2] / "templates"

ROOT = """\
Resources:
  Data:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./data.yaml
      Parameters:
        Prefix: x
  Elsewhere:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: "https://example.com/t.yaml"}
  Itself:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./root.yaml}
"""
DATA = """\
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: !If [A, B, C]
      Tags:
        - Key: a
          Value: b
"""


def line(path: Path, number: int) -> str:
    return path.read_text().splitlines()[number - 1].strip()


def test_a_resource_of_a_nested_template_is_found(tmp_path: Path) -> None:
    (tmp_path / "root.yaml").write_text(ROOT)
    (tmp_path / "data.yaml").write_text(DATA)
    found = places(tmp_path / "root.yaml")
    table = found["Data", "Table"]
    assert table.file == tmp_path / "data.yaml"
    assert line(table.file, table.line) == "Table:"
    assert line(table.file, table.line_of("Tags/0/Value")) == "Value: b"
    assert line(table.file, table.line_of("Tags/7/Value")) == "Tags:"
    assert table.line_of("Unknown") == table.line
    assert found["Data",].line_of("Parameters/Prefix") == 7
    assert set(found) == {("Data",), ("Data", "Table"), ("Elsewhere",), ("Itself",)}


def test_what_is_gone_is_placed_at_the_stack_around_it(tmp_path: Path) -> None:
    (tmp_path / "root.yaml").write_text(ROOT)
    found = places(tmp_path / "root.yaml")
    assert nearest(found, ("Data", "Gone")) == found["Data",]
    assert nearest(found, ("Gone",)) is None


def test_templates_that_cannot_be_read_have_no_places(tmp_path: Path) -> None:
    assert places(tmp_path / "none.yaml") == {}
    for text in ("Resources: [", "- a", "Resources: text", "", "Resources: {A: text}"):
        (tmp_path / "root.yaml").write_text(text)
        assert all(place.properties == {} for place in places(tmp_path / "root.yaml").values())


def test_every_resource_of_our_templates_has_its_line() -> None:
    found = places(TEMPLATES / "root.yaml")
    assert len(found) > 30
    for path, place in found.items():
        assert line(place.file, place.line) == f"{path[-1]}:"
