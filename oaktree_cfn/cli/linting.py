"""What is looked at before anything leaves this machine: the templates are fresh, without findings, and fit together."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from oaktree_cfn.blueprints import TEMPLATES, of_project, stale_below
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.macros.linting import lint
from oaktree_cfn.template.lint import SUFFIXES, Finding
from oaktree_cfn.terminal.words import count, printable

ROOT = "root"
"""The blueprint and template that an environment is."""


def root_template(folder: Path | None) -> Path:
    """The template to deploy: the project's, which must be as its blueprints render it, or the root of ``folder``."""
    if folder is None:
        _check_fresh()
        folder = TEMPLATES
    found = [path for suffix in SUFFIXES if (path := folder / f"{ROOT}{suffix}").is_file()]
    if not found:
        raise InvalidInput(f"{folder} has no root.yaml.", "Give a folder with a root template: --templates DIR.")
    return found[0]


def _check_fresh() -> None:
    states = stale_below(ROOT, TEMPLATES, of_project())
    if states:
        names = "\n".join(f"  {TEMPLATES / name}: {state}" for name, state in states.items())
        raise InvalidInput(
            f"The templates are not what the blueprints render:\n{names}", "Run `make build`, or `oaktree build`."
        )


def check_lint(screen: Screen, folder: Path, regions: Iterable[str], called: str = "") -> None:
    """Raise InvalidInput with every finding of cfn-lint and of our own rules. ``called`` is the folder as it is told."""
    found: tuple[Finding, ...] = ()
    with screen.step(lambda: f"Linted {called or folder}: {count(len(found), 'finding') if found else 'clean'}"):
        found = lint(folder, tuple(regions))
    if found:
        lines = "\n".join(describe(folder, finding) for finding in found)
        raise InvalidInput(f"The templates have findings:\n{lines}", "Correct them; `oaktree lint` checks again.")


def describe(folder: Path, finding: Finding) -> str:
    """One finding on one line, its place first so that editors can jump to it."""
    place = f"{folder / finding.file}:{finding.line}" if finding.line else str(folder / finding.file)
    return f"{place}: {finding.rule} {printable(finding.message)}"
