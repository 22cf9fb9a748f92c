"""What we can build: one file here is one template. A project's own folder of blueprints works the same way.

``_catalogue`` says what is found in a folder; here it becomes files. The templates of nested stacks are written beside their
parent's, so that one file can describe a whole system. Where a nested stack has a file of its own, both must say the same.
troposphere is imported only when a template is composed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from oaktree_cfn.blueprints._catalogue import Blueprint, Parent, Source, file_of, source
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template.write import for_readers, to_yaml

__all__ = [
    "BLUEPRINTS",
    "TEMPLATES",
    "Blueprint",
    "catalogue",
    "documents",
    "of_project",
    "render",
    "stale",
    "stale_below",
]

TEMPLATES = Path("templates")
"""Where rendered templates live, below the project's folder."""

BLUEPRINTS = Path("blueprints")
"""Where a project's own blueprints live, below its folder."""

_MARK = "# Rendered from "

State = Literal["stale", "missing", "superfluous"]


def of_project() -> Path | None:
    """The blueprints of the project in this folder; None where it has none of its own and deploys the library's."""
    return BLUEPRINTS if BLUEPRINTS.is_dir() else None


def catalogue(blueprints: Path | None = None) -> Mapping[str, Blueprint]:
    """Every blueprint of a folder or file (the library's own by default) by name, sorted. Raises InvalidInput."""
    return source(blueprints).catalogue()


def documents(blueprints: Path | None = None) -> dict[str, str]:
    """File name -> text of every template, as ``render`` writes them. Raises InvalidInput."""
    return _documents(source(blueprints))


def _documents(where: Source, below: str | None = None) -> dict[str, str]:
    """The text of every file; or of one blueprint's, and of all that it nests."""
    found: dict[str, tuple[str, Blueprint]] = {}
    blueprints = where.catalogue()
    for name, blueprint in blueprints.items():
        found[f"{name}.yaml"] = name, blueprint
    for name, blueprint in blueprints.items():
        for file, child in _nested(blueprint):
            other, known = found.setdefault(file, (name, child))
            if known != child:
                raise InvalidInput(
                    f"{where.file(name)} and {where.file(other)} describe {file} differently",
                    "Give the nested stack another logical id, or both the same blueprint.",
                )
    files = found if below is None else _files(below, blueprints)
    return {file: _document(where, *found[file]) for file in files}


def _files(name: str, blueprints: Mapping[str, Blueprint]) -> list[str]:
    if name not in blueprints:
        return []
    return [f"{name}.yaml", *dict.fromkeys(file for file, _ in _nested(blueprints[name]))]


def _nested(blueprint: Blueprint) -> Iterator[tuple[str, Blueprint]]:
    """The file and blueprint of each stack nested in a template, at any depth."""
    for title, child in blueprint.blueprints.items() if isinstance(blueprint, Parent) else ():
        yield file_of(title), child
        yield from _nested(child)


def _document(where: Source, name: str, blueprint: Blueprint) -> str:
    """Mistakes that troposphere finds (a missing property, a wrong type) are the blueprint author's to mend."""
    with where.telling(name):
        template = blueprint.compose().to_dict()
    return f"{_MARK}{where.file(name)}: edit that, not this.\n{to_yaml(for_readers(template))}"


def render(out: Path = TEMPLATES, blueprints: Path | None = None) -> tuple[Path, ...]:
    """Write every template that is not there yet as it should be, and remove those whose blueprint is gone.

    Nothing is written unless all blueprints compose. Returns the files written and removed; raises InvalidInput.
    """
    where = source(blueprints)
    texts = _documents(where)
    states = _differing(texts, out) | _superfluous(texts, out, where)
    out.mkdir(parents=True, exist_ok=True)
    for name, state in states.items():
        if state == "superfluous":
            (out / name).unlink()
        else:
            (out / name).write_text(texts[name], encoding="utf-8", newline="\n")
    return tuple(out / name for name in states)


def stale(out: Path = TEMPLATES, blueprints: Path | None = None) -> Mapping[str, State]:
    """File name -> what is wrong with it, for every file that ``render`` would write or remove."""
    where = source(blueprints)
    texts = _documents(where)
    return _differing(texts, out) | _superfluous(texts, out, where)


def stale_below(name: str, out: Path = TEMPLATES, blueprints: Path | None = None) -> Mapping[str, State]:
    """The same for the files of one blueprint and of all that it nests; none where there is no blueprint of that name."""
    return _differing(_documents(source(blueprints), name), out)


def _differing(texts: Mapping[str, str], out: Path) -> dict[str, State]:
    there = {name: _content(out / name) for name in texts}
    return {
        name: "missing" if there[name] is None else "stale"
        for name, text in texts.items()
        if there[name] != text.encode()
    }


def _superfluous(texts: Mapping[str, str], out: Path, where: Source) -> dict[str, State]:
    mark = f"{_MARK}{where.mark}".encode()
    others = (path for path in sorted(out.glob("*.yaml")) if path.name not in texts)
    return {path.name: "superfluous" for path in others if (_content(path) or b"").startswith(mark)}


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
