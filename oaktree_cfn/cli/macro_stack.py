"""The macros' own stack: one for an account in a region, deployed, reviewed and destroyed as environments are."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

from oaktree_cfn.blueprints import TEMPLATES
from oaktree_cfn.blueprints.macros import PACKAGE, Macros
from oaktree_cfn.cli import deploying, destroying
from oaktree_cfn.cli.opening import Beside, Request
from oaktree_cfn.cli.writing import writing
from oaktree_cfn.deploy import function_package
from oaktree_cfn.template.write import to_yaml

STACK = "oaktree-macros"
"""The stack's name."""


def deploy(request: Request) -> None:
    """Bring the macros of the environment's account and region to this library's. Raises as a deploy does."""
    with tempfile.TemporaryDirectory(prefix="oaktree-") as folder:
        deploying.deploy(replace(request, beside=Beside(STACK, _laid_out(Path(folder)))))


def review(request: Request) -> None:
    """Show what that would change, and change nothing."""
    with tempfile.TemporaryDirectory(prefix="oaktree-") as folder:
        deploying.show(replace(request, beside=Beside(STACK, _laid_out(Path(folder)))))


def destroy(request: destroying.Request) -> None:
    """Delete them. Stacks made with them stay as they are, and cannot be updated without."""
    destroying.destroy(replace(request, beside=STACK))


def package(path: Path | None) -> tuple[Path, int]:
    """Write the function's package, for tools that package templates themselves; where, and how many bytes."""
    place = path or Path(os.path.normpath(TEMPLATES / PACKAGE))
    with writing(place, "--out FILE"):
        return place, len(function_package.write(place).body)


def _laid_out(folder: Path) -> Path:
    """The template and the package it names, as they lie in the project; the template's path."""
    root = folder / TEMPLATES / "macros.yaml"
    root.parent.mkdir()
    root.write_text(to_yaml(Macros().compose().to_dict()), encoding="utf-8")
    function_package.write(root.parent / PACKAGE)
    return root
