"""A stage for the handlers: one moto server per module (moto keeps one world per process, and other tests reset it), and the ground that resources stand on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from .ground import Ground


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def ground(endpoint: str) -> Ground:
    return Ground(endpoint)
