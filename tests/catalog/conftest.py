"""One stage for a module of tests, and a platform on it where one is asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.catalog.ground import Ground, ground


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with ground(tmp_path_factory.mktemp("place")) as made:
        yield made


@pytest.fixture(scope="module")
def platform(place: Ground) -> Ground:
    place.good("deploy", "--env", "local", "--no-lint")
    return place
