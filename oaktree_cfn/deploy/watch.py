"""Following a running operation to its end.

Two things are read, and they never mix. The *status* of the root stack alone decides how it ended. The *events*, of the
root stack and of every stack nested in it, are for the reader: when they cannot be had, the verdict is the same. When
the status cannot be had either, the answer is ``Unknown``, never success and never failure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from oaktree_cfn.aws.cloudformation import CloudFormation
from oaktree_cfn.aws.connection import together
from oaktree_cfn.aws.failures import ended, unsettled
from oaktree_cfn.deploy.news import Progress, Report, Told
from oaktree_cfn.deploy.pace import Pace, Time
from oaktree_cfn.errors import OaktreeError, Unknown
from oaktree_cfn.models import STACK_TYPE, ChangeSet, Stack, StackEvent

LONGEST_OPERATION = 4 * 60 * 60
"""Seconds after which we stop watching: longer than an ECS service may take to settle."""
PATIENCE = 120.0
"""Seconds without any answer after which the outcome is Unknown."""


_STARTS = frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "IMPORT_IN_PROGRESS"})
"""How a deploy begins. Rollbacks, and the deletion of what could not be created, belong to the deploy before them."""


class Feed:
    """The events of a stack and of the stacks nested in it, each told once, oldest first."""

    def __init__(self, cloudformation: CloudFormation, root_id: str, since: datetime | None) -> None:
        self._cloudformation = cloudformation
        self._since = since
        self._paths: dict[str, tuple[str, ...]] = {root_id: ()}
        self._live = {root_id}
        self._seen: set[str] = set()
        self._root_id = root_id
        self.told: list[Told] = []

    def news(self) -> tuple[Told, ...]:
        """What happened since the last call. Raises what the calls raise; nothing is lost by it."""
        found: list[Told] = []
        unread = set(self._live)
        while unread:
            read = tuple(unread)
            unread = set()
            for stack_id, events in zip(read, together(*[partial(self._read, each) for each in read]), strict=True):
                found += [self._tell(stack_id, event) for event in events]
                unread |= {nested for event in events if (nested := self._follow(stack_id, event))}
        found.sort(key=lambda told: told.event.time)
        self.told += found
        return tuple(found)

    @property
    def began(self) -> datetime | None:
        """When the first event happened."""
        return self.told[0].event.time if self.told else None

    def _read(self, stack_id: str) -> list[StackEvent]:
        events = self._cloudformation.events(stack_id, self._seen, self._old)
        return events if self.told or stack_id != self._root_id else self._latest_operation(events)

    def _latest_operation(self, events: list[StackEvent]) -> list[StackEvent]:
        """Without what an earlier operation left in the last second before; what comes after is this one's."""
        starts = [place for place, event in enumerate(events) if event.about_stack and event.status in _STARTS]
        if not starts:
            return events
        self._since = events[starts[-1]].time - timedelta(microseconds=1)
        return events[starts[-1] :]

    def _old(self, event: StackEvent) -> bool:
        return self._since is not None and event.time <= self._since

    def _tell(self, stack_id: str, event: StackEvent) -> Told:
        self._seen.add(event.id)
        path = self._paths[stack_id]
        return Told(path if event.about_stack else (*path, event.logical_id), event)

    def _follow(self, stack_id: str, event: StackEvent) -> str:
        """The nested stack that an event is about, to be read now: it has news, and its last ones when it is done."""
        if event.resource_type != STACK_TYPE or event.about_stack or not event.physical_id.startswith("arn:"):
            return ""
        self._paths.setdefault(event.physical_id, (*self._paths[stack_id], event.logical_id))
        if event.status.endswith("_IN_PROGRESS"):
            self._live.add(event.physical_id)
        else:
            self._live.discard(event.physical_id)
        return event.physical_id


@dataclass(frozen=True, slots=True)
class Watch:
    """What is followed: the stack as it was before, and what was asked of it (neither: whatever runs there).

    ``since`` is the time of the last event that belongs to an earlier operation, where it is known.
    """

    stack_id: str
    before: Stack | None = None
    change_set: ChangeSet | None = None
    deleting: bool = False
    since: datetime | None = None


