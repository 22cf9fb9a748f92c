"""How tests run: property tests quickly by default, at length with ``make soak``; what is read once is kept for the run."""

import functools
import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from oaktree_cfn.aws.connection import Connection
from oaktree_cfn.local import process
from oaktree_cfn.local.services import ask_once
from oaktree_cfn.memory import collect_rarely

HERE = Path(__file__).parent
FIRST = ("end_to_end", "examples/test_cycles.py", "pipeline", "catalog", "services", "cli", "local")
"""What takes long, by path. Cycles come long before the tests that find their templates judged by then."""

settings.register_profile("quick", deadline=None, max_examples=30)
settings.register_profile("soak", deadline=None, max_examples=2_000)
settings.load_profile("quick")


@pytest.fixture(scope="session", autouse=True)
def _verdicts_of_this_run(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[None]:
    """What engines said about templates is kept for all workers and commands of one run, and not from an earlier one."""
    base = tmp_path_factory.getbasetemp()
    cache = (base if worker_id == "master" else base.parent) / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "XDG_CACHE_HOME", str(cache))
        yield


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[process.Stage]:
    """A local stage for all tests that do not end it: each begins on an empty one. It is a process of its own: moto's state
    belongs to its process, and other tests use moto in this one.
    """
    home = tmp_path_factory.mktemp("stage")
    yield process.start(home)
    process.stop(home)


def pytest_sessionfinish() -> None:
    """What is left is looked through once for what was never closed; pytest alone would do it five times over."""
    gc.collect()
    gc.freeze()


# The commands that tests run in one process are sessions of their own to botocore, and would make clients of their own, which
# takes longer than what most of them ask.
ask_once()


@functools.cache
def _client_of_stage(region: str, endpoint: str, service: str) -> Any:
    return _make(Connection(region, endpoint), service)


def _client(connection: Connection, service: str) -> Any:
    if connection.endpoint is None:
        return _make(connection, service)
    return _client_of_stage(connection.region, connection.endpoint, service)


_make, Connection._make = Connection._make, _client

# Most of what a worker holds stays to the end (service models, schemas): looking through it often frees nothing.
collect_rarely()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no worker ends long after the others."""
    items.sort(key=lambda item: _place(item.path.relative_to(HERE).as_posix()))


@functools.cache
def _place(path: str) -> int:
    return next((place for place, begin in enumerate(FIRST) if path.startswith(begin)), len(FIRST))
