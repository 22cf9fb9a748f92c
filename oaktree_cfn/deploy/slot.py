"""Where the environment's image goes: which parameter of the deployed templates says it, and which containers run it.

Found by trying: it is the kept parameter whose value reaches the image of a container. So it does not matter how templates
spell it, or whose they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from oaktree_cfn.aws.ecr import Repository, parted
from oaktree_cfn.aws.partition import partition
from oaktree_cfn.deploy.versions import Deployed
from oaktree_cfn.environment import Environment
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template.invariants import Part, System
from oaktree_cfn.template.judge import evaluated
from oaktree_cfn.template.parameters import MASK
from oaktree_cfn.template.values import TemplateError

_PROBE = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True)
class Home:
    """An account in a region, with its registry."""

    account: str
    region: str

    def repository(self, name: str) -> Repository | None:
        """Its repository of that name; None where no name is known."""
        return Repository.of(f"{self.account}.dkr.ecr.{self.region}.{partition(self.region).suffix}/{name}")


@dataclass(frozen=True, slots=True)
class Slot:
    """The parameter that says which image runs, and what it says now; empty before the first one.

    ``containers`` are the containers' names by the ARN of their task definition.
    ``whole``: the value is the image's full name, not only a version in the repository.
    """

    parameter: str
    value: str
    whole: bool
    repository: Repository
    containers: Mapping[str, str]

    def said(self, digest: str) -> str:
        """The parameter's value for an image."""
        return f"{self.repository.uri}@{digest}" if self.whole else digest


def slot_of(deployed: Deployed, environment: Environment, account: str) -> Slot:
    """Where the environment's image goes. Raises InvalidInput when that is nowhere, not clear, or said in the file."""
    found = list(_slots(deployed, environment, account))
    if len(found) > 1:
        names = ", ".join(slot.parameter for slot in found)
        raise InvalidInput(
            f"{environment.stack_name} runs several images: {names}.",
            f"Ship one with `oaktree deploy --env {environment.name} --parameter {found[0].parameter}=...`.",
        )
    if not found:
        raise InvalidInput(
            f"{environment.path}: no kept parameter is the image of a container from a repository of ECR.",
            'Keep the parameter that says it, as in kept_parameters = ["ImageTag"].',
        )
    said = environment.parameters.get(found[0].parameter)
    if said is not None:
        raise InvalidInput(
            f"{environment.path}: {found[0].parameter} = {said!r}: the next deploy would go back to that image.",
            f"Take {found[0].parameter} out of [parameters]; the image that is rolled out is kept.",
        )
    return found[0]


def _slots(deployed: Deployed, environment: Environment, account: str) -> Iterator[Slot]:
    known = {key: value for key, value in deployed.version.parameters.items() if value != MASK}
    for name in environment.kept_parameters:
        if name not in deployed.version.parameters:
            continue
        value = str(known.get(name, ""))
        address = parted(value)[0]
        whole = Repository.of(address) is not None
        try:
            probed = {**known, name: f"{address}@{_PROBE}" if whole else _PROBE}
            system = System.of(evaluated(deployed.version.tree, environment, probed))
        except TemplateError:
            continue  # it takes no image
        containers = list(_probed(system))
        home = Home(account, environment.region)
        named = partial(_id, deployed)
        repositories = {repository_of(system, each.at("Image"), named, home) for each in containers}
        if len(repositories) == 1 and (repository := repositories.pop()) is not None:
            names = {named(each): each.at("Name").text or "" for each in containers}
            yield Slot(name, value, whole, repository, names)


def _probed(system: System) -> Iterator[Part]:
    """The containers whose image is the probe."""
    for container in system.containers():
        image = container.at("Image").value
        if isinstance(image, str) and parted(image)[1] == _PROBE:
            yield container


def _id(deployed: Deployed, resource: Part) -> str:
    return deployed.physical_ids.get(resource.place, "")


def repository_of(system: System, image: Part, named: Callable[[Part], str], home: Home) -> Repository | None:
    """The repository of a container's image: one of the system's, which ``named`` tells the name of, or one that the image
    names itself; None where that is not known, or another registry.
    """
    address = parted(image.value)[0] if isinstance(image.value, str) else ""
    found = system.find(replace(image, value=address))
    return Repository.of(address) if found is None else home.repository(named(found))