class Watcher:
    """Looks again and again until the stack rests."""

    def __init__(self, cloudformation: CloudFormation, watch: Watch, time: Time, patience: float = PATIENCE) -> None:
        self._cloudformation = cloudformation
        self._watch = watch
        self._time = time
        self._patience = patience
        self._feed: Feed | None = None
        self._since = watch.since
        self._start = time.now()

    def follow(self, report: Report) -> Stack:
        """The stack at rest. Raises Unknown when its state cannot be learned any more."""
        pace, answered = Pace(self._time), self._time.now()
        while True:
            try:
                stack = self._status()
                answered = self._time.now()
            except OaktreeError as error:
                self._give_up(error, answered)
                pace.pause(longer=True)
                continue
            progress = self._progress(stack)
            report(progress)
            if self._rests(stack):
                return stack
            self._check_deadline(stack)
            pace.pause(news=bool(progress.news), longer=bool(progress.trouble))

    def _status(self) -> Stack:
        stack = self._cloudformation.stack(self._watch.stack_id)
        if stack is None and self._watch.deleting and self._watch.before is not None:
            return replace(self._watch.before, status="DELETE_COMPLETE")
        if stack is None:
            raise Unknown(f"{self._watch.stack_id} is not there any more.", "Somebody deleted it; deploy again.")
        return stack

    def _give_up(self, error: OaktreeError, answered: float) -> None:
        if isinstance(error, Unknown):
            raise error
        if not unsettled(error) or self._time.now() - answered >= self._patience:
            more = "" if ended(error) else " If it goes on without us, `oaktree watch` follows it."
            raise Unknown(f"We can no longer see how it ends: {error.message}", f"{error.advice}{more}") from error

    def _check_deadline(self, stack: Stack) -> None:
        if self.elapsed > LONGEST_OPERATION:
            hours = LONGEST_OPERATION // 3600
            raise Unknown(f"It is still running after {hours} hours.", "`oaktree watch` follows it on.")
        if self._stale(stack) and self.elapsed > self._patience:
            raise Unknown(
                f"{stack.name} stays in {stack.status}: nothing seems to have started.", "`oaktree watch` looks again."
            )

    @property
    def elapsed(self) -> float:
        """Seconds since we began to watch."""
        return self._time.now() - self._start

    def _progress(self, stack: Stack) -> Progress:
        if self._stale(stack):
            return Progress(stack, (), self.elapsed)
        if self._feed is None:
            self._since = self._since or started(stack)
            self._feed = Feed(self._cloudformation, stack.id, self._since)
        try:
            news = self._feed.news()
        except OaktreeError as error:
            return Progress(stack, (), self.elapsed, f"events cannot be read just now ({error.message})")
        return Progress(stack, news, self.elapsed, began=self._feed.began)

    def _rests(self, stack: Stack) -> bool:
        return not stack.busy and not self._stale(stack)

    def _stale(self, stack: Stack) -> bool:
        """Whether this is an answer from before our request was taken up: reads may lag behind writes."""
        if stack.busy:
            return False
        if self._watch.deleting:
            return not stack.status.startswith("DELETE_")
        change_set, before = self._watch.change_set, self._watch.before
        if change_set is None:
            return False
        if stack.status == "REVIEW_IN_PROGRESS":
            return True
        if before is None or (stack.updated, stack.status) != (before.updated, before.status):
            return False
        return stack.change_set_id != change_set.id

    def told(self) -> tuple[Told, ...]:
        """Every event of the operation, read again from the start where the feed has gaps."""
        try:
            return Feed(self._cloudformation, self._watch.stack_id, self._since).news()
        except OaktreeError:
            return tuple(self._feed.told) if self._feed else ()


def started(stack: Stack) -> datetime | None:
    """When the stack's latest operation began, by AWS's clock; a second early, for timestamps are rounded."""
    began = stack.updated or stack.created
    return began - timedelta(seconds=1) if began else None
