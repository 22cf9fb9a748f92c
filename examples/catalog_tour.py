"""A product's whole life on the local stage: published, provisioned twice, rehearsed, updated, terminated.

    python -m examples.catalog_tour [FOLDER]

Works in FOLDER (a temporary one otherwise) with templates and environments of its own, and starts a local stage there.
Two versions are published beside the first: one does no harm, one would replace the users table. Exits 0 when every command ended
as expected and nothing of the products is left.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from examples.command import oaktree

PROJECT = Path(__file__).resolve().parents[1]
REFUSED = 3

FORM = (
    "--parameter=Platform=oaktree-local",
    "--parameter=Repository=oaktree-local",
    "--parameter=ImageTag=1a2b3c4",
    "--parameter=RetainTable=false",
    "--parameter=TableDeletionProtection=false",
)
ORDERS = (*FORM, "--parameter=Path=/orders/*", "--parameter=Priority=10")
BILLS = (*FORM, "--parameter=Path=/bills/*", "--parameter=Priority=11")
PUBLISH = ("publish", "--no-lint")


@dataclass(frozen=True)
class Stop:
    """One command of ``oaktree catalog``, the edit of the product's template before it, and how it should end."""

    title: str
    command: tuple[str, ...]
    edit: tuple[str, str] = ("", "")
    code: int = 0
    says: str = ""


def stops() -> Iterator[Stop]:
    """The tour."""
    yield Stop("The first version", PUBLISH, says="Published")
    yield Stop("Publishing again", PUBLISH, says="no new version")
    yield Stop("One team's service", ("provision", "orders", *ORDERS), says="/orders/")
    yield Stop("Another team's", ("provision", "bills", *BILLS), says="/bills/")
    harmless = ("StopTimeout: 30", "StopTimeout: 60")
    yield Stop("A harmless change", ("rehearse",), harmless, says="2 safe, 0 need attention")
    yield Stop("It is published", PUBLISH, says="Published")
    yield Stop("One is updated", ("update", "orders", "--version", "{newest}"), says="StopTimeout: 30 → 60")
    replacing = ("AttributeName: id", "AttributeName: key")
    yield Stop("A change that replaces", ("rehearse",), replacing, REFUSED, "0 safe, 2 need attention")
    yield Stop("The first goes", ("terminate", "orders", "--yes"), says="was deleted")
    yield Stop("The second goes", ("terminate", "bills", "--yes"), says="was deleted")
    yield Stop("Nothing is left", ("rehearse",), says="Nothing is provisioned")


def take(folder: Path) -> int:
    """Take the tour; returns how many commands did not end as expected."""
    for name in ("templates", "environments"):
        shutil.copytree(PROJECT / name, folder / name)
    deployed = oaktree(folder, "deploy", "--env", "local", "--no-lint")
    if deployed.returncode != 0:
        print(deployed.stderr)
        return 1
    wrong, newest, count = 0, "", 0
    for stop in stops():
        _edit(folder, *stop.edit)
        command = [each.replace("{newest}", newest) for each in stop.command]
        done = oaktree(folder, "catalog", command[0], "--env", "local", *command[1:], columns=130)
        said = done.stdout + done.stderr
        newest = _published(done.stdout) or newest
        good = done.returncode == stop.code and stop.says in said
        wrong, count = wrong + (not good), count + 1
        print(f"\n## {stop.title}\n\n$ oaktree catalog {' '.join(command[:3])}\n{done.stdout}{done.stderr}")
        print(f"exit code {done.returncode}{'' if good else f', but {stop.code} with {stop.says!r} was expected'}")
    print(f"\n{count - wrong} of {count} answers as expected")
    return wrong


def _edit(folder: Path, before: str, after: str) -> None:
    path = folder / "templates" / "product.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(before, after) if before else text, encoding="utf-8")


def _published(said: str) -> str:
    found = [line for line in said.splitlines() if line.startswith("Published ")]
    return found[0].split()[1] if found else ""


def main() -> int:
    """Take it in the folder given, or in one that is gone afterwards."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(temporary)
        try:
            return 1 if take(folder) else 0
        finally:
            oaktree(folder, "local", "stop")


if __name__ == "__main__":
    sys.exit(main())
