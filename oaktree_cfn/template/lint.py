"""Findings about templates: cfn-lint first, AWS's own offline engine as a second opinion.

Both are told what to ignore here and nowhere else; a ``.cfnlintrc`` on the machine has no say. cfn-lint looks for child
templates below the current directory only, and skips its checks of the wiring between parent and child without a word
when they lie elsewhere. So it runs with the templates' folder as the current directory, which is the process's: do not
lint from two threads at once.

What an engine found is kept (``verdicts``): a template that did not change since anybody asked is not judged again.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib.metadata
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.models import STACK_TYPE
from oaktree_cfn.template import read
from oaktree_cfn.template.verdicts import verdict

SUFFIXES = (".yaml", ".yml", ".json", ".template")

IGNORED = {
    "W3002": "A child is named by a relative path; packaging replaces it by the address of the uploaded template.",
    "W6001": "Whoever provisions a product reads in its outputs where it answers, and that is the platform's to say.",
}
"""cfn-lint's rules that do not count -> why."""

IGNORED_BY_SECOND = IGNORED | {
    "W1001": "It warns of a reference to a conditional resource even inside the Fn::If of the same condition when that "
    "stands in an output; cfn-lint's rule of the same number follows the conditions.",
    "W1030": "It tries a parameter's default even on a resource whose own condition excludes that value; cfn-lint's rule "
    "of the same number follows the conditions.",
}
"""cloudformation-validate's rules that do not count -> why. Its informational notes never do."""

_OF_SAM = re.compile(r"'[A-Za-z0-9]+\.(Alias|Version)'")
"""How templates of SAM refer to what AutoPublishAlias makes. cloudformation-validate takes it for an unknown name (F1020,
F6101); cfn-lint, which has the same rules, knows it.
"""

_OF_FLOATS = re.compile(r"(?:([0-9.]+)|\{'Ref': '(\w+)'\}) is not a multiple of ([0-9.]+)")
"""cfn-lint divides binary fractions, of which 43.3 is no multiple of 0.1, be it said or a parameter's value."""

CHILD_MISSING = "OAK1"
"""Our own rule, for what neither engine finds: a nested stack names a file that is not there."""

logging.getLogger("cfnlint").addHandler(logging.NullHandler())  # what it logs about files, it also finds

_OURSELVES = Path(__file__).read_bytes()
"""A part of every question: what this file makes of an engine's words."""

_NAMED_BY = {STACK_TYPE: "TemplateURL", "AWS::Serverless::Application": "Location"}
"""Types that are made from a template -> the property that names it."""

_REMOTE = ("http://", "https://", "s3://")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a template.

    ``level`` is ``error`` or ``warning`` (cfn-lint also knows ``informational``), ``file`` is relative to the templates'
    folder, ``line`` counts from 1 (0 when unknown), ``path`` leads to the place: ``Resources/Network/Properties``.
    """

    rule: str
    level: str
    message: str
    file: str
    line: int = 0
    path: str = ""


def lint(root: Path, regions: Sequence[str]) -> tuple[Finding, ...]:
    """What cfn-lint and our own rule find in all templates below ``root``, for these regions.

    Raises InvalidInput for a folder without templates and for a region cfn-lint does not know.
    """
    templates = _templates(root)
    whom = [*_asked(("cfn-lint", "aws-sam-translator"), (*sorted(regions), *IGNORED)), *_newer_schemas()]
    with contextlib.chdir(root):
        found = [
            finding
            for each in templates
            for finding in (
                *_found(each, whom, functools.partial(_cfn_lint, each.file, regions)),
                *_missing_children(each),
            )
        ]
    return tuple(sorted(found, key=lambda finding: (finding.file, finding.line, finding.rule, finding.message)))


def missing_children(root: Path) -> tuple[Finding, ...]:
    """What our own rule alone finds in all templates below ``root``."""
    templates = _templates(root)
    with contextlib.chdir(root):
        return tuple(finding for each in templates for finding in _missing_children(each))


def second_opinion(root: Path) -> tuple[Finding, ...]:
    """Errors and warnings of cloudformation-validate, AWS's own engine, in all templates below ``root``."""
    templates = _templates(root)
    whom = _asked(("cloudformation-validate",), IGNORED_BY_SECOND)
    with contextlib.chdir(root):
        return tuple(
            finding
            for each in templates
            for finding in _found(each, whom, functools.partial(_second_opinion, each.file))
        )


@dataclass(frozen=True, slots=True)
class _Template:
    """A template's file, what it says, and logical id, property and path of each child that it names by a path."""

    file: str
    said: bytes
    children: tuple[tuple[str, str, str], ...]

    def at(self, location: str) -> Path:
        """Where a child is."""
        return Path(self.file).parent / location


