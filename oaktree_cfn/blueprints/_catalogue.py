"""Finding blueprints: in this library's own folder, in a project's, or in a single file.

The folder is the catalogue: a file ``queue.py`` is the template ``queue.yaml``, with no other edit. What it describes is its
one public value with a method ``compose`` (``root = System(...)``) or, where it has none, its one public class with that
method. Names that start with an underscore, of files and in files, are for all.

A project's folder is imported by its path, as a package of its own that is read anew each time: its files may import each
other (``from ._shared import TEAM``), and two projects with files of the same name do not meet. What goes wrong in them is
told as one message with file and line.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol, runtime_checkable

from oaktree_cfn.errors import InvalidInput, OaktreeError

_OWN = "oaktree_cfn.blueprints"


class Blueprint(Protocol):
    """Composes one template. A class says with the first line of its docstring what the template is."""

    def compose(self) -> Any:
        """The troposphere Template."""


@runtime_checkable
class Parent(Blueprint, Protocol):
    """A blueprint whose template nests others, which are rendered beside it."""

    @property
    def blueprints(self) -> Mapping[str, Blueprint]:
        """The nested stacks' blueprints by logical id."""


def file_of(title: str) -> str:
    """The template's file of a nested stack, beside its parent's."""
    return f"{title.lower()}.yaml"


@dataclass(frozen=True, slots=True)
class Source:
    """Where blueprints are: a folder, or one file in it (``only`` is its name). ``label`` is how people call it, the same
    on every machine.
    """

    folder: Path
    package: str
    label: str
    only: str | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The blueprints' names, sorted."""
        if self.only is not None:
            return (self.only,)
        modules = pkgutil.iter_modules([str(self.folder)])
        return tuple(sorted(each.name for each in modules if not each.ispkg and not each.name.startswith("_")))

    def file(self, name: str) -> str:
        """How people call one of its files."""
        return self.label if self.only is not None else f"{self.label}/{name}.py"

    @property
    def mark(self) -> str:
        """How the names of its files begin, those that are gone included."""
        return f"{self.label}:" if self.only is not None else f"{self.label}/"

    def catalogue(self) -> Mapping[str, Blueprint]:
        """Every blueprint by name. Raises InvalidInput for the first file that cannot be read or has not exactly one."""
        with _imported_anew(self):
            return {name: self._blueprint(name) for name in self.names}

    def _blueprint(self, name: str) -> Blueprint:
        with self.telling(name):
            module = importlib.import_module(f"{self.package}.{name}")
        found = _values(module) or _classes(module)
        if len(found) != 1:
            raise InvalidInput(_not_one(self.file(name), tuple(found)), _ONE_EACH)
        with self.telling(name):
            (value,) = found.values()
            made: Blueprint = value() if isinstance(value, type) else value
            return made

    @contextmanager
    def telling(self, name: str) -> Iterator[None]:
        """Whatever goes wrong inside becomes InvalidInput with the place in the folder's files where it did."""
        try:
            yield
        except OaktreeError as error:
            place = self._place(name, error)
            lines = (f"{place}: {line}" for line in error.message.splitlines())
            raise InvalidInput("\n".join(lines), error.advice or "Correct the blueprint.") from error
        except Exception as error:
            said = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
            problem = error.msg if isinstance(error, SyntaxError) else said
            raise InvalidInput(f"{self._place(name, error)}: {problem}", "Correct the blueprint.") from error

    def _place(self, name: str, error: BaseException) -> str:
        """``blueprints/root.py:12``: the innermost line of the folder's files that was being executed; for what happened
        while a value was composed, the line that begins the value.
        """
        if isinstance(error, SyntaxError) and error.filename:
            return f"{self.file(Path(error.filename).stem)}:{error.lineno}"
        frames = traceback.extract_tb(error.__traceback__)
        files = [(Path(frame.filename), frame.lineno) for frame in frames if frame.filename not in _MACHINERY]
        ours = [(path, line) for path, line in files if path.parent == self.folder]
        if ours:
            return f"{self.file(ours[-1][0].stem)}:{ours[-1][1]}"
        line = _first_line(self.folder / f"{name}.py")
        return f"{self.file(name)}:{line}" if line else self.file(name)


_MACHINERY = (__file__, str(Path(__file__).with_name("__init__.py")))


def source(path: Path | None = None) -> Source:
    """The library's own blueprints, or those in a folder or file. Raises InvalidInput where there are none."""
    if path is None:
        return Source(Path(__file__).parent, _OWN, _OWN.replace(".", "/"))
    place = path.resolve()
    if place.is_file():
        return Source(place.parent, _package(place.parent), place.name, place.stem)
    found = Source(place, _package(place), place.name)
    if not place.is_dir() or not found.names:
        raise InvalidInput(f"{path} has no blueprints.", "Give a folder with a root.py, or one file of Python.")
    return found


def _package(folder: Path) -> str:
    return f"_blueprints_{sha256(str(folder).encode()).hexdigest()[:12]}"


@contextmanager
def _imported_anew(where: Source) -> Iterator[None]:
    """The folder as a package without anything remembered of it, neither in memory nor as byte code: that counts time in
    whole seconds, and would miss an edit.
    """
    if where.package == _OWN:
        yield
        return
    for known in [name for name in sys.modules if name.partition(".")[0] == where.package]:
        del sys.modules[known]
    package = ModuleType(where.package)
    package.__path__ = [str(where.folder)]
    sys.modules[where.package] = package
    importlib.invalidate_caches()
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _values(module: ModuleType) -> dict[str, Any]:
    public = {name: value for name, value in vars(module).items() if not name.startswith("_")}
    return {name: value for name, value in public.items() if not isinstance(value, type) and _composes(value)}


def _classes(module: ModuleType) -> dict[str, Any]:
    own = [value for value in vars(module).values() if isinstance(value, type) and value.__module__ == module.__name__]
    return {cls.__name__: cls for cls in own if not cls.__name__.startswith("_") and _composes(cls)}


def _composes(value: Any) -> bool:
    return callable(getattr(value, "compose", None))


_ONE_EACH = (
    "A file describes one template: one value such as System(...), or one class. Start other names with an underscore."
)


def _not_one(file: str, found: Sequence[str]) -> str:
    if not found:
        return f"{file}: nothing in it has a method compose()"
    return f"{file}: {', '.join(found)} all have a method compose()"


def _first_line(path: Path) -> int | None:
    """Where what a file describes begins: its last public value or class."""
    try:
        body = ast.parse(path.read_bytes()).body
    except (OSError, SyntaxError, ValueError):
        return None
    return next((node.lineno for node in reversed(body) if not _name(node).startswith("_")), None)


def _name(node: ast.stmt) -> str:
    """What a statement defines; an underscore where it defines nothing."""
    match node:
        case (
            ast.ClassDef(name=name) | ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name))
        ):
            return name
    return "_"
