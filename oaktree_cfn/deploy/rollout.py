"""Whether the ECS services of a stack run what the stack says.

CloudFormation's status is not enough for them. When a new task definition does not come up, the service's circuit
breaker goes back to the last one that worked, and there were times and races in which CloudFormation took that for a
service at rest: UPDATE_COMPLETE, while the old tasks run (aws/containers-roadmap #1205, #1369). So after a stack rests well,
every service that the operation touched is asked: its primary deployment must be of the task definition that
CloudFormation sent, and its rollout COMPLETED.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from oaktree_cfn.aws import Aws
from oaktree_cfn.aws.cloudformation import CloudFormation
from oaktree_cfn.aws.connection import together
from oaktree_cfn.aws.ecs import FAILED, IN_PROGRESS, Service, cluster_of
from oaktree_cfn.aws.failures import unsettled
from oaktree_cfn.aws.symptoms import Symptoms, symptoms
from oaktree_cfn.deploy.pace import Pace, Time
from oaktree_cfn.deploy.symptoms import Hide, lines
from oaktree_cfn.deploy.watch import PATIENCE, started
from oaktree_cfn.errors import DeployFailed, OaktreeError, Unknown
from oaktree_cfn.models import STACK_TYPE, ChangeSet, Stack, StackResource

T = TypeVar("T")

SERVICE_TYPE = "AWS::ECS::Service"

LONGEST_ROLLOUT = 15 * 60
"""Seconds a rollout may go on after CloudFormation took the service for settled: old tasks drain meanwhile."""

_FAILED = "deployment failed"
_BACK = "rolling back to deployment"


@dataclass(frozen=True, slots=True)
class Asked:
    """A service as its stack asked for it, at its path below the root stack. ``task_definition`` is empty where
    CloudFormation does not tell what it sent.
    """

    path: tuple[str, ...]
    arn: str
    cluster: str = ""
    task_definition: str = ""

    def __str__(self) -> str:
        return f"{'/'.join(self.path)} ({SERVICE_TYPE})"


@dataclass(frozen=True, slots=True)
class Looked:
    """A service as it was asked for, and as ECS has it (None: not at all)."""

    asked: Asked
    service: Service | None


def may_touch(change_set: ChangeSet | None) -> bool:
    """Whether a change set touches a service; one that is not known, or not known to its leaves, may."""
    if change_set is None:
        return True
    changes = [change for _, change in change_set.walk()]
    return any(each.type == SERVICE_TYPE or (each.type == STACK_TYPE and each.nested is None) for each in changes)


def touched(cloudformation: CloudFormation, stack: Stack) -> tuple[Asked, ...]:
    """The services that the stack's latest operation made or changed, down its whole tree."""
    since = started(stack)
    found: list[Callable[[], Asked]] = []
    level: list[tuple[tuple[str, ...], str]] = [((), stack.id)]
    while level:
        answers = together(*[partial(cloudformation.resources, stack_id) for _, stack_id in level])
        below = []
        for (path, stack_id), rows in zip(level, answers, strict=True):
            recent = [row for row in rows if _recent(row, since)]
            below += [((*path, row.logical_id), row.physical_id) for row in recent if row.type == STACK_TYPE]
            services = [row for row in recent if row.type == SERVICE_TYPE]
            found += [partial(_asked, cloudformation, path, stack_id, row) for row in services]
        level = below
    return tuple(together(*found))


def _recent(row: StackResource, since: datetime | None) -> bool:
    new = row.time is None or since is None or row.time >= since
    return new and bool(row.physical_id) and row.status != "DELETE_COMPLETE"


def _asked(cloudformation: CloudFormation, path: tuple[str, ...], stack_id: str, row: StackResource) -> Asked:
    sent = cloudformation.sent(stack_id, row.logical_id)
    cluster, task_definition = (str(sent.get(name, "")) for name in ("Cluster", "TaskDefinition"))
    return Asked((*path, row.logical_id), row.physical_id, cluster, task_definition)


def problem(asked: Asked, service: Service | None, since: datetime | None = None) -> str:
    """What is wrong with a service; empty when it runs what was asked, or is on its way there."""
    if service is None or service.status == "INACTIVE":
        return "does not exist in ECS"
    primary = service.primary
    if primary is None:
        return ""  # another deployment controller than ECS decides what runs
    messages = [event.message for event in service.events if since is None or event.time >= since]
    failed, back = (next((each for each in messages if words in each), "") for words in (_FAILED, _BACK))
    runs, wanted = _name(primary.task_definition), _name(asked.task_definition)
    if wanted and runs != wanted and runs.rpartition(":")[0] != wanted:
        why = failed or back
        return f"runs {runs}, not {wanted} as the stack says" + (f": {why}" if why else "")
    if primary.rollout == FAILED:
        return f"its deployment of {runs} failed: {primary.reason or failed}"
    return f"its new deployment was taken back: {failed or back}" if back else ""


