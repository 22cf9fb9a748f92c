"""Lint of templates that our macros take part in: what they expand to is linted, and findings stand at the shorthand.

Neither engine knows the shorthand. So a folder with such templates is linted as a copy, in which they are expanded, with
the defaults of their parameters. What is found in a generated resource is told of the one it was generated from.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.macros.source import Source
from oaktree_cfn.template import lint as plain
from oaktree_cfn.template import read, transforms
from oaktree_cfn.template.lint import SUFFIXES, Finding
from oaktree_cfn.template.write import to_json_text


def lint(root: Path, regions: Sequence[str]) -> tuple[Finding, ...]:
    """What cfn-lint and our own rule find in all templates below ``root``, for these regions.

    Raises InvalidInput as ``template.lint`` does, and with everything that cannot be expanded.
    """
    found = _of_expansions(root, lambda folder: plain.lint(folder, regions))
    if not any(each.rule == plain.CHILD_MISSING for each in found):
        return found
    there = plain.missing_children(root)  # what lies outside the folder is not beside its copy
    return (*(each for each in found if each.rule != plain.CHILD_MISSING), *there)


def second_opinion(root: Path) -> tuple[Finding, ...]:
    """The same from AWS's own engine."""
    return _of_expansions(root, plain.second_opinion)


def _of_expansions(root: Path, look: Callable[[Path], tuple[Finding, ...]]) -> tuple[Finding, ...]:
    short = dict(_shorthand(root))
    if not short:
        return look(root)
    with _expanded(root, short) as folder:
        found = look(folder)
    return tuple(short[each.file].told(each) if each.file in short else each for each in found)


@dataclass(frozen=True)
class _Short:
    """A template that our macros expand, and where everything stands in it."""

    template: Mapping[str, Any]
    source: Source

    def told(self, finding: Finding) -> Finding:
        """The finding at its place in the shorthand."""
        path, line = self.source.lines.nearest(self._origin(finding.path))
        return replace(finding, path=path, line=line)

    def _origin(self, path: str) -> str:
        section, _, rest = path.partition("/")
        title = rest.partition("/")[0]
        resources = self.template.get("Resources", {})
        if section != "Resources" or title in resources:
            return path
        made_by = [each for each in resources if title.startswith(each) and _is_short(resources[each])]
        return f"Resources/{max(made_by, key=len)}" if made_by else path


def _is_short(resource: Mapping[str, Any]) -> bool:
    return str(resource.get("Type")).startswith("OakTree::")


def _shorthand(root: Path) -> Iterator[tuple[str, _Short]]:
    """The templates below a folder that name our macros, by relative path. What cannot be read is left to the engines."""
    for path in sorted(path for path in root.rglob("*") if path.suffix in SUFFIXES and path.is_file()):
        text = path.read_text(encoding="utf-8", errors="replace")
        if "OakTree" not in text or transforms.SECTION not in text:
            continue
        try:
            template = read.parse(text)
            ours = any(name.startswith("OakTree") for name in transforms.names(template))
        except InvalidInput:
            continue
        if ours:
            yield path.relative_to(root).as_posix(), _Short(template, Source(str(path), text))


@contextmanager
def _expanded(root: Path, short: Mapping[str, _Short]) -> Iterator[Path]:
    """A copy of the folder's templates with the expansions in place of the shorthand."""
    from oaktree_cfn.macros.expansion import expand  # brings troposphere, which most folders need not wait for

    with tempfile.TemporaryDirectory(prefix="oaktree-lint-") as name:
        folder = Path(name)
        for path in root.rglob("*"):
            if path.suffix in SUFFIXES and path.is_file():
                copy = folder / path.relative_to(root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
        for relative, each in short.items():
            text = to_json_text(expand(each.template, {}, each.source))
            (folder / relative).write_text(text, encoding="utf-8")  # JSON is YAML too, whatever the file is called
        yield folder
