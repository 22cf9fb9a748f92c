"""What we can build: one file here is one template.

The folder is the catalogue. A file ``queue.py`` with a class that has a method ``compose`` (returning a troposphere
Template) is the template ``queue.yaml``, with no other edit; files whose name starts with an underscore are for all.
troposphere is imported only when a template is composed.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, Protocol

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template.write import to_yaml

TEMPLATES = Path("templates")
"""Where rendered templates live, below the project's folder."""

_MARK = "# Rendered by build.py from "

State = Literal["stale", "missing", "superfluous"]


class Blueprint(Protocol):
    """A frozen dataclass that composes one template; the first line of its docstring is the template's Description."""

    def compose(self) -> Any:
        """The troposphere Template."""


def catalogue() -> Mapping[str, type[Blueprint]]:
    """Every blueprint by the name of its file, sorted. Raises InvalidInput for a file without exactly one."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))
    return {name: _blueprint(importlib.import_module(f"{__name__}.{name}")) for name in names}


def _blueprint(module: ModuleType) -> type[Blueprint]:
    own = [value for value in vars(module).values() if isinstance(value, type) and value.__module__ == module.__name__]
    found = [cls for cls in own if callable(getattr(cls, "compose", None))]
    if len(found) != 1:
        raise InvalidInput(
            f"{module.__file__}: {len(found) or 'no'} classes with a method compose(); a blueprint has one",
            "Give each template a file of its own; start the name of other files with an underscore.",
        )
    return found[0]


def documents() -> dict[str, str]:
    """File name -> text of every template, as ``render`` writes them."""
    return {f"{name}.yaml": _document(name, blueprint) for name, blueprint in catalogue().items()}


def _document(name: str, blueprint: type[Blueprint]) -> str:
    """Mistakes that troposphere finds (a missing property, a wrong type) are the blueprint author's to mend."""
    try:
        template = blueprint().compose().to_dict()
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidInput(f"blueprints/{name}.py: {error}", "Correct the blueprint.") from error
    return f"{_MARK}oaktree_cfn/blueprints/{name}.py: edit that, not this.\n{to_yaml(template)}"


def render(out: Path = TEMPLATES) -> tuple[Path, ...]:
    """Write every template that is not there yet as it should be, and remove those whose blueprint is gone.

    Nothing is written unless all blueprints compose. Returns the files written and removed; raises InvalidInput.
    """
    texts = documents()
    states = _compare(texts, out)
    out.mkdir(parents=True, exist_ok=True)
    for name, state in states.items():
        if state == "superfluous":
            (out / name).unlink()
        else:
            (out / name).write_text(texts[name], encoding="utf-8", newline="\n")
    return tuple(out / name for name in states)


def stale(out: Path = TEMPLATES) -> Mapping[str, State]:
    """File name -> what is wrong with it, for every file that ``render`` would write or remove."""
    return _compare(documents(), out)


def _compare(texts: Mapping[str, str], out: Path) -> dict[str, State]:
    states: dict[str, State] = {}
    for name, text in texts.items():
        there = _content(out / name)
        if there != text.encode():
            states[name] = "missing" if there is None else "stale"
    for path in sorted(out.glob("*.yaml")):
        if path.name not in texts and (_content(path) or b"").startswith(_MARK.encode()):
            states[path.name] = "superfluous"
    return states


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
