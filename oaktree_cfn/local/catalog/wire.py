"""Service Catalog's JSON protocol, and its place in front of moto: requests for the service are answered here, all others
pass through.
"""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from botocore import xform_name
from botocore.validate import ParamValidator
from moto.core.utils import get_service_model
from werkzeug.wrappers import Request, Response

from oaktree_cfn.local.catalog.launches import Launches
from oaktree_cfn.local.catalog.offers import Offers
from oaktree_cfn.local.stacks import Refusal

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_LOG = logging.getLogger(__name__)
_SCOPE = re.compile(r"Credential=[^/]+/\d{8}/([^/]+)/servicecatalog/")
_TARGET = "AWS242ServiceCatalogService."
_UNPLAYED = {
    "ProvisionProduct": ("ProvisioningPreferences",),
    "SearchProductsAsAdmin": ("Filters", "ProductSource", "SortBy", "SortOrder"),
    "SearchProvisionedProducts": ("SortBy", "SortOrder"),
    "UpdateProvisionedProduct": ("ProvisioningPreferences",),
}
"""Operation -> options that would change the answer, and that the stage does not play."""


class Catalog(Launches, Offers):
    """Service Catalog in one region."""

    def answer(self, action: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """Carry an operation out. Raises Refusal, also for one the stage does not play."""
        method = getattr(self, xform_name(action), None)
        if method is None or action not in _model().operation_names:
            raise Refusal(f"The local stage does not play servicecatalog:{action}", "NotImplemented", 501)
        report = ParamValidator().validate(request, _model().operation_model(action).input_shape)
        if report.has_errors():
            raise Refusal(report.generate_report(), "InvalidParametersException")
        unplayed = sorted(name for name in _UNPLAYED.get(action, ()) if name in request)
        if unplayed:
            raise Refusal(f"The local stage does not play {', '.join(unplayed)} of {action}", "NotImplemented", 501)
        with self.books.lock:
            found: Mapping[str, Any] = method(request)
            return found


class CatalogWire:
    """A WSGI application with Service Catalog played in front of it; ``find`` gives the one of a region."""

    def __init__(self, app: Wsgi, find: Callable[[str], Catalog]) -> None:
        self._app = app
        self._find = find

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """The service's answer, or the application's."""
        scope = _SCOPE.search(environ.get("HTTP_AUTHORIZATION", ""))
        if scope is None:
            return self._app(environ, start)
        return self._answer(scope.group(1), Request(environ))(environ, start)

    def _answer(self, region: str, request: Request) -> Response:
        action = request.headers.get("X-Amz-Target", "").removeprefix(_TARGET)
        try:
            return _json(self._find(region).answer(action, json.loads(request.get_data() or b"{}")), 200)
        except Refusal as refusal:
            return _json({"__type": refusal.code, "message": refusal.message}, refusal.status)
        except Exception as error:  # a defect is told in the protocol, so that every client can show it
            _LOG.exception("answering %s", action)
            return _json({"__type": "InternalFailure", "message": f"defect in the local stage: {error!r}"}, 500)


@cache
def _model() -> Any:
    return get_service_model("servicecatalog")


def _json(value: Any, status: int) -> Response:
    text = json.dumps(value, default=_time)
    headers = {"x-amzn-RequestId": str(uuid.uuid4())}
    return Response(text, status, headers, content_type="application/x-amz-json-1.1")


def _time(value: Any) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(f"{value!r} has no place in JSON")
