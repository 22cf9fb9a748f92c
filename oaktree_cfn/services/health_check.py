"""When a load balancer calls a task healthy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from oaktree_cfn.services import fields
from oaktree_cfn.services.container_health_check import less_than_interval
from oaktree_cfn.services.fields import Problem, Value


@dataclass(frozen=True, kw_only=True)
class HealthCheck:
    """The defaults forgive a slow or still incomplete page: any answer below 500 is a sign of life, and three failures in
    a row (90 seconds) are needed before a task is replaced.
    """

    path: Value = fields.text(
        "/", "/[!-~]*", "a path starting with /", "Path the load balancer asks for.", longest=1024
    )
    matcher: Value = fields.text(
        "200-499",
        "[2-4][0-9]{2}(-[2-4][0-9]{2})?(,[2-4][0-9]{2}(-[2-4][0-9]{2})?)*",
        "codes from 200 to 499 such as 200, 200-299 or 200,202",
        "HTTP status codes that count as healthy: a code, a range, or a list of them.",
        digits=True,
    )
    interval: Value = fields.number(30, 5, 300, "Seconds between checks.")
    timeout: Value = fields.number(20, 2, 120, "Seconds to wait for an answer; less than the interval.")
    healthy_threshold: Value = fields.number(2, 2, 10, "Successful checks in a row that make a task healthy.")
    unhealthy_threshold: Value = fields.number(3, 2, 10, "Failed checks in a row that make a task unhealthy.")

    def contradictions(self) -> Iterator[Problem]:
        """A timeout that is never reached."""
        yield from less_than_interval(self.timeout, self.interval)
