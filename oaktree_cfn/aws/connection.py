"""Clients made when first needed, and one function through which every call passes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from oaktree_cfn.aws.failures import FAILURES, translate

T = TypeVar("T")

ATTEMPTS = 5
LOCAL_ATTEMPTS = 2
"""On this machine a refused connection means that nobody listens: retrying for long only hides it."""
THREADS = 16

_DUMMY = "local"


class Connection:
    """One region of AWS, or the local stage where ``endpoint`` is given (with dummy credentials, path-style S3)."""

    def __init__(self, region: str, endpoint: str | None = None) -> None:
        self.region = region
        self.endpoint = endpoint
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()  # making clients is not thread-safe in boto3, using them is

    @cached_property
    def _session(self) -> Any:
        key = _DUMMY if self.endpoint else None
        return boto3.session.Session(aws_access_key_id=key, aws_secret_access_key=key, region_name=self.region)

    def ends(self) -> datetime | None:
        """When these credentials end for good; None for those that last, are renewed, or do not say."""
        found = self._session.get_credentials()
        renewed = getattr(found, "method", "") != "env"  # what stands in the environment is what there is
        return None if renewed else getattr(found, "_expiry_time", None)

    def client(self, service: str) -> Any:
        """The service's client, made on first use."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._make(service)
            return self._clients[service]

    def _make(self, service: str) -> Any:
        attempts = LOCAL_ATTEMPTS if self.endpoint else ATTEMPTS
        config = Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            connect_timeout=10,
            max_pool_connections=THREADS,
            s3={"addressing_style": "path"} if self.endpoint else None,
        )
        try:
            return self._session.client(service, endpoint_url=self.endpoint, config=config)
        except BotoCoreError as error:
            raise translate(f"Connecting to {service}", error) from error

    def encrypted(self, service: str) -> bool:
        """Whether requests to a service travel over TLS: anywhere but to a local stage, however one was led there."""
        return str(self.client(service).meta.endpoint_url).startswith("https:")

    def call(self, service: str, operation: str, **arguments: Any) -> dict[str, Any]:
        """One request and its reply. Errors are ours: AwsError, or InvalidInput for credentials."""
        client = self.client(service)
        try:
            reply: dict[str, Any] = getattr(client, operation)(**arguments)
        except FAILURES as error:
            raise translate(client.meta.method_to_api_mapping[operation], error, bool(self.endpoint)) from error
        return reply

    def pages(
        self, service: str, operation: str, cursor: str = "NextToken", **arguments: Any
    ) -> Iterator[dict[str, Any]]:
        """Every page of an answer; ``cursor`` is the member that leads from one page to the next."""
        while True:
            reply = self.call(service, operation, **arguments)
            yield reply
            if not reply.get(cursor):
                return
            arguments[cursor] = reply[cursor]


def together(*questions: Callable[[], T]) -> list[T]:
    """The answers of independent questions asked at the same time, in order; the first error is raised once all ended."""
    if len(questions) < 2:
        return [question() for question in questions]
    with ThreadPoolExecutor(max_workers=min(THREADS, len(questions))) as pool:
        return [future.result() for future in [pool.submit(question) for question in questions]]
