"""Templates packed for CloudFormation: compact JSON under keys that are the hash of their content, children first.

Parents name children by relative path, the convention of ``aws cloudformation package``. A child's content decides its
key, its key the parent's TemplateURL, and so on upwards: two bundles with the same root key are the same tree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template import read
from oaktree_cfn.template.tree import relative_urls
from oaktree_cfn.template.write import to_json

LARGEST = 1_000_000
"""Bytes of one template in S3."""
MOST_RESOURCES = 500
LONGEST_URL = 1024
"""Characters of an ``AWS::CloudFormation::Stack``'s TemplateURL."""

_SPLIT = "Split it: move some of its resources to a nested stack of their own."


@dataclass(frozen=True, slots=True)
class Location:
    """Where templates are stored: a bucket, and the address CloudFormation reads it at."""

    bucket: str
    region: str
    suffix: str = "amazonaws.com"

    def url(self, key: str) -> str:
        """The https address of an object, in the form CloudFormation accepts everywhere."""
        return f"https://{self.bucket}.s3.{self.region}.{self.suffix}/{key}"


@dataclass(frozen=True, slots=True)
class Packed:
    """One template ready to upload. ``document`` is the template with its children's real addresses."""

    path: Path
    document: Mapping[str, Any]
    body: bytes
    key: str
    url: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A root template and all below it, each once, children before parents."""

    templates: tuple[Packed, ...]

    @property
    def root(self) -> Packed:
        """The template that is deployed; the others hang below it."""
        return self.templates[-1]

    @property
    def keys(self) -> tuple[str, ...]:
        """What must be in the bucket before CloudFormation is asked."""
        return tuple(template.key for template in self.templates)

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What CloudFormation wants acknowledged: IAM resources with names of ours, and transforms."""
        types = {resource.get("Type", "") for template in self.templates for resource in _resources(template.document)}
        named = any(kind.startswith("AWS::IAM::") for kind in types)
        expands = any(transformed(template.document) for template in self.templates)
        return ("CAPABILITY_NAMED_IAM",) * named + ("CAPABILITY_AUTO_EXPAND",) * expands


Edit = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""A last change of the root template before it is packed."""


def package(root: Path, location: Location, edit: Edit = lambda document: document) -> Bundle:
    """Pack the template file ``root`` and its children. Raises InvalidInput for what CloudFormation would not take."""
    packed: dict[Path, Packed] = {}
    made = _pack(root, location, packed, ())
    whole = _finish(root, edit(made.document), location)
    return Bundle((*(each for each in packed.values() if each is not made), whole))


def _pack(path: Path, location: Location, packed: dict[Path, Packed], above: tuple[Path, ...]) -> Packed:
    identity = path.resolve()
    if identity in above:
        raise InvalidInput(f"{path}: nests itself.", "Take the nested stack out that leads back to this template.")
    if identity not in packed:
        document = read.load(path)
        resources = document.get("Resources")
        if isinstance(resources, dict):
            children = dict(_children(path, document))
            urls = {name: _pack(child, location, packed, (*above, identity)).url for name, child in children.items()}
            document = {
                **document,
                "Resources": {name: _moved(body, urls.get(name)) for name, body in resources.items()},
            }
        packed[identity] = _finish(path, document, location)
    return packed[identity]


def _finish(path: Path, document: Mapping[str, Any], location: Location) -> Packed:
    body = to_json(document)
    key = f"{hashlib.sha256(body).hexdigest()}.json"
    _check(path, document, body, location.url(key))
    return Packed(path, document, body, key, location.url(key))


def _check(path: Path, document: Mapping[str, Any], body: bytes, url: str) -> None:
    count = len(document.get("Resources") or ())
    if count > MOST_RESOURCES:
        raise InvalidInput(f"{path}: has {count} resources; CloudFormation takes at most {MOST_RESOURCES}.", _SPLIT)
    if len(body) > LARGEST:
        raise InvalidInput(f"{path}: has {len(body):,} bytes; CloudFormation takes at most {LARGEST:,}.", _SPLIT)
    if len(url) > LONGEST_URL:
        raise InvalidInput(f"{path}: its address {url[:60]}… is longer than {LONGEST_URL} characters.")


def _children(path: Path, document: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    for name, url in relative_urls(document):
        child = path.parent / url
        if not child.is_file():
            raise InvalidInput(
                f"{path}: resource {name} nests {url}, but there is no such file.", f"Put the template at {child}."
            )
        yield name, child


def _moved(resource: Any, url: str | None) -> Any:
    if url is None:
        return resource
    return {**resource, "Properties": {**resource["Properties"], "TemplateURL": url}}


def _resources(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [body for body in (document.get("Resources") or {}).values() if isinstance(body, dict)]


def transformed(value: Any) -> bool:
    """Whether a macro or transform takes part anywhere in a template."""
    if isinstance(value, Mapping):
        return any(key in {"Transform", "Fn::Transform"} or transformed(inner) for key, inner in value.items())
    return isinstance(value, list) and any(transformed(inner) for inner in value)
