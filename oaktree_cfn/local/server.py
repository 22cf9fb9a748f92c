"""The stage as one HTTP endpoint: CloudFormation and Service Catalog to our own, every other service to moto.

The service of a request stands in the credential scope of its signature. ``/_oaktree/`` is the stage's own door: state,
reset and faults.
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.server import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from oaktree_cfn.local import wire
from oaktree_cfn.local.api import ControlPlane
from oaktree_cfn.local.catalog.wire import Catalog, CatalogWire
from oaktree_cfn.local.ecs_wire import EcsWire
from oaktree_cfn.local.faults import Faults, Rule
from oaktree_cfn.local.handler import Handler
from oaktree_cfn.local.moto import Moto
from oaktree_cfn.local.region import Region
from oaktree_cfn.local.resources import handlers
from oaktree_cfn.local.rollouts import Rollouts
from oaktree_cfn.local.services import HOST, Services
from oaktree_cfn.models import STACK_TYPE

_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/([^/]+)/")


class Stage:
    """The WSGI application."""

    def __init__(self, known: Mapping[str, Handler] | None = None) -> None:
        self.host = HOST
        self.handlers = known if known is not None else handlers()
        self.rollouts = Rollouts()
        behind = EcsWire(Moto(), self.rollouts)
        self.moto = CatalogWire(behind, self.catalog)
        self.faults = Faults()
        self.services: dict[str, Services] = {}
        self.planes: dict[str, ControlPlane] = {}
        self.catalogs: dict[str, Catalog] = {}
        self.lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Send a request where it belongs."""
        path = environ.get("PATH_INFO", "")
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if path.startswith("/_oaktree/"):
            return self.own(Request(environ))(environ, start)
        if scope is not None and scope.group(2) == "cloudformation":
            plane = self.plane(scope.group(1))
            return wire.answer(Request(environ), plane.operation)(environ, start)
        answer: Iterable[bytes] = self.moto(environ, start)
        return answer

    def plane(self, region: str) -> ControlPlane:
        """CloudFormation in a region."""
        with self.lock:
            if region not in self.planes:
                self.planes[region] = ControlPlane(
                    Region(self._services(region), self.handlers, self.faults, self.rollouts)
                )
            return self.planes[region]

    def catalog(self, region: str) -> Catalog:
        """Service Catalog in a region."""
        plane = self.plane(region)
        with self.lock:
            return self.catalogs.setdefault(region, Catalog(plane))

    def _services(self, region: str) -> Services:
        """moto's services in a region. Clients hold no state and cost half a second to make: a reset keeps them."""
        if region not in self.services:
            self.services[region] = Services(self.moto, region, self.host)
        return self.services[region]

    def own(self, request: Request) -> Response:
        """The stage's own door."""
        match request.method, request.path.removeprefix("/_oaktree/"):
            case "GET", "state":
                return _json(self.state())
            case "POST", "reset":
                self.reset()
                return _json({})
            case "POST", "faults":
                return self.add_fault(request)
            case "DELETE", "faults":
                self.faults.clear()
                return _json({})
            case _:
                return _json({"error": f"no such door: {request.method} {request.path}"}, 404)

    def add_fault(self, request: Request) -> Response:
        """Put a fault in force."""
        try:
            self.faults.add(Rule.parse(json.loads(request.get_data())))
        except (TypeError, ValueError) as error:
            return _json({"error": str(error)}, 400)
        return _json({})

    def state(self) -> dict[str, Any]:
        """What the stage holds and what it can play."""
        stacks = [
            {
                "name": stack.name,
                "region": name,
                "status": stack.status,
                "nested": stack.parent is not None,
                "resources": sum(each.type != STACK_TYPE for each in stack.resources.values()),
                "root": stack.root.name,
            }
            for name, plane in self.planes.items()
            for stack in list(plane.books.stacks.values())
            if not stack.gone
        ]
        not_kept = {type_: dict(handler.not_kept) for type_, handler in self.handlers.items() if handler.not_kept}
        return {"pid": os.getpid(), "stacks": stacks, "types": sorted(self.handlers), "not_kept": not_kept}

    def reset(self) -> None:
        """Forget everything: stacks, faults and all that moto holds."""
        self.faults.clear()
        with self.lock:
            self.planes.clear()
            self.catalogs.clear()
        self.rollouts.clear()
        Client(self.moto).post("/moto-api/reset")


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, content_type="application/json")


class _Quiet(MotoRequestHandler):  # type: ignore[misc]  # moto is not analysed
    """Answers without a log line each, and in HTTP/1.1: uploads to S3 wait for a "100 Continue", which 1.0 cannot say."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # werkzeug's own name
        """Say nothing: the stage's log is for defects."""


def serve(port: int = 0, known: Mapping[str, Handler] | None = None) -> BaseWSGIServer:
    """A server bound to 127.0.0.1; port 0 lets the system choose. The caller runs ``serve_forever``."""
    stage = Stage(known)
    server = make_server(HOST, port, stage, threaded=True, request_handler=_Quiet)
    stage.host = f"{HOST}:{server.server_port}"
    return server
