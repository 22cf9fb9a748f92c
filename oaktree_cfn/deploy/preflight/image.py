"""The images that tasks will run are in their repositories of ECR, built for the tasks' processors.

Images of other registries are not looked for. A repository that the deploy itself makes is empty.
"""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.aws.ecr import Image, parted
from oaktree_cfn.deploy.preflight._account import Account
from oaktree_cfn.deploy.preflight._wanted import Wanted
from oaktree_cfn.services.fargate import PLATFORMS
from oaktree_cfn.template.invariants import Finding, Part

WHY = (
    "No task starts (`CannotPullContainerError`, or `exec format error` on another processor), and CloudFormation waits for the "
    "circuit breaker, or for hours, before it rolls everything back."
)
FIX = (
    "Push the image, built for the tasks' processor (`docker build --platform`). Into a repository that this deploy makes it can be "
    "pushed only afterwards: deploy without an image first, then roll it out with `oaktree image`."
)


def find(wanted: Wanted, account: Account) -> Iterator[Finding]:
    """Images that are not there, or cannot run."""
    tasks = {task.path: task for task in wanted.system.of_type("AWS::ECS::TaskDefinition")}
    for container in wanted.starting:
        image = container.at("Image")
        version = parted(image.value)[1] if isinstance(image.value, str) else ""
        repository = account.repository(wanted.system, image)
        if repository is None or not version or "⟨" in version:
            continue
        found = account.image(repository, version)
        if found is None:
            yield image.finding(f"is {version}, which {repository.uri} does not have")
        else:
            processor = tasks[container.path].at("RuntimePlatform", "CpuArchitecture").default("X86_64").text
            yield from _unfit(image, found, account, PLATFORMS.get(processor or "", ""))


def _unfit(place: Part, image: Image, account: Account, platform: str) -> Iterator[Finding]:
    """An image for other processors; a variant (``linux/arm64/v8``) fits."""
    built = account.platforms(image) if platform else frozenset()
    if built and not any(f"{each}/".startswith(f"{platform}/") for each in built):
        yield place.finding(f"is {image.digest}, built for {', '.join(sorted(built))}; the tasks run on {platform}")
