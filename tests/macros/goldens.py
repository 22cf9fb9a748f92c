"""Golden pairs: small templates, and what the macros make of each, to the last byte.

    python -m tests.macros.goldens      # or: make golden; then read what git says has changed

``golden/<Type>/Usual.yaml`` is a usual use of a shorthand type, ``Usual.expanded.yaml`` what it becomes. Every other
template beside it says one thing more, and its ``.diff`` is what that changes of the usual expansion. Templates of the
folders ``OakTree``, ``OakTreeGrants`` and ``OakTreeDefaults`` are about the macros themselves, and their expansions stand
whole. What is below ``wrong`` is refused, with the messages in its ``.txt``.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from oaktree_cfn import __version__
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.macros.expansion import expand
from oaktree_cfn.macros.source import Source
from oaktree_cfn.template.read import load
from oaktree_cfn.template.write import to_yaml

FOLDER = Path(__file__).parent / "golden"
_OUT = ".expanded.yaml"


def inputs() -> list[Path]:
    """Every input template."""
    return sorted(path for path in FOLDER.rglob("*.yaml") if not path.name.endswith(_OUT))


def is_wrong(path: Path) -> bool:
    """Whether the macros refuse the input."""
    return "wrong" in path.relative_to(FOLDER).parts


def golden(path: Path) -> Path:
    """The file with what an input gives."""
    if is_wrong(path):
        return path.with_suffix(".txt")
    return path.with_suffix(".diff") if _usual(path).exists() and path != _usual(path) else path.with_suffix(_OUT)


def given(path: Path) -> str:
    """What an input gives now."""
    if is_wrong(path):
        return _refused(path)
    if golden(path).suffix == ".diff":
        return _difference(expanded(_usual(path)), expanded(path))
    return to_yaml(expanded(path)).replace(f'Version: "{__version__}"', 'Version: "the macros\' own"')


@cache
def expanded(path: Path) -> dict[str, Any]:
    """The template after our macros."""
    return expand(load(path), {}, Source(path.name, path.read_text(encoding="utf-8")))


def _refused(path: Path) -> str:
    try:
        expanded(path)
    except InvalidInput as error:
        return f"{error.message}\n"
    return "nothing is wrong with it\n"


def _usual(path: Path) -> Path:
    return path.parent / "Usual.yaml"


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """What is not the same to the last byte: a unified diff of each resource and section, and of the resources' order."""
    old, new = _parts(before), _parts(after)
    return "".join(line for name in {**old, **new} for line in _hunks(name, old.get(name), new.get(name)))


def _parts(template: Mapping[str, Any]) -> dict[str, Any]:
    sections = {name: {name: said} for name, said in template.items() if name != "Resources"}
    resources = {title: {"Resources": {title: body}} for title, body in template["Resources"].items()}
    return {"Resources": list(resources), **sections, **resources}


def _hunks(name: str, before: Any, after: Any) -> Iterator[str]:
    if json.dumps(before) != json.dumps(after):
        lines = list(difflib.unified_diff(_lines(before), _lines(after), n=2))[2:]
        yield from (f"@@ {name} @@\n" if line.startswith("@@") else line for line in lines)


def _lines(part: Any) -> list[str]:
    if isinstance(part, list):
        return [f"{title}\n" for title in part]
    return to_yaml(part).splitlines(keepends=True) if part else []


def write() -> Iterator[Path]:
    """Write every golden anew; yields those that changed, and takes away those whose input is gone."""
    wanted = {golden(path): path for path in inputs()}
    for path, source in wanted.items():
        text = given(source)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            yield path
    for path in FOLDER.rglob("*"):
        if path.is_file() and path not in wanted and path not in wanted.values():
            path.unlink()
            yield path


if __name__ == "__main__":
    for changed in write():
        print(changed.relative_to(FOLDER))  # noqa: T201 - a command