def _templates(root: Path) -> list[_Template]:
    files = sorted(path for path in root.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    if not files:
        raise InvalidInput(f"{root} has no templates", "Render them: python build.py")
    return [_template(path.relative_to(root).as_posix(), path.read_bytes()) for path in files]


def _template(file: str, said: bytes) -> _Template:
    return _Template(file, said, tuple(_children(file, said)))


def _config(regions: Sequence[str]) -> Any:
    from cfnlint.config import ConfigMixIn
    from cfnlint.helpers import REGIONS

    unknown = sorted(set(regions) - set(REGIONS))
    if unknown:
        raise InvalidInput(f"cfn-lint knows no region {', '.join(unknown)}", "Correct the region in environments/.")
    return ConfigMixIn(["--config-file", os.devnull], regions=list(regions), ignore_checks=list(IGNORED))


@functools.cache
def _rules() -> Any:
    """All rules, built once for the process: it takes longer than linting a template."""
    from cfnlint.config import ConfigMixIn
    from cfnlint.runner import Runner

    return Runner(ConfigMixIn(["--config-file", os.devnull])).rules


def _asked(engines: Iterable[str], told: Iterable[str]) -> list[bytes]:
    """Who is asked, and what is told besides the template: the part that a question about any template begins with."""
    return [_OURSELVES, *(text.encode() for text in (*map(_version, engines), " ".join(told)))]


def _found(template: _Template, whom: Iterable[bytes], judge: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """What is found in a template, asked once for what it says, whatever it is called."""
    files = [template.said, *_children_say(template)]
    answer = verdict(
        [*whom, *files],
        lambda: [asdict(each) for each in judge()],
        lambda: [_said(Path(template.file)), *_children_say(template)] == files,
    )
    yield from (replace(Finding(**each), file=template.file) for each in answer)


def _version(package: str) -> str:
    """An engine's name and version. cfn-lint does without SAM's translator where nobody installed it, and says other things."""
    try:
        return f"{package} {importlib.metadata.version(package)}"
    except importlib.metadata.PackageNotFoundError:
        return f"no {package}"


def _children_say(template: _Template) -> Iterator[bytes]:
    """Both engines look into the children that a template names, where they are there; less closely outside the folder."""
    for *_, location in template.children:
        place = template.at(location)
        said = _said(place)
        where = b"outside: " if os.path.normpath(place).startswith("..") else b"there: "
        yield b"" if said is None else where + said


def _said(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _newer_schemas() -> Iterator[bytes]:
    """Which schemas ``cfn-lint --update-specs`` has brought to this machine: cfn-lint prefers those that are newer than its own."""
    for cache in (os.environ.get("XDG_CACHE_HOME") or "~/.cache", "~/Library/Caches"):
        folder = os.path.expanduser(cache)  # noqa: PTH111 - that of Path fails where nobody knows the home
        yield _said(Path(folder, "aws", "cfn-lint", "schemas", "version.json")) or b""


def _cfn_lint(file: str, regions: Sequence[str]) -> Iterator[Finding]:
    from cfnlint.runner.template import run_template_by_file_path

    for match in run_template_by_file_path(file, _config(regions), _rules(), False):
        if _of_floats(match.message, file):
            continue
        path = "/".join(str(step) for step in getattr(match, "path", None) or ())
        yield Finding(match.rule.id, match.rule.severity, match.message, file, match.linenumber, path)


def _missing_children(template: _Template) -> Iterator[Finding]:
    missing = [each for each in template.children if not template.at(each[-1]).is_file()]
    lines = read.Lines(template.said.decode() if missing else "")
    for title, property_, location in missing:
        message = f"{title} is made from {location}, and there is no such file"
        place = f"Resources/{title}/Properties/{property_}"
        yield Finding(CHILD_MISSING, "error", message, template.file, lines.nearest(place)[1], place)


def _children(file: str, said: bytes) -> Iterator[tuple[str, str, str]]:
    """Logical id, property and path of each child that is named by a path; none where the template cannot be read."""
    if not any(type_.encode() in said for type_ in _NAMED_BY):
        return
    try:
        resources = read.parse(said.decode(), file).get("Resources")
    except (InvalidInput, UnicodeDecodeError):
        return
    for title, resource in resources.items() if isinstance(resources, Mapping) else ():
        match resource:
            case {"Type": str() as type_, "Properties": Mapping() as properties} if type_ in _NAMED_BY:
                name = _NAMED_BY[type_]
                yield from ((title, name, location) for location in _locations(properties.get(name)))


def _locations(value: Any) -> Iterator[str]:
    """The paths that a value may be."""
    match value:
        case str() if not value.startswith(_REMOTE):
            yield value
        case {"Fn::If": [_, *branches]}:
            for branch in branches:
                yield from _locations(branch)


@functools.cache
def _engine() -> Any:
    """AWS's engine, made once for the process: it takes longer than judging a template."""
    from cloudformation_validate import RegoEngine

    atexit.register(_engine.cache_clear)  # once the interpreter has ended, it cannot clean up after itself
    return RegoEngine()


def _second_opinion(file: str) -> Iterable[Finding]:
    from cloudformation_validate import Severity, ValidationError

    levels = {Severity.WARN: "warning", Severity.ERROR: "error", Severity.FATAL: "error"}
    try:
        report = _engine().validate_template(Path(file))
    except ValidationError as error:
        return [Finding("E0000", "error", str(error), file)]
    return [
        Finding(seen.rule_id, levels[seen.severity], seen.message, file, seen.start_line or 0, _place(seen))
        for seen in report.diagnostics
        if seen.severity in levels and seen.rule_id not in IGNORED_BY_SECOND and not _of_sam(seen)
    ]


def _of_floats(message: str, file: str) -> bool:
    said = _OF_FLOATS.search(message)
    if said is None:
        return False
    number, parameter, step = said.groups()
    values = [number] if parameter is None else _values(file, parameter)
    return bool(values) and all(Decimal(value) % Decimal(step) == 0 for value in values)


def _values(file: str, parameter: str) -> list[str]:
    """The values of a parameter that cfn-lint tries: all that are allowed, and its default."""
    declared = read.load(Path(file))["Parameters"][parameter]
    return [str(value) for value in (*declared.get("AllowedValues", ()), declared.get("Default")) if value is not None]


def _of_sam(seen: Any) -> bool:
    return seen.rule_id in ("F1020", "F6101") and _OF_SAM.search(seen.message) is not None


def _place(seen: Any) -> str:
    steps = (getattr(seen.entity, "logical_id", None), seen.property_path)
    return "/".join(step for step in steps if step)
