"""The statements of the policies in a system that allow something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from oaktree_cfn.template import plain
from oaktree_cfn.template.invariants._system import Part, System
from oaktree_cfn.template.policies import IDENTITY, SOURCES


class Allowed(NamedTuple):
    """One statement. ``identity`` says that it belongs to who acts; else it belongs to the resource it is about."""

    statement: Part
    identity: bool


def allowed(system: System) -> Iterator[Allowed]:
    """Every statement that allows something, of every policy that grants."""
    for type_, sources in SOURCES.items():
        for resource in system.of_type(type_):
            for source in sources:
                for document in _documents(resource, source.property):
                    for statement in replace(document, value=plain.parsed(document.value)).at("Statement").items:
                        if statement.at("Effect").text == "Allow":
                            yield Allowed(statement, source.kind == IDENTITY)


def _documents(resource: Part, name: str) -> Iterator[Part]:
    found = resource.at(*name.split("."))
    if name == "Policies":
        yield from (each.at("PolicyDocument") for each in found.items)
    else:
        yield found
