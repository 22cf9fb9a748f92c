"""One import gives a programmer everything that a description can be made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from oaktree_cfn import blueprints, compose
from oaktree_cfn.services import fields

DESCRIPTIONS = [compose.WebService, compose.Worker, compose.ScheduledTask, compose.Table]


def parts(description: type) -> Iterator[type]:
    """Every class that a description or one of its parts may hold."""
    for declared in dataclasses.fields(description):
        kind: Any = declared.metadata.get("kind")
        while isinstance(kind, fields.Several | fields.Named):
            kind = kind.kind
        for cls in kind.classes if isinstance(kind, fields.Part) else ():
            yield cls
            yield from parts(cls)


@pytest.mark.parametrize("description", DESCRIPTIONS)
def test_every_part_of_a_description_is_there(description: type) -> None:
    wanted = {cls.__name__ for cls in parts(description)}
    assert len(wanted) > 3
    assert wanted <= set(compose.__all__)


def test_every_blueprint_of_the_library_is_there() -> None:
    assert {type(blueprint).__name__ for blueprint in blueprints.catalogue().values()} <= set(compose.__all__)


def test_every_name_it_promises_is_there_in_order() -> None:
    assert all(hasattr(compose, name) for name in compose.__all__)
    assert sorted(compose.__all__) == compose.__all__
