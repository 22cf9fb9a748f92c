"""GitHub's REST API: one request, one answer, and what went wrong in words that help.

Sources: docs.github.com/en/rest ("Getting started", "Rate limits", "Troubleshooting"), API version 2022-11-28. The one door
to HTTP beside boto3: GitHub's own client libraries would be a dependency for three requests.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from oaktree_cfn import __version__
from oaktree_cfn.errors import GithubError, InvalidInput

PATIENCE = 30.0
"""Seconds to wait for an answer."""
LONGEST_PAUSE = 60.0
"""Seconds that we wait when GitHub asks us to; beyond that it is told instead."""
TRIES = 3

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the token to wherever it points."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


@dataclass(frozen=True, slots=True)
class Github:
    """The API at ``url``, asked with ``token``. ``pause`` waits for a number of seconds."""

    url: str
    token: str = field(repr=False)
    pause: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        where = urlsplit(self.url)
        if where.scheme != "https" and not (where.scheme == "http" and where.hostname in _LOOPBACK):
            raise InvalidInput(f"GITHUB_API_URL is {self.url!r}: a token is sent over https only.", "Correct it.")

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON. Raises GithubError; waits as GitHub asks when requests come too fast."""
        for attempt in range(TRIES):
            try:
                return self._once(method, path, body)
            except GithubError as error:
                if attempt == TRIES - 1 or not 0 < error.wait <= LONGEST_PAUSE:
                    raise
                self.pause(error.wait)
        raise AssertionError("a request ends with an answer or an error")

    def _once(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url.rstrip("/") + path, data, self._headers(), method=method)  # noqa: S310
        try:
            with _OPENER.open(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise _failure(f"{method} {path}", error.code, _message(error.read()), error.headers) from error
        except (OSError, ValueError) as error:
            raise GithubError(f"{method} {path}", 0, str(error), "Run the job again.") from error

    def _headers(self) -> dict[str, str]:
        return {
            "Accept": "application/vnd.github+json",
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"oaktree-cfn/{__version__}",
            "X-GitHub-Api-Version": "2022-11-28",
        }


def _message(body: bytes) -> str:
    """What GitHub says in an error's body; pages of a proxy in between are not JSON."""
    try:
        found = json.loads(body)
    except ValueError:
        return body.decode(errors="replace").strip()[:200]
    if not isinstance(found, dict):
        return ""
    details = [each["message"] for each in found.get("errors", ()) if isinstance(each, dict) and "message" in each]
    return ": ".join((str(found.get("message", "")), *map(str, details)))


def _failure(request: str, status: int, message: str, headers: Message) -> GithubError:
    wait = _wait(status, message, headers)
    if wait:
        return GithubError(request, status, message, f"Run the job again in {wait / 60:.0f} minutes.", wait=wait)
    return GithubError(request, status, message, _ADVICE.get(status, "Run the job again."))


def _wait(status: int, message: str, headers: Message) -> float:
    """Seconds until the rate limit lets us go on; 0 when it is not what refuses."""
    if status not in (403, 429):
        return 0
    if headers["Retry-After"]:
        return max(1.0, float(headers["Retry-After"]))
    if headers["X-RateLimit-Remaining"] == "0" and headers["X-RateLimit-Reset"]:
        return max(1.0, float(headers["X-RateLimit-Reset"]) - time.time())
    return LONGEST_PAUSE if "rate limit" in message.lower() else 0


_ADVICE = {
    301: "The repository has moved; run the job where it is now.",
    307: "The repository has moved; run the job where it is now.",
    401: "Pass the job's token: `env: GITHUB_TOKEN: ${{ github.token }}`.",
    403: "Give the job `permissions: pull-requests: write`. The token of a fork's pull request never has it: there, the review "
    "is in the job's summary.",
    404: "Check the repository and the number of the pull request; a token without `pull-requests` sees none.",
}
