"""An image that was built and scanned, on its way into the environment's repository."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from oaktree_cfn.aws.ecr import Repository, is_tag
from oaktree_cfn.cli.screen import Screen
from oaktree_cfn.cli.session import Session, connect
from oaktree_cfn.deploy import archive
from oaktree_cfn.deploy.archive import Archive
from oaktree_cfn.deploy.plan import deployed_stack
from oaktree_cfn.environment import load
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.models import Output
from oaktree_cfn.terminal import outcome
from oaktree_cfn.terminal.words import count

OUTPUT = "RepositoryUrl"
"""The stack's output that says where images go."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """What the command line asks for. ``repository`` is an address; empty, and the stack is asked for it."""

    file: Path
    name: str
    environments: Path
    tag: str
    repository: str
    form: str


def push(request: Pushed) -> None:
    """Push the image under its tag, and print its digest. A tag that is there stays what it is, and its digest is printed.

    Raises InvalidInput for a file that is no image, a tag that is none, and for a repository that is not the environment's.
    """
    if not is_tag(request.tag):
        raise InvalidInput(
            f"--tag {request.tag} is no tag: letters, digits, dots, hyphens and underscores, up to 128.",
            "Nothing was pushed. The commit is a good one: `git rev-parse --short HEAD`.",
        )
    screen, image = Screen(), archive.read(request.file)
    session = connect(load(request.name, request.environments), start=False)
    repository = _repository(session, request.repository)
    digest = _there(screen, session, repository, request.tag) or _push(screen, session, repository, request.tag, image)
    told = (Output("digest", digest), Output("image", f"{repository.uri}@{digest}"))
    screen.show(outcome.table(told) if request.form == "table" else outcome.text(told, request.form))


def _repository(session: Session, uri: str) -> Repository:
    environment = session.environment
    uri = uri or _of_stack(session)
    found = Repository.of(uri)
    if found is None or (found.account, found.region) != (session.target.account, environment.region):
        raise InvalidInput(
            f"{uri!r} is no repository of account {session.target.account} in {environment.region}.",
            f"Give the output {OUTPUT} of {environment.stack_name}: --repository URL.",
        )
    return found


def _of_stack(session: Session) -> str:
    environment = session.environment
    stack = deployed_stack(session.target.cloudformation, environment.stack_name, environment.name)
    return next((output.value for output in stack.outputs if output.key == OUTPUT), "")


def _there(screen: Screen, session: Session, repository: Repository, tag: str) -> str:
    """The digest behind a tag; empty when there is none. What it is stays: a tag names one image for good."""
    found = session.target.aws.ecr.image(repository, tag)
    if found is None:
        return ""
    screen.say(f"{repository.uri}:{tag} is there already, and stays: {found.digest}.")
    return found.digest


def _push(screen: Screen, session: Session, repository: Repository, tag: str, image: Archive) -> str:
    ecr = session.target.aws.ecr
    missing = ecr.missing(repository, (blob.digest for blob in image.blobs))
    wanted = [blob for blob in image.blobs if blob.digest in missing]
    size = sum(blob.size for blob in wanted) / 1e6
    with screen.step(lambda: f"Pushed {repository.uri}:{tag}, {count(len(wanted), 'new layer')} ({size:.1f} MB)"):
        for blob in wanted:
            with image.open(blob) as file:
                ecr.upload(repository, blob.digest, file)
        ecr.put(repository, tag, image.manifest, image.media_type, image.digest)
    return image.digest
