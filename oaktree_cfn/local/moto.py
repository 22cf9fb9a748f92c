"""moto's services as one WSGI application."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

from moto.server import DomainDispatcherApplication, create_backend_app


class Moto(DomainDispatcherApplication):  # type: ignore[misc]  # moto is not analysed
    """moto's dispatcher, which asks once where a host leads, and lets the first request to a service go alone.

    For each request moto would list its folder of services and try the patterns of all of them: a third of what a call to
    a service costs. And it reads a service's model when it is first needed, so requests that come at the same time (a
    deployment uploads its templates so) would each read it.
    """

    def __init__(self) -> None:
        super().__init__(_service)
        self._leads_to: dict[str | None, str | None] = {}
        self._known: set[Any] = set()
        self._alone = threading.RLock()

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        service = self.get_application(environ)
        if service in self._known:
            return service(environ, start)  # type: ignore[no-any-return]
        with self._alone:
            answer: Iterable[bytes] = service(environ, start)
        self._known.add(service)
        return answer

    def get_backend_for_host(self, host: str | None) -> str | None:
        """The name of the service at a host, None where there is none."""
        if host not in self._leads_to:
            self._leads_to[host] = super().get_backend_for_host(host)
        return self._leads_to[host]


def _service(name: str) -> Any:
    """A service as moto makes it, but without Flask's debugger, which would make a class anew for each form."""
    service = create_backend_app(name)
    service.debug = False
    service.config["PROPAGATE_EXCEPTIONS"] = True
    return service
