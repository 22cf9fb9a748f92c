"""A deployed environment to look at."""

from __future__ import annotations

import pytest

from oaktree_cfn.local import process
from tests.end_to_end.place import Place, make_place


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, stage: process.Stage) -> Place:
    return make_place(tmp_path_factory.mktemp("place"), stage)


@pytest.fixture(scope="module")
def deployed(place: Place) -> Place:
    assert place.deploy().returncode == 0
    place.push("1a2b3c4")
    done = place.deploy("--parameter", "ImageTag=1a2b3c4")
    assert done.returncode == 0, done.stderr
    return place
