"""The error tree. Every error a user can cause or meet is one of these, and carries what to do next.

::

    OaktreeError
    ├── InvalidInput    2   the request: usage, environment file, wrong account, templates, findings
    ├── Refused         3   a gate, a declined prompt, no consent and no terminal to ask on, a stale approval
    ├── StackBusy       4   another operation is running; nothing was changed
    ├── DeployFailed    5   the first cause and where in the stack tree; rolled back or not
    ├── AwsError        6   operation, code, request id; ``__cause__`` kept
    ├── GithubError     6   the same of GitHub: request, status, message
    └── Unknown         7   still running or the reply was lost: how to resume

The numbers are the exit codes of ``oaktree``. 1 is a bug of ours (an exception that escaped), 130 an interrupt.
"""

from __future__ import annotations

from typing import ClassVar


class OaktreeError(Exception):
    """One message (what happened and where) and ``advice`` (what to type or change next, may be empty)."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice


class InvalidInput(OaktreeError):
    """The request cannot be carried out as it stands; nothing left this machine."""

    exit_code = 2


class Refused(OaktreeError):
    """Understood, and not done: a gate, a missing consent or a stale approval said no."""

    exit_code = 3


class StackBusy(OaktreeError):
    """Another operation runs on the stack; nothing was changed."""

    exit_code = 4


class DeployFailed(OaktreeError):
    """CloudFormation tried and failed; the message names the first cause and its place in the stack tree."""

    exit_code = 5


class AwsError(OaktreeError):
    """AWS answered a call with an error that no better class describes."""

    exit_code = 6

    def __init__(self, operation: str, code: str, detail: str, request_id: str = "", advice: str = "") -> None:
        suffix = f" (request {request_id})" if request_id else ""
        super().__init__(f"{operation} failed with {code}: {detail}{suffix}", advice)
        self.operation = operation
        self.code = code
        self.detail = detail
        self.request_id = request_id


class GithubError(OaktreeError):
    """GitHub answered a request with an error, or not at all (``status`` 0).

    ``wait``: seconds after which a rate limit lets the same request through, 0 when none stood in the way.
    """

    exit_code = 6

    def __init__(self, request: str, status: int, message: str, advice: str = "", *, wait: float = 0) -> None:
        answer = f"GitHub answered {status}" if status else "No answer came from GitHub"
        super().__init__(f"{answer} to {request}: {message}", advice)
        self.status = status
        self.wait = wait

    @property
    def lost(self) -> bool:
        """Whether the request may have been carried out all the same, or may be repeated."""
        return self.status == 0 or self.status >= 500


class Unknown(OaktreeError):
    """We stopped watching before the end: the operation may still run. ``advice`` says how to resume."""

    exit_code = 7
