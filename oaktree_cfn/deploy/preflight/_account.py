"""What rules ask of an account: each question once, however many have it, and only when somebody does."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from oaktree_cfn.aws import Aws
from oaktree_cfn.aws.acm import Certificate
from oaktree_cfn.aws.cloudformation import Export
from oaktree_cfn.aws.connection import together
from oaktree_cfn.aws.ecr import Image, NoRepository, Repository
from oaktree_cfn.aws.network import Subnet, Ways
from oaktree_cfn.aws.secrets import Secrets
from oaktree_cfn.deploy.preflight._wanted import Wanted
from oaktree_cfn.deploy.slot import Home, repository_of
from oaktree_cfn.models import STACK_TYPE, Stack
from oaktree_cfn.template.invariants import Part, Run, System
from oaktree_cfn.template.stacks import symbolic

T = TypeVar("T")

_EXPORT = re.compile("⟨export/([^⟩]*)⟩")


class Account:
    """An account in a region as it is now. ``stack`` is the environment's, None where nothing is deployed.

    All methods raise AwsError where AWS does not answer, or may not.
    """

    def __init__(self, aws: Aws, id: str, stack: Stack | None = None, now: datetime | None = None) -> None:
        self.aws = aws
        self.stack = stack
        self.now = now or datetime.now(UTC)
        self.home = Home(id, aws.region)
        self._lock = threading.Lock()
        self._answers: dict[tuple[Any, ...], Future[Any]] = {}
        self._regions = {aws.region: aws}

    def _once(self, question: Callable[..., T], *arguments: Any) -> T:
        """The answer to a question, asked the first time only; who asks meanwhile waits."""
        with self._lock:
            key = (question.__qualname__, *arguments)
            first = key not in self._answers
            answer: Future[T] = self._answers.setdefault(key, Future())
        if first:
            try:
                answer.set_result(question(*arguments))
            except BaseException as error:
                answer.set_exception(error)
        return answer.result()

    def at(self, region: str) -> Aws:
        """The same account in a region."""
        with self._lock:
            return self._regions.setdefault(region, Aws(region, self.aws.endpoint))

    # Stacks

    def exported(self) -> Mapping[str, Export]:
        """Every export of the region by name."""
        return self._once(lambda: {each.name: each for each in self.aws.cloudformation.exported()})

    def known(self, value: Any) -> str | None:
        """A text as it is, or the value of the export that it stands for; None for what is not there yet."""
        found = _EXPORT.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return value if isinstance(value, str) and not symbolic(value) else None
        export = self.exported().get(found[1])
        return export.value if export is not None else None

    def root_of(self, stack_id: str) -> str:
        """The root of the stacks that a stack is one of; empty where it is gone."""
        found = self._once(self.aws.cloudformation.stack, stack_id)
        return (found.root_id or found.id) if found is not None else ""

    def deployed(self) -> Mapping[str, str]:
        """Physical ids of everything that the environment's stack holds, by path (``Network/Vpc``)."""
        return self._once(self._held, self.stack.id, ()) if self.stack is not None else {}

    def _held(self, stack_id: str, path: tuple[str, ...]) -> dict[str, str]:
        rows = [row for row in self.aws.cloudformation.resources(stack_id) if row.status != "DELETE_COMPLETE"]
        nested = [row for row in rows if row.type == STACK_TYPE and row.physical_id]
        below = together(*[partial(self._held, row.physical_id, (*path, row.logical_id)) for row in nested])
        mine = {"/".join((*path, row.logical_id)): row.physical_id for row in rows}
        return mine | {place: id for each in below for place, id in each.items()}

    # Images

    def repository(self, system: System, image: Part) -> Repository | None:
        """The repository of a container's image; None for another registry, and where it is not known."""
        return repository_of(system, image, self._named, self.home)

    def _named(self, repository: Part) -> str:
        return repository.at("RepositoryName").text or self.deployed().get(repository.place, "")

    def image(self, repository: Repository, version: str) -> Image | None:
        """The image of that tag or digest, None when there is none, or no such repository."""
        return self._once(self._image, repository, version)

    def _image(self, repository: Repository, version: str) -> Image | None:
        try:
            return self.at(repository.region).ecr.image(repository, version)
        except NoRepository:
            return None

    def platforms(self, image: Image) -> frozenset[str]:
        """What an image was built for."""
        return self.at(image.repository.region).ecr.platforms(image)

    # Networks

    def subnet_ids(self, wanted: Wanted, run: Run) -> tuple[str, ...]:
        """The subnets that tasks are put into, without those that the system itself makes; lists of other stacks in parts."""
        items = [each for each in run.network.at("Subnets").items if wanted.system.find(each) is None]
        texts = [text for each in items if (text := self.known(each.value)) is not None]
        return tuple(dict.fromkeys(id.strip() for text in texts for id in text.split(",") if id.strip()))

    def subnets_of(self, wanted: Wanted, run: Run) -> Mapping[str, Subnet]:
        """Those of them that exist, by id; the subnets of all that runs are asked for at once."""
        every = frozenset(id for each in wanted.running for id in self.subnet_ids(wanted, each))
        found = self._once(self.aws.network.subnets, every) if every else {}
        return {id: found[id] for id in self.subnet_ids(wanted, run) if id in found}

    def ways(self, vpc: str) -> Ways:
        """What leads out of a VPC."""
        return self._once(self.aws.network.ways, vpc)

    def priorities(self, listener: str) -> Mapping[str, str]:
        """Priority -> ARN of each rule of a listener."""
        return self._once(self.aws.network.priorities, listener)

    # What tasks are told

    def secret(self, name: str) -> bool:
        """Whether there is a secret of that name or ARN."""
        return self._once(self._secrets(name).exists, name)

    def keys(self, name: str, stage: str, version: str) -> frozenset[str] | None:
        """The keys of a secret's JSON, None when it is none."""
        return self._once(self._secrets(name).keys, name, stage, version)

    def _secrets(self, name: str) -> Secrets:
        return self.at(_region(name) or self.home.region).secrets

    def missing_parameters(self, names: Iterable[str]) -> frozenset[str]:
        """Those of these SSM parameters that there are not. What another account shares, or AWS publishes, is taken for good."""
        regions: dict[str, set[str]] = {}
        for name in filter(self._keeps, names):
            regions.setdefault(_region(name) or self.home.region, set()).add(name)
        asked = [partial(self.at(region).secrets.missing_parameters, each) for region, each in regions.items()]
        return frozenset().union(*together(*asked))

    def _keeps(self, parameter: str) -> bool:
        """Whether a parameter would be this account's own."""
        mine = parameter.split(":")[4] == self.home.account if parameter.count(":") >= 5 else True
        return mine and not parameter.startswith("/aws/")

    # Certificates

    def certificate(self, arn: str) -> Certificate | None:
        """The certificate, None when there is none."""
        return self._once(self.aws.acm.certificate, arn)


def _region(arn: str) -> str:
    """The region that an ARN names, empty for a name."""
    return arn.split(":")[3] if arn.count(":") >= 5 else ""
