"""What every handler owes: what it says it supports comes back as sent, at birth and after a change; gone is gone."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from botocore.exceptions import ClientError

from oaktree_cfn.local.handler import Made
from oaktree_cfn.local.resources import handlers

from . import (
    samples_of_catalogs,
    samples_of_compute,
    samples_of_containers,
    samples_of_functions,
    samples_of_network,
    samples_of_services,
    samples_of_traffic,
)
from .ground import Ground, paths
from .samples import Sample

SAMPLES: list[tuple[str, Sample]] = [
    *samples_of_network.SAMPLES,
    *samples_of_compute.SAMPLES,
    *samples_of_containers.SAMPLES,
    *samples_of_functions.SAMPLES,
    *samples_of_services.SAMPLES,
    *samples_of_traffic.SAMPLES,
    *samples_of_catalogs.SAMPLES,
]
IDS = [f"{kind}-{sample.__name__}" for kind, sample in SAMPLES]


def differences(sent: Any, found: Any, path: str = "") -> list[str]:
    """Where what was sent is not what is kept. Lists are compared as sets; what the service adds to a map is its own."""
    if isinstance(sent, dict):
        if not isinstance(found, dict):
            return [f"{path}: {sent!r} became {found!r}"]
        return [line for key, value in sent.items() for line in differences(value, found.get(key), f"{path}.{key}")]
    if isinstance(sent, list):
        if not isinstance(found, list) or len(found) != len(sent):
            return [f"{path}: {sent!r} became {found!r}"]
        lost = [item for item in sent if all(differences(item, other) for other in found)]
        return [f"{path}: {lost!r} is not in {found!r}"] if lost else []
    return [] if sent == found else [f"{path}: {sent!r} became {found!r}"]


def kept_paths(properties: Any, not_kept: set[str], prefix: str = "") -> Any:
    """The properties without those that the handler says are not kept."""
    if isinstance(properties, list):
        return [kept_paths(item, not_kept, prefix) for item in properties]
    if not isinstance(properties, dict):
        return properties
    kept = {key: value for key, value in properties.items() if f"{prefix}{key}" not in not_kept}
    return {key: kept_paths(value, not_kept, f"{prefix}{key}.") for key, value in kept.items()}


@pytest.mark.parametrize(("kind", "sample"), SAMPLES, ids=IDS)
def test_a_resource_lives_and_every_version_of_it_is_read_back_as_sent(
    kind: str, sample: Sample, ground: Ground
) -> None:
    handler, request, versions = handlers()[kind], ground.request(), sample(ground).versions
    not_kept = set(handler.not_kept)
    made = handler.create(versions[0], request)
    assert differences(kept_paths(versions[0], not_kept), handler.read(made, versions[0], request)) == []
    for before, after in itertools.pairwise(versions):
        changed = handler.update(made, before, after, request)
        assert changed.physical_id == made.physical_id
        made = changed
        read = handler.read(made, after, request)
        assert differences(kept_paths(after, not_kept), read) == []
        removed = {key for key in before if key not in after and before[key] == read.get(key)}
        assert removed == set()
    handler.delete(made, versions[-1], request)
    handler.delete(made, versions[-1], request)
    assert not survives(handler, made, versions[-1], request)


def survives(handler: Any, made: Made, properties: Any, request: Any) -> bool:
    try:
        return bool(handler.read(made, properties, request))
    except (ClientError, LookupError):
        return False


@pytest.mark.parametrize("kind", sorted(handlers()))
def test_its_samples_exercise_all_that_is_supported_and_nothing_else(kind: str, ground: Ground) -> None:
    versions = [version for named, sample in SAMPLES if named == kind for version in sample(ground).versions]
    exercised = {path for version in versions for path in paths(version)}
    handler = handlers()[kind]
    known = handler.supported | set(handler.not_kept)
    assert known - exercised == set()
    assert {path for path in exercised if not covered(path, known)} == set()


def covered(path: str, known: frozenset[str]) -> bool:
    """A path is covered by itself, by one above it, or (a structure) by those below it."""
    return any(path == one or path.startswith(f"{one}.") or one.startswith(f"{path}.") for one in known)
