"""boto3 clients that reach moto's services inside this process, without a socket.

They are ordinary clients: requests are checked, serialised and parsed by botocore. Only the last steps differ, through
botocore's events: the request is not signed, which nobody would check, and it is handed to moto's WSGI application.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from io import BytesIO
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
import botocore.session
import moto.core.responses
import moto.core.utils
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

HOST = "127.0.0.1"

CALLER = "oaktree-local-stage"
"""Who calls. botocore would compose a description of machine and versions anew for each request."""


class _Body(BytesIO):
    def stream(self, **_: Any) -> Iterable[bytes]:
        """What botocore reads a response with."""
        while chunk := self.read(65536):
            yield chunk


class Services:
    """Clients by service name for one region, made once each. ``host`` is where callers reach the stage: some services
    answer with their own address (a queue's URL).
    """

    def __init__(self, app: Wsgi, region: str, host: str = HOST) -> None:
        self.region = region
        self.host = host
        self._app = app
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        self.session = boto3.Session(aws_access_key_id="local", aws_secret_access_key="local", region_name=region)  # noqa: S106  # moto takes any

    def client(self, service: str) -> Any:
        """The boto3 client of a service."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make(service)
            return self._clients[service]

    @cached_property
    def regions(self) -> frozenset[str]:
        """The regions there are."""
        return frozenset(self.session.get_available_regions("ec2"))

    def elsewhere(self, region: str) -> Services:
        """The same services in another region."""
        return Services(self._app, region, self.host)

    def _make(self, service: str) -> Any:
        client = self.session.client(
            service,
            endpoint_url=f"http://{self.host}",
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, user_agent=CALLER),
        )
        scope = f"local/20260101/{self.region}/{client.meta.service_model.signing_name}/aws4_request"
        client.meta.events.register("choose-signer", lambda **_: UNSIGNED)
        client.meta.events.register("before-send", functools.partial(self._send, scope))
        return client

    def _send(self, scope: str, request: Any, **_: Any) -> AWSResponse:
        request.headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"
        answer: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
            answer.update(status=int(status.split(" ", 1)[0]), headers=dict(headers))

        chunks = self._app(_environ(request), start)
        body = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        return AWSResponse(request.url, answer["status"], answer["headers"], _Body(body))


def ask_once() -> None:
    """Let this process remember what botocore and moto find out anew each time. It replaces functions of theirs by the same
    ones with a memory, so it is for processes that are ours alone: the stage's, and those of its tests.

    Each session of botocore would decode service models of its own, and moto makes one wherever it asks for a service's
    regions: EC2's model, 3 MB, was decoded five times before the first deployment. For each model it reads, moto would look
    through the folders of all 400 services. And for each request it lists the methods of the class that answers, which took
    a twelfth of the stage's time.
    """
    botocore.session.create_loader = functools.cache(botocore.session.create_loader)
    moto.core.utils.create_loader = functools.cache(moto.core.utils.create_loader)
    moto.core.responses.method_names_from_class = functools.cache(moto.core.responses.method_names_from_class)


def _environ(request: Any) -> dict[str, Any]:
    url = urlsplit(request.url)
    body = request.body or b""
    data = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else body.read()
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path, "latin-1"),
        "RAW_URI": url.path + (f"?{url.query}" if url.query else ""),
        "REQUEST_URI": url.path + (f"?{url.query}" if url.query else ""),
        "QUERY_STRING": url.query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(data)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(data),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "HTTP_HOST": url.netloc,
    }
    for key, value in request.headers.items():
        text = value.decode() if isinstance(value, bytes) else str(value)
        name = key.upper().replace("-", "_")
        environ[name if name == "CONTENT_TYPE" else f"HTTP_{name}"] = text
    environ.pop("HTTP_CONTENT_LENGTH", None)
    return environ
