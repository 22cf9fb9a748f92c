"""How tests run: property tests quickly by default, at length with ``make soak``; what is read once is kept for the run."""

import functools
import gc
import os
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from hypothesis import settings

HERE = Path(__file__).parent
FIRST = ("end_to_end", "examples", "pipeline", "catalog", "services", "cli", "local")
"""Folders whose files take long."""

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


# The commands that tests run in one process are sessions of their own to botocore, and each would read megabytes of service
# descriptions anew.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)

# Most of what a worker holds stays to the end (service models, schemas): looking through it often frees nothing.
gc.set_threshold(50_000, 20, 50)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: a command waits for its stage about as often as it works."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no worker ends long after the others."""
    folders = {item: item.path.relative_to(HERE).parts[0] for item in items}
    items.sort(key=lambda item: FIRST.index(folders[item]) if folders[item] in FIRST else len(FIRST))
