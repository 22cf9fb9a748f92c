"""The parameters of Parameter Store that containers are told, and those that templates look up, exist."""

from __future__ import annotations

from collections.abc import Iterator

from oaktree_cfn.deploy.preflight._account import Account
from oaktree_cfn.deploy.preflight._wanted import Wanted
from oaktree_cfn.template.invariants import Finding, Part

WHY = (
    "Tasks stop before they start (`ResourceInitializationError: unable to pull secrets`: `invalid ssm parameters`), or CloudFormation "
    "cannot make the change set."
)
FIX = "Make the parameter, in this region, or correct the name."

_NOWHERE = Part((), "", None)


def find(wanted: Wanted, account: Account) -> Iterator[Finding]:
    """Parameters that are not there."""
    asked = [*_of_containers(wanted), *_of_references(wanted)]
    missing = account.missing_parameters(name for _, name, _ in asked)
    yield from (place.finding(words) for place, name, words in asked if name in missing)


def _of_containers(wanted: Wanted) -> Iterator[tuple[Part, str, str]]:
    """Named by an ARN, or by the name alone."""
    for container in wanted.starting:
        for secret in container.at("Secrets").items:
            place = secret.at("ValueFrom")
            name = place.text or ""
            if name and (not name.startswith("arn:") or name.split(":")[2:3] == ["ssm"]):
                yield place, name, f"is {name}, which there is not"


def _of_references(wanted: Wanted) -> Iterator[tuple[Part, str, str]]:
    """Dynamic references, perhaps with a version behind a colon, and parameters of the template that SSM gives."""
    for resource, name in wanted.dynamic("ssm", "ssm-secure"):
        plain = name if name.startswith("arn:") else name.partition(":")[0]
        yield resource, plain, f"refers to {plain}, which there is not"
    for parameter, name in wanted.looked_up.items():
        yield _NOWHERE, name, f"the parameter {parameter} is looked up as {name}, which there is not"
