"""moto's services as one WSGI application."""

from __future__ import annotations

from moto.server import DomainDispatcherApplication, create_backend_app


class Moto(DomainDispatcherApplication):  # type: ignore[misc]  # moto is not analysed
    """moto's dispatcher, which asks once where a host leads.

    For each request it would list moto's folder of services and try the patterns of all of them: a third of what a call to
    a service costs.
    """

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._leads_to: dict[str | None, str | None] = {}

    def get_backend_for_host(self, host: str | None) -> str | None:
        """The name of the service at a host, None where there is none."""
        if host not in self._leads_to:
            self._leads_to[host] = super().get_backend_for_host(host)
        return self._leads_to[host]
