"""The two sides of an offline plan: templates and parameter values from a folder, a git revision, or a deployed stack."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from oaktree_cfn.aws.cloudformation import CloudFormation
from oaktree_cfn.aws.connection import together
from oaktree_cfn.deploy.bundle import Bundle, Packed
from oaktree_cfn.environment import IMPLIED, Environment, load
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.models import STACK_TYPE, ChangeSet, Stack
from oaktree_cfn.review.forecast import Version
from oaktree_cfn.template import read, transforms
from oaktree_cfn.template.tree import Tree
from oaktree_cfn.template.tree import load as load_tree

ROOT = "root.yaml"


@dataclass(frozen=True)
class Deployed:
    """A deployed tree of stacks: what it was made from, and its physical ids by path (``Network/Vpc``)."""

    version: Version
    physical_ids: Mapping[str, str] = field(default_factory=dict)


def of_environment(environment: Environment, templates: Path, given: Mapping[str, str] | None = None) -> Version:
    """The templates of a folder with an environment's values; ``given`` wins over the file."""
    tree = load_tree(templates / ROOT)
    declared = tree.template.get("Parameters", {})
    values = {**environment.parameters, **(given or {})}
    implied = {key for key in IMPLIED if key not in declared}
    return Version(tree, {key: value for key, value in values.items() if key not in implied}, environment.tags)


def of_bundle(bundle: Bundle, parameters: Mapping[str, str], tags: Mapping[str, str]) -> Version:
    """The packed templates, whose parents name children by their real addresses: what a deployed tree is compared with."""
    by_url = {packed.url: packed for packed in bundle.templates}
    return Version(_packed_tree(bundle.root, by_url), parameters, tags)


def _packed_tree(packed: Packed, by_url: Mapping[str, Packed]) -> Tree:
    children = {name: _packed_tree(child, by_url) for name, child in _nested(packed.document, by_url)}
    return Tree(packed.path.name, packed.document, children)


def _nested(template: Mapping[str, Any], by_url: Mapping[str, Packed]) -> Iterator[tuple[str, Packed]]:
    """The nested stacks of a template whose own templates are at hand."""
    for name, body in template.get("Resources", {}).items():
        url = body.get("Properties", {}).get("TemplateURL") if body.get("Type") == STACK_TYPE else None
        if isinstance(url, str) and url in by_url:
            yield name, by_url[url]


def of_change_set(cloudformation: CloudFormation, change_set: ChangeSet, bundle: Bundle, sent: Version) -> Version:
    """What was sent, with what CloudFormation's transforms made of it for a change set: only it knows their code."""
    by_url = {packed.url: packed for packed in bundle.templates}
    return replace(sent, tree=_processed_tree(cloudformation, change_set, bundle.root, by_url))


def _processed_tree(
    cloudformation: CloudFormation, change_set: ChangeSet, packed: Packed, by_url: Mapping[str, Packed]
) -> Tree:
    """Nested stacks with transforms in which nothing changes have no change set to ask, and are left out."""
    transformed = bool(transforms.names(packed.document))
    template = _parsed(cloudformation.template_of(change_set), packed.path.name) if transformed else packed.document
    inside = {change.logical_id: change.nested for change in change_set.changes}
    children: dict[str, Tree] = {}
    for name, child in _nested(template, by_url):
        nested = inside.get(name)
        if nested is not None:
            children[name] = _processed_tree(cloudformation, nested, child, by_url)
        elif not any(transforms.names(each.template) for _, each in _packed_tree(child, by_url).walk()):
            children[name] = _packed_tree(child, by_url)
    return Tree(packed.path.name, template, children)


def _parsed(template: Mapping[str, Any] | str, name: str) -> Mapping[str, Any]:
    return read.parse(template, name) if isinstance(template, str) else template


def expanded(version: Version) -> Version:
    """The version with our macros called here, as far as that is needed to foretell anything.

    Raises InvalidInput where a transform takes part that only CloudFormation can run.
    """
    if not any(transforms.names(tree.template) for _, tree in version.tree.walk()):
        return version
    from oaktree_cfn.macros.expansion import expand_tree

    values = {name: str(value) for name, value in version.parameters.items()}
    tree = expand_tree(version.tree, values)
    for _, each in tree.walk():
        for name in transforms.names(each.template):
            message = f"{each.name}: calls {name}, which only CloudFormation can run."
            raise InvalidInput(message, "Nothing can be foretold without it; `oaktree review` asks CloudFormation.")
    return replace(version, tree=tree)


def readers(folder: Path) -> dict[str, Tree]:
    """The templates of a folder that read other stacks' outputs with Fn::GetStackOutput, by file name."""
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("*.yaml"))}
    return {path.name: Tree(path.name, read.load(path)) for path, text in texts.items() if "GetStackOutput" in text}


def of_revision(revision: str, name: str, repository: Path = Path()) -> Version | None:
    """What a git revision says of an environment; None when it has no such environment or no templates yet.

    Raises InvalidInput for a revision that git does not know.
    """
    with _checked_out(revision, repository) as folder:
        if not (folder / "templates" / ROOT).is_file() or not (folder / "environments" / f"{name}.toml").is_file():
            return None
        return of_environment(load(name, folder / "environments"), folder / "templates")


@contextmanager
def _checked_out(revision: str, repository: Path) -> Iterator[Path]:
    """Templates and environments of a revision in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        archive = _git(repository, revision)
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(name, filter="data")
        yield Path(name)


def _git(repository: Path, revision: str) -> bytes:
    command = [
        "git",
        "-C",
        str(repository),
        "archive",
        "--format=tar",
        "--end-of-options",
        revision,
        "templates",
        "environments",
    ]
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603  # no shell; git is on PATH as for every user
    except FileNotFoundError as error:
        raise InvalidInput(
            "git is not installed: plans against a git revision need it.", "Give a folder of templates instead."
        ) from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise InvalidInput(
            f"{revision} is neither a folder nor a git revision with templates/ and environments/: {said[-1] if said else 'git failed'}",
            "Give a folder of templates, a git revision such as HEAD or origin/main, or `deployed`.",
        )
    return done.stdout


def of_stack(cloudformation: CloudFormation, stack: Stack) -> Deployed:
    """What a deployed stack was made from: every template of its tree, its parameters, its physical ids."""
    ids: dict[str, str] = {}
    tree = _deployed_tree(cloudformation, stack.id, (), ids)
    return Deployed(Version(tree, dict(stack.parameters), dict(stack.tags)), ids)


def _deployed_tree(cloudformation: CloudFormation, stack_id: str, path: tuple[str, ...], ids: dict[str, str]) -> Tree:
    """One round of requests a level, side by side: the depth of the tree counts, not the number of stacks."""
    questions: list[Any] = [
        partial(cloudformation.template, stack_id, processed=True),
        partial(cloudformation.resources, stack_id),
    ]
    found, resources = together(*questions)
    template = _parsed(found, stack_id)
    living = [resource for resource in resources if resource.status != "DELETE_COMPLETE"]
    ids.update({"/".join((*path, resource.logical_id)): resource.physical_id for resource in living})
    nested = [resource for resource in living if resource.type == STACK_TYPE]
    trees = together(
        *[partial(_deployed_tree, cloudformation, each.physical_id, (*path, each.logical_id), ids) for each in nested]
    )
    children = {each.logical_id: tree for each, tree in zip(nested, trees, strict=True)}
    return Tree("/".join(path) or stack_id, template, children)