def _name(task_definition: str) -> str:
    """``family:revision`` (or ``family``, which stands for its latest revision) of an ARN or of just that."""
    return task_definition.rpartition("task-definition/")[2]


@dataclass(frozen=True, slots=True)
class Verifier:
    """Looks at services until each has rolled out. ``say`` is told when that takes time."""

    aws: Aws
    time: Time
    hide: Hide
    say: Callable[[str], None]
    patience: float = PATIENCE

    def verify(self, stack: Stack, change_set: ChangeSet | None = None) -> None:
        """Return when every service that the stack's latest operation touched runs what the stack says.

        ``change_set`` is the one that was executed, where it is known. Raises DeployFailed with the reason, and Unknown
        when it cannot be seen.
        """
        if may_touch(change_set):
            asked = self._patiently(stack, partial(touched, self.aws.cloudformation, stack))
            self._wait(stack, asked)

    def _wait(self, stack: Stack, asked: Sequence[Asked]) -> None:
        pace, end, told = Pace(self.time), self.time.now() + LONGEST_ROLLOUT, False
        while asked:
            looked = self._patiently(stack, partial(self._look, asked))
            self._refuse_problems(stack, looked)
            looked = [each for each in looked if _under_way(each)]
            if not looked:
                return
            if self.time.now() >= end:
                raise self._endless(stack, looked)
            asked = [each.asked for each in looked]
            if not told:
                self.say(f"{stack.name}: {stack.status}, and ECS still rolls out {', '.join(map(str, asked))}.")
            told = True
            pace.pause()

    def _look(self, asked: Sequence[Asked]) -> list[Looked]:
        services = together(*[partial(self.aws.ecs.service, each.arn, each.cluster) for each in asked])
        return [Looked(*each) for each in zip(asked, services, strict=True)]

    def _refuse_problems(self, stack: Stack, looked: Sequence[Looked]) -> None:
        since = stack.updated or stack.created
        found = [(each, what) for each in looked if (what := problem(each.asked, each.service, since))]
        if found:
            told = "\n".join(self._explained(each, what, since) for each, what in found)
            raise _not_as_asked(stack, told, [each.asked for each, _ in found])

    def _explained(self, looked: Looked, what: str, since: datetime | None) -> str:
        found = symptoms(self.aws.connection, looked.service, since) if looked.service is not None else Symptoms()
        return "\n  ".join([f"{looked.asked}: {self.hide(what)}", *lines(found, self.hide)])

    def _endless(self, stack: Stack, looked: Sequence[Looked]) -> Unknown:
        still = f"still rolls out, {LONGEST_ROLLOUT // 60} minutes after CloudFormation took it for settled"
        told = "\n".join(self._explained(each, still, stack.updated or stack.created) for each in looked)
        return Unknown(f"{told}\n{stack.name} is in {stack.status}.", "`oaktree watch` looks again.")

    def _patiently(self, stack: Stack, question: Callable[[], T]) -> T:
        """The answer, asked for again while asking again may help. Raises Unknown."""
        pace, end = Pace(self.time), self.time.now() + self.patience
        while True:
            try:
                return question()
            except OaktreeError as error:
                if not unsettled(error) or self.time.now() >= end:
                    raise Unknown(
                        f"{stack.name} is in {stack.status}; whether its services run what it says cannot be seen: "
                        f"{error.message}",
                        f"{error.advice} `oaktree watch` looks again.".strip(),
                    ) from error
            pace.pause(longer=True)


def _under_way(looked: Looked) -> bool:
    primary = looked.service.primary if looked.service is not None else None
    return primary is not None and primary.rollout == IN_PROGRESS


def _not_as_asked(stack: Stack, told: str, asked: Sequence[Asked]) -> DeployFailed:
    again = "; ".join(
        f"`aws ecs update-service --cluster {each.cluster or cluster_of(each.arn)} --service {each.arn.rpartition('/')[2]} "
        f"--task-definition {_name(each.task_definition)}`"
        for each in asked
        if each.task_definition
    )
    return DeployFailed(
        f"{told}\n{stack.name} is in {stack.status} all the same: CloudFormation took the service for settled.",
        "Mend the cause and deploy what changed (another image tag, say). The stack already is what it should be, so a "
        "deploy of the same has nothing to change" + (f"; to try the same again: {again}." if again else "."),
    )
