"""A stage for the handlers: one moto server per module (moto keeps one world per process, and other tests reset it), and the ground that resources stand on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from moto.server import ThreadedMotoServer

from oaktree_cfn.local.server import serve

from .ground import Ground


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    urlopen(Request(f"http://{host}:{port}/moto-api/reset", method="POST"))  # others were here before
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def stage(endpoint: str) -> Iterator[str]:
    """The stage plays Service Catalog itself, in front of the same moto."""
    server = serve(0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def ground(endpoint: str, stage: str) -> Ground:
    return Ground(endpoint, {"servicecatalog": stage})
