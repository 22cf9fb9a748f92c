"""ECS services while a stack operation waits for them: what ECS says, and why their tasks fail, asked while it can be.

A service that does not come up keeps its stack waiting, and is soon changed back or deleted. So its messages are shown as
they come, and the moment CloudFormation fails it the symptoms are read. All of this is for the reader: an error in it
changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial

from oaktree_cfn.aws import Aws
from oaktree_cfn.aws.connection import together
from oaktree_cfn.aws.ecs import Service
from oaktree_cfn.aws.symptoms import symptoms
from oaktree_cfn.deploy.news import Progress, Said, Told
from oaktree_cfn.deploy.rollout import SERVICE_TYPE
from oaktree_cfn.deploy.symptoms import Hide, lines
from oaktree_cfn.errors import OaktreeError

Path = tuple[str, ...]


class Attendant:
    """Asks ECS about the services that are at work, once for every look at the stack."""

    def __init__(self, aws: Aws, hide: Hide) -> None:
        self._aws = aws
        self._hide = hide
        self._working: dict[Path, str] = {}
        self._seen: set[str] = set()
        self._explained: dict[Path, tuple[str, ...]] = {}

    @property
    def explained(self) -> Mapping[Path, tuple[str, ...]]:
        """Why services failed, by path: lines for a person."""
        return self._explained

    def attend(self, progress: Progress) -> Progress:
        """The same progress with what ECS said since the last one."""
        failed = {told.path: told.event.physical_id for told in progress.news if self._note(told)}
        asked = {**self._working, **failed}
        found = dict(zip(asked, together(*[partial(self._service, arn) for arn in asked.values()]), strict=True))
        there = {path: service for path, service in found.items() if service is not None}
        for path in failed.keys() & there.keys() - self._explained.keys():
            told = symptoms(self._aws.connection, there[path], progress.began)
            self._explained[path] = tuple(lines(told, self._hide))
        said = [each for path, service in there.items() for each in self._news(path, service, progress.began)]
        return replace(progress, said=tuple(sorted(said, key=lambda each: each.time)))

    def _note(self, told: Told) -> bool:
        """Remember a service that is at work, forget one that is done; whether it failed."""
        event = told.event
        if event.resource_type != SERVICE_TYPE or not event.physical_id.startswith("arn:"):
            return False
        if event.status in {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS"}:
            self._working[told.path] = event.physical_id
        else:
            self._working.pop(told.path, None)
        return event.status in {"CREATE_FAILED", "UPDATE_FAILED"}

    def _service(self, arn: str) -> Service | None:
        try:
            return self._aws.ecs.service(arn)
        except OaktreeError:
            return None

    def _news(self, path: Path, service: Service, began: datetime | None) -> list[Said]:
        new = [each for each in service.events if each.id not in self._seen and (began is None or each.time >= began)]
        self._seen |= {each.id for each in new}
        return [Said(path, each.time, self._hide(each.message)) for each in new]
