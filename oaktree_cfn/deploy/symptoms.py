"""Why a service's tasks fail, in a few lines for a person. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from oaktree_cfn.aws.ecs import Container, StoppedTask
from oaktree_cfn.aws.symptoms import Log, Symptoms, Target

Hide = Callable[[str], str]
"""Takes the secrets out of a text."""

_MOST = 3
"""Kinds of stop, targets and messages that are told: the next ones seldom say more."""
_TELLING = ("unable", "unhealthy", "failed", "rolling back", "error", "not ")


def lines(found: Symptoms, hide: Hide) -> list[str]:
    """What was found, worst known first: stops, targets, ECS's own words, the last log lines."""
    return [hide(line) for line in (*_tasks(found), *_targets(found.targets), *_messages(found), *_log(found.log))]


def _tasks(found: Symptoms) -> Iterator[str]:
    stops = Counter(_stop(task) for task in found.tasks)
    for stop, number in stops.most_common(_MOST):
        yield f"{number} task{' ' if number == 1 else 's '}stopped: {stop}"


def _stop(task: StoppedTask) -> str:
    """Why a task stopped, the same for all that stopped alike."""
    containers = "; ".join(filter(None, map(_container, task.containers)))
    return (task.reason or "no reason was given") + (f" ({containers})" if containers else "")


def _container(container: Container) -> str:
    ended = "" if container.exit_code is None else f" exited with code {container.exit_code}"
    told = f": {container.reason}" if container.reason else ""
    return f"{container.name}{ended}{told}" if ended or told else ""


def _targets(targets: tuple[Target, ...]) -> Iterator[str]:
    for target in targets[:_MOST]:
        yield f"target {target.id} is {target.state}" + (f": {target.description}" if target.description else "")


def _messages(found: Symptoms) -> Iterator[str]:
    telling = [message for message in found.messages if any(word in message.lower() for word in _TELLING)]
    for message in reversed(telling[:_MOST]):
        yield f"ECS: {message}"


def _log(log: Log | None) -> Iterator[str]:
    if log is not None:
        yield f"the last lines of {log.group}, {log.stream}:"
        yield from (f"  | {line}" for text in log.lines for line in text.splitlines())
