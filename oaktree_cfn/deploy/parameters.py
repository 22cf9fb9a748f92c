"""Which parameter values to send: one pure function, because the ways to get this wrong are many.

For each parameter the root template declares, the first that applies:

1. the command line (``--parameter KEY=VALUE``),
2. the environment file,
3. the environment itself, for ``Prefix`` and ``Environment``,
4. on an update, a *kept* parameter that the stack has: its deployed value stays (``UsePreviousValue``),
5. nothing is sent, and the template's default applies.

A value that CloudFormation described is never sent back: for NoEcho parameters it is ``****``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from oaktree_cfn.aws.cloudformation import NewParameter
from oaktree_cfn.errors import InvalidInput
from oaktree_cfn.review.forecast import Version
from oaktree_cfn.review.hidden import hidden as tree_hidden
from oaktree_cfn.template.parameters import no_echo, problem
from oaktree_cfn.template.stacks import Place, parameters_of


@dataclass(frozen=True, slots=True)
class Given:
    """What was said about parameters, and where: ``source`` names the environment file in messages."""

    source: str = ""
    file: Mapping[str, str] = field(default_factory=dict)
    command_line: Mapping[str, str] = field(default_factory=dict)
    implied: Mapping[str, str] = field(default_factory=dict)
    kept: Collection[str] = ()


def check(declared: Mapping[str, Mapping[str, Any]], given: Given) -> None:
    """What can be said before AWS is asked. Raises InvalidInput, naming place and key, for a key that the template does
    not declare and for a value outside its constraints.
    """
    for place, values in (("--parameter", given.command_line), (given.source, given.file)):
        for key, value in values.items():
            _check(place, key, value, declared)
    for key in given.kept:
        _declared(given.source, key, declared)


def choose(
    declared: Mapping[str, Mapping[str, Any]], given: Given, deployed: Collection[str] | None
) -> tuple[NewParameter, ...]:
    """The parameters to send. ``deployed`` holds the keys the stack has, None when it is made anew.

    Raises InvalidInput as ``check`` does, and for a parameter without default that nobody gives.
    """
    check(declared, given)
    for key, declaration in declared.items():
        _refuse_missing(key, declaration, given, deployed)
    chosen = (_value(key, given, deployed) for key in declared)
    return tuple(parameter for parameter in chosen if parameter is not None)


def hidden(version: Version, given: Given, place: Place) -> frozenset[str]:
    """The values that must never be shown: those of NoEcho parameters anywhere in the tree, defaults included, and those
    of the root's that something else overrides. ``version`` holds the values that are sent.
    """
    secret = {key for key, declaration in parameters_of(version.tree).items() if no_echo(declaration)}
    said = (pair for values in (given.command_line, given.file, given.implied) for pair in values.items())
    return tree_hidden(version, place) | {value for key, value in said if key in secret}


def _check(place: str, key: str, value: str, declared: Mapping[str, Mapping[str, Any]]) -> None:
    _declared(place, key, declared)
    complaint = problem(key, declared[key], value)
    if complaint and not no_echo(declared[key]):
        raise InvalidInput(f"{place}: {key} = {value!r}: {complaint}", f"Change {key} in {place}.")
    if complaint:
        raise InvalidInput(f"{place}: {key} (a secret, not shown): {complaint}", f"Change {key} in {place}.")


def _declared(place: str, key: str, declared: Mapping[str, Mapping[str, Any]]) -> None:
    if key not in declared:
        known = ", ".join(sorted(declared)) or "none"
        raise InvalidInput(f"{place}: no template has a parameter {key}.", f"The root template's parameters: {known}.")


def _value(key: str, given: Given, deployed: Collection[str] | None) -> NewParameter | None:
    for values in (given.command_line, given.file, given.implied):
        if key in values:
            return NewParameter(key, values[key])
    if key in given.kept and deployed is not None and key in deployed:
        return NewParameter(key, None)
    return None


def _refuse_missing(key: str, declaration: Mapping[str, Any], given: Given, deployed: Collection[str] | None) -> None:
    if "Default" in declaration or _value(key, given, deployed) is not None:
        return
    place = given.source or "the environment file"
    raise InvalidInput(
        f"The parameter {key} has no value: the template has no default for it.",
        f"Give it in {place}, or with --parameter {key}=VALUE.",
    )
