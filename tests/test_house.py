"""The house keeps its shape: imports point down, doors are few, names are the field's, functions are short."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "oaktree_cfn"

FLOORS = [
    {"cli"},
    {"terminal"},
    {"deploy", "catalog", "local"},
    {"review"},
    {"compose"},
    {"blueprints", "macros"},  # they write what they compose, with template's writer
    {"template"},
    {"services", "aws", "environment", "github"},
    {"models", "errors", "files", "memory"},
]
"""Top to bottom: a room may import from its own floor's rooms only if they are itself, and from any floor below."""

DOORS = {
    "boto3": {"aws", "local"},
    "botocore": {"aws", "local"},
    "moto": {"local"},
    "samtranslator": {"local"},
    "cfnlint": {"template"},
    "cloudformation_validate": {"template"},
    "troposphere": {"services", "blueprints", "macros"},
    "awacs": {"services", "blueprints", "macros"},
    "click": {"cli"},
    "rich": {"terminal", "cli"},
    "jinja2": {"terminal"},
    "urllib.request": {"local", "github", "aws"},  # the stage's own door; GitHub's API; what ECR points to
}
"""Who may open the door to a library."""

FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "core", "manager"}

LONGEST_FUNCTION = 50


@dataclass(frozen=True)
class Module:
    """A file of the package, read once for all that is asked about it."""

    tree: ast.Module
    nodes: tuple[ast.AST, ...]

    @cached_property
    def imported(self) -> tuple[str, ...]:
        """Every module imported anywhere in the file, in functions too."""
        return tuple(imported(self.nodes))


@cache
def modules() -> dict[Path, Module]:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
    return {path: Module(tree, tuple(ast.walk(tree))) for path, tree in trees.items()}


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imported(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide the direction"
            assert node.module is not None
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor(room: str) -> int:
    return next(level for level, rooms in enumerate(FLOORS) if room in rooms)


def test_imports_only_point_down() -> None:
    assert [
        f"{path} ({here}) imports {name}"
        for path, module in modules().items()
        if (here := room_of(path)) != "__init__"
        for name in module.imported
        if (there := ours(name)) not in (None, here) and floor(there) <= floor(here)
    ] == []


def ours(name: str) -> str | None:
    """The room of a module of ours."""
    parts = name.split(".")
    return parts[1] if parts[0] == "oaktree_cfn" and len(parts) > 1 and parts[1] != "__version__" else None


def test_libraries_are_reached_through_their_doors() -> None:
    assert [
        f"{path} imports {name}"
        for path, module in modules().items()
        for name in module.imported
        if room_of(path) not in DOORS.get(name, DOORS.get(name.split(".")[0], {room_of(path)}))
    ] == []


def test_only_the_cli_prints() -> None:
    for path, module in modules().items():
        if room_of(path) == "cli":
            continue
        for node in module.nodes:
            called = node.func if isinstance(node, ast.Call) else None
            assert not (isinstance(called, ast.Name) and called.id in ("print", "input")), f"{path}:{node.lineno}"


def test_models_and_errors_need_the_standard_library_only() -> None:
    for name in ("models", "errors"):
        for module in modules()[PACKAGE / f"{name}.py"].imported:
            assert module.split(".")[0] in {"__future__", "collections", "dataclasses", "datetime", "typing"}


def test_the_review_does_no_io() -> None:
    for path, module in modules().items():
        if room_of(path) != "review":
            continue
        doors = {name.split(".")[0] for name in module.imported}
        assert not doors & {"os", "pathlib", "subprocess", "socket", "urllib", "time", "random"}, path


def test_no_room_has_a_name_that_says_nothing() -> None:
    for path in modules():
        assert not set(path.relative_to(PACKAGE).with_suffix("").parts) & FORBIDDEN_NAMES, path


def test_functions_are_short() -> None:
    for path, module in modules().items():
        for node in module.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                docstring = ast.get_docstring(node, clean=False)
                length = node.end_lineno - node.lineno + 1 - (docstring.count("\n") + 1 if docstring else 0)
                assert length <= LONGEST_FUNCTION, f"{path}:{node.lineno} {node.name} has {length} lines"


def test_modules_import_each_other_in_no_circle() -> None:
    names = {
        ".".join(p.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): p for p in modules()
    }
    graph = {
        name: {other for other in top_level(modules()[path].tree) if other in names and other != name}
        for name, path in names.items()
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for other in graph[name]:
                visit(other, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def top_level(tree: ast.Module) -> set[str]:
    """What importing a module imports; TYPE_CHECKING and function bodies are left out."""
    body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return set(imported(body))


BRINGS = {
    "cfnlint": "cfn-lint",
    "yaml": "PyYAML",
    "botocore": "boto3",
    "s3transfer": "boto3",
    "samtranslator": "aws-sam-translator",
    "werkzeug": "moto",
}
"""What a package is called that brings a module of another name."""


def test_what_is_imported_is_what_pip_installs() -> None:
    """A pipeline installs the package alone: what only `requirements.txt` names would be missing there."""
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    local = {name.partition("[")[0] for name in project["optional-dependencies"]["local"]}
    for path, module in modules().items():
        given = {*project["dependencies"], *(local if room_of(path) == "local" else ())}
        known = {_plain(name) for name in given} | sys.stdlib_module_names | {"oaktree_cfn"}
        for name in {each.split(".")[0] for each in module.imported}:
            assert _plain(BRINGS.get(name, name)) in known, f"{path.name} imports {name}"


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")
