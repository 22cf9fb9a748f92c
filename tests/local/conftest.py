"""One stage per test module, over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from oaktree_cfn.local.server import serve

from .player import Player


@pytest.fixture(scope="module")
def endpoint_of_stage() -> Iterator[str]:
    server = serve(0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def player(endpoint_of_stage: str) -> Player:
    return Player(endpoint_of_stage)


@pytest.fixture(autouse=True)
def _no_faults_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "player" in request.fixturenames:
        request.getfixturevalue("player").clear_faults()
