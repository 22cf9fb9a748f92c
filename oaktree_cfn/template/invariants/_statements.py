"""The statements of the policies in a system that allow something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from oaktree_cfn.template import plain
from oaktree_cfn.template.invariants._system import Part, System
from oaktree_cfn.template.policies import BOUND, IDENTITY, SOURCES


class Allowed(NamedTuple):
    """One statement. ``identity`` says that it belongs to who acts; else it belongs to the resource it is about."""

    statement: Part
    identity: bool


def allowed(system: System) -> Iterator[Allowed]:
    """Every statement that allows something, of every policy that grants (a bound grants nothing)."""
    for type_, sources in SOURCES.items():
        for source in (each for each in sources if each.kind != BOUND):
            documents = (each for resource in system.of_type(type_) for each in _documents(resource, source.property))
            for statement in (each for document in documents for each in _statements(document)):
                yield Allowed(statement, source.kind == IDENTITY)


def _statements(document: Part) -> Iterator[Part]:
    whole = replace(document, value=plain.parsed(document.value))
    yield from (each for each in whole.at("Statement").items if each.at("Effect").text == "Allow")


def _documents(resource: Part, name: str) -> Iterator[Part]:
    found = resource.at(*name.split("."))
    if name == "Policies":
        yield from (each.at("PolicyDocument") for each in found.items)
    else:
        yield found
