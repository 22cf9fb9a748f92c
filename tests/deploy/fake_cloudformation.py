"""A CloudFormation that answers what a test laid out, at the seam where ours talks to boto3."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from oaktree_cfn.deploy.pace import Time
from oaktree_cfn.errors import AwsError, OaktreeError
from oaktree_cfn.models import STACK_TYPE, Stack, StackEvent

BEGAN = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
ROOT = "arn:aws:cloudformation:eu-west-1:123456789012:stack/oaktree-dev/root"


def stack(status: str, **more: object) -> Stack:
    """The root stack in a status, last updated when the tests' operation began."""
    return Stack(**{"id": ROOT, "name": "oaktree-dev", "status": status, "created": BEGAN, "updated": BEGAN, **more})  # type: ignore[arg-type]


def nested(name: str) -> str:
    """The ARN of a nested stack."""
    return f"arn:aws:cloudformation:eu-west-1:123456789012:stack/oaktree-dev-{name}/n"


def event(
    stack_id: str, logical_id: str, status: str, second: float = 0, *, reason: str = "", type_: str = "AWS::X::Y"
) -> StackEvent:
    """One event; ``logical_id`` empty means the stack itself, an ARN's name of a nested stack is made by ``nested``."""
    physical = stack_id if not logical_id else nested(logical_id) if type_ == STACK_TYPE else f"{logical_id}-id"
    return StackEvent(
        id=f"{stack_id}/{logical_id}/{status}/{second}",
        stack_id=stack_id,
        stack_name=stack_id.split("/")[1],
        logical_id=logical_id or stack_id.split("/")[1],
        physical_id=physical,
        resource_type=type_ if logical_id else STACK_TYPE,
        status=status,
        reason=reason,
        time=BEGAN + timedelta(seconds=second),
    )


@dataclass
class FakeCloudFormation:
    """``answers`` to DescribeStacks come one by one, the last one again and again; an error is raised."""

    answers: list[Stack | OaktreeError | None] = field(default_factory=list)
    history: dict[str, list[StackEvent]] = field(default_factory=dict)
    events_fail: OaktreeError | None = None
    calls: list[str] = field(default_factory=list)

    def stack(self, name: str) -> Stack | None:
        self.calls.append("stack")
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, OaktreeError):
            raise answer
        return answer

    def events(
        self, stack_id: str, seen: Container[str] = (), until: Callable[[StackEvent], bool] | None = None
    ) -> list[StackEvent]:
        self.calls.append("events")
        if self.events_fail is not None:
            raise self.events_fail
        return [e for e in self.history.get(stack_id, []) if e.id not in seen and not (until and until(e))]

    def tell(self, events: Iterable[StackEvent]) -> None:
        for each in events:
            self.history.setdefault(each.stack_id, []).append(each)


class MuteConnection:
    """A connection over which nothing may be asked."""

    def call(self, service: str, operation: str, **_: object) -> object:
        raise AwsError(operation, "AccessDeniedException", f"{service} says no")


@dataclass
class FakeTime:
    """Seconds pass only by sleeping."""

    seconds: float = 0.0
    sleeps: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.seconds += seconds

    def time(self) -> Time:
        return Time(now=lambda: self.seconds, sleep=self.sleep)
