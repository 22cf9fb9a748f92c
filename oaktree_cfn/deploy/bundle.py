"""Templates packed for CloudFormation: compact JSON under keys that are the hash of their content, children first.

Parents name children by relative path, the convention of ``aws cloudformation package``, and functions their package (a
zip) likewise. A child's content decides its key, its key the parent's TemplateURL, and so on upwards: two bundles with the
same root key are the same tree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.template import read, transforms
from oaktree_cfn.template.tree import relative_urls
from oaktree_cfn.template.write import to_json

LARGEST = 1_000_000
"""Bytes of one template in S3."""
MOST_RESOURCES = 500
LONGEST_URL = 1024
"""Characters of an ``AWS::CloudFormation::Stack``'s TemplateURL."""

_CODE = {"AWS::Serverless::Function": "CodeUri"}
"""Resource type -> the property that names a function's package."""

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
class Code:
    """A function's package ready to upload."""

    path: Path
    body: bytes
    key: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A root template and all below it, each once, children before parents; and the packages of their functions."""

    templates: tuple[Packed, ...]
    codes: tuple[Code, ...] = ()

    @property
    def root(self) -> Packed:
        """The template that is deployed; the others hang below it."""
        return self.templates[-1]

    @property
    def keys(self) -> tuple[str, ...]:
        """What must be in the bucket before CloudFormation is asked."""
        return tuple(file.key for file in self.files)

    @property
    def files(self) -> tuple[Code | Packed, ...]:
        """Everything there is to upload, each before what names it."""
        return (*self.codes, *self.templates)

    @property
    def transformed(self) -> bool:
        """Whether transforms take part in any of the templates."""
        return any(transforms.names(template.document) for template in self.templates)

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What CloudFormation wants acknowledged: IAM resources with names of ours, and transforms, which may make some."""
        types = {resource.get("Type", "") for template in self.templates for resource in _resources(template.document)}
        named = self.transformed or any(kind.startswith("AWS::IAM::") for kind in types)
        return ("CAPABILITY_NAMED_IAM",) * named + ("CAPABILITY_AUTO_EXPAND",) * self.transformed


Edit = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""A last change of the root template before it is packed."""


def package(root: Path, location: Location, edit: Edit = lambda document: document) -> Bundle:
    """Pack the template file ``root`` and its children. Raises InvalidInput for what CloudFormation would not take."""
    packing = _Packing(location)
    made = packing.pack(root, ())
    whole = _finish(root, edit(made.document), location)
    templates = (*(each for each in packing.packed.values() if each is not made), whole)
    return Bundle(templates, tuple(packing.codes.values()))


@dataclass
class _Packing:
    """Packs a tree of templates, each file once."""

    location: Location
    packed: dict[Path, Packed] = field(default_factory=dict)
    codes: dict[Path, Code] = field(default_factory=dict)

    def pack(self, path: Path, above: tuple[Path, ...]) -> Packed:
        identity = path.resolve()
        if identity in above:
            raise InvalidInput(f"{path}: nests itself.", "Take the nested stack out that leads back to this template.")
        if identity not in self.packed:
            document = read.load(path)
            if isinstance(document.get("Resources"), dict):
                document = {**document, "Resources": self._placed(path, document, (*above, identity))}
            self.packed[identity] = _finish(path, document, self.location)
        return self.packed[identity]

    def _placed(self, path: Path, document: Mapping[str, Any], above: tuple[Path, ...]) -> dict[str, Any]:
        """The resources, with where their templates and packages will be."""
        resources = dict(document["Resources"])
        for name, child in dict(_children(path, document)).items():
            resources[name] = _with(resources[name], "TemplateURL", self.pack(child, above).url)
        for name, property_, file in list(_packages(path, document)):
            place = {"Bucket": self.location.bucket, "Key": self._code(file).key}
            resources[name] = _with(resources[name], property_, place)
        return resources

    def _code(self, path: Path) -> Code:
        identity = path.resolve()
        if identity not in self.codes:
            body = path.read_bytes()
            self.codes[identity] = Code(path, body, f"{hashlib.sha256(body).hexdigest()}.zip")
        return self.codes[identity]


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


def _packages(path: Path, document: Mapping[str, Any]) -> Iterator[tuple[str, str, Path]]:
    """Functions whose package is a file here: logical id, the property that names it, the file."""
    for name, resource in document["Resources"].items():
        property_ = _CODE.get(str(resource.get("Type")), "") if isinstance(resource, dict) else ""
        place = (resource.get("Properties") or {}).get(property_) if property_ else None
        if not isinstance(place, str) or "://" in place:
            continue
        if not (path.parent / place).is_file():
            fix = f"Put the zip at {path.parent / place}; folders are not packed here."
            raise InvalidInput(f"{path}: the function {name} runs {place}, but there is no such file.", fix)
        yield name, property_, path.parent / place


def _with(resource: Mapping[str, Any], property_: str, value: Any) -> dict[str, Any]:
    return {**resource, "Properties": {**resource["Properties"], property_: value}}


def _resources(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [body for body in (document.get("Resources") or {}).values() if isinstance(body, dict)]
