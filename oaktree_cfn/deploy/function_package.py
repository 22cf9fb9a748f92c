"""The macros' Lambda package: a zip of exactly the modules that the handler imports, the same bytes on every machine.

What is needed is not guessed: a Python of its own imports the handler and tells which files that read. Compiled modules are
left out (each has a counterpart in Python), so the package runs on any processor. Nothing is compressed: how well a machine
compresses is its own affair, and the package's name is the hash of its bytes. Whose code is in it is said in ``licenses/``.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import oaktree_cfn

HANDLER = "oaktree_cfn.macros.handler"
"""The module that Lambda imports."""

LARGEST = 50_000_000
"""Bytes of a package that Lambda takes (Lambda quotas, zipped)."""

_DATA = ("macros/taggable.txt",)
"""What the handler reads besides modules, below our own package."""

_HOME = Path(oaktree_cfn.__file__).parent
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
_LICENCE = re.compile(r"(licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)

_TELL = """
import json, sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
__import__(sys.argv[2])
after = {name: getattr(sys.modules[name], "__file__", None) for name in set(sys.modules) - before}
standard = set(sys.stdlib_module_names)
print(json.dumps({name: file for name, file in after.items() if file and name.partition(".")[0] not in standard}))
"""


@dataclass(frozen=True, slots=True)
class Package:
    """A package ready to upload: what is in it by name, and its bytes."""

    files: Mapping[str, bytes]
    body: bytes


@cache
def build() -> Package:
    """The package of the macros' handler, as the installed libraries are."""
    modules = _modules()
    files = {name: path.read_bytes() for name, path in _places(modules)}
    files |= {f"oaktree_cfn/{name}": (_HOME / name).read_bytes() for name in _DATA}
    files |= dict(_licences(name.partition(".")[0] for name in modules))
    ordered = dict(sorted(files.items()))
    return Package(ordered, _zip(ordered))


def write(path: Path) -> Package:
    """Build the package and write it, unless the file is that already."""
    package = build()
    if not path.is_file() or path.read_bytes() != package.body:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(package.body)
    return package


def _modules() -> dict[str, Path]:
    """Module -> file of everything outside the standard library that importing the handler brings in."""
    command = [sys.executable, "-I", "-c", _TELL, str(_HOME.parent), HANDLER]
    told = subprocess.run(command, capture_output=True, check=True, text=True).stdout  # noqa: S603  # our own Python, our own module
    return {name: Path(file) for name, file in json.loads(told).items() if file.endswith(".py")}


def _places(modules: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    for name, path in modules.items():
        inside = name.replace(".", "/")
        yield (f"{inside}/__init__.py" if path.name == "__init__.py" else f"{inside}.py"), path


def _licences(packages: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The licences of the distributions that hold these packages."""
    holders = metadata.packages_distributions()
    for name in sorted({holder for package in packages for holder in holders.get(package, ())}):
        distribution = metadata.distribution(name)
        for file in distribution.files or ():
            told = ".dist-info/" in str(file) or "/" not in str(file)  # a checkout tells its own files, by their names
            if told and _LICENCE.search(str(file)):
                yield f"licenses/{name}/{file.name}", Path(str(file.locate())).read_bytes()


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.create_system, entry.external_attr = 3, _MODE  # as on Unix, whichever machine this is
            archive.writestr(entry, content)
    return out.getvalue()
