"""GitHub's API on loopback: the comments of pull requests, with the answers and errors that GitHub gives.

Answers as documented (docs.github.com/en/rest/issues/comments, "Rate limits for the REST API"), where a pull request's comments
are its issue's. ``refuse`` makes the next answers errors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, Any, Mapping[str, str]]
BOT = {"login": "github-actions[bot]", "type": "Bot"}
LONGEST = 65_536


def error(status: int, message: str, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
    """An error as GitHub writes it."""
    body = {"message": message, **more, "documentation_url": "https://docs.github.com/rest", "status": str(status)}
    return status, body, headers or {}


FORBIDDEN = error(403, "Resource not accessible by integration")
NOT_FOUND = error(404, "Not Found")
BAD_GATEWAY: Answer = (502, "<html>502 Bad Gateway</html>", {})
TOO_LONG = error(
    422,
    "Validation Failed",
    errors=[{"resource": "IssueComment", "field": "data", "message": "Body is too long (maximum is 65536 characters)"}],
)


@dataclass
class PullRequests:
    """What the stand-in knows: the comments of each pull request, what is refused next, what was asked."""

    repository: str = "oak/shop"
    token: str = "of-the-job"  # noqa: S105
    writes: bool = True
    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    refuse: list[Answer] = field(default_factory=list)
    lose: int = 0
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def say(self, number: int, body: str, user: Mapping[str, str] | None = BOT) -> dict[str, Any]:
        """Add a comment."""
        id_ = 1 + sum(map(len, self.comments.values()))
        url = f"https://github.com/{self.repository}/pull/{number}#issuecomment-{id_}"
        comment = {"id": id_, "body": body, "user": user, "html_url": url}
        self.comments.setdefault(number, []).append(comment)
        return comment

    def bodies(self, number: int) -> list[str]:
        """What stands on a pull request, oldest first."""
        return [str(each["body"]) for each in self.comments.get(number, [])]

    def answer(self, method: str, target: str, token: str, body: Mapping[str, Any]) -> Answer:
        """What GitHub would answer."""
        self.asked.append(f"{method} {target}")
        if self.refuse:
            return self.refuse.pop(0)
        if token != f"Bearer {self.token}":
            return error(401, "Bad credentials")
        if method != "GET" and not self.writes:
            return FORBIDDEN
        if len(body.get("body", "")) > LONGEST:
            return TOO_LONG
        return self._route(method, target, body)

    def _route(self, method: str, target: str, body: Mapping[str, Any]) -> Answer:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        many = re.fullmatch(rf"/repos/{self.repository}/issues/(\d+)/comments", path)
        one = re.fullmatch(rf"/repos/{self.repository}/issues/comments/(\d+)", path)
        if many and int(many[1]) in self.comments:
            return self._many(method, int(many[1]), query, body)
        every = [comment for comments in self.comments.values() for comment in comments]
        found = [comment for comment in every if one and comment["id"] == int(one[1])]
        if not found or method != "PATCH":
            return NOT_FOUND
        found[0]["body"] = body["body"]
        return self._perhaps_lost((200, found[0], {}))

    def _many(self, method: str, number: int, query: Mapping[str, list[str]], body: Mapping[str, Any]) -> Answer:
        if method == "POST":
            return self._perhaps_lost((201, self.say(number, body["body"]), {}))
        size = min(int(query.get("per_page", ["30"])[0]), 100)
        start = (int(query.get("page", ["1"])[0]) - 1) * size
        return 200, self.comments[number][start : start + size], {}

    def _perhaps_lost(self, answer: Answer) -> Answer:
        """What was done is done, though the answer is lost on the way."""
        if not self.lose:
            return answer
        self.lose -= 1
        return BAD_GATEWAY


@contextmanager
def github(known: PullRequests) -> Iterator[PullRequests]:
    """The API on a free port, for as long as it is needed; ``url`` says where."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Nothing."""

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            status, found, headers = known.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
            data = (found if isinstance(found, str) else json.dumps(found)).encode()
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _answer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    known.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
